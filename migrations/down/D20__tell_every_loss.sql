-- The view as it was before, and gaps without their profile.

DROP VIEW incomplete;

ALTER TABLE gaps DROP COLUMN profile;

CREATE VIEW incomplete AS
SELECT gaps.stage AS stage, gaps.reason AS reason, gaps.class AS class, gaps.uri AS uri,
    gaps.source_group AS source_group, gaps.source_id AS source_id,
    gaps.extraction_id AS extraction_id, gaps.position AS position, gaps.attempts AS attempts,
    gaps.first_seen AS first_seen, gaps.last_seen AS last_seen, gaps.job_id AS job_id,
    gaps.detail AS detail
FROM gaps
WHERE gaps.resolved_at IS NULL
UNION ALL
SELECT 'crawl', 'not_fetched', 'pending', frontier.uri, frontier.source_group, NULL, NULL, '',
    frontier.attempt, jobs.created_at, jobs.created_at, frontier.job_id, ''
FROM frontier
JOIN jobs ON jobs.id = frontier.job_id
WHERE frontier.outcome IS NULL
UNION ALL
SELECT 'extract', sources.unpassed_reason, 'pending', sources.uri, sources.source_group, sources.id,
    NULL, '', 0, COALESCE(sources.fetched_at, sources.created_at),
    COALESCE(sources.fetched_at, sources.created_at), sources.content_job_id, ''
FROM sources
WHERE sources.unpassed_reason IS NOT NULL
UNION ALL
SELECT 'entities',
    CASE WHEN extractions.entities_extracted IS NULL THEN 'entities_unknown'
        ELSE 'entities_incomplete' END,
    'pending', sources.uri, sources.source_group, sources.id, extractions.id,
    extractions.profile || '/' || extractions.extraction_type || '/' || CAST(extractions.ordinal AS TEXT),
    0, extractions.created_at, extractions.created_at, extractions.job_id, ''
FROM extractions
JOIN sources ON sources.id = extractions.source_id
WHERE extractions.entities_extracted IS NOT TRUE
    AND NOT EXISTS (
        SELECT 1 FROM gaps
        WHERE gaps.extraction_id = extractions.id AND gaps.resolved_at IS NULL
            AND gaps.stage = 'entities'
    );
