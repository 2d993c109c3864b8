-- Keep what was fetched, by digest, so that extraction can run again without the network.
-- `unpassed_reason` is the absence that a report asks for, kept as a column by the writing transaction.

CREATE TABLE bodies (
    digest TEXT NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL,
    size BIGINT NOT NULL,
    links BYTEA NOT NULL,
    link_count BIGINT NOT NULL,
    other_link_count BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

ALTER TABLE sources ADD COLUMN body_digest TEXT REFERENCES bodies (digest);

ALTER TABLE sources ADD COLUMN body_size BIGINT;

ALTER TABLE sources ADD COLUMN charset TEXT;

ALTER TABLE sources ADD COLUMN charset_source TEXT;

ALTER TABLE sources ADD COLUMN status BIGINT;

ALTER TABLE sources ADD COLUMN fetched_at TIMESTAMPTZ;

ALTER TABLE sources ADD COLUMN content_job_id UUID;

ALTER TABLE sources ADD COLUMN unpassed_reason TEXT;

UPDATE sources SET unpassed_reason = 'no_body'
WHERE NOT EXISTS (SELECT 1 FROM extractions WHERE extractions.source_id = sources.id);

CREATE INDEX idx_sources_body_digest ON sources (body_digest);

CREATE INDEX idx_sources_unpassed ON sources (unpassed_reason) WHERE unpassed_reason IS NOT NULL;
