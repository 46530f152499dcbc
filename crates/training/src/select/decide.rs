//! The choice, from the losses of everything that was tried.

use super::splits::Splits;
use super::trial::Tried;
use risk_core::metrics::clustered_standard_error;
use risk_core::model::{Margin, Validation};

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    /// Its position among everything that was tried.
    pub position: usize,
    /// Against the best of the other basis.
    pub margin: Option<Margin>,
}

/// The least loss of each basis; between them the simpler, which comes first, unless the other is
/// better by more than one standard error of the paired difference. `clients` is a number for the
/// client of each sample. None where nothing could be fitted.
pub(super) fn choose(tried: &[Tried], clients: &[usize]) -> Option<Choice> {
    let mut best: Vec<(usize, &Tried, &Vec<f64>)> = Vec::new();
    for (position, candidate) in tried.iter().enumerate() {
        let Some(losses) = &candidate.losses else {
            continue;
        };
        let sum = |losses: &Vec<f64>| losses.iter().sum::<f64>();
        match best
            .iter_mut()
            .find(|(_, other, _)| other.basis == candidate.basis)
        {
            Some(least) if sum(losses) < sum(least.2) => *least = (position, candidate, losses),
            Some(_) => {}
            None => best.push((position, candidate, losses)),
        }
    }
    let (simple, rich) = (*best.first()?, best.get(1).copied());
    let Some(rich) = rich else {
        return Some(Choice {
            position: simple.0,
            margin: None,
        });
    };
    let gains: Vec<f64> = simple.2.iter().zip(rich.2).map(|(a, b)| a - b).collect();
    let (gain, standard_error) = mean_by_client(&gains, clients);
    let is_worth_it = gain > standard_error;
    let (chosen, other) = if is_worth_it {
        (rich, simple)
    } else {
        (simple, rich)
    };
    let margin = Margin {
        basis: other.1.basis,
        l2: other.1.l2,
        log_loss_difference: if is_worth_it { gain } else { -gain },
        standard_error,
    };
    Some(Choice {
        position: chosen.0,
        // One client says nothing about others.
        margin: Some(margin).filter(|_| standard_error.is_finite()),
    })
}

/// The mean over samples and its standard error, with all samples of a client taken for one.
pub(super) fn mean_by_client(values: &[f64], clients: &[usize]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviations = values.iter().zip(clients);
    let deviations = deviations.map(|(value, client)| (client, value - mean));
    (mean, clustered_standard_error(deviations, n))
}

/// The choice in one sentence, without its full stop.
pub(super) fn reason(chosen: &Tried, choice: &Choice, splits: &Splits, folds: u32) -> String {
    let losses = chosen.losses.as_deref().unwrap_or_default();
    let mean = losses.iter().sum::<f64>() / losses.len().max(1) as f64;
    let how = match splits.validation {
        Validation::ForwardInTime => "validation by client and forward in time",
        _ => "validation by client",
    };
    let found = format!(
        "{} with l2 {}: log-loss {mean:.4} in {folds}-fold {how}",
        chosen.basis.name(),
        chosen.l2
    );
    let Some(margin) = &choice.margin else {
        return found;
    };
    let difference = margin.log_loss_difference;
    let side = if difference < 0.0 { "above" } else { "below" };
    let other = format!("{} (l2 {})", margin.basis.name(), margin.l2);
    let error = margin.standard_error;
    let size = difference.abs();
    if difference > error {
        format!("{found}, {size:.4} ± {error:.4} {side} that of {other}")
    } else {
        format!(
            "{found}, {size:.4} ± {error:.4} {side} that of {other}, which is not better by more than a \
             standard error"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::config::Basis;

    fn tried(basis: Basis, l2: f64, losses: &[f64]) -> Tried {
        Tried {
            basis,
            l2,
            log_odds: Some(vec![0.0; losses.len()]),
            losses: Some(losses.to_vec()),
        }
    }

    #[test]
    fn the_simpler_basis_is_kept_unless_the_other_is_certainly_better() {
        let linear = [0.50, 0.40, 0.60, 0.50];
        for (spline, expected) in [
            ([0.40, 0.31, 0.49, 0.40], Basis::Spline),
            ([0.10, 0.70, 0.20, 0.95], Basis::Linear), // better on average, by less than its error
            ([0.60, 0.50, 0.70, 0.60], Basis::Linear),
        ] {
            let candidates = [
                tried(Basis::Linear, 10.0, &[0.9; 4]),
                tried(Basis::Linear, 1.0, &linear),
                tried(Basis::Spline, 10.0, &[0.8; 4]),
                tried(Basis::Spline, 1.0, &spline),
            ];
            let choice = choose(&candidates, &[0, 1, 2, 3]).unwrap();
            let chosen = &candidates[choice.position];
            assert_eq!((chosen.basis, chosen.l2), (expected, 1.0), "{spline:?}");
            let margin = choice.margin.unwrap();
            assert_ne!(margin.basis, expected);
            assert_eq!(margin.l2, 1.0);
        }
    }

    #[test]
    fn the_stronger_of_equal_penalties_is_kept_and_what_failed_is_passed_over() {
        let mut candidates = vec![
            tried(Basis::Linear, 10.0, &[0.5; 3]),
            tried(Basis::Linear, 1.0, &[0.5; 3]),
        ];
        assert_eq!(choose(&candidates, &[0, 1, 2]).unwrap().position, 0);
        candidates[0].losses = None;
        assert_eq!(choose(&candidates, &[0, 1, 2]).unwrap().position, 1);
        candidates[1].losses = None;
        assert_eq!(choose(&candidates, &[0, 1, 2]), None);
    }

    #[test]
    fn copies_of_a_client_add_nothing_to_what_is_known() {
        let (mean, error) = mean_by_client(&[1.0, 2.0, 4.0, 5.0], &[0, 1, 2, 3]);
        let values = [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 5.0, 5.0];
        let copied = mean_by_client(&values, &[0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!((mean, error), copied);
        assert!((error - (10.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-15);
        assert_eq!(mean_by_client(&[1.0], &[0]).1, f64::INFINITY);
    }
}
