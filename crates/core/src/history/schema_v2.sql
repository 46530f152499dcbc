-- Version 2: what was published about each client and from which files, what a run of the
-- diagnostics and the calls to the service found, who was erased, and what was pruned.

-- Each version of a data file once.
CREATE TABLE data_files (
    file INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    UNIQUE (name, sha256)
) STRICT;

-- The files that were in force together, each set once.
CREATE TABLE data_sets (
    data_set INTEGER PRIMARY KEY,
    content_key TEXT NOT NULL UNIQUE,
    input_folder TEXT NOT NULL
) STRICT;

CREATE TABLE data_set_files (
    data_set INTEGER NOT NULL REFERENCES data_sets (data_set),
    file INTEGER NOT NULL REFERENCES data_files (file),
    PRIMARY KEY (data_set, file)
) STRICT, WITHOUT ROWID;

-- The one place in which clients are named; an erased one is removed from here.
CREATE TABLE clients (
    client INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The book as it was published with a list.
CREATE TABLE books (
    book INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    published_at TEXT NOT NULL,
    model_folder TEXT NOT NULL,
    list_id TEXT NOT NULL,
    release TEXT NOT NULL,
    model_id TEXT NOT NULL,
    threshold REAL NOT NULL,
    data_set INTEGER NOT NULL REFERENCES data_sets (data_set),
    n_clients INTEGER NOT NULL
) STRICT;

CREATE INDEX books_by_time ON books (model_folder, published_at);

-- What was predicted about a client; what is published again unchanged is stored once.
CREATE TABLE client_predictions (
    prediction INTEGER PRIMARY KEY,
    client INTEGER NOT NULL REFERENCES clients (client),
    model_id TEXT NOT NULL,
    observed_at TEXT,
    risk REAL NOT NULL,
    score REAL NOT NULL,
    contract_value REAL,
    reasons TEXT NOT NULL,
    file INTEGER REFERENCES data_files (file),
    line INTEGER
) STRICT;

CREATE INDEX client_predictions_by_client ON client_predictions (client);

CREATE TABLE book_entries (
    book INTEGER NOT NULL REFERENCES books (book),
    prediction INTEGER NOT NULL REFERENCES client_predictions (prediction),
    rank INTEGER NOT NULL,
    PRIMARY KEY (book, prediction)
) STRICT, WITHOUT ROWID;

CREATE INDEX book_entries_by_prediction ON book_entries (prediction);

-- One row for each client of each published book.
CREATE VIEW predictions AS
SELECT
    books.list_id,
    books.run,
    books.published_at,
    books.model_folder,
    books.release,
    books.model_id,
    clients.name AS client,
    client_predictions.observed_at,
    client_predictions.risk,
    client_predictions.score,
    books.threshold,
    book_entries.rank,
    client_predictions.contract_value,
    client_predictions.reasons,
    data_files.name AS file,
    data_files.sha256,
    client_predictions.line,
    books.book,
    books.data_set
FROM books
JOIN book_entries USING (book)
JOIN client_predictions USING (prediction)
JOIN clients USING (client)
LEFT JOIN data_files USING (file);

-- What the diagnostics found, without the texts of the data.
CREATE TABLE diagnostics (
    run INTEGER NOT NULL REFERENCES runs (run),
    diagnosed_at TEXT NOT NULL,
    release TEXT NOT NULL,
    model_id TEXT NOT NULL,
    n_samples INTEGER NOT NULL,
    mean_risk REAL,
    predicted_exits INTEGER NOT NULL,
    columns TEXT NOT NULL
) STRICT;

CREATE TABLE api_calls (
    run INTEGER NOT NULL REFERENCES runs (run),
    url TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL
) STRICT;

-- The audit of erasures: a salted hash in place of the client.
CREATE TABLE erasures (
    run INTEGER NOT NULL REFERENCES runs (run),
    erased_at TEXT NOT NULL,
    client_hash TEXT NOT NULL,
    removed TEXT NOT NULL
) STRICT;

-- The audit of prunings: all before a time was removed, with how many rows of each table.
CREATE TABLE prunings (
    run INTEGER NOT NULL REFERENCES runs (run),
    pruned_at TEXT NOT NULL,
    before TEXT NOT NULL,
    removed TEXT NOT NULL
) STRICT;
