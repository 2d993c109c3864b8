-- Each loss is a row: where, why, how often seen, and which job repaired it.

CREATE TABLE gaps (
    id UUID NOT NULL PRIMARY KEY,
    stage TEXT NOT NULL,
    reason TEXT NOT NULL,
    class TEXT NOT NULL,
    what TEXT NOT NULL,
    position TEXT NOT NULL,
    uri TEXT NOT NULL,
    source_group TEXT NOT NULL,
    source_id UUID REFERENCES sources (id) ON DELETE CASCADE,
    extraction_id UUID REFERENCES extractions (id) ON DELETE CASCADE,
    detail TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    first_seen TIMESTAMPTZ NOT NULL,
    last_seen TIMESTAMPTZ NOT NULL,
    job_id UUID,
    resolved_at TIMESTAMPTZ,
    resolved_by_job_id UUID
);

CREATE UNIQUE INDEX idx_gaps_open ON gaps (stage, reason, what, position)
    WHERE resolved_at IS NULL;

CREATE INDEX idx_gaps_open_what ON gaps (what) WHERE resolved_at IS NULL;

CREATE INDEX idx_gaps_source_id ON gaps (source_id);

CREATE INDEX idx_gaps_extraction_id ON gaps (extraction_id);
