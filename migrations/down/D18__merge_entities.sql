-- Forgets which names are one; what was merged stays merged until it is extracted again.

DROP TABLE entity_merges;
