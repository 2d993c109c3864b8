-- Takes bodies and what is known of the current fetch away; sources stay.

DROP INDEX idx_sources_unpassed;

DROP INDEX idx_sources_body_digest;

ALTER TABLE sources DROP COLUMN unpassed_reason;

ALTER TABLE sources DROP COLUMN content_job_id;

ALTER TABLE sources DROP COLUMN fetched_at;

ALTER TABLE sources DROP COLUMN status;

ALTER TABLE sources DROP COLUMN charset_source;

ALTER TABLE sources DROP COLUMN charset;

ALTER TABLE sources DROP COLUMN body_size;

ALTER TABLE sources DROP COLUMN body_digest;

DROP TABLE bodies;
