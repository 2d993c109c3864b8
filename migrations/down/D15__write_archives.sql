-- Forgets how far archives are written; the files stay.

DROP TABLE archives;
