-- Drops the index; the texts stay, and one is built again when it is asked for.

DROP TABLE search_words;

DROP TABLE search_texts;

DROP TABLE search_pending;
