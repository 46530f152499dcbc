//! The rows of the tables of the page, as text.

use crate::diagnosed::{ColumnSummary, Dependency};
use crate::list::{self, Entry, Known};
use crate::text::{self, NONE};
use chrono::NaiveDate;
use risk_core::metrics::{ConfusionMatrix, Estimate, Metrics};
use risk_core::model::TrainingData;
use risk_core::records::IngestedFile;
use serde_json::{Map, Value};

/// How many of the most frequent values of a column are shown.
const MODES: usize = 3;

/// A client of the list.
pub(super) struct TopRow {
    pub rank: u64,
    pub client_id: String,
    pub risk: String,
    pub contract_value: String,
    pub value_of_calling: String,
    pub reasons: Vec<String>,
    pub change: String,
    pub why: String,
    pub assigned_to: String,
    pub last_contact: String,
}

impl TopRow {
    /// An entry with the last call that is known today.
    pub fn new(entry: &Entry, known: &Known, today: NaiveDate) -> Self {
        let money = |amount: Option<f64>| amount.map_or(NONE.into(), text::money);
        let mut entry = entry.clone();
        if let Some(contact) = known.last_contact(&entry.client_id, today) {
            entry.last_contact = Some(contact.clone());
        }
        Self {
            rank: entry.rank,
            risk: text::percent(entry.risk),
            contract_value: money(entry.contract_value),
            value_of_calling: money(entry.expected_value),
            change: list::change(&entry),
            last_contact: list::last_contact(&entry),
            reasons: entry.reasons,
            why: entry.why.unwrap_or_default(),
            assigned_to: entry.assigned_to.unwrap_or_default(),
            client_id: entry.client_id,
        }
    }
}

/// A figure of the score and what it says.
pub(super) struct MetricRow {
    pub name: &'static str,
    pub value: String,
    pub interval: String,
    pub meaning: &'static str,
    pub reason: Option<String>,
}

pub(super) fn metrics(metrics: &Metrics) -> Vec<MetricRow> {
    let rows: [(&str, &Estimate, &str); 10] = [
        (
            "F1",
            &metrics.f1,
            "Balance of precision and recall, from 0 to 1: the score of the model.",
        ),
        (
            "Precision",
            &metrics.precision,
            "Share of the clients predicted to leave who did leave.",
        ),
        (
            "Recall",
            &metrics.recall,
            "Share of the clients who left that were predicted to.",
        ),
        (
            "Accuracy",
            &metrics.accuracy,
            "Share of right predictions. Where few clients leave, predicting that all stay is often right too.",
        ),
        (
            "Area under the ROC curve",
            &metrics.roc_auc,
            "Chance that a client who left had a higher risk than one who stayed: 0.5 is guessing, 1 is perfect order.",
        ),
        (
            "Average precision",
            &metrics.average_precision,
            "Precision averaged over the list from the top down; guessing gives the share of leavers.",
        ),
        (
            "Log-loss",
            &metrics.log_loss,
            "How far the risks are from what happened, with a high price for being sure and wrong; smaller is better.",
        ),
        (
            "Brier score",
            &metrics.brier,
            "Mean squared difference of risk and what happened; smaller is better, 0.25 is a risk of one half for everybody.",
        ),
        (
            "Calibration error",
            &metrics.ece,
            "How far the risks are from the shares that did leave: 0.02 means by 2 percentage points on average.",
        ),
        (
            "Lift of the top 10 %",
            &metrics.lift_at_10_percent,
            "How many times more leavers are in the top tenth of the list than in a tenth drawn blindly.",
        ),
    ];
    let at_capacity = metrics.precision_at_capacity.iter().map(|estimate| {
        (
            "Precision at capacity",
            estimate,
            "Share of leavers among as many clients with the highest risks as can be contacted.",
        )
    });
    rows.into_iter()
        .chain(at_capacity)
        .map(|(name, estimate, meaning)| MetricRow {
            name,
            value: text::figure(estimate.value),
            interval: text::interval(estimate),
            meaning,
            reason: estimate.reason.clone(),
        })
        .collect()
}

