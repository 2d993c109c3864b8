-- Takes the whole record away: after this, who made what is no longer known beyond the rows themselves.

DROP TABLE events;

DROP TABLE runs;
