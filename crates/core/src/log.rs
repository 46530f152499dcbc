//! The log on standard error: one line for each step, with its counts and milliseconds.
//!
//! A line never holds client data: no cell of a row, no name of a client. Every line of a run that
//! writes carries the number of the run in the history.

use clap::ValueEnum;
use std::time::Duration;

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line of text for each entry.
    Text,
    /// One JSON object for each entry.
    Json,
}

/// What a step dealt with, as far as it applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files that were looked at.
    pub files: Option<u64>,
    /// Files that were refused.
    pub refused_files: Option<u64>,
    /// Rows.
    pub rows: Option<u64>,
    /// Rows that were not accepted.
    pub rejected_rows: Option<u64>,
    /// Labelled samples.
    pub samples: Option<u64>,
    /// Clients.
    pub clients: Option<u64>,
    /// Columns.
    pub columns: Option<u64>,
    /// Dependencies.
    pub packages: Option<u64>,
    /// Calls to the service.
    pub calls: Option<u64>,
    /// Steps of a whole run.
    pub steps: Option<u64>,
}

/// Logs that a step has ended.
pub fn step(step: &str, status: &str, elapsed: Duration, counts: Counts) {
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        step,
        status,
        elapsed_ms,
        files = counts.files,
        refused_files = counts.refused_files,
        rows = counts.rows,
        rejected_rows = counts.rejected_rows,
        samples = counts.samples,
        clients = counts.clients,
        columns = counts.columns,
        packages = counts.packages,
        calls = counts.calls,
        steps = counts.steps,
        "step"
    );
}

/// Sends the log to standard error.
pub(crate) fn to_stderr(format: LogFormat, level: tracing::Level) {
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(colour);
    // Fails only when a log is set up already, which then serves as well.
    let _ = match format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
    };
}
