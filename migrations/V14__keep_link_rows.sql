-- A row for each link of a source, for those who ask for them: a body's packed column is what is kept
-- otherwise. `ordinal` is the link's place on the page.

CREATE TABLE links (
    source_id UUID NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    target_key TEXT NOT NULL,
    target_uri TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    PRIMARY KEY (source_id, target_key)
);

CREATE INDEX idx_links_target_key ON links (target_key);
