//! Figures over time: what was found at each diagnosis, and what the other tables say of the same.

use super::History;
use anyhow::Result;
use chrono::NaiveDate;
use rusqlite::params;
use serde::Serialize;

/// A named figure at one time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureAt {
    /// Its name, such as `missing_percent.industry`.
    pub figure: String,
    /// When: RFC 3339, or a day.
    pub at: String,
    /// The model it is about; empty where it is about none.
    pub model_id: String,
    /// What it was.
    pub value: f64,
    /// Lower end of its interval, where it has one.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
}

/// Figures that other tables hold. Runs from before projects were told apart belong to all.
const RECORDED: &str = "
    SELECT 'rows' AS figure, started_at AS at, '' AS model_id, rows AS value,
           NULL AS low, NULL AS high
    FROM ingestions JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'rejected_rows', started_at, '', rejected_rows, NULL, NULL
    FROM ingestions JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'unlabelled_rows', started_at, '', unlabelled_rows, NULL, NULL
    FROM ingestions JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'timing_s.' || stage, started_at, '', timings.elapsed_s, NULL, NULL
    FROM timings JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'test_data.f1', scored_at, model_id, f1, NULL, NULL
    FROM scores JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'judged.n_samples', judged_at, model_id, n_samples, NULL, NULL
    FROM judgements JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'judged.f1', judged_at, model_id, json_extract(figures, '$.findings.f1'),
           NULL, NULL
    FROM judgements JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'judged.log_evidence', judged_at, model_id,
           json_extract(figures, '$.evidence.finding.log_ratio'), NULL, NULL
    FROM judgements JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT 'judged.z', judged_at, model_id, json_extract(figures, '$.evidence.z'),
           NULL, NULL
    FROM judgements JOIN runs USING (run) WHERE project IS NULL OR project = ?1
    UNION ALL SELECT figure, at, model_id, value, low, high FROM figures WHERE project = ?1";

impl History {
    /// Records figures of a project; the same ones found again replace themselves.
    ///
    /// # Errors
    /// When the history cannot be written.
    pub fn record_figures(&self, project: &str, figures: &[FigureAt]) -> Result<()> {
        self.write(|connection| {
            let mut insert = connection
                .prepare("INSERT OR REPLACE INTO figures VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            for found in figures {
                insert.execute(params![
                    project,
                    found.figure,
                    found.at,
                    found.model_id,
                    found.value,
                    found.low,
                    found.high
                ])?;
            }
            Ok(())
        })
    }

    /// All figures of a project from a day on, by name and time.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn figures_since(&self, project: &str, day: NaiveDate) -> Result<Vec<FigureAt>> {
        let sql = format!(
            "SELECT figure, at, model_id, CAST(value AS REAL), low, high FROM ({RECORDED})
             WHERE value IS NOT NULL AND at >= ?2 ORDER BY figure, at, model_id"
        );
        self.read(|connection| {
            let mut query = connection.prepare(&sql)?;
            query
                .query_map(params![project, day.to_string()], |row| {
                    Ok(FigureAt {
                        figure: row.get(0)?,
                        at: row.get(1)?,
                        model_id: row.get(2)?,
                        value: row.get(3)?,
                        low: row.get(4)?,
                        high: row.get(5)?,
                    })
                })?
                .collect()
        })
    }
}
