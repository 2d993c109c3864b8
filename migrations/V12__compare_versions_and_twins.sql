-- What a later fetch sends back to hear whether anything changed, what a page calls its canonical URL, in
-- which language it is, whether it may be extracted, and how alike two bodies are.

ALTER TABLE sources ADD COLUMN etag TEXT;

ALTER TABLE sources ADD COLUMN last_modified TEXT;

ALTER TABLE sources ADD COLUMN canonical_uri TEXT;

ALTER TABLE sources ADD COLUMN language TEXT;

ALTER TABLE sources ADD COLUMN extractable BOOLEAN NOT NULL DEFAULT TRUE;

ALTER TABLE bodies ADD COLUMN simhash BIGINT;
