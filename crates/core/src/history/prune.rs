//! Removing what is older than its retention.

use super::History;
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// What must stay, however old it is, besides what the history itself still needs.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// The releases that are on disk.
    pub releases: BTreeSet<String>,
    /// Their models: what they were judged on decides about what they are judged on next.
    pub models: BTreeSet<String>,
}

/// Each step: the table and which of its rows go. `?1` is the time before which they go;
/// `kept_releases` and `kept_models` are temporary tables. Children come before their parents.
const STEPS: [(&str, &str); 27] = [
    ("steps", OF_OLD_RUNS),
    ("timings", OF_OLD_RUNS),
    ("diagnostics", "diagnosed_at < ?1"),
    ("api_calls", OF_OLD_RUNS),
    ("figures", "at < ?1"),
    (
        "scores",
        "scored_at < ?1 AND model_id NOT IN (SELECT id FROM kept_models)",
    ),
    (
        "judged_samples",
        "judgement IN (SELECT judgement FROM judgements WHERE judged_at < ?1
         AND model_id NOT IN (SELECT id FROM kept_models))",
    ),
    (
        "evidence",
        "judgement IN (SELECT judgement FROM judgements WHERE judged_at < ?1
         AND model_id NOT IN (SELECT id FROM kept_models))",
    ),
    (
        "judgements",
        "judged_at < ?1 AND model_id NOT IN (SELECT id FROM kept_models)",
    ),
    (
        "deployments",
        "deployed_at < ?1 AND release NOT IN (SELECT id FROM kept_releases)",
    ),
    (
        "release_events",
        "at < ?1 AND (release IS NULL OR release NOT IN (SELECT id FROM kept_releases))
         AND rowid NOT IN (SELECT max(rowid) FROM release_events GROUP BY production, event)",
    ),
    ("alerts", "raised_at < ?1 AND ended_at IS NOT NULL"),
    (
        "lists",
        "valid_to < substr(?1, 1, 10) AND rowid <> (SELECT max(rowid) FROM lists)
         AND list_id NOT IN (SELECT list_id FROM books)",
    ),
    (
        "batch_entries",
        "batch IN (SELECT batch FROM batches WHERE handed_out_at < ?1)",
    ),
    ("batches", "handed_out_at < ?1"),
    (
        "client_predictions",
        "prediction NOT IN (SELECT prediction FROM book_entries)
         AND prediction NOT IN (SELECT prediction FROM batch_entries)",
    ),
    (
        "contact_list_entries",
        "contact_list IN (SELECT contact_list FROM contact_lists WHERE
         valid_to < substr(?1, 1, 10)
         AND contact_list NOT IN (SELECT max(contact_list) FROM contact_lists GROUP BY model_folder))",
    ),
    (
        "contact_lists",
        "valid_to < substr(?1, 1, 10)
         AND contact_list NOT IN (SELECT max(contact_list) FROM contact_lists GROUP BY model_folder)",
    ),
    ("contact_outcomes", "contacted_at < substr(?1, 1, 10)"),
    (
        "clients",
        "client NOT IN (SELECT client FROM client_predictions)
         AND client NOT IN (SELECT client FROM contact_list_entries)
         AND client NOT IN (SELECT client FROM contact_outcomes)
         AND client NOT IN (SELECT client FROM decision_clients)",
    ),
    (
        "data_set_files",
        "data_set NOT IN (SELECT data_set FROM books)",
    ),
    ("data_sets", "data_set NOT IN (SELECT data_set FROM books)"),
    (
        "data_files",
        "file NOT IN (SELECT file FROM data_set_files)
         AND file NOT IN (SELECT file FROM client_predictions WHERE file IS NOT NULL)",
    ),
    // The newest state of each file stays: the next ingestion compares with it.
    (
        "files",
        "run IN (SELECT run FROM runs WHERE started_at < ?1)
         AND rowid NOT IN (SELECT max(rowid) FROM files GROUP BY input_folder, name)",
    ),
    (
        "ingestions",
        "run IN (SELECT run FROM runs WHERE started_at < ?1)
         AND rowid NOT IN (SELECT max(rowid) FROM ingestions GROUP BY input_folder)",
    ),
    (
        "models",
        "created_at < ?1 AND model_id NOT IN (SELECT id FROM kept_models)
         AND model_id NOT IN (SELECT model_id FROM books)
         AND model_id NOT IN (SELECT model_id FROM batches)
         AND model_id NOT IN (SELECT model_id FROM judgements)",
    ),
    (
        "builds",
        "first_seen_at < ?1 AND build NOT IN (SELECT build FROM builds ORDER BY build DESC LIMIT 2)",
    ),
];

