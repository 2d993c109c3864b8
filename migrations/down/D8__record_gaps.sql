-- Takes the gaps away; what is incomplete is then told only by flags and frontier.

DROP TABLE gaps;
