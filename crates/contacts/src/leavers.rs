//! How many of the listed clients leave: the expected number and a band for it.

use serde::{Deserialize, Serialize};

/// How many clients of a list are expected to leave within the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Leavers {
    /// The expected number: the sum of the risks.
    pub mean: f64,
    /// Its standard deviation: chance, and the risks not being known exactly.
    pub standard_deviation: f64,
    /// The low end of the band that holds the number with 95 % probability.
    pub low: u64,
    /// The high end of that band.
    pub high: u64,
}

/// What the training samples tell about the risks: the Fisher information of the log-odds, when the
/// weight of each feature's contribution may be off, and the constant.
///
/// Each weight is taken to be 1 with a standard deviation of 1 before any sample is seen, so a
/// feature that says nothing adds nothing.
#[derive(Debug, Clone)]
pub struct Information {
    size: usize,
    sums: Vec<f64>,
}

impl Information {
    /// That of no sample, for so many features.
    #[must_use]
    pub fn new(n_features: usize) -> Self {
        let size = n_features + 1;
        let mut sums = vec![0.0; size * size];
        for feature in 1..size {
            sums[feature * size + feature] = 1.0;
        }
        Self { size, sums }
    }

    /// Adds a sample: what each feature contributes to its log-odds, and its risk.
    pub fn add(&mut self, contributions: &[f64], risk: f64) {
        let weight = risk * (1.0 - risk);
        let row = with_constant(contributions);
        for (i, a) in row.clone().enumerate().take(self.size) {
            for (j, b) in row.clone().enumerate().take(self.size) {
                self.sums[i * self.size + j] += weight * a * b;
            }
        }
    }

    /// The variance of a linear function of constant and weights with this gradient.
    fn variance(&self, gradient: &[f64]) -> f64 {
        // Solves L z = g for the Cholesky factor L; the variance is z·z.
        let n = self.size;
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let inner: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
                let rest = self.sums[i * n + j] - inner;
                lower[i * n + j] = if i == j {
                    rest.max(1e-9).sqrt()
                } else {
                    rest / lower[j * n + j]
                };
            }
        }
        let mut solved: Vec<f64> = Vec::with_capacity(n);
        for i in 0..n {
            let inner: f64 = (0..i).map(|k| lower[i * n + k] * solved[k]).sum();
            solved.push((gradient[i] - inner) / lower[i * n + i]);
        }
        solved.iter().map(|z| z * z).sum()
    }
}

fn with_constant(contributions: &[f64]) -> impl Iterator<Item = f64> + Clone {
    std::iter::once(1.0).chain(contributions.iter().copied())
}

/// How many of some clients leave, given the risk of each, by how much it rises for one unit of its
/// log-odds (risk × (1 - risk), times the slope of the calibration), and what each feature contributes
/// to these.
///
/// Each client leaves on its own with its risk (Poisson-binomial distribution), and all risks are off
/// together as far as the training samples leave them uncertain (delta method on [`Information`]).
/// The band takes the mixture of both, computed exactly, at 2.5 and 97.5 %, half of the probability
/// of its end points counted. What it cannot know is a change of behaviour since the training.
#[must_use]
pub fn expected_leavers(
    risks: &[f64],
    slopes: &[f64],
    contributions: &[Vec<f64>],
    information: &Information,
) -> Leavers {
    let mean: f64 = risks.iter().sum();
    let chance: f64 = risks.iter().map(|risk| risk * (1.0 - risk)).sum();
    let mut gradient = vec![0.0; information.size];
    for (slope, contributions) in slopes.iter().zip(contributions) {
        for (sum, part) in gradient.iter_mut().zip(with_constant(contributions)) {
            *sum += slope * part;
        }
    }
    let estimate = information.variance(&gradient);
    let (low, high) = band(risks, chance, estimate);
    Leavers {
        mean,
        standard_deviation: (chance + estimate).sqrt(),
        low,
        high,
    }
}

/// Clients above which the exact distribution is not worth its time.
const MOST_EXACT: usize = 2000;

fn band(risks: &[f64], chance: f64, estimate: f64) -> (u64, u64) {
    let n = risks.len() as u64;
    if risks.len() > MOST_EXACT {
        let mean: f64 = risks.iter().sum();
        let half = 1.959_964 * (chance + estimate).sqrt();
        return (
            (mean - half).max(0.0).ceil() as u64,
            ((mean + half) as u64).min(n),
        );
    }
    let distribution = mixture(risks, chance, estimate);
    let mut below = 0.0;
    let (mut low, mut high) = (None, 0);
    for (count, probability) in (0_u64..).zip(&distribution) {
        let middle = below + probability / 2.0;
        if middle >= 0.025 && low.is_none() {
            low = Some(count);
        }
        if middle <= 0.975 {
            high = count;
        }
        below += probability;
    }
    let low = low.unwrap_or(n);
    (low, high.max(low))
}

