//! Judgements of the champion.

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
    /// Samples that were left out, and that it is not judged on later either.
    pub left_out: &'a [SampleId],
    /// How many of them left.
    pub n_positive: u64,
    /// Whether it has drifted.
    pub drift: bool,
    /// The figures behind it.
    pub figures: Figures,
    /// The evidence after it, where the rule gathers evidence.
    pub evidence: Option<EvidenceEntry<'a>>,
}

/// The evidence against a release after a judgement.
#[derive(Debug, Clone, Copy)]
pub struct EvidenceEntry<'a> {
    /// The release.
    pub release: &'a str,
    /// Natural logarithm of the ratio.
    pub log_ratio: f64,
    /// The sums with which the next judgement goes on.
    pub state: &'a str,
}

/// The evidence against a release since it was last put in force.
#[derive(Debug, Clone, PartialEq)]
pub struct GatheredEvidence {
    /// The sums with which the next judgement goes on.
    pub state: String,
    /// Every judgement so far, the first one first.
    pub looks: Vec<Look>,
}

/// One judgement that added to the evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Its number.
    pub judgement: i64,
    /// Natural logarithm of the ratio after it.
    pub log_ratio: f64,
    /// Whether it called drift.
    pub drift: bool,
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
            for sample in judgement.samples.iter().chain(judgement.left_out) {
                insert.execute(params![judgement.model_id, sample.0.cast_signed(), number])?;
            }
            if let Some(evidence) = judgement.evidence {
                connection.execute(
                    "INSERT INTO evidence VALUES (?1, ?2,
                     (SELECT COUNT(*) FROM deployments WHERE release = ?2), ?3, ?4)",
                    params![number, evidence.release, evidence.log_ratio, evidence.state],
                )?;
            }
            Ok(())
        })
    }

    /// The evidence against a release since it was last put in force; `None` before the first
    /// judgement.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn evidence(&self, release: &str) -> Result<Option<GatheredEvidence>> {
        let sql = "SELECT judgement, log_ratio, drift, state FROM evidence JOIN judgements
                   USING (judgement) WHERE release = ?1 AND in_force =
                   (SELECT COUNT(*) FROM deployments WHERE release = ?1) ORDER BY judgement";
        self.read(|connection| {
            let mut query = connection.prepare(sql)?;
            let mut rows = query.query([release])?;
            let (mut looks, mut newest) = (Vec::new(), None);
            while let Some(row) = rows.next()? {
                looks.push(Look {
                    judgement: row.get(0)?,
                    log_ratio: row.get(1)?,
                    drift: row.get(2)?,
                });
                newest = Some(row.get(3)?);
            }
            Ok(newest.map(|state| GatheredEvidence { state, looks }))
        })
    }

    /// The samples of the judgements from one on.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn samples_judged_since(
        &self,
        model_id: &str,
        judgement: i64,
    ) -> Result<HashSet<SampleId>> {
        self.read(|connection| {
            let sql = "SELECT sample FROM judged_samples WHERE model_id = ?1 AND judgement >= ?2";
            let mut query = connection.prepare(sql)?;
            query
                .query_map(params![model_id, judgement], |row| {
                    Ok(SampleId(row.get::<_, i64>(0)?.cast_unsigned()))
                })?
                .collect()
        })
    }

    /// The F1 that each judgement of a champion found, the first one first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn judged_f1s(&self, model_id: &str) -> Result<Vec<f64>> {
        self.read(|connection| {
            let sql = "SELECT COALESCE(json_extract(figures, '$.findings.f1'),
                       json_extract(figures, '$[0].f1')) AS f1 FROM judgements
                       WHERE model_id = ?1 AND f1 IS NOT NULL ORDER BY judgement";
            let mut query = connection.prepare(sql)?;
            query.query_map([model_id], |row| row.get(0))?.collect()
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
}
