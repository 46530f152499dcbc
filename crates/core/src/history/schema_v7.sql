-- Version 7: the published contact lists, and what came of calling.

-- A list belongs to a period and is never changed. What stands above it is JSON.
CREATE TABLE contact_lists (
    contact_list INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    published_at TEXT NOT NULL,
    model_folder TEXT NOT NULL,
    list_id TEXT NOT NULL,
    release TEXT NOT NULL,
    model_id TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    settings TEXT NOT NULL,
    head TEXT NOT NULL
) STRICT;

CREATE INDEX contact_lists_by_day ON contact_lists (model_folder, valid_from);

-- Who is on a list, in its order; and, with another part, who was on the one before and is not on
-- this one. The rest of what is said about a client is JSON without its name.
CREATE TABLE contact_list_entries (
    contact_list INTEGER NOT NULL REFERENCES contact_lists (contact_list),
    position INTEGER NOT NULL,
    client INTEGER NOT NULL REFERENCES clients (client),
    part TEXT NOT NULL,
    trial_group TEXT,
    trial_since TEXT,
    observed_at TEXT,
    risk REAL,
    entry TEXT NOT NULL,
    PRIMARY KEY (contact_list, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_list_entries_by_client ON contact_list_entries (client);

-- What came of calling a client, as people reported it.
CREATE TABLE contact_outcomes (
    contact_outcome INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    input_folder TEXT NOT NULL,
    client INTEGER NOT NULL REFERENCES clients (client),
    contacted_at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    note TEXT,
    UNIQUE (input_folder, client, contacted_at, outcome)
) STRICT;
