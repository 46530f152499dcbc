//! The score of the current release, and what the latest diagnostics found.

use crate::problem::Problem;
use crate::state::Service;
use risk_core::metrics::Metrics;
use risk_core::{Failure, records};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The score of the current release on the test data.
#[derive(Debug, Serialize)]
pub struct Scoring {
    model_id: String,
    f1: Option<f64>,
    metrics: Metrics,
}

/// The score of the current release.
///
/// # Errors
/// 503 without a release.
pub fn scoring(service: &Service) -> Result<Scoring, Problem> {
    let release = service.release()?;
    let metrics = release.scores.evaluation.metrics.clone();
    Ok(Scoring {
        model_id: release.model.model_id.clone(),
        f1: metrics.f1.value,
        metrics,
    })
}

/// Statistics of every column of the compiled data.
#[derive(Debug, Serialize)]
pub struct SummaryStatistics {
    summary: Vec<Value>,
    created_at: String,
}

/// The statistics in the latest diagnostics.
///
/// # Errors
/// 503 without diagnostics.
pub fn summary_statistics(service: &Service) -> Result<SummaryStatistics, Problem> {
    let stored = latest(service)?;
    Ok(SummaryStatistics {
        summary: stored.summary,
        created_at: stored.created_at,
    })
}

/// The rest of the latest diagnostics.
#[derive(Debug, Serialize)]
pub struct Diagnostics {
    timing_s: Value,
    missing_percent: Map<String, Value>,
    dependencies: Value,
    drift: Value,
    performance: Value,
    created_at: String,
}

/// The latest diagnostics without the statistics.
///
/// # Errors
/// 503 without diagnostics.
pub fn diagnostics(service: &Service) -> Result<Diagnostics, Problem> {
    let stored = latest(service)?;
    Ok(Diagnostics {
        missing_percent: missing_percent(&stored.summary),
        timing_s: stored.timing_s,
        dependencies: stored.dependencies,
        drift: stored.drift,
        performance: stored.performance,
        created_at: stored.created_at,
    })
}

/// What is read of the stored diagnostics; what is in them is passed on as it is.
#[derive(Debug, Deserialize)]
struct Stored {
    created_at: String,
    summary: Vec<Value>,
    #[serde(default)]
    timing_s: Value,
    #[serde(default)]
    dependencies: Value,
    #[serde(default)]
    drift: Value,
    #[serde(default)]
    performance: Value,
}

fn latest(service: &Service) -> Result<Stored, Problem> {
    records::read(&service.layout.diagnostics(), "diagnostics", "diagnostics").map_err(|error| {
        if let Some(Failure::InputMissing(_)) = error.downcast_ref() {
            return Problem::unavailable(
                "there are no diagnostics yet; run diagnostics on the server",
            );
        }
        tracing::error!("{error:#}");
        Problem::unavailable(
            "the diagnostics cannot be read; the cause is in the log of the service; run \
             diagnostics again on the server",
        )
    })
}

fn missing_percent(summary: &[Value]) -> Map<String, Value> {
    let columns = summary.iter().filter_map(|column| {
        let name = column.get("column")?.as_str()?;
        let percent = column.get("missing_percent").cloned().unwrap_or_default();
        Some((name.to_owned(), percent))
    });
    columns.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_missing_percent_of_every_column_comes_from_the_summary() {
        let summary = [
            json!({"column": "b", "missing_percent": 2.5}),
            json!({"column": "a", "missing_percent": 0.0}),
        ];
        let percent = Value::Object(missing_percent(&summary));
        assert_eq!(percent.to_string(), r#"{"b":2.5,"a":0.0}"#);
    }
}
