-- Claims go over all hosts in one order again; what a URL was asked for as is forgotten.

DROP INDEX idx_frontier_claimable;

ALTER TABLE frontier DROP COLUMN locator;

ALTER TABLE frontier DROP COLUMN kind;

CREATE INDEX idx_frontier_claimable ON frontier (job_id, priority DESC, depth, ordinal)
    WHERE outcome IS NULL AND worker_id IS NULL;
