//! Figures over time, from the history: rows, missing cells, timings, scores, drift of the data,
//! estimated and realized performance.

use crate::Outcome;
use crate::text::{self, Align};
use anyhow::Result;
use chrono::NaiveDate;
use monitoring::cbpe::{BLIND_SPOT, Metric};
use risk_core::history::{FigureAt, History};
use risk_core::metrics::Estimate;
use risk_core::{Failure, Run};
use serde::Serialize;
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// The figures of a project since a day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trends {
    /// The day.
    pub since: NaiveDate,
    /// Each figure with all its values.
    pub figures: Vec<Trend>,
    /// What the estimated ones among them cannot see; none without such.
    pub note: Option<&'static str>,
}

/// One figure over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trend {
    /// Its name.
    pub figure: String,
    /// Its values, the oldest first.
    pub values: Vec<FigureAt>,
}

/// Reads the figures of this project from the history.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no history; else when it cannot be read.
pub fn trends(run: &Run, since: NaiveDate) -> Result<Trends> {
    let history = History::open_to_read(&run.layout.history())?.ok_or_else(|| {
        Failure::InputMissing("there is no history yet; run fullprocess or diagnostics".into())
    })?;
    let mut figures: Vec<Trend> = Vec::new();
    for found in history.figures_since(&project(run), since)? {
        match figures.last_mut() {
            Some(trend) if trend.figure == found.figure => trend.values.push(found),
            _ => figures.push(Trend {
                figure: found.figure.clone(),
                values: vec![found],
            }),
        }
    }
    let has_estimates = figures
        .iter()
        .any(|trend| trend.figure.starts_with("estimated."));
    Ok(Trends {
        since,
        figures,
        note: has_estimates.then_some(BLIND_SPOT),
    })
}

/// Keeps the figures of a diagnosis for [`trends`].
///
/// # Errors
/// When the history cannot be written.
pub(crate) fn record(run: &Run, outcome: &Outcome) -> Result<()> {
    run.history()?
        .record_figures(&project(run), &figures(outcome))
}

/// The project in the history: its folder of releases, relative to the configuration.
fn project(run: &Run) -> String {
    let folder = run.layout.production();
    let folder = folder.strip_prefix(&run.config.folder).unwrap_or(folder);
    folder.display().to_string()
}

fn figures(outcome: &Outcome) -> Vec<FigureAt> {
    let figure = |name: String, value: Option<f64>| {
        Some(FigureAt {
            figure: name,
            at: outcome.created_at.clone(),
            model_id: outcome.model_id.clone(),
            value: value.filter(|value| value.is_finite())?,
            low: None,
            high: None,
        })
    };
    let mean_risk = outcome.predictions.mean_risk;
    let mut found = vec![figure("compiled_data.mean_risk".into(), mean_risk)];
    for column in &outcome.summary {
        let name = format!("missing_percent.{}", column.column);
        found.push(figure(name, Some(column.missing_percent)));
    }
    let drift = serde_json::to_value(&outcome.drift).unwrap_or(Value::Null);
    for (name, feature) in drift["features"].as_object().into_iter().flatten() {
        found.push(figure(format!("psi.{name}"), feature["psi"].as_f64()));
    }
    let mut found: Vec<FigureAt> = found.into_iter().flatten().collect();
    found.extend(of_performance(outcome));
    found
}

fn of_performance(outcome: &Outcome) -> Vec<FigureAt> {
    let mut found = Vec::new();
    let Some(performance) = &outcome.performance else {
        return found;
    };
    if let Some(estimated) = performance
        .estimated
        .as_ref()
        .filter(|e| e.withdrawn.is_none())
    {
        for (name, metric) in [
            ("roc_auc", Metric::RocAuc),
            ("f1", Metric::F1),
            ("accuracy", Metric::Accuracy),
            ("precision", Metric::Precision),
            ("recall", Metric::Recall),
        ] {
            let estimate = estimated.metrics.get(metric);
            found.extend(estimate.estimate.map(|value| FigureAt {
                figure: format!("estimated.{name}"),
                at: outcome.created_at.clone(),
                model_id: outcome.model_id.clone(),
                value,
                low: estimate.low,
                high: estimate.high,
            }));
        }
    }
    for window in performance.realized.iter().flat_map(|found| &found.windows) {
        let Some(evaluation) = &window.evaluation else {
            continue;
        };
        let metrics = &evaluation.metrics;
        for (name, estimate) in [
            ("roc_auc", &metrics.roc_auc),
            ("f1", &metrics.f1),
            ("accuracy", &metrics.accuracy),
            ("precision", &metrics.precision),
            ("recall", &metrics.recall),
        ] {
            let Estimate {
                value, low, high, ..
            } = estimate;
            found.extend(value.map(|value| FigureAt {
                figure: format!("realized.{name}"),
                at: window.from.to_string(),
                model_id: window.model_id.clone(),
                value,
                low: *low,
                high: *high,
            }));
        }
    }
    found
}

impl Display for Trends {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const COLUMNS: [(&str, Align); 7] = [
            ("figure", Align::Left),
            ("values", Align::Right),
            ("first", Align::Right),
            ("lowest", Align::Right),
            ("highest", Align::Right),
            ("last", Align::Right),
            ("on", Align::Left),
        ];
        if self.figures.is_empty() {
            return writeln!(f, "nothing was recorded since {}", self.since);
        }
        let rows = self.figures.iter().map(Trend::row).collect();
        write!(f, "{}", text::table(COLUMNS, rows))?;
        match &self.note {
            Some(note) => writeln!(f, "estimated: {note}"),
            None => Ok(()),
        }
    }
}

impl Trend {
    fn row(&self) -> [String; 7] {
        let values = || self.values.iter().map(|found| found.value);
        let number = |value: Option<f64>| text::number(value);
        [
            self.figure.clone(),
            self.values.len().to_string(),
            number(values().next()),
            number(values().reduce(f64::min)),
            number(values().reduce(f64::max)),
            number(self.values.last().map(|found| found.value)),
            self.values
                .last()
                .map_or(String::new(), |last| last.at.chars().take(10).collect()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_one_line() {
        let at = |day: &str, value| FigureAt {
            figure: "timing_s.training".into(),
            at: format!("2026-07-{day}T06:00:00Z"),
            model_id: String::new(),
            value,
            low: None,
            high: None,
        };
        let trends = Trends {
            since: "2026-07-01".parse().unwrap(),
            figures: vec![Trend {
                figure: "timing_s.training".into(),
                values: vec![at("01", 1.5), at("08", 0.5), at("15", 2.0)],
            }],
            note: None,
        };
        let expected = "\
figure             values  first  lowest  highest  last  on
timing_s.training       3    1.5     0.5        2     2  2026-07-15
";
        assert_eq!(trends.to_string(), expected);
    }
}
