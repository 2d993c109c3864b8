-- Which blocks a text has, packed, so that those which most pages of a group repeat are counted without the
-- texts being read. Group, profile and source are copies: the count reads this table alone.

CREATE TABLE blocks (
    extraction_id UUID NOT NULL PRIMARY KEY REFERENCES extractions (id) ON DELETE CASCADE,
    source_id UUID NOT NULL,
    source_group TEXT NOT NULL,
    profile TEXT NOT NULL,
    keys BYTEA NOT NULL
);

CREATE INDEX idx_blocks_source_group ON blocks (source_group, profile, source_id);
