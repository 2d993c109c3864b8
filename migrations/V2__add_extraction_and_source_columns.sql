-- Tell complete extractions from incomplete ones, and which job made a source.
-- Rows that are already there were never tracked: their flag is NULL, "unknown", and not FALSE.

ALTER TABLE extractions ADD COLUMN entities_extracted BOOLEAN DEFAULT FALSE;

UPDATE extractions SET entities_extracted = NULL;

ALTER TABLE sources ADD COLUMN created_by_job_id UUID
    CONSTRAINT fk_sources_created_by_job_id REFERENCES jobs (id) ON DELETE SET NULL;

CREATE INDEX idx_sources_created_by_job_id ON sources (created_by_job_id);
