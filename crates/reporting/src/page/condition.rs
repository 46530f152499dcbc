//! The section that says whether the model still holds.

use super::Content;
use crate::condition::{Condition, Decided};
use crate::diagnosed::{Diagnostics, Realized, Window};
use crate::text::{self, Aged, Changed, NONE};

/// How many changes and windows are shown.
const MOST: usize = 8;
/// How many clients that come to the top of the list, or leave it, are named.
const MOST_NAMED: usize = 20;

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
    /// Who is at the top of the list because of the change of the data.
    pub drift_names: Option<NameRows>,
    /// Who would come to the top of the list with the new model that was tried.
    pub challenger_names: Option<NameRows>,
    pub estimated: Vec<String>,
    pub windows: Vec<WindowRow>,
    pub waiting: Option<String>,
    pub alarm_rate: String,
}

/// Who comes to the top of the list and who leaves it, side by side.
pub(super) struct NameRows {
    pub caption: String,
    pub rows: Vec<(String, String)>,
    pub more: Option<String>,
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
            drift_names: (drift.and_then(|drift| drift.list_impact.as_ref())).and_then(|impact| {
                let caption = "By the change of the data, among the clients with the highest risks";
                NameRows::new(caption, &impact.enters, &impact.leaves)
            }),
            challenger_names: challenger_names(condition),
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

fn challenger_names(condition: &Condition) -> Option<NameRows> {
    let made = condition.decision.as_ref()?;
    let change = &condition.list_change;
    let caption = if made.name == "challenger_deployed" {
        "By the new model, among the clients with the highest risks"
    } else {
        "If the new model that was tried were in force, among the clients with the highest risks"
    };
    NameRows::new(caption, &change.enters, &change.leaves)
}

impl NameRows {
    fn new(caption: &str, enters: &[String], leaves: &[String]) -> Option<Self> {
        let most = enters.len().max(leaves.len());
        let name = |names: &[String], row: usize| names.get(row).cloned().unwrap_or_default();
        let rows = (0..most.min(MOST_NAMED)).map(|row| (name(enters, row), name(leaves, row)));
        let n_more = most.saturating_sub(MOST_NAMED);
        (most > 0).then(|| Self {
            caption: caption.to_owned(),
            rows: rows.collect(),
            more: (n_more > 0).then(|| format!("and {} more", text::count(n_more as u64))),
        })
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
            "The outcome of {} predictions is not counted here, for the client was called, and it does \
             not say what happens without a call.",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_twenty_names_are_shown_and_the_rest_is_counted() {
        let names = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>();
        assert!(NameRows::new("x", &[], &[]).is_none());
        let few = NameRows::new("x", &names(2), &names(1)).unwrap();
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(few.rows, [pair("c0", "c0"), pair("c1", "")]);
        assert_eq!(few.more, None);
        let many = NameRows::new("x", &names(23), &names(23)).unwrap();
        assert_eq!(many.rows.len(), 20);
        assert_eq!(many.more.as_deref(), Some("and 3 more"));
    }
}
