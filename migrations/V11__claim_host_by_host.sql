-- What a URL is asked for as, and where its document is when that is not at the URL itself (a record of
-- an archive, a file under another base). Claims go host by host: a slow host must not hold up the rest.

ALTER TABLE frontier ADD COLUMN kind TEXT NOT NULL DEFAULT 'page'
    CHECK (kind IN ('page', 'sitemap', 'llms_txt'));

ALTER TABLE frontier ADD COLUMN locator TEXT;

DROP INDEX idx_frontier_claimable;

CREATE INDEX idx_frontier_claimable ON frontier (job_id, host, priority DESC, depth, ordinal)
    WHERE outcome IS NULL AND worker_id IS NULL;
