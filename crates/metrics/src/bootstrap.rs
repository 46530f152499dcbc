//! Percentile intervals of several figures from one seeded, stratified bootstrap.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Figure;
use super::ranked::{Draw, Ranked};

/// Number of draws.
const DRAWS: usize = 1_000;

/// The 2.5 and 97.5 % quantiles of each figure over the draws in which it is defined; none where it
/// never is.
///
/// Clients are drawn with all their samples, as many as there are, those with and those without an
/// exit apart, so that both classes keep their size. (Efron and Tibshirani 1993, chapter 13;
/// quantiles interpolated linearly.)
pub(super) fn intervals<const N: usize>(
    ranked: &Ranked,
    seed: u64,
    figures: impl Fn(&Draw<'_>) -> [Figure; N],
) -> [Option<(f64, f64)>; N] {
    let strata = strata(ranked);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0; ranked.n_clients()];
    let mut taken = Draw::each_once(ranked);
    let mut values: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(DRAWS));
    for _ in 0..DRAWS {
        draw(&strata, &mut rng, &mut drawn);
        taken.take(&drawn);
        for (values, figure) in values.iter_mut().zip(figures(&taken)) {
            values.extend(figure.ok());
        }
    }
    values.map(|mut values| {
        values.sort_by(f64::total_cmp);
        Some((quantile(&values, 0.025)?, quantile(&values, 0.975)?))
    })
}

/// Clients without and with an exit.
fn strata(ranked: &Ranked) -> [Vec<u32>; 2] {
    let mut has_exit = vec![false; ranked.n_clients()];
    for (&client, &exited) in ranked.clients.iter().zip(&ranked.exited) {
        has_exit[client] |= exited;
    }
    let mut strata = [Vec::new(), Vec::new()];
    for (client, has_exit) in (0_u32..).zip(has_exit) {
        strata[usize::from(has_exit)].push(client);
    }
    strata
}

/// Counts how often each client is drawn.
fn draw(strata: &[Vec<u32>; 2], rng: &mut ChaCha8Rng, drawn: &mut [u32]) {
    drawn.fill(0);
    for stratum in strata {
        let n_clients = stratum.len() as u64;
        for _ in 0..n_clients {
            // The high half of a product picks a client with a bias below n / 2^32: nothing to a
            // bootstrap, and it stays the same whatever `rand` makes of ranges.
            let pick = (u64::from(rng.next_u32()) * n_clients) >> 32;
            let client = stratum[pick as usize];
            drawn[client as usize] += 1;
        }
    }
}

/// The quantile of sorted values, linear between them (numpy's default); none of nothing.
fn quantile(sorted: &[f64], probability: f64) -> Option<f64> {
    let position = probability * sorted.len().checked_sub(1)? as f64;
    let below = position.floor();
    let (low, high) = (sorted[below as usize], sorted[position.ceil() as usize]);
    Some(low + (high - low) * (position - below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_values() {
        assert_eq!(quantile(&[0.0, 1.0, 2.0, 3.0, 4.0], 0.5), Some(2.0));
        assert_eq!(quantile(&[0.0, 1.0], 0.25), Some(0.25));
        assert_eq!(quantile(&[7.0], 0.975), Some(7.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_draw_keeps_the_number_of_clients_of_each_stratum() {
        let strata = [vec![0, 2, 3], vec![1, 4]];
        let mut drawn = [9; 5];
        draw(&strata, &mut ChaCha8Rng::seed_from_u64(1), &mut drawn);
        assert_eq!(drawn[0] + drawn[2] + drawn[3], 3);
        assert_eq!(drawn[1] + drawn[4], 2);
    }
}
