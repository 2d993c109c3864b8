-- Takes the two views away; the tables below them stay.

DROP VIEW provenance;

DROP VIEW incomplete;
