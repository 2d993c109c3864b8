-- Takes the extractions' origins away; the extractions stay.

DROP INDEX idx_extractions_recognizer_digest;

DROP INDEX idx_extractions_incomplete;

ALTER TABLE extractions DROP COLUMN windows_done;

ALTER TABLE extractions DROP COLUMN recognizer_digest;

ALTER TABLE extractions DROP COLUMN profile_digest;

ALTER TABLE extractions DROP COLUMN body_digest;

ALTER TABLE extractions DROP COLUMN job_id;
