-- The five tables this project started from, before entities and origins were tracked.

CREATE TABLE jobs (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('crawl', 'extract')),
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelling', 'cancelled')),
    priority BIGINT NOT NULL DEFAULT 0,
    params JSONB NOT NULL,
    result JSONB,
    error TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ
);

CREATE TABLE sources (
    id UUID NOT NULL PRIMARY KEY,
    uri_key TEXT NOT NULL UNIQUE,
    uri TEXT NOT NULL,
    source_group TEXT NOT NULL,
    title TEXT,
    media_type TEXT,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE INDEX idx_sources_source_group ON sources (source_group);

CREATE TABLE extractions (
    id UUID NOT NULL PRIMARY KEY,
    source_id UUID NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    extraction_type TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    data JSONB NOT NULL,
    content TEXT NOT NULL,
    confidence DOUBLE PRECISION,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (source_id, profile, extraction_type, ordinal)
);

CREATE TABLE entities (
    id UUID NOT NULL PRIMARY KEY,
    source_group TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    normalized_key TEXT NOT NULL,
    value TEXT NOT NULL,
    normalized_value TEXT NOT NULL,
    attributes JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (source_group, entity_type, normalized_key)
);

CREATE TABLE extraction_entities (
    extraction_id UUID NOT NULL REFERENCES extractions (id) ON DELETE CASCADE,
    entity_id UUID NOT NULL REFERENCES entities (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    span_start BIGINT NOT NULL,
    span_end BIGINT NOT NULL,
    surface TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    recognizer TEXT NOT NULL,
    CHECK (span_start >= 0 AND span_end > span_start),
    PRIMARY KEY (extraction_id, entity_id, role, span_start, recognizer)
);

CREATE INDEX idx_extraction_entities_entity_id ON extraction_entities (entity_id);
