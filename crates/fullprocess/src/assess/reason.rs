//! The reason of a decision, in sentences for people.

use crate::decide::{Cause, Inputs, Judgement, Request, Tried, Verdict};
use risk_core::metrics::{self, Comparison};

/// The reason, for people. What was judged is told by its description; where a trigger asks for a new
/// model, that is told instead.
pub(super) fn explain(inputs: &Inputs, judgement: &Judgement, description: &str) -> String {
    let request = inputs.request();
    let asked = match request {
        Request::Try(Cause::ModelDrift) | Request::None => None,
        Request::Try(cause) | Request::TooFew(cause) | Request::TriedAlready(cause) => {
            Some(inputs.triggers.describe(cause))
        }
    };
    let what_became = match (&inputs.tried, asked.is_some()) {
        (Some(tried), _) => tried.describe(inputs.n_labelled),
        (None, true) => request
            .describe(judgement, inputs.triggers.last_try.as_ref())
            .unwrap_or_default(),
        (None, false) => return describe_alone(judgement.verdict(), description),
    };
    format!("{} {what_became}", asked.as_deref().unwrap_or(description))
}

fn describe_alone(verdict: Verdict, description: &str) -> String {
    match verdict {
        Verdict::NothingNew => {
            "No further sample has got its label since the last judgement.".into()
        }
        Verdict::NoDriftSoFar | Verdict::NoDrift => format!("{description} It stays."),
        Verdict::TooFew | Verdict::Drift => description.into(),
    }
}

impl Tried {
    fn describe(&self, n_known: u64) -> String {
        match self {
            Self::Failed { why } => format!("No new model could be trained: {why}."),
            Self::Compared {
                comparison,
                tolerance,
                challenger,
                ..
            } => format!(
                "A new model, trained on {}{}, {}: on {} samples that the deployed model was not fitted \
                 on, each predicted by a new one that was not fitted on its client, {}.",
                challenger.chosen.describe(n_known),
                challenger.describe(),
                outcome(comparison, *tolerance),
                comparison.n_samples,
                comparison.describe()
            ),
        }
    }
}

/// A challenger is deployed when it is certainly not worse by more than the tolerance, rejected when
/// it is certainly worse, and else nothing can be told.
fn outcome(comparison: &Comparison, tolerance: f64) -> &'static str {
    match comparison.verdict(tolerance) {
        metrics::Verdict::NotWorse => "was tried and is not worse",
        metrics::Verdict::Worse => "was tried and rejected, for it is worse",
        metrics::Verdict::Undecided => "was tried, but it cannot be told yet whether it is better",
    }
}
