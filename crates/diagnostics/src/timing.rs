//! How long the pure parts of ingestion and training take.

use anyhow::Result;
use risk_core::Run;
use risk_core::error::exit;
use serde::Serialize;

/// Seconds of the pure parts of the stages: reading, checking and compiling all input files, and
/// fitting the model to all labelled samples. `None` where the input for that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Timing {
    /// Of ingestion.
    pub ingestion: Option<f64>,
    /// Of training.
    pub training: Option<f64>,
}

/// Does the work of both stages again in memory and records the time in the history.
///
/// # Errors
/// When a stage fails for another reason than its input, or the history cannot be written.
pub fn measure(run: &Run) -> Result<Timing> {
    Ok(Timing {
        ingestion: stage(run, "ingestion", ingestion::measure)?,
        training: stage(run, "training", training::measure)?,
    })
}

/// Files that have gone away since, or too few labels to train on, do not keep the other figures
/// back.
fn stage(run: &Run, name: &str, measure: impl FnOnce(&Run) -> Result<f64>) -> Result<Option<f64>> {
    match measure(run) {
        Ok(elapsed_s) => {
            run.history()?.record_timing(name, elapsed_s)?;
            Ok(Some(elapsed_s))
        }
        Err(error) if is_about_input(&error) => {
            tracing::warn!("cannot time {name}: {error:#}");
            Ok(None)
        }
        Err(error) => Err(error.context(format!("cannot time {name}"))),
    }
}

fn is_about_input(error: &anyhow::Error) -> bool {
    let code = risk_core::error::exit_code(error);
    [exit::INPUT_MISSING, exit::DATA_REFUSED].contains(&code)
}
