-- Version 1. All times are RFC 3339 in UTC, all durations seconds.
CREATE TABLE runs (
    run INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    started_at TEXT NOT NULL,
    elapsed_s REAL,
    exit_code INTEGER,
    error TEXT
) STRICT;

CREATE TABLE steps (
    run INTEGER NOT NULL REFERENCES runs (run),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    elapsed_s REAL NOT NULL,
    detail TEXT
) STRICT;

CREATE TABLE files (
    run INTEGER NOT NULL REFERENCES runs (run),
    input_folder TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    status TEXT NOT NULL,
    rows INTEGER NOT NULL,
    rejected_rows INTEGER NOT NULL,
    reason TEXT
) STRICT;

CREATE TABLE ingestions (
    run INTEGER NOT NULL REFERENCES runs (run),
    input_folder TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    duplicate_rows INTEGER NOT NULL,
    updated_rows INTEGER NOT NULL,
    rejected_rows INTEGER NOT NULL,
    unlabelled_rows INTEGER NOT NULL,
    rows INTEGER NOT NULL
) STRICT;

CREATE TABLE models (
    model_id TEXT PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    created_at TEXT NOT NULL,
    artefact TEXT NOT NULL
) STRICT;

CREATE TABLE scores (
    run INTEGER NOT NULL REFERENCES runs (run),
    model_id TEXT NOT NULL,
    scored_at TEXT NOT NULL,
    n_samples INTEGER NOT NULL,
    f1 REAL NOT NULL,
    scores TEXT NOT NULL
) STRICT;

CREATE TABLE judgements (
    judgement INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    model_id TEXT NOT NULL,
    judged_at TEXT NOT NULL,
    drift_test TEXT NOT NULL,
    n_samples INTEGER NOT NULL,
    n_positive INTEGER NOT NULL,
    drift INTEGER NOT NULL,
    figures TEXT NOT NULL
) STRICT;

CREATE TABLE judged_samples (
    model_id TEXT NOT NULL,
    sample INTEGER NOT NULL,
    judgement INTEGER NOT NULL REFERENCES judgements (judgement),
    PRIMARY KEY (model_id, sample)
) STRICT, WITHOUT ROWID;

CREATE TABLE decisions (
    run INTEGER NOT NULL REFERENCES runs (run),
    decided_at TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE deployments (
    run INTEGER NOT NULL REFERENCES runs (run),
    release TEXT NOT NULL,
    model_id TEXT NOT NULL,
    previous_release TEXT,
    deployed_at TEXT NOT NULL
) STRICT;

CREATE TABLE timings (
    run INTEGER NOT NULL REFERENCES runs (run),
    stage TEXT NOT NULL,
    elapsed_s REAL NOT NULL
) STRICT;

CREATE TABLE lists (
    run INTEGER NOT NULL REFERENCES runs (run),
    list_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT NOT NULL,
    n_clients INTEGER NOT NULL
) STRICT;

-- The state of each publishing step: for which inputs it was last finished.
CREATE TABLE publications (
    step TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES runs (run)
) STRICT, WITHOUT ROWID;

-- The direct dependencies of the program builds that ran, to tell what a new build changed.
CREATE TABLE builds (
    build INTEGER PRIMARY KEY,
    lock_sha256 TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    packages TEXT NOT NULL
) STRICT;

-- What the package registry last answered.
CREATE TABLE registry_answers (
    package TEXT PRIMARY KEY,
    versions TEXT NOT NULL,
    checked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
