//! Whether a new model that passed the comparison may be put in force now.
//!
//! A model that was rolled back is not deployed again by itself; under `deployment.mode` "approve" a
//! new model waits for a person; during a freeze nothing is changed, and the samples stay unjudged so
//! that the decision is made anew when it has ended. The first model of all takes nothing's place and
//! is deployed at once.

use crate::assess::Assessment;
use crate::decide::{HeldBack, Permit};
use crate::outcome::Decision;
use anyhow::Result;
use dataset::Table;
use risk_core::Run;
use risk_core::error::timestamp;
use risk_core::history::History;
use risk_core::release::State;
use training::Samples;

/// What is said of a new model that goes into force, and of one that a person has to approve.
pub(crate) const TAKES_ITS_PLACE: &str = "It takes its place.";
pub(crate) const WAITS: &str = "It waits for approval.";

/// Holds back what may not be put in force now; the table is the compiled data.
///
/// # Errors
/// When the state of the releases cannot be read.
pub(crate) fn permit(
    run: &Run,
    table: &Table,
    mut found: Assessment,
    history: Option<&History>,
) -> Result<Assessment> {
    if found.decision != Decision::ChallengerDeployed {
        return Ok(found);
    }
    let state = State::read(&run.layout)?;
    let blocked = if state.blocked.is_empty() {
        None
    } else {
        state.blocked(&model_id(run, table, &found, history)?)
    };
    let permit = Permit {
        blocked: blocked.map(|blocked| blocked.describe()),
        mode: run.config.deployment.mode,
        frozen_until: state.frozen_until(run.now).map(timestamp),
    };
    apply(permit, &mut found);
    Ok(found)
}

/// The model that training will make of this data.
fn model_id(
    run: &Run,
    table: &Table,
    found: &Assessment,
    history: Option<&History>,
) -> Result<String> {
    if let Some(challenger) = &found.challenger {
        return Ok(challenger.model_id.clone());
    }
    let samples = Samples::known(run, table, history)?;
    Ok(training::train(run, table, &samples, found.recency())?.model_id)
}

/// Decides with the permit, and says what it means.
fn apply(permit: Permit, found: &mut Assessment) {
    found.decide_with(|inputs| inputs.permit = Some(permit.clone()));
    let said = match (found.decision, found.held_back, permit.blocked) {
        (Decision::ChallengerRejected, _, Some(blocked)) => {
            format!("It is not put in force: {blocked}.")
        }
        (_, Some(HeldBack::ForApproval), _) => WAITS.into(),
        (_, Some(HeldBack::ByFreeze), _) => format!(
            "It is not put in force, for changes are frozen until {}; that is decided anew then.",
            permit.frozen_until.unwrap_or_default()
        ),
        _ => TAKES_ITS_PLACE.into(),
    };
    found.reason = format!("{} {said}", found.reason);
}
