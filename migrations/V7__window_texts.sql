-- How far the recognizers of an extraction got, window by window, while its flag is not TRUE.

CREATE TABLE windows (
    extraction_id UUID NOT NULL REFERENCES extractions (id) ON DELETE CASCADE,
    recognizer TEXT NOT NULL,
    ordinal BIGINT NOT NULL,
    span_start BIGINT NOT NULL,
    span_end BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'truncated', 'cancelled')),
    attempts BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    PRIMARY KEY (extraction_id, recognizer, ordinal)
);
