//! Whether a new model that passed the comparison may be put in force now.
//!
//! A model that was rolled back is not deployed again by itself; under `deployment.mode` "approve" a
//! new model waits for a person; during a freeze nothing is changed, and the samples stay unjudged so
//! that the decision is made anew when it has ended. The first model of all takes nothing's place and
//! is deployed at once.

use crate::assess::{Assessment, HeldBack};
use crate::outcome::Decision;
use anyhow::Result;
use chrono::{DateTime, Utc};
use dataset::Table;
use risk_core::Run;
use risk_core::config::DeploymentMode;
use risk_core::error::timestamp;
use risk_core::history::History;
use risk_core::recency::Recency;
use risk_core::release::{Blocked, State};
use training::Samples;

/// What decides whether it may.
#[derive(Debug, Clone, Copy)]
struct Conditions<'a> {
    blocked: Option<&'a Blocked>,
    mode: DeploymentMode,
    frozen_until: Option<DateTime<Utc>>,
}

/// Holds back what may not be put in force now; the table is the compiled data.
///
/// # Errors
/// When the state of the releases cannot be read.
pub(crate) fn permit(
    run: &Run,
    table: &Table,
    found: Assessment,
    history: Option<&History>,
) -> Result<Assessment> {
    if found.decision != Decision::ChallengerDeployed {
        return Ok(found);
    }
    let state = State::read(&run.layout)?;
    let challenger = if state.blocked.is_empty() {
        None
    } else {
        Some(model_id(run, table, found.recency(), history)?)
    };
    let conditions = Conditions {
        blocked: challenger.as_deref().and_then(|id| state.blocked(id)),
        mode: run.config.deployment.mode,
        frozen_until: state.frozen_until(run.now),
    };
    Ok(conditions.apply(found))
}

/// The model that training will make of this data.
fn model_id(
    run: &Run,
    table: &Table,
    recency: Recency,
    history: Option<&History>,
) -> Result<String> {
    let samples = Samples::known(run, table, history)?;
    Ok(training::train(run, table, &samples, recency)?.model_id)
}

impl Conditions<'_> {
    fn apply(self, found: Assessment) -> Assessment {
        let said = &found.reason;
        if let Some(blocked) = self.blocked {
            return Assessment {
                decision: Decision::ChallengerRejected,
                reason: format!("{said} It is not put in force: {}.", blocked.describe()),
                ..found
            };
        }
        match (self.mode, self.frozen_until) {
            (DeploymentMode::Approve, _) => Assessment {
                decision: Decision::Degraded,
                reason: format!("{said} It waits for approval."),
                held_back: Some(HeldBack::ForApproval),
                ..found
            },
            (DeploymentMode::Auto, Some(until)) => Assessment {
                decision: Decision::Degraded,
                reason: format!(
                    "{said} It is not put in force, for changes are frozen until {}; that is decided \
                     anew then.",
                    timestamp(until)
                ),
                held_back: Some(HeldBack::ByFreeze),
                judged: Vec::new(),
                ..found
            },
            (DeploymentMode::Auto, None) => Assessment {
                reason: format!("{said} It takes its place."),
                ..found
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::records::SampleId;

    #[test]
    fn a_rollback_outweighs_approval_and_that_a_freeze() {
        let mut state = State::default();
        state.block("a", "1", DateTime::UNIX_EPOCH);
        let blocked = state.blocked("a");
        let frozen = Some(DateTime::UNIX_EPOCH);
        use DeploymentMode::{Approve, Auto};
        let table = [
            (None, Auto, None, Decision::ChallengerDeployed, None, 1),
            (
                None,
                Auto,
                frozen,
                Decision::Degraded,
                Some(HeldBack::ByFreeze),
                0,
            ),
            (
                None,
                Approve,
                None,
                Decision::Degraded,
                Some(HeldBack::ForApproval),
                1,
            ),
            (
                None,
                Approve,
                frozen,
                Decision::Degraded,
                Some(HeldBack::ForApproval),
                1,
            ),
            (blocked, Auto, None, Decision::ChallengerRejected, None, 1),
            (
                blocked,
                Approve,
                frozen,
                Decision::ChallengerRejected,
                None,
                1,
            ),
        ];
        for (row, (blocked, mode, frozen_until, decision, held_back, judged)) in
            table.into_iter().enumerate()
        {
            let conditions = Conditions {
                blocked,
                mode,
                frozen_until,
            };
            let mut passed = Assessment::nothing_new();
            passed.decision = Decision::ChallengerDeployed;
            passed.judged = vec![SampleId(1)];
            let found = conditions.apply(passed);
            assert_eq!(found.decision, decision, "row {row}");
            assert_eq!(found.held_back, held_back, "row {row}");
            assert_eq!(found.judged.len(), judged, "row {row}");
        }
    }
}
