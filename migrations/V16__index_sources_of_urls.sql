-- Most URLs of a frontier have no source: the index holds those that have one. With all of them it grew
-- with every link that is not followed, for rows that nobody looks up by it.

DROP INDEX idx_frontier_source_id;

CREATE INDEX idx_frontier_source_id ON frontier (source_id) WHERE source_id IS NOT NULL;
