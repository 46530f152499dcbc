//! What was decided about the model, what it follows from, and whom it concerns.

use super::{History, integer};
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// A decision about the model.
#[derive(Debug, Clone, Copy)]
pub struct DecisionEntry<'a> {
    /// Its name.
    pub decision: &'a str,
    /// Why, in sentences for people. It names no client.
    pub reason: &'a str,
    /// All that it follows from. It names no client.
    pub inputs: &'a serde_json::Value,
    /// Who would come to the top of the list and leave it with the new model, where one was tried.
    pub list_change: Option<&'a ListChange>,
}

/// Who would come to the top of the list and leave it, each in the order of the risks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListChange {
    /// Who would come to it.
    pub enters: Vec<String>,
    /// Who would leave it.
    pub leaves: Vec<String>,
}

/// A decision about the model, as it is recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordedDecision {
    /// Its number.
    pub number: i64,
    /// The run that made it.
    pub run: i64,
    /// When, RFC 3339.
    pub decided_at: String,
    /// Its name.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// What asked for a new model (`cause` of the inputs); `None` where nothing did, or before that was
    /// recorded.
    pub cause: Option<String>,
}

/// Whether a new model was asked for, by a recorded cause, though the deployed one was not found to fit
/// worse: by drift of the data with its effect on the list, or by age.
#[must_use]
pub fn is_asked_for(cause: Option<&str>) -> bool {
    matches!(cause, Some("list_impact" | "age"))
}

impl History {
    /// Records a decision about the model.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_decision(&self, entry: &DecisionEntry<'_>, now: DateTime<Utc>) -> Result<()> {
        let inputs = serde_json::to_string(entry.inputs)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO decisions (run, decided_at, decision, reason, inputs)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    self.run.get(),
                    timestamp(now),
                    entry.decision,
                    entry.reason,
                    inputs
                ],
            )?;
            let number = connection.last_insert_rowid();
            entry.list_change.map_or(Ok(()), |change| {
                insert_clients(connection, number, "enters", &change.enters)?;
                insert_clients(connection, number, "leaves", &change.leaves)
            })
        })
    }

    /// The last decision about the model of a project, but for those that too little was known for.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn last_decision(&self, project: &str) -> Result<Option<RecordedDecision>> {
        let sql = "SELECT decision_number, run, decided_at, decision, reason,
                   json_extract(inputs, '$.cause') FROM decisions JOIN runs USING (run)
                   WHERE COALESCE(project, ?1) = ?1 AND decision <> 'too_few_to_decide'
                   ORDER BY decision_number DESC LIMIT 1";
        self.read(|connection| {
            connection
                .query_row(sql, [project], |row| {
                    Ok(RecordedDecision {
                        number: row.get(0)?,
                        run: row.get(1)?,
                        decided_at: row.get(2)?,
                        decision: row.get(3)?,
                        reason: row.get(4)?,
                        cause: row.get(5)?,
                    })
                })
                .optional()
        })
    }

    /// Who would come to the top of the list and leave it with the new model of a decision; empty where
    /// none was tried.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn list_change(&self, decision_number: i64) -> Result<ListChange> {
        let sql = "SELECT name FROM decision_clients JOIN clients USING (client)
                   WHERE decision_number = ?1 AND change = ?2 ORDER BY position";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let mut of = |change: &str| -> rusqlite::Result<Vec<String>> {
                query
                    .query_map(params![decision_number, change], |row| row.get(0))?
                    .collect()
            };
            Ok(ListChange {
                enters: of("enters")?,
                leaves: of("leaves")?,
            })
        })
    }
}

fn insert_clients(
    connection: &Connection,
    decision_number: i64,
    change: &str,
    names: &[String],
) -> rusqlite::Result<()> {
    let mut name_client = connection.prepare("INSERT OR IGNORE INTO clients (name) VALUES (?1)")?;
    let mut insert = connection.prepare(
        "INSERT INTO decision_clients VALUES (?1, ?2, ?3,
         (SELECT client FROM clients WHERE name = ?4))",
    )?;
    for (position, name) in (1_u64..).zip(names) {
        name_client.execute([name])?;
        insert.execute(params![decision_number, change, integer(position), name])?;
    }
    Ok(())
}
