-- The same lines that `toolkit report` prints, for any tool that can read a view.
-- One loss is one line: an extraction is listed by its flag only when no open gap explains it.

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

CREATE VIEW provenance AS
SELECT sources.uri AS uri, sources.id AS source_id, sources.source_group AS source_group,
    sources.status AS status, sources.fetched_at AS fetched_at, sources.body_digest AS body_digest,
    sources.created_by_job_id AS created_by_job_id, sources.content_job_id AS content_job_id,
    runs.job_id AS job_id, runs.job_kind AS job_kind, runs.command_line AS command_line,
    runs.program_version AS program_version, events.kind AS event, events.at AS at,
    events.run_id AS run_id, events.sequence AS sequence
FROM sources
JOIN events ON events.source_key = sources.uri_key
JOIN runs ON runs.id = events.run_id;
