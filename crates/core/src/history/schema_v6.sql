-- Version 6: named figures over time, such as missing_percent.industry, psi.industry, estimated.roc_auc
-- and realized.roc_auc. project is the folder of releases, relative to the configuration. The same figure
-- of the same time found again replaces itself.
CREATE TABLE figures (
    project TEXT NOT NULL,
    figure TEXT NOT NULL,
    at TEXT NOT NULL,
    model_id TEXT NOT NULL,
    value REAL NOT NULL,
    low REAL,
    high REAL,
    PRIMARY KEY (project, figure, at, model_id)
) STRICT, WITHOUT ROWID;
