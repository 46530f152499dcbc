//! The section that says whether the model still holds.

use super::Content;
use crate::condition::Decided;
use crate::diagnosed::{Diagnostics, Realized, Window};
use crate::text::{self, Aged, Changed, NONE};

/// How many changes and windows are shown.
const MOST: usize = 8;

/// Whether the model still holds.
pub(super) struct ConditionRows {
    /// What the reader has to know first.
    pub attention: Vec<String>,
    /// What was decided about the model, and why.
    pub decision: Option<(String, String)>,
    pub ages: Option<String>,
    /// What the new data looks like; `None` without diagnostics of this release.
    pub drift: Option<String>,
    pub changes: Vec<Changed>,
    pub n_more: usize,
    pub list_impact: Option<String>,
    pub estimated: Vec<String>,
    pub windows: Vec<WindowRow>,
    pub waiting: Option<String>,
    pub alarm_rate: String,
}

/// The predictions of one model that were published within some days.
pub(super) struct WindowRow {
    pub days: String,
    pub model_id: String,
    pub known: String,
    pub left: String,
    pub expected: String,
    pub precision: String,
}

impl ConditionRows {
    /// `n_predicted` is how many clients of the book are predicted to leave, and `aged` the days for which
    /// they are, where these have partly passed.
    pub fn new(content: &Content<'_>, aged: Option<Aged>, n_predicted: u64) -> Self {
        let condition = content.condition;
        // Those of another release say nothing about this one.
        let diagnostics = (content.diagnostics)
            .filter(|found| found.release.as_deref() == Some(content.release.id()));
        let drift = diagnostics.and_then(|found| found.drift.as_ref());
        let performance = diagnostics.and_then(|found| found.performance.as_ref());
        let estimated = performance.and_then(|performance| performance.estimated.as_ref());
        let realized = performance.and_then(|performance| performance.realized.as_ref());
        // What was expected of days that have passed is not said of today.
        let n_predicted = if aged.is_some_and(|aged| aged.is_over) {
            0
        } else {
            n_predicted
        };
        let mut changes = drift.map(text::changes).unwrap_or_default();
        let n_more = changes.len().saturating_sub(MOST);
        changes.truncate(MOST);
        Self {
            attention: (aged.map(Aged::attention).into_iter())
                .chain(text::attention(condition, drift, estimated))
                .collect(),
            decision: (condition.decision.as_ref()).map(|made| (text::decided(made), reason(made))),
            ages: text::ages(condition),
            drift: drift
                .map(text::drift)
                .or_else(|| missing(content.diagnostics)),
            changes,
            n_more,
            list_impact: drift.and_then(text::list_impact),
            estimated: (estimated.into_iter())
                .flat_map(|found| {
                    let said = text::estimated(found, n_predicted).into_iter();
                    said.chain(text::between_limits(condition, found))
                })
                .collect(),
            windows: realized.map(windows).unwrap_or_default(),
            waiting: realized.and_then(waiting),
            alarm_rate: text::alarm_rate(drift, condition.alpha),
        }
    }
}

/// The reason for a decision, where its sentence does not say it all.
fn reason(made: &Decided) -> String {
    if made.name == "bootstrap" {
        String::new()
    } else {
        made.reason.clone()
    }
}

fn missing(diagnostics: Option<&Diagnostics>) -> Option<String> {
    diagnostics.map(|_| {
        "Whether the data has changed is not known for this release yet; the next diagnostics say it."
            .to_owned()
    })
}

/// The newest windows whose outcomes are known, the oldest of them first.
fn windows(realized: &Realized) -> Vec<WindowRow> {
    let rows: Vec<WindowRow> = realized.windows.iter().filter_map(WindowRow::new).collect();
    let skipped = rows.len().saturating_sub(MOST);
    rows.into_iter().skip(skipped).collect()
}

fn waiting(realized: &Realized) -> Option<String> {
    let left_out: u64 = realized
        .windows
        .iter()
        .map(|window| window.n_left_out)
        .sum();
    let mut said = Vec::new();
    if left_out > 0 {
        said.push(format!(
            "The outcome of {} clients that were called is not counted here, for it does not say what \
             happens without a call.",
            text::count(left_out)
        ));
    }
    if realized.n_waiting > 0 {
        said.push(format!(
            "The outcome of {} predictions that were handed out is not known yet.",
            text::count(realized.n_waiting)
        ));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

impl WindowRow {
    fn new(window: &Window) -> Option<Self> {
        let figures = window.evaluation.as_ref()?;
        let precision = figures
            .metrics
            .get("precision")
            .copied()
            .unwrap_or_default();
        let precision = match (precision.value, precision.low, precision.high) {
            (Some(value), Some(low), Some(high)) => format!(
                "{} ({} to {})",
                text::percent(value),
                text::percent(low),
                text::percent(high)
            ),
            (Some(value), ..) => text::percent(value),
            _ => NONE.into(),
        };
        Some(Self {
            days: format!("{} to {}", window.from, window.until),
            model_id: window.model_id.clone(),
            known: text::count(figures.n_samples),
            left: text::count(figures.n_positive),
            expected: window.expected_positive.map_or(NONE.into(), text::money),
            precision,
        })
    }
}
