-- Where each word of the extracted texts stands, packed by segments of texts that were indexed together. The program
-- computes the answer from it, alike on both engines; neither engine's own search splits words or ranks as the other's
-- does. A text that is written waits until it is indexed, also one that was before; a mark beside it and not in its
-- row, which holds the text itself and would be written again with it.

CREATE TABLE search_pending (
    extraction_id UUID NOT NULL PRIMARY KEY REFERENCES extractions (id) ON DELETE CASCADE,
    written_at TIMESTAMPTZ NOT NULL
);

INSERT INTO search_pending (extraction_id, written_at)
SELECT id, created_at FROM extractions WHERE extraction_type = 'content';

CREATE TABLE search_texts (
    extraction_id UUID NOT NULL PRIMARY KEY REFERENCES extractions (id) ON DELETE CASCADE,
    source_id UUID NOT NULL,
    segment UUID NOT NULL,
    number BIGINT NOT NULL,
    words BIGINT NOT NULL,
    title_words BIGINT NOT NULL
);

CREATE INDEX idx_search_texts_segment ON search_texts (segment);

CREATE TABLE search_words (
    word TEXT NOT NULL,
    segment UUID NOT NULL,
    postings BYTEA NOT NULL,
    PRIMARY KEY (word, segment)
);
