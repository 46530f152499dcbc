-- Version 5: the evidence against a release after each judgement. in_force counts how often the release
-- had been put in force: one that is put back starts anew. log_ratio is the natural logarithm of the
-- ratio then; state holds the sums with which the next judgement goes on.
CREATE TABLE evidence (
    judgement INTEGER PRIMARY KEY REFERENCES judgements (judgement),
    release TEXT NOT NULL,
    in_force INTEGER NOT NULL,
    log_ratio REAL NOT NULL,
    state TEXT NOT NULL
) STRICT;

CREATE INDEX evidence_by_release ON evidence (release, in_force);