const OF_OLD_RUNS: &str = "run IN (SELECT run FROM runs WHERE started_at < ?1)";

/// The books that go: those published before, but never the newest of a model folder.
const OLD_BOOKS: &str = "published_at < ?1 AND book NOT IN (SELECT book FROM
    (SELECT book, row_number() OVER (PARTITION BY model_folder ORDER BY published_at DESC, book DESC)
     AS place FROM books) WHERE place = 1)";

/// The decisions that go: those made before, but never the last one, which the report gives.
const OLD_DECISIONS: &str = "decided_at < ?1 AND decision_number NOT IN
    (SELECT max(decision_number) FROM decisions JOIN runs USING (run)
     WHERE decision <> 'too_few_to_decide' GROUP BY project)";

impl History {
    /// Removes what is older than a time and no longer needed, and records how many rows of each
    /// table went. What later decisions need stays: the last decision, the newest list and book, the newest state of
    /// each file, what was published for which inputs, and all about the releases that are kept.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn prune(
        &self,
        before: DateTime<Utc>,
        kept: &Kept,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<String, u64>> {
        let time = timestamp(before);
        let removed = self.write(|connection| {
            note_kept(connection, kept)?;
            let mut removed = BTreeMap::new();
            let books = format!("book IN (SELECT book FROM books WHERE {OLD_BOOKS})");
            let decisions = format!(
                "decision_number IN (SELECT decision_number FROM decisions WHERE {OLD_DECISIONS})"
            );
            let with_children = [
                ("book_entries", books.as_str()),
                ("books", OLD_BOOKS),
                ("decision_clients", decisions.as_str()),
                ("decisions", OLD_DECISIONS),
            ];
            for (table, which) in with_children.into_iter().chain(STEPS) {
                remove(connection, table, which, &time, &mut removed)?;
            }
            let runs = unreferenced_runs(connection, self.run.get())?;
            remove(connection, "runs", &runs, &time, &mut removed)?;
            let counts = serde_json::json!(removed).to_string();
            connection.execute(
                "INSERT INTO prunings VALUES (?1, ?2, ?3, ?4)",
                params![self.run.get(), timestamp(now), time, counts],
            )?;
            Ok(removed)
        })?;
        self.compact()?;
        Ok(removed)
    }
}

fn note_kept(connection: &Connection, kept: &Kept) -> rusqlite::Result<()> {
    for (table, names) in [
        ("kept_releases", &kept.releases),
        ("kept_models", &kept.models),
    ] {
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE IF NOT EXISTS {table} (id TEXT PRIMARY KEY); DELETE FROM {table};"
        ))?;
        let mut insert = connection.prepare(&format!("INSERT INTO {table} VALUES (?1)"))?;
        for name in names {
            insert.execute([name])?;
        }
    }
    Ok(())
}

fn remove(
    connection: &Connection,
    table: &str,
    which: &str,
    before: &str,
    removed: &mut BTreeMap<String, u64>,
) -> rusqlite::Result<()> {
    let mut delete = connection.prepare(&format!("DELETE FROM {table} WHERE {which}"))?;
    let rows = if delete.parameter_count() == 0 {
        delete.execute([])?
    } else {
        delete.execute([before])?
    };
    if rows > 0 {
        removed.insert(table.to_owned(), rows as u64);
    }
    Ok(())
}

/// Old runs that no row of another table refers to, whichever tables there are.
fn unreferenced_runs(connection: &Connection, current: i64) -> rusqlite::Result<String> {
    let sql = "SELECT DISTINCT tables.name, keys.\"from\" FROM sqlite_schema AS tables
               JOIN pragma_foreign_key_list(tables.name) AS keys
               WHERE tables.type = 'table' AND keys.\"table\" = 'runs'";
    let mut query = connection.prepare(sql)?;
    let references = query.query_map([], |row| {
        let (table, column): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(format!(
            " AND run NOT IN (SELECT {column} FROM {table} WHERE {column} IS NOT NULL)"
        ))
    })?;
    let references = references.collect::<rusqlite::Result<String>>()?;
    Ok(format!("started_at < ?1 AND run <> {current}{references}"))
}