/// The distribution of the number, the common error of the log-odds taken at 13 points of a normal
/// distribution.
fn mixture(risks: &[f64], chance: f64, estimate: f64) -> Vec<f64> {
    let shift = if chance > 0.0 {
        estimate.sqrt() / chance
    } else {
        0.0
    };
    let points: Vec<(f64, f64)> = (-6_i32..=6)
        .map(|step| f64::from(step) / 2.0)
        .map(|z| (z, (-z * z / 2.0).exp()))
        .collect();
    let total: f64 = points.iter().map(|(_, weight)| weight).sum();
    let mut mixed = vec![0.0; risks.len() + 1];
    for (z, weight) in points {
        let shifted = risks.iter().map(|risk| shifted(*risk, z * shift));
        for (sum, probability) in mixed.iter_mut().zip(poisson_binomial(shifted)) {
            *sum += weight / total * probability;
        }
    }
    mixed
}

fn shifted(risk: f64, by: f64) -> f64 {
    if risk <= 0.0 || risk >= 1.0 {
        return risk;
    }
    let odds = risk / (1.0 - risk) * by.exp();
    odds / (1.0 + odds)
}

/// The probability of each number of successes of independent trials.
fn poisson_binomial(risks: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut distribution = vec![1.0];
    for risk in risks {
        distribution.push(0.0);
        for count in (0..distribution.len()).rev() {
            let before = if count > 0 {
                distribution[count - 1]
            } else {
                0.0
            };
            distribution[count] = distribution[count] * (1.0 - risk) + before * risk;
        }
    }
    distribution
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without a calibration.
    fn slopes(risks: &[f64]) -> Vec<f64> {
        risks.iter().map(|risk| risk * (1.0 - risk)).collect()
    }

    fn certain(risks: &[f64]) -> Leavers {
        // A million samples leave no doubt about the constant.
        let mut information = Information::new(0);
        for _ in 0..1_000_000 {
            information.add(&[], 0.5);
        }
        let contributions = vec![Vec::new(); risks.len()];
        expected_leavers(risks, &slopes(risks), &contributions, &information)
    }

    #[test]
    fn the_distribution_of_two_coins_is_known() {
        let found = poisson_binomial([0.5, 0.25].into_iter());
        assert_eq!(found, [0.375, 0.5, 0.125]);
    }

    #[test]
    fn the_band_of_many_equal_clients_is_that_of_the_binomial() {
        let found = certain(&[0.3; 200]);
        assert!((found.mean - 60.0).abs() < 1e-9);
        assert!((found.standard_deviation - 42.0_f64.sqrt()).abs() < 0.02);
        // scipy.stats.binom(200, 0.3): half the point and all below it have 0.025 in 47 and 48, and
        // 0.975 in 72 and 73; the band has 94.6 %, one more at each end 96.3 %.
        assert_eq!((found.low, found.high), (48, 72));
    }

    #[test]
    fn ends_and_empty_lists_are_no_trouble() {
        let none = certain(&[]);
        assert_eq!((none.mean, none.low, none.high), (0.0, 0, 0));
        let sure = certain(&[1.0, 1.0, 0.0]);
        assert_eq!((sure.mean, sure.low, sure.high), (2.0, 2, 2));
        let large = certain(&[0.5; 3000]);
        assert!((1440..1450).contains(&large.low), "{large:?}");
    }

    #[test]
    fn few_training_samples_make_the_band_wide() {
        let mut information = Information::new(1);
        for sample in 0..100 {
            information.add(&[f64::from(sample % 5) - 2.0], 0.5);
        }
        let risks = [0.5; 100];
        let found = expected_leavers(&risks, &slopes(&risks), &vec![vec![2.0]; 100], &information);
        // Chance 25; the estimate: gradient (25, 50), information diag(25, 51): 25 + 49.02.
        let expected = (25.0 + 25.0 + 2500.0 / 51.0_f64).sqrt();
        assert!(
            (found.standard_deviation - expected).abs() < 1e-9,
            "{found:?}"
        );
        // A calibration that halves the differences of the log-odds halves what the estimate adds.
        let halved = slopes(&risks)
            .iter()
            .map(|slope| slope / 2.0)
            .collect::<Vec<_>>();
        let found_halved = expected_leavers(&risks, &halved, &vec![vec![2.0]; 100], &information);
        let expected = (25.0 + (25.0 + 2500.0 / 51.0_f64) / 4.0).sqrt();
        assert!((found_halved.standard_deviation - expected).abs() < 1e-9);
        assert!(found.low <= 33 && found.high >= 67, "{found:?}");
    }
}
