-- Takes the rows of links away; bodies keep theirs packed.

DROP TABLE links;
