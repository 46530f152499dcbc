//! The predictions that were handed out, for their labels to be joined to.

use super::History;
use anyhow::Result;
use chrono::NaiveDate;
use rusqlite::types::Type;

/// What a model said about a sample, and on which day it was first published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedPrediction {
    /// The model.
    pub model_id: String,
    /// The client.
    pub client: String,
    /// The date of the sample.
    pub observed_at: NaiveDate,
    /// The day (UTC) on which it was first published.
    pub published_on: NaiveDate,
    /// The probability to leave, 0 to 1.
    pub risk: f64,
    /// The risk from which on a client was predicted to leave.
    pub threshold: f64,
}

impl History {
    /// Every prediction about a dated sample that was published with the lists of a model folder, each
    /// once, with the day on which it was published first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn predictions_handed_out(&self, model_folder: &str) -> Result<Vec<PublishedPrediction>> {
        let sql = "SELECT client_predictions.model_id, clients.name, observed_at,
                          MIN(substr(published_at, 1, 10)), risk, MIN(threshold)
                   FROM client_predictions JOIN clients USING (client)
                   JOIN book_entries USING (prediction) JOIN books USING (book)
                   WHERE model_folder = ?1 AND observed_at IS NOT NULL
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
