-- An extraction knows the job, the body, the profile and the recognizers that made it.
-- The job is a plain copy, not a key: it stays when the job is deleted.

ALTER TABLE extractions ADD COLUMN job_id UUID;

ALTER TABLE extractions ADD COLUMN body_digest TEXT;

ALTER TABLE extractions ADD COLUMN profile_digest TEXT;

ALTER TABLE extractions ADD COLUMN recognizer_digest TEXT;

ALTER TABLE extractions ADD COLUMN windows_done BIGINT;

CREATE INDEX idx_extractions_incomplete ON extractions (source_id)
    WHERE entities_extracted IS NOT TRUE;

CREATE INDEX idx_extractions_recognizer_digest ON extractions (recognizer_digest);
