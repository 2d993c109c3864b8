-- Takes the flag and the job's key away; every row of the five first tables stays.

DROP INDEX idx_sources_created_by_job_id;

ALTER TABLE sources DROP COLUMN created_by_job_id;

ALTER TABLE extractions DROP COLUMN entities_extracted;
