-- How many fetches each host saw on each day (UTC), by all jobs: a daily quota outlives a job.

CREATE TABLE host_days (
    host TEXT NOT NULL,
    day TEXT NOT NULL,
    fetches BIGINT NOT NULL,
    PRIMARY KEY (host, day)
);
