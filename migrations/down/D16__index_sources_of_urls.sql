-- The index holds every URL again.

DROP INDEX idx_frontier_source_id;

CREATE INDEX idx_frontier_source_id ON frontier (source_id);
