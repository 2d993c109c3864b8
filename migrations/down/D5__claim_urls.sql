-- Takes the frontier and the workers away; jobs stay, and what they did not fetch is forgotten.

DROP TABLE frontier;

DROP TABLE workers;
