-- Version 4: what people on call were told. A project is its folder of releases, relative to the
-- configuration: practice and production may share a history.
ALTER TABLE runs ADD COLUMN project TEXT;

-- One row for each message about a cause, and for each that came within the cool-down (held_back).
-- A cause is there until ended_at.
CREATE TABLE alerts (
    alert INTEGER PRIMARY KEY,
    run INTEGER REFERENCES runs (run) ON DELETE SET NULL,
    project TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    occurrence TEXT NOT NULL,
    message TEXT NOT NULL,
    raised_at TEXT NOT NULL,
    held_back INTEGER NOT NULL,
    ended_at TEXT
) STRICT;

-- By which channels a message goes out; it is tried again while delivered_at is missing.
CREATE TABLE alert_deliveries (
    alert INTEGER NOT NULL REFERENCES alerts (alert) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    delivered_at TEXT,
    error TEXT,
    PRIMARY KEY (alert, channel)
) STRICT, WITHOUT ROWID;