/// What happened, by what was predicted.
pub(super) struct MatrixRow {
    pub actual: &'static str,
    pub cells: [(String, String); 2],
    pub total: String,
}

pub(super) fn matrix(matrix: &ConfusionMatrix) -> Vec<MatrixRow> {
    let counts = <[[u64; 2]; 2]>::from(*matrix);
    let rows = ["stayed", "left"].into_iter().zip(counts);
    rows.map(|(actual, row)| {
        let total = row[0] + row[1];
        MatrixRow {
            actual,
            cells: row.map(|count| (text::count(count), text::share(count, total))),
            total: text::count(total),
        }
    })
    .collect()
}

/// The statistics of a column.
pub(super) struct ColumnRow {
    pub column: String,
    pub numbers: [String; 5],
    pub modes: String,
    pub missing: String,
}

impl ColumnRow {
    pub fn new(summary: &ColumnSummary) -> Self {
        let numbers = [
            summary.mean,
            summary.median,
            summary.std,
            summary.min,
            summary.max,
        ];
        Self {
            column: summary.column.clone(),
            numbers: numbers.map(|number| number.map_or(NONE.into(), text::number)),
            modes: modes(&summary.modes),
            missing: (summary.missing_percent)
                .map_or(NONE.into(), |percent| text::percent(percent / 100.0)),
        }
    }
}

/// The first few of the most frequent values.
fn modes(modes: &Value) -> String {
    let Value::Array(modes) = modes else {
        return NONE.into();
    };
    let shown = modes.iter().take(MODES).map(|mode| match mode {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or(NONE.into(), text::number),
        other => other.to_string(),
    });
    let shown: Vec<String> = shown.collect();
    match modes.len().saturating_sub(MODES) {
        _ if shown.is_empty() => NONE.into(),
        0 => shown.join("; "),
        more => format!("{} and {} more", shown.join("; "), text::count(more as u64)),
    }
}

/// How long a stage takes.
pub(super) struct TimingRow {
    pub stage: String,
    pub elapsed: String,
}

pub(super) fn timings(timings: &Map<String, Value>) -> Vec<TimingRow> {
    let row = |(stage, elapsed): (&String, &Value)| TimingRow {
        stage: stage.clone(),
        elapsed: elapsed
            .as_f64()
            .map_or(NONE.into(), |elapsed_s| format!("{elapsed_s:.3} s")),
    };
    timings.iter().map(row).collect()
}

/// A direct dependency of the program.
pub(super) struct DependencyRow {
    pub package: String,
    pub installed: String,
    pub latest_compatible: String,
    pub latest: String,
    pub status: String,
    pub change: String,
}

impl DependencyRow {
    pub fn new(dependency: Dependency) -> Self {
        let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.into());
        let status = or_none(dependency.status);
        Self {
            package: dependency.package,
            installed: or_none(dependency.installed),
            latest_compatible: or_none(dependency.latest_compatible),
            latest: or_none(dependency.latest),
            status: match dependency.reason {
                Some(reason) if !reason.is_empty() => format!("{status}: {reason}"),
                _ => status,
            },
            change: or_none(dependency.change),
        }
    }
}

/// An ingested file.
pub(super) struct FileRow {
    pub name: String,
    pub sha256: String,
    pub deployed: &'static str,
}

/// The files of the compiled data, and whether they were there when the release was deployed.
pub(super) fn files(files: &[IngestedFile], deployed: &[String]) -> Vec<FileRow> {
    let row = |file: &IngestedFile| FileRow {
        name: file.name.clone(),
        sha256: file.sha256.chars().take(16).collect(),
        deployed: if deployed.contains(&file.name) {
            "yes"
        } else {
            "no, newer"
        },
    };
    files.iter().map(row).collect()
}

/// On what a model was trained, in words.
pub(super) fn trained_on(data: &TrainingData) -> String {
    let samples = text::count(data.n_samples);
    let leavers = text::count(data.n_positive);
    let dates = match (data.observed_from, data.observed_to) {
        (Some(from), Some(to)) if from == to => format!(" of {from}"),
        (Some(from), Some(to)) => format!(" of {from} to {to}"),
        _ => String::new(),
    };
    format!("{samples} samples{dates}, {leavers} of which left")
}
