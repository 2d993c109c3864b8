-- Which content of a source a profile has passed, and who is on it now.

CREATE TABLE passes (
    source_id UUID NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'empty', 'failed')),
    job_id UUID,
    worker_id UUID,
    attempt BIGINT NOT NULL DEFAULT 0,
    body_digest TEXT,
    profile_digest TEXT,
    extraction_count BIGINT NOT NULL DEFAULT 0,
    mention_count BIGINT NOT NULL DEFAULT 0,
    gap_count BIGINT NOT NULL DEFAULT 0,
    passed_at TIMESTAMPTZ,
    PRIMARY KEY (source_id, profile)
);

CREATE INDEX idx_passes_pending ON passes (profile, source_id) WHERE state = 'pending';

CREATE INDEX idx_passes_job_id ON passes (job_id);
