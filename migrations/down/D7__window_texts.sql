-- Takes the windows away; the extractions' flags stay.

DROP TABLE windows;
