//! What the diagnostics and the calls to the service found.

use super::{History, integer};
use crate::error::timestamp;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;

/// What the diagnostics found about the data and the deployed model.
#[derive(Debug, Clone)]
pub struct Diagnosis<'a, Columns: Serialize> {
    /// The release in force.
    pub release: &'a str,
    /// Its model.
    pub model_id: &'a str,
    /// Samples of the compiled data.
    pub n_samples: u64,
    /// Their mean risk, where there are any.
    pub mean_risk: Option<f64>,
    /// How many of them are predicted to leave.
    pub predicted_exits: u64,
    /// The statistics of the columns, without texts of the data.
    pub columns: Columns,
}

impl History {
    /// Records what the diagnostics found.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_diagnosis<Columns: Serialize>(
        &self,
        found: &Diagnosis<'_, Columns>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let columns = serde_json::to_string(&found.columns)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO diagnostics VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    self.run.get(),
                    timestamp(now),
                    found.release,
                    found.model_id,
                    integer(found.n_samples),
                    found.mean_risk,
                    integer(found.predicted_exits),
                    columns
                ],
            )
        })?;
        Ok(())
    }

    /// Records a call to the service and the HTTP status of its answer.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_api_call(&self, url: &str, method: &str, path: &str, status: u16) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO api_calls VALUES (?1, ?2, ?3, ?4, ?5)",
                params![self.run.get(), url, method, path, status],
            )
        })?;
        Ok(())
    }
}
