-- Takes the passes away; extractions stay, and every source counts as not passed.

DROP TABLE passes;
