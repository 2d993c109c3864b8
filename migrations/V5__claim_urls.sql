-- The frontier in the database, claimed by workers with a lease, so that no crash loses a URL.

CREATE TABLE workers (
    id UUID NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    process BIGINT NOT NULL,
    version TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    heartbeat_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE frontier (
    job_id UUID NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    uri_key TEXT NOT NULL,
    uri TEXT NOT NULL,
    found_uri TEXT,
    referrer TEXT,
    host TEXT NOT NULL,
    source_group TEXT NOT NULL,
    depth BIGINT NOT NULL,
    redirects BIGINT NOT NULL,
    priority BIGINT NOT NULL DEFAULT 0,
    ordinal BIGINT NOT NULL,
    not_before TIMESTAMPTZ,
    worker_id UUID,
    attempt BIGINT NOT NULL DEFAULT 0,
    outcome TEXT CHECK (outcome IN ('new', 'changed', 'unchanged', 'alias', 'skipped', 'failed')),
    reason TEXT,
    detail TEXT,
    alias_of TEXT,
    source_id UUID REFERENCES sources (id) ON DELETE SET NULL,
    PRIMARY KEY (job_id, uri_key)
);

CREATE INDEX idx_frontier_claimable ON frontier (job_id, priority DESC, depth, ordinal)
    WHERE outcome IS NULL AND worker_id IS NULL;

CREATE INDEX idx_frontier_unfinished ON frontier (job_id, depth) WHERE outcome IS NULL;

CREATE INDEX idx_frontier_source_id ON frontier (source_id);
