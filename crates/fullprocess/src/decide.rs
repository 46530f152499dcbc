//! The decision about the model: a pure function of named inputs, all of which are recorded with it.
//!
//! It is made step by step: what judging the champion says, whether that or a trigger asks for a new
//! model ([`Inputs::cause`]), what became of trying one, whether it may be put in force now, and how it
//! does on the test data. An input that was not asked for is missing; [`decide()`] needs no other.

mod inputs;
mod triggers;

pub use inputs::{Guard, Inputs, JudgedBy, Judgement, Permit, Tried};
pub(crate) use triggers::is_aged;
pub use triggers::{DataDrift, LastTry, Request, Triggers};

use crate::outcome::Decision;
use risk_core::config::DeploymentMode;
use risk_core::metrics;
use serde::{Deserialize, Serialize};

/// Fewest samples of each class from which drift is declared or a new model is tried.
pub(crate) const MIN_OF_A_CLASS: u64 = 5;

/// What asks for a new model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The champion has drifted.
    ModelDrift,
    /// The data has drifted, and that changes the list (`monitoring.retrain_on_list_impact`).
    ListImpact,
    /// The champion is old (`monitoring.retrain_after_days`).
    Age,
}

impl Cause {
    /// The name in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ModelDrift => "model_drift",
            Self::ListImpact => "list_impact",
            Self::Age => "age",
        }
    }
}

/// What a rule says of the champion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// No sample to judge on.
    NothingNew,
    /// It looks like drift, but the samples are too few to call it that.
    TooFew,
    /// No drift, on samples too few to call that settled; they count with the next.
    NoDriftSoFar,
    /// No drift.
    NoDrift,
    /// Drift.
    Drift,
}

/// What keeps a new model that passed the comparison from being put in force now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBack {
    /// A person has to approve it.
    ForApproval,
    /// Changes are frozen.
    ByFreeze,
}

/// A decision and what goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// What keeps a new model that passed from being put in force now.
    pub held_back: Option<HeldBack>,
}

impl From<Decision> for Decided {
    fn from(decision: Decision) -> Self {
        Self {
            decision,
            held_back: None,
        }
    }
}

/// The decision that follows from the inputs.
#[must_use]
pub fn decide(inputs: &Inputs) -> Decided {
    if inputs.release.is_none() {
        return Decision::Bootstrap.into();
    }
    let Some(judgement) = &inputs.judgement else {
        return Decision::TooFewToDecide.into();
    };
    match inputs.request() {
        Request::Try(cause) => after_a_try(inputs, cause),
        Request::TooFew(_) => Decision::TooFewToDecide.into(),
        Request::None | Request::TriedAlready(_) => match judgement.verdict() {
            Verdict::NothingNew | Verdict::TooFew => Decision::TooFewToDecide.into(),
            _ => Decision::NoDrift.into(),
        },
    }
}

fn after_a_try(inputs: &Inputs, cause: Cause) -> Decided {
    let verdict = match &inputs.tried {
        Some(Tried::Compared {
            comparison,
            tolerance,
            ..
        }) => comparison.verdict(*tolerance),
        Some(Tried::Failed { .. }) | None => metrics::Verdict::Undecided,
    };
    match verdict {
        metrics::Verdict::NotWorse => permitted(inputs),
        metrics::Verdict::Worse => Decision::ChallengerRejected.into(),
        // A model that was not found to fit worse is not degraded.
        metrics::Verdict::Undecided if cause == Cause::ModelDrift => Decision::Degraded.into(),
        metrics::Verdict::Undecided => Decision::TooFewToDecide.into(),
    }
}

/// Whether a model that passed the comparison goes into force.
fn permitted(inputs: &Inputs) -> Decided {
    let held = |by| Decided {
        decision: Decision::Degraded,
        held_back: Some(by),
    };
    let fails = inputs.guard.is_some_and(|guard| guard.is_gross());
    match &inputs.permit {
        Some(permit) if permit.blocked.is_some() => Decision::ChallengerRejected.into(),
        Some(permit) if permit.frozen_until.is_some() && permit.mode == DeploymentMode::Auto => {
            held(HeldBack::ByFreeze)
        }
        _ if fails => Decision::ChallengerRejected.into(),
        Some(permit) if permit.mode == DeploymentMode::Approve => held(HeldBack::ForApproval),
        _ => Decision::ChallengerDeployed.into(),
    }
}

#[cfg(test)]
mod tests;
