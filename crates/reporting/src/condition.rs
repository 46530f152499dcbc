//! What is known of the deployed model besides its score: what was decided about it, and how old it
//! and the data are.

use anyhow::Result;
use chrono::NaiveDate;
use dataset::Table;
use risk_core::config::DriftTest;
use risk_core::erased::ErasedClients;
use risk_core::error::{age_days, recorded_time};
use risk_core::history::{ListChange, RecordedDecision, is_asked_for};
use risk_core::release::Release;
use risk_core::run::Run;

/// What is known of the deployed model besides its score.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Condition {
    /// The last decision about a model of the project.
    pub decision: Option<Decided>,
    /// Who would come to the top of the list, and leave it, with the new model that was tried for it.
    pub list_change: ListChange,
    /// The date of the newest row, where rows have dates.
    pub newest_row: Option<NaiveDate>,
    /// How long before the report that is, in days.
    pub newest_row_age_days: Option<i64>,
    /// How long before the report a file with new content was last accepted, in days.
    pub data_age_days: Option<f64>,
    /// The age from which the data is too old (`monitoring.max_data_age_days`).
    pub max_data_age_days: Option<u32>,
    /// How long before the report the model was trained, in days.
    pub model_age_days: Option<f64>,
    /// The age from which the model is too old (`monitoring.max_model_age_days`).
    pub max_model_age_days: Option<u32>,
    /// The chance that a release which fits is ever said not to (`monitoring.alpha`).
    pub alpha: f64,
    /// Whether evidence decides about the model (`monitoring.drift_test`).
    pub by_evidence: bool,
}

/// A decision about a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Its name, as `fullprocess` says it.
    pub name: String,
    /// When.
    pub on: NaiveDate,
    /// Why.
    pub reason: String,
    /// Whether another release was put in force since, by hand.
    pub is_outdated: bool,
    /// What asked for a new model: `model_drift`, `list_impact` or `age`.
    pub cause: Option<String>,
}

/// What is left of the names when those of erased clients are taken out.
fn without_erased(mut change: ListChange, run: &Run) -> Result<ListChange> {
    let erased = ErasedClients::read(&run.layout)?;
    if !erased.is_empty() {
        change.enters.retain(|client| !erased.contains(client));
        change.leaves.retain(|client| !erased.contains(client));
    }
    Ok(change)
}

impl Condition {
    /// Gathers what is known at the time of a run.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn read(run: &Run, release: &Release, table: &Table) -> Result<Self> {
        let history = run.history()?;
        let project = run.config.relative(run.layout.production());
        let decision = history.last_decision(&project)?;
        let list_change = match &decision {
            Some(made) => without_erased(history.list_change(made.number)?, run)?,
            None => ListChange::default(),
        };
        let arrived_at = history.data_arrived_at(&dataset::input_folder_name(&run.layout))?;
        let newest_row = (0..table.n_rows())
            .filter_map(|row| table.observed_at(row))
            .max();
        let monitoring = &run.config.monitoring;
        Ok(Self {
            decision: decision.and_then(|found| Decided::of(found, &release.manifest.deployed_at)),
            list_change,
            newest_row,
            newest_row_age_days: newest_row
                .map(|newest| (run.now.date_naive() - newest).num_days()),
            data_age_days: age_days(run.now, arrived_at.as_deref()),
            max_data_age_days: monitoring.max_data_age_days,
            model_age_days: age_days(run.now, Some(&release.model.created_at)),
            max_model_age_days: monitoring.max_model_age_days,
            alpha: monitoring.alpha,
            by_evidence: monitoring.drift_test == DriftTest::Evidence,
        })
    }

    /// Whether the model no longer fits and nothing better is in its place.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.decision.as_ref().is_some_and(|made| {
            !made.is_outdated
                && !made.is_asked_for()
                && ["degraded", "challenger_rejected"].contains(&made.name.as_str())
        })
    }
}

impl Decided {
    /// Whether a new model was asked for though the deployed one was not found to fit worse.
    #[must_use]
    pub fn is_asked_for(&self) -> bool {
        is_asked_for(self.cause.as_deref())
    }

    /// A decision that was made before the release in force was deployed is about another one, but
    /// for that which deployed it.
    fn of(found: RecordedDecision, deployed_at: &str) -> Option<Self> {
        let decided_at = recorded_time(&found.decided_at)?;
        let deployed_at = recorded_time(deployed_at);
        Some(Self {
            on: decided_at.date_naive(),
            is_outdated: deployed_at.is_some_and(|deployed_at| deployed_at > decided_at),
            name: found.decision,
            reason: found.reason,
            cause: found.cause,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(decision: &str, cause: Option<&str>, deployed_at: &str) -> Condition {
        let found = RecordedDecision {
            run: 1,
            decided_at: "2026-07-01T06:00:00Z".into(),
            decision: decision.into(),
            reason: "why".into(),
            cause: cause.map(str::to_owned),
            ..RecordedDecision::default()
        };
        Condition {
            decision: Decided::of(found, deployed_at),
            ..Condition::default()
        }
    }

    #[test]
    fn a_model_is_degraded_until_another_is_put_in_force() {
        for (decision, cause, deployed_at, expected) in [
            ("degraded", None, "2026-06-01T06:00:00Z", true),
            ("challenger_rejected", None, "2026-06-01T06:00:00Z", true),
            ("degraded", None, "2026-07-02T06:00:00Z", false),
            ("challenger_deployed", None, "2026-07-01T06:00:00Z", false),
            (
                "degraded",
                Some("model_drift"),
                "2026-06-01T06:00:00Z",
                true,
            ),
            (
                "challenger_rejected",
                Some("age"),
                "2026-06-01T06:00:00Z",
                false,
            ),
            (
                "degraded",
                Some("list_impact"),
                "2026-06-01T06:00:00Z",
                false,
            ),
            ("no_drift", None, "2026-06-01T06:00:00Z", false),
        ] {
            let found = decided(decision, cause, deployed_at).is_degraded();
            assert_eq!(found, expected, "{decision} {cause:?} {deployed_at}");
        }
    }
}
