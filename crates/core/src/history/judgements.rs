//! Judgements of the champion, and what was decided about it.

use super::{History, integer};
use crate::error::timestamp;
use crate::records::SampleId;
use anyhow::Result;
use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use std::collections::HashSet;

/// What judging the champion on newly labelled samples found.
#[derive(Debug, Clone)]
pub struct Judgement<'a, Figures: Serialize> {
    /// The champion.
    pub model_id: &'a str,
    /// The rule that was applied.
    pub drift_test: &'a str,
    /// The samples it was judged on.
    pub samples: &'a [SampleId],
    /// How many of them left.
    pub n_positive: u64,
    /// Whether it has drifted.
    pub drift: bool,
    /// The figures behind it.
    pub figures: Figures,
}

impl History {
    /// Records a judgement and the samples it is based on, so that they are not judged again for
    /// the same champion.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_judgement<Figures: Serialize>(
        &self,
        judgement: &Judgement<'_, Figures>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let figures = serde_json::to_string(&judgement.figures)?;
        self.write(|connection| {
            connection.execute(
                "INSERT INTO judgements (run, model_id, judged_at, drift_test, n_samples,
                 n_positive, drift, figures) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    self.run.get(),
                    judgement.model_id,
                    timestamp(now),
                    judgement.drift_test,
                    integer(judgement.samples.len() as u64),
                    integer(judgement.n_positive),
                    judgement.drift,
                    figures
                ],
            )?;
            let number = connection.last_insert_rowid();
            let mut insert =
                connection.prepare("INSERT OR IGNORE INTO judged_samples VALUES (?1, ?2, ?3)")?;
            for sample in judgement.samples {
                insert.execute(params![judgement.model_id, sample.0.cast_signed(), number])?;
            }
            Ok(())
        })
    }

    /// The samples on which a champion has been judged.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn judged_samples(&self, model_id: &str) -> Result<HashSet<SampleId>> {
        self.read(|connection| {
            let mut query =
                connection.prepare("SELECT sample FROM judged_samples WHERE model_id = ?1")?;
            query
                .query_map([model_id], |row| {
                    Ok(SampleId(row.get::<_, i64>(0)?.cast_unsigned()))
                })?
                .collect()
        })
    }

    /// Records a decision about the model and its reason.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_decision(&self, decision: &str, reason: &str, now: DateTime<Utc>) -> Result<()> {
        self.write(|connection| {
            connection.execute(
                "INSERT INTO decisions VALUES (?1, ?2, ?3, ?4)",
                params![self.run.get(), timestamp(now), decision, reason],
            )
        })?;
        Ok(())
    }
}
