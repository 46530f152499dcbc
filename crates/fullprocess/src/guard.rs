//! The test data as a guard against gross failure of a new model, and against nothing less.
//!
//! Whether a new model is better is decided on the newest labels. The test data may be older than a
//! change of behaviour, and a model that has followed the change does badly there, as it should. So it
//! only stops a model that is out of all proportion, such as one whose probabilities are all near 0 or 1
//! and wrong.

use crate::assess::Assessment;
use crate::decide::Guard;
use crate::outcome::Decision;
use crate::permit::{TAKES_ITS_PLACE, WAITS};
use risk_core::metrics::Evaluation;

/// How many times the log-loss of saying the base rate to everybody is gross.
const GROSS: f64 = 3.0;
/// Fewest test samples, and fewest of a class, that stop a model.
const LEAST: (u64, u64) = (30, 5);

/// Takes in how the new model does on the test data, and says where that stops it.
pub(crate) fn stops(evaluation: &Evaluation, found: &mut Assessment) -> bool {
    // The first model of all takes nothing's place.
    if found.decision == Decision::Bootstrap {
        return false;
    }
    let guard = Guard::of(evaluation);
    found.decide_with(|inputs| inputs.guard = Some(guard));
    let failure = gross_failure(&guard);
    if let Some(failure) = &failure {
        for promised in [TAKES_ITS_PLACE, WAITS] {
            if let Some(before) = found.reason.strip_suffix(promised) {
                found.reason = before.trim_end().to_owned();
            }
        }
        let why = format!(" It is not put in force, for {failure}.");
        found.reason.push_str(&why);
    }
    failure.is_some()
}

/// Why a model must not go into force: its log-loss on the test data is certainly (the lower end of the
/// 95 % interval) more than three times that of saying the base rate to everybody. `None` where it may.
pub(crate) fn gross_failure(found: &Guard) -> Option<String> {
    let (n, positive) = (found.n_samples, found.n_positive);
    if n < LEAST.0 || positive.min(n.saturating_sub(positive)) < LEAST.1 {
        return None;
    }
    let share = positive as f64 / n as f64;
    let of_base_rate = -share * share.ln() - (1.0 - share) * (1.0 - share).ln();
    let low = found.log_loss_low?;
    (low > GROSS * of_base_rate).then(|| {
        format!(
            "on the {n} test samples its log-loss is certainly above {low:.2}, where {of_base_rate:.2} is \
             that of saying the base rate to everybody"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::metrics::{Scored, evaluate};

    /// A model that says `risk` to those who left, of `n` test samples of which a quarter left, and the
    /// opposite to the others.
    fn said(n: usize, risk: f64) -> Guard {
        let client_ids: Vec<String> = (0..n).map(|row| row.to_string()).collect();
        let exited: Vec<bool> = (0..n).map(|row| row % 4 == 0).collect();
        let risks: Vec<f64> = exited
            .iter()
            .map(|exited| if *exited { risk } else { 1.0 - risk })
            .collect();
        let samples = Scored {
            client_ids: &client_ids,
            risks: &risks,
            exited: &exited,
        };
        Guard::of(&evaluate(&samples, 0.5, 0).unwrap())
    }

    #[test]
    fn only_a_model_out_of_all_proportion_is_stopped() {
        let table = [
            (200, 0.9, false),
            (200, 0.5, false),
            // A change reversed everything since the test data was gathered: it has followed.
            (200, 0.2, false),
            (200, 1e-6, true),
            // Too few to stop anything.
            (20, 1e-6, false),
        ];
        for (n, risk, expected) in table {
            let found = gross_failure(&said(n, risk));
            assert_eq!(found.is_some(), expected, "{n} {risk}: {found:?}");
        }
    }
}
