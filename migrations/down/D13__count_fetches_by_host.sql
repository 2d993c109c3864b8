-- Forgets how often each host was asked.

DROP TABLE host_days;
