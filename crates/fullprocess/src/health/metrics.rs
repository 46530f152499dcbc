//! The metrics for the textfile collector of node_exporter: the Prometheus text format, version
//! 0.0.4. Times are seconds since 1970; what is not known is left out.

use super::Health;
use chrono::DateTime;
use risk_core::Run;
use std::fmt::Write;

const LAST_SUCCESS: &str = "risk_last_success_timestamp_seconds";

/// The run that has just ended.
pub(crate) struct EndedRun {
    pub exit_code: u8,
    pub elapsed_s: f64,
    /// The last success as it was written before, for when the history cannot tell.
    pub last_success_s: Option<f64>,
}

pub(crate) fn metrics(run: &Run, health: &Health, ended: &EndedRun) -> String {
    let project = escaped(&run.layout.production().display().to_string());
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, labels: &str, value: Option<f64>| {
        let Some(value) = value else { return };
        // Writing into a text does not fail.
        let _ = write!(
            text,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{project=\"{project}\"{labels}}} {value}\n"
        );
    };
    let seconds = |time: Option<&str>| {
        let time = DateTime::parse_from_rfc3339(time?).ok()?;
        Some(time.timestamp() as f64)
    };
    let last_success = seconds(
        health
            .last_success
            .as_ref()
            .map(|run| run.started_at.as_str()),
    );
    let release = health.release.as_ref();
    gauge(
        "risk_last_run_timestamp_seconds",
        "When fullprocess last ran.",
        "",
        Some(run.now.timestamp() as f64),
    );
    gauge(
        LAST_SUCCESS,
        "When fullprocess last did all there was to do.",
        "",
        last_success.or(ended.last_success_s),
    );
    gauge(
        "risk_last_run_exit_code",
        "Exit code of the last run.",
        "",
        Some(f64::from(ended.exit_code)),
    );
    gauge(
        "risk_last_run_duration_seconds",
        "How long the last run took.",
        "",
        Some(ended.elapsed_s),
    );
    gauge(
        "risk_healthy",
        "Whether nothing needs a person: 1 or 0.",
        "",
        Some(f64::from(u8::from(health.healthy))),
    );
    if let Some(made) = &health.decision {
        gauge(
            "risk_decision",
            "The last decision about the model, as a label.",
            &format!(",decision=\"{}\"", escaped(&made.decision)),
            Some(1.0),
        );
    }
    if let Some(release) = release {
        let (id, model) = (escaped(&release.id), escaped(&release.model_id));
        gauge(
            "risk_release_info",
            "The release in force, as labels.",
            &format!(",release=\"{id}\",model_id=\"{model}\""),
            Some(1.0),
        );
    }
    gauge(
        "risk_release_deployed_timestamp_seconds",
        "When the release in force was deployed.",
        "",
        seconds(release.map(|release| release.deployed_at.as_str())),
    );
    gauge(
        "risk_model_trained_timestamp_seconds",
        "When the deployed model was trained.",
        "",
        seconds(release.map(|release| release.trained_at.as_str())),
    );
    gauge(
        "risk_data_arrived_timestamp_seconds",
        "When a file with new content was last accepted.",
        "",
        seconds(health.data_arrived_at.as_deref()),
    );
    let counts = [
        (
            "risk_pending_steps",
            "Publishing steps still to be done.",
            health.pending_steps.len(),
        ),
        (
            "risk_refused_files",
            "Input files that are refused.",
            health.refused_files.len(),
        ),
        (
            "risk_drift_alarms",
            "Columns that have drifted in the newest diagnostics.",
            health
                .alarms
                .as_ref()
                .map_or(0, |alarms| alarms.drifted.len()),
        ),
        (
            "risk_undelivered_alerts",
            "Messages that have not arrived.",
            health.undelivered.len(),
        ),
    ];
    for (name, help, count) in counts {
        gauge(name, help, "", Some(count as f64));
    }
    text
}

/// The last success in metrics that were written before.
pub(crate) fn last_success_in(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(LAST_SUCCESS))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
