-- How much of the archive that a job writes is committed: what stands behind that in the file is of a
-- process that died, and a resume cuts it off.

CREATE TABLE archives (
    job_id UUID NOT NULL PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    length BIGINT NOT NULL,
    index_length BIGINT NOT NULL
);
