-- The record that outlives jobs and sources: one chain of events per run, append-only.

CREATE TABLE runs (
    id UUID NOT NULL PRIMARY KEY,
    job_id UUID,
    job_kind TEXT,
    worker_id UUID NOT NULL,
    host TEXT NOT NULL,
    process BIGINT NOT NULL,
    program_version TEXT NOT NULL,
    command_line TEXT NOT NULL,
    configuration_digest TEXT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    event_count BIGINT,
    head TEXT
);

CREATE INDEX idx_runs_job_id ON runs (job_id);

CREATE INDEX idx_runs_closed_at ON runs (closed_at);

CREATE TABLE events (
    run_id UUID NOT NULL REFERENCES runs (id),
    sequence BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source_key TEXT,
    source_uri TEXT,
    at TIMESTAMPTZ NOT NULL,
    payload TEXT,
    payload_digest TEXT NOT NULL,
    previous_digest TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (run_id, sequence)
);

CREATE INDEX idx_events_source_key ON events (source_key);
