//! The predictions that were handed out, with a list or by the service, for their labels to be joined
//! to.

use super::predictions::Recorder;
use super::{History, Prediction, integer, open};
use crate::error::timestamp;
use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;
use rusqlite::types::Type;
use std::path::Path;
use std::time::Duration;

/// How long the service waits for a run that is writing at the same moment.
const PATIENCE: Duration = Duration::from_secs(10);

/// An answer of the service that is to be kept.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// When it is handed out.
    pub handed_out_at: DateTime<Utc>,
    /// The model folder, relative to that of the configuration.
    pub model_folder: &'a str,
    /// The release that gave the risks.
    pub release: &'a str,
    /// Its model.
    pub model_id: &'a str,
    /// The risk from which on a client is predicted to leave.
    pub threshold: f64,
}

/// What a model said about a sample, and on which day it was first handed out.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedPrediction {
    /// The model.
    pub model_id: String,
    /// The client.
    pub client: String,
    /// The date of the sample.
    pub observed_at: NaiveDate,
    /// The day (UTC) on which it was first handed out.
    pub published_on: NaiveDate,
    /// The probability to leave, 0 to 1.
    pub risk: f64,
    /// The risk from which on a client was predicted to leave.
    pub threshold: f64,
}

impl History {
    /// Keeps what the service hands out, in one transaction of its own and without the lock: a run may
    /// be writing too, and the one waits for the other. Rank, file and line of the predictions do not
    /// count. False where there is no history of this version, so that nothing was kept.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn keep_batch(
        path: &Path,
        batch: &Batch<'_>,
        predictions: &[Prediction<'_>],
    ) -> Result<bool> {
        let keep = || -> Result<bool> {
            let Some(connection) = open::for_noting(path, PATIENCE)? else {
                return Ok(false);
            };
            open::in_transaction(&connection, |connection| {
                connection.execute(
                    "INSERT INTO batches (handed_out_at, model_folder, release, model_id, threshold,
                     n_clients) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![
                        timestamp(batch.handed_out_at),
                        batch.model_folder,
                        batch.release,
                        batch.model_id,
                        batch.threshold,
                        integer(predictions.len() as u64)
                    ],
                )?;
                let number = connection.last_insert_rowid();
                let mut recorder = Recorder::new(connection)?;
                // A row that was given twice is one prediction.
                let mut entry =
                    connection.prepare("INSERT OR IGNORE INTO batch_entries VALUES (?1, ?2)")?;
                for prediction in predictions {
                    let stored = recorder.record(batch.model_id, prediction, "[]", None)?;
                    entry.execute([number, stored])?;
                }
                Ok(())
            })?;
            Ok(true)
        };
        keep().with_context(|| format!("cannot write the history {}", path.display()))
    }

    /// Every prediction about a dated sample that was published with the lists of a model folder, or
    /// handed out by the service under it and kept, each once, with the day on which it was handed out
    /// first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn predictions_handed_out(&self, model_folder: &str) -> Result<Vec<PublishedPrediction>> {
        let sql = "SELECT client_predictions.model_id, clients.name, observed_at,
                          MIN(substr(at, 1, 10)), risk, MIN(threshold)
                   FROM (SELECT prediction, published_at AS at, threshold
                         FROM book_entries JOIN books USING (book) WHERE model_folder = ?1
                         UNION ALL SELECT prediction, handed_out_at, threshold
                         FROM batch_entries JOIN batches USING (batch) WHERE model_folder = ?1)
                   JOIN client_predictions USING (prediction) JOIN clients USING (client)
                   WHERE observed_at IS NOT NULL
                   GROUP BY prediction ORDER BY prediction";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            query
                .query_map([model_folder], |row| {
                    Ok(PublishedPrediction {
                        model_id: row.get(0)?,
                        client: row.get(1)?,
                        observed_at: date(&row.get::<_, String>(2)?, 2)?,
                        published_on: date(&row.get::<_, String>(3)?, 3)?,
                        risk: row.get(4)?,
                        threshold: row.get(5)?,
                    })
                })?
                .collect()
        })
    }
}

fn date(text: &str, column: usize) -> rusqlite::Result<NaiveDate> {
    text.parse().map_err(|error: chrono::ParseError| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}
