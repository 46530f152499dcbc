-- Version 8: the values behind each prediction, so that it can be explained later whatever became of
-- the data; and the predictions that the service handed out and was asked to keep.

-- The features that the model was given, a JSON object by name: number, text, or null where missing.
ALTER TABLE client_predictions ADD COLUMN cells TEXT;

-- An answer of the service that was kept on request.
CREATE TABLE batches (
    batch INTEGER PRIMARY KEY,
    handed_out_at TEXT NOT NULL,
    model_folder TEXT NOT NULL,
    release TEXT NOT NULL,
    model_id TEXT NOT NULL,
    threshold REAL NOT NULL,
    n_clients INTEGER NOT NULL
) STRICT;

CREATE INDEX batches_by_time ON batches (model_folder, handed_out_at);

CREATE TABLE batch_entries (
    batch INTEGER NOT NULL REFERENCES batches (batch),
    prediction INTEGER NOT NULL REFERENCES client_predictions (prediction),
    PRIMARY KEY (batch, prediction)
) STRICT, WITHOUT ROWID;

CREATE INDEX batch_entries_by_prediction ON batch_entries (prediction);

-- One row for each client of each kept answer.
CREATE VIEW batch_predictions AS
SELECT
    batches.batch,
    batches.handed_out_at,
    batches.model_folder,
    batches.release,
    batches.model_id,
    clients.name AS client,
    client_predictions.observed_at,
    client_predictions.risk,
    client_predictions.score,
    batches.threshold
FROM batches
JOIN batch_entries USING (batch)
JOIN client_predictions USING (prediction)
JOIN clients USING (client);
