//! How good the deployed model is on the clients of now: estimated before their labels exist, and
//! realized once these have come.

pub mod estimated;
pub mod realized;

use anyhow::Result;
use dataset::{Labels, Table};
use estimated::Estimated;
use realized::{Known, Maturity, Realized, of_current_clients, realized};
use risk_core::Run;
use risk_core::config::ContactedLabels;
use risk_core::release::Release;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use training::Contacted;

/// Performance without labels and with them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Performance {
    /// Before the labels of the book exist; none where nothing can be estimated.
    pub estimated: Option<Estimated>,
    /// Of the predictions that were handed out, by model and window; none without dates and a horizon.
    pub realized: Option<Realized>,
    /// Why one of the two is missing.
    pub reasons: Vec<String>,
}

/// Estimates, and joins labels to what was published.
///
/// # Errors
/// When the history cannot be read, or the data lacks a feature of the model.
pub fn performance(run: &Run, release: &Release, table: &Table) -> Result<Performance> {
    let mut reasons = Vec::new();
    let estimated = match estimated::estimate(run, release, table)? {
        Ok(estimated) => Some(estimated),
        Err(reason) => {
            reasons.push(format!("nothing is estimated: {reason}"));
            None
        }
    };
    let realized = match run.config.dataset.horizon_days {
        Some(horizon_days) => Some(joined(run, table, horizon_days)?),
        None => {
            reasons.push(
                "nothing is stated about predictions that were handed out: without \
                 dataset.observed_at and dataset.horizon_days it is not known when a label belongs to \
                 one"
                .into(),
            );
            None
        }
    };
    Ok(Performance {
        estimated,
        realized,
        reasons,
    })
}

fn joined(run: &Run, table: &Table, horizon_days: u32) -> Result<Realized> {
    let known = known(run, table)?;
    let folder = run.layout.model();
    let folder = folder.strip_prefix(&run.config.folder).unwrap_or(folder);
    let predictions = run
        .history()?
        .predictions_handed_out(&folder.display().to_string())?;
    let predictions = of_current_clients(predictions);
    let maturity = Maturity {
        today: run.now.date_naive(),
        horizon_days,
        window_days: run
            .config
            .monitoring
            .label_window_days
            .unwrap_or(horizon_days),
    };
    Ok(realized(&predictions, &known, &maturity))
}

/// The labels that have come; those of contacted clients are left out where the configuration says so, and
/// else count in full, for the figures know no weights.
fn known<'a>(run: &Run, table: &'a Table) -> Result<Known<'a>> {
    let labels = Labels::new(&run.config, run.now);
    let contacted = Contacted::read(run, Some(run.history()?))?;
    let leaves_out = run.config.model.contacted_labels == ContactedLabels::LeaveOut;
    let mut known = Known::default();
    for row in 0..table.n_rows() {
        let (Some(observed_at), Some(exited)) = (table.observed_at(row), labels.label(table, row))
        else {
            continue;
        };
        let sample = (table.client_id(row), observed_at);
        let is_contacted = contacted.is_touched(table, row);
        if is_contacted {
            known.contacted.insert(sample);
        }
        if !(is_contacted && leaves_out) {
            known.outcomes.insert(sample, exited);
        }
    }
    Ok(known)
}

impl Display for Performance {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(estimated) = &self.estimated {
            writeln!(f, "{estimated}")?;
        }
        if let Some(realized) = &self.realized {
            write!(f, "{realized}")?;
        }
        for reason in &self.reasons {
            writeln!(f, "performance: {reason}")?;
        }
        Ok(())
    }
}
