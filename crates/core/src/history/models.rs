//! Models and their scores.

use super::{History, integer};
use crate::error::timestamp;
use crate::model::Model;
use crate::records::Scores;
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

impl History {
    /// Records a trained model; the same model trained again is recorded once.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_model(&self, model: &Model) -> Result<()> {
        let artefact = serde_json::to_string(model)?;
        self.write(|connection| {
            connection.execute(
                "INSERT OR IGNORE INTO models VALUES (?1, ?2, ?3, ?4)",
                params![model.model_id, self.run.get(), model.created_at, artefact],
            )
        })?;
        Ok(())
    }

    /// A recorded model; `None` where it is not known.
    ///
    /// # Errors
    /// When the history cannot be read or the model is of a newer version.
    pub fn model(&self, model_id: &str) -> Result<Option<Model>> {
        let sql = "SELECT artefact FROM models WHERE model_id = ?1";
        let found: Option<String> = self.read(|connection| {
            connection
                .query_row(sql, [model_id], |row| row.get(0))
                .optional()
        })?;
        found
            .map(|text| Model::parse(text.as_bytes()).context("a model in the history"))
            .transpose()
    }

    /// Records how a model scored on the test data.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_scores(&self, scores: &Scores, now: DateTime<Utc>) -> Result<()> {
        let text = serde_json::to_string(scores)?;
        let evaluation = &scores.evaluation;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO scores VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![
                    self.run.get(),
                    scores.model_id,
                    timestamp(now),
                    integer(evaluation.n_samples),
                    evaluation.confusion_matrix.f1(),
                    text
                ],
            )
        })?;
        Ok(())
    }
}
