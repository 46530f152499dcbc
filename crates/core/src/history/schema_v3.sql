-- Version 3: what was done to the releases of each production folder.
-- event: deployed, rolled_back, approved and found_in_force (a killed run had put it in force); held
-- (it waits for approval), removed (a killed deployment had not put it in force), pruned; frozen and
-- unfrozen, where reason says until when.
CREATE TABLE release_events (
    run INTEGER NOT NULL REFERENCES runs (run),
    at TEXT NOT NULL,
    production TEXT NOT NULL,
    event TEXT NOT NULL,
    release TEXT,
    model_id TEXT,
    reason TEXT
) STRICT;
