-- Forgets validators, canonical URLs, languages and likeness; sources and bodies stay.

ALTER TABLE bodies DROP COLUMN simhash;

ALTER TABLE sources DROP COLUMN extractable;

ALTER TABLE sources DROP COLUMN language;

ALTER TABLE sources DROP COLUMN canonical_uri;

ALTER TABLE sources DROP COLUMN last_modified;

ALTER TABLE sources DROP COLUMN etag;
