-- Version 9: all that a decision about the model follows from, and who would come to the top of the list
-- and leave it with the new model that was tried. A decision has a number of its own now.
CREATE TABLE numbered_decisions (
    decision_number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (run),
    decided_at TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL,
    inputs TEXT
) STRICT;

INSERT INTO numbered_decisions (run, decided_at, decision, reason)
SELECT run, decided_at, decision, reason FROM decisions ORDER BY rowid;

DROP TABLE decisions;

ALTER TABLE numbered_decisions RENAME TO decisions;

-- change: enters or leaves, each in the order of the risks.
CREATE TABLE decision_clients (
    decision_number INTEGER NOT NULL REFERENCES decisions (decision_number),
    change TEXT NOT NULL,
    position INTEGER NOT NULL,
    client INTEGER NOT NULL REFERENCES clients (client),
    PRIMARY KEY (decision_number, change, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX decision_clients_by_client ON decision_clients (client);

-- One row for each client that would enter or leave.
CREATE VIEW decision_list_changes AS
SELECT
    decisions.decision_number,
    decisions.run,
    decisions.decided_at,
    decisions.decision,
    decision_clients.change,
    decision_clients.position,
    clients.name AS client
FROM decisions
JOIN decision_clients USING (decision_number)
JOIN clients USING (client);
