-- Takes the blocks of texts away; the texts keep them.

DROP TABLE blocks;
