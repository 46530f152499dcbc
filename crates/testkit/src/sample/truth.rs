//! The true probability to leave within the horizon, computed by simulating forward from a row.

use super::calendar::Month;
use super::draws::Draws;
use super::process::{Regime, State};
use super::world::HORIZON_DAYS;

/// The probability that a client recorded as `state` at the end of `month` leaves within
/// [`HORIZON_DAYS`], under the usual relation: the mean over `paths` simulated futures of the
/// exact probability given each future's numbers.
pub fn probability(state: &State, month: Month, paths: usize, draws: &mut Draws) -> f64 {
    let total: f64 = (0..paths).map(|_| one_path(*state, month, draws)).sum();
    total / paths as f64
}

fn one_path(mut state: State, month: Month, draws: &mut Draws) -> f64 {
    let (mut leaves, mut stays) = (0.0, 1.0);
    let mut days_left = HORIZON_DAYS;
    let mut next_month = month.plus(1);
    loop {
        let covered = days_left.min(next_month.days());
        let hazard = state.hazard(Regime::Usual);
        // The day of leaving is uniform within its month.
        leaves += stays * hazard * f64::from(covered) / f64::from(next_month.days());
        stays *= 1.0 - hazard;
        days_left -= covered;
        if days_left == 0 {
            return leaves;
        }
        state = state.next(draws);
        next_month = next_month.plus(1);
    }
}
