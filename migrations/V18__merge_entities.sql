-- Which names a user has said to be one: by their normal forms, so that what is extracted again is merged again.
-- The target's row may be gone while nothing mentions it; what makes it anew stands here.

CREATE TABLE entity_merges (
    source_group TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    normalized_key TEXT NOT NULL,
    normalized_value TEXT NOT NULL,
    target_type TEXT NOT NULL,
    target_key TEXT NOT NULL,
    target_value TEXT NOT NULL,
    target_normalized_value TEXT NOT NULL,
    target_attributes JSONB NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (source_group, entity_type, normalized_key)
);

CREATE INDEX idx_entity_merges_target_key ON entity_merges (source_group, target_type, target_key);
