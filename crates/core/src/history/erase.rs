//! Erasing one client.

use super::History;
use crate::error::timestamp;
use crate::records::SampleId;
use anyhow::{Result, bail};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;

/// The columns of free text, in which a refused cell may be quoted.
const FREE_TEXT: [(&str, &str); 6] = [
    ("runs", "error"),
    ("steps", "detail"),
    ("files", "reason"),
    ("decisions", "reason"),
    ("release_events", "reason"),
    ("alerts", "message"),
];

/// What stands in the place of an erased client in free text.
const ERASED: &str = "\"(erased)\"";

/// The rows that name a client, children before their parents.
const ROWS: [(&str, &str); 7] = [
    (
        "batch_entries",
        "prediction IN (SELECT prediction FROM client_predictions JOIN clients USING (client)
         WHERE name = ?1)",
    ),
    (
        "book_entries",
        "prediction IN (SELECT prediction FROM client_predictions JOIN clients USING (client)
         WHERE name = ?1)",
    ),
    (
        "client_predictions",
        "client = (SELECT client FROM clients WHERE name = ?1)",
    ),
    (
        "contact_list_entries",
        "client = (SELECT client FROM clients WHERE name = ?1)",
    ),
    (
        "contact_outcomes",
        "client = (SELECT client FROM clients WHERE name = ?1)",
    ),
    (
        "decision_clients",
        "client = (SELECT client FROM clients WHERE name = ?1)",
    ),
    ("clients", "name = ?1"),
];

impl History {
    /// Removes all that names a client, and the samples among these on which a champion was judged.
    /// Gives how many rows of each table went or were changed. The bytes stay in the file until
    /// [`History::compact`].
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn erase_client(
        &self,
        client: &str,
        samples: &[SampleId],
    ) -> Result<BTreeMap<String, u64>> {
        self.write(|connection| {
            let mut removed = BTreeMap::new();
            for (table, which) in ROWS {
                let sql = format!("DELETE FROM {table} WHERE {which}");
                note(&mut removed, table, connection.execute(&sql, [client])?);
            }
            let mut delete = connection.prepare("DELETE FROM judged_samples WHERE sample = ?1")?;
            for sample in samples {
                let rows = delete.execute([sample.0.cast_signed()])?;
                note(&mut removed, "judged_samples", rows);
            }
            for (table, column) in FREE_TEXT {
                let rows = blot_out(connection, table, column, client)?;
                note(&mut removed, table, rows);
            }
            Ok(removed)
        })
    }

    /// Records that a client was erased: by its hash, with how much went.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_erasure(
        &self,
        client_hash: &str,
        removed: &BTreeMap<String, u64>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let removed = serde_json::to_string(removed)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO erasures VALUES (?1, ?2, ?3, ?4)",
                params![self.run.get(), timestamp(now), client_hash, removed],
            )
        })?;
        Ok(())
    }

    /// Writes the database anew without what was removed, and empties its log, so that no removed
    /// byte is left in either file.
    ///
    /// # Errors
    /// When it cannot be written, or a reader holds on to the log for more than ten seconds.
    pub fn compact(&self) -> Result<()> {
        let busy: i64 = self.write_alone(|connection| {
            connection.execute_batch("VACUUM")?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        })?;
        if busy != 0 {
            bail!(
                "removed rows are still in {}-wal, since another program is reading the history; \
                 run this again",
                self.path.display()
            );
        }
        Ok(())
    }
}

fn note(removed: &mut BTreeMap<String, u64>, table: &str, rows: usize) {
    if rows > 0 {
        *removed.entry(table.to_owned()).or_default() += rows as u64;
    }
}

/// Replaces the client where it is quoted, as it is in messages about cells. Only there: a short id
/// such as 7 stands in many texts that have nothing to do with it.
fn blot_out(
    connection: &Connection,
    table: &str,
    column: &str,
    client: &str,
) -> rusqlite::Result<usize> {
    let sql = format!(
        "UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1) > 0"
    );
    connection.execute(&sql, [format!("{client:?}").as_str(), ERASED])
}
