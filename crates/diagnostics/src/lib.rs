//! Diagnostics: what the deployed model says about the compiled data, what that data looks like, how
//! long the work takes, and which dependencies are out of date.
//!
//! All of it is one object, written to the output folder and returned. Nothing else is written there:
//! the timings are of work done again in memory. [`compare`] needs no project: it judges any table against
//! any other, and writes nothing.

mod arguments;
pub mod compare;
pub mod dependencies;
pub mod drift;
mod outcome;
pub mod performance;
mod predictions;
mod text;
mod timing;
pub mod trends;
mod unlabelled;
pub mod why;

pub use arguments::Arguments;
pub use outcome::{FORMAT_VERSION, Outcome};
pub use predictions::Predictions;
pub use timing::Timing;

use anyhow::Result;
use dependencies::{AskRegistry, Registry};
use risk_core::error::timestamp;
use risk_core::history::Diagnosis;
use risk_core::{Run, files, release};

/// What a run of the diagnostics is asked to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// When the registry is asked about newer versions of the dependencies.
    pub ask_registry: AskRegistry,
    /// The registry.
    pub registry: Registry,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ask_registry: AskRegistry::WhenOld,
            registry: Registry::default(),
        }
    }
}

/// Finds the figures and writes them to `diagnostics.json` in the output folder. The timings, the
/// build and what the registry answered are recorded in the history.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when there is no deployed model or no compiled data; else
/// when these do not fit together, or when the output folder cannot be written.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    let release = release::require_current(&run.layout)?;
    let (_, table) = dataset::read_compiled(&run.layout)?;
    let bar = run.progress.bar("diagnosing", 4);
    let predictions = predictions::predict(&release.model, &table)?;
    tracing::info!(rows = table.n_rows(), "predicted");
    bar.advance();
    let summary = compile::summarise(&table)?;
    tracing::info!(columns = summary.len(), "summarised");
    bar.advance();
    let timing_s = timing::measure(run)?;
    tracing::info!("timed ingestion and training");
    bar.advance();
    let dependencies = dependencies::report(run, options.ask_registry, &options.registry)?;
    tracing::info!(packages = dependencies.len(), "looked at the dependencies");
    let drift = drift::judge(run, &release, &table)?;
    tracing::info!(samples = drift.new_samples, "judged the drift of the data");
    let performance = performance::performance(run, &release, &table)?;
    tracing::info!("estimated the performance and joined labels to predictions");
    let outcome = Outcome {
        format_version: FORMAT_VERSION,
        created_at: timestamp(run.now),
        model_id: release.model.model_id.clone(),
        release: release.id().to_owned(),
        predictions,
        summary,
        timing_s,
        dependencies,
        drift,
        performance: Some(performance),
    };
    files::write_json(&run.layout.diagnostics(), &outcome)?;
    record(run, &outcome)?;
    trends::record(run, &outcome)?;
    Ok(outcome)
}

/// Records the figures in the history; what texts the data holds stays out of it.
fn record(run: &Run, outcome: &Outcome) -> Result<()> {
    let columns = outcome.summary.iter().map(|column| {
        serde_json::json!({
            "column": column.column,
            "mean": column.mean,
            "median": column.median,
            "std": column.std,
            "min": column.min,
            "max": column.max,
            "missing_percent": column.missing_percent,
        })
    });
    let found = Diagnosis {
        release: &outcome.release,
        model_id: &outcome.model_id,
        n_samples: outcome.predictions.n_samples,
        mean_risk: outcome.predictions.mean_risk,
        predicted_exits: outcome.predictions.predicted_exits,
        columns: columns.collect::<Vec<_>>(),
    };
    run.history()?.record_diagnosis(&found, run.now)
}
