//! How often a call keeps a client that would have left: assumed at first, then learned from those
//! that were called and those that were set aside.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF};

/// The first risk of each band but the first.
pub const BAND_EDGES: [f64; 3] = [0.10, 0.25, 0.50];
const N_BANDS: usize = BAND_EDGES.len() + 1;
/// How many called leavers the assumed rate counts for.
const ASSUMED_WEIGHT: f64 = 10.0;
/// A learned rate replaces the assumed one when its 95 % interval is at most this part as wide.
const NARROWER: f64 = 0.5;
/// Standard deviation, before any outcome is known, of the logarithm of the factor by which all risks
/// of a band are off.
const FACTOR_SPREAD: f64 = 0.3;

/// A client with a known outcome that took part in the trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its risk when it was listed.
    pub risk: f64,
    /// Whether it was called; else it was set aside.
    pub called: bool,
    /// Whether it left within the horizon.
    pub left: bool,
}

/// What is known of the success rate in one band of risks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BandRate {
    /// The lowest risk of the band.
    pub from: f64,
    /// The first risk above it.
    pub to: f64,
    /// Called clients with a known outcome, and how many of them left.
    pub called: (u64, u64),
    /// Clients that were set aside, with a known outcome, and how many of them left.
    pub held_out: (u64, u64),
    /// The two parameters of the Beta posterior.
    pub beta: (f64, f64),
    /// Its mean.
    pub mean: f64,
    /// The low end of its 95 % interval.
    pub low: f64,
    /// The high end of its 95 % interval.
    pub high: f64,
    /// Whether it is narrow enough to replace the assumed rate.
    pub replaces: bool,
}

/// The success rate of a call, by risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuccessRates {
    /// The rate that holds until outcomes have taught another.
    pub assumed: f64,
    /// What outcomes have taught, for each band; empty before any.
    pub bands: Vec<BandRate>,
}

impl SuccessRates {
    /// The assumed rate for everybody.
    #[must_use]
    pub fn assumed(rate: f64) -> Self {
        Self {
            assumed: rate,
            bands: Vec::new(),
        }
    }

    /// The rate at a risk.
    #[must_use]
    pub fn at(&self, risk: f64) -> f64 {
        match self.bands.get(band_of(risk)) {
            Some(band) if band.replaces => band.mean,
            _ => self.assumed,
        }
    }

    /// Whether any rate is learned.
    #[must_use]
    pub fn is_learned(&self) -> bool {
        self.bands.iter().any(|band| band.replaces)
    }
}

/// Learns the success rate of each band of risks.
///
/// A client that is set aside leaves with probability `f · risk`, one that is called with
/// `f · risk · (1 - s)`: s is the share of leavers that calls keep, and f how far the risks of the
/// band are off, which only those set aside can tell (before any outcome ln f is normal around 0 with
/// standard deviation 0.3). The assumed rate counts like ten called leavers. The posterior of s, taken
/// on a grid and averaged over f, is given as the Beta distribution of the same mean and variance. It
/// replaces the assumed rate when its 95 % interval is at most half as wide as that of the
/// assumption.
#[must_use]
pub fn learn(observations: &[Observation], assumed: f64) -> SuccessRates {
    let bands = (0..N_BANDS)
        .map(|band| {
            let own: Vec<Observation> = (observations.iter())
                .filter(|observation| band_of(observation.risk) == band)
                .copied()
                .collect();
            band_rate(band, &own, assumed)
        })
        .collect();
    SuccessRates { assumed, bands }
}

fn band_of(risk: f64) -> usize {
    BAND_EDGES.partition_point(|edge| *edge <= risk)
}

fn band_rate(band: usize, observations: &[Observation], assumed: f64) -> BandRate {
    let kept = assumed.clamp(0.02, 0.98);
    let prior = (ASSUMED_WEIGHT * kept, ASSUMED_WEIGHT * (1.0 - kept));
    let count = |called: bool| {
        let group = observations.iter().filter(|seen| seen.called == called);
        group.fold((0, 0), |(all, left), seen| {
            (all + 1, left + u64::from(seen.left))
        })
    };
    let (called, held_out) = (count(true), count(false));
    let taught = called.0 > 0 && held_out.0 > 0;
    let beta = if taught {
        moments_to_beta(posterior(observations, &rates(), |s| {
            (prior.0 - 1.0) * s.ln() + (prior.1 - 1.0) * (1.0 - s).ln()
        }))
    } else {
        prior
    };
    let (low, high) = interval(beta);
    let assumed_width = interval(prior);
    let narrow = high - low <= NARROWER * (assumed_width.1 - assumed_width.0);
    BandRate {
        from: if band == 0 { 0.0 } else { BAND_EDGES[band - 1] },
        to: BAND_EDGES.get(band).copied().unwrap_or(1.0),
        called,
        held_out,
        beta,
        mean: beta.0 / (beta.0 + beta.1),
        low,
        high,
        replaces: taught && narrow,
    }
}

/// The middles of 100 cells of the range of a rate.
fn rates() -> Vec<f64> {
    (0..100)
        .map(|cell| (f64::from(cell) + 0.5) / 100.0)
        .collect()
}

/// The weights of the grid points of the success rate, given a prior density of it (up to a
/// constant) as a logarithm; paired with the points.
pub(crate) fn posterior(
    observations: &[Observation],
    grid: &[f64],
    log_prior: impl Fn(f64) -> f64,
) -> Vec<(f64, f64)> {
    let factors: Vec<f64> = (-10_i32..=10)
        .map(|step| FACTOR_SPREAD * f64::from(step) * 0.3)
        .collect();
    let mut logs = Vec::with_capacity(grid.len() * factors.len());
    for log_factor in &factors {
        let z = log_factor / FACTOR_SPREAD;
        let held = log_likelihood(observations, false, log_factor.exp());
        for rate in grid {
            let called = log_likelihood(observations, true, log_factor.exp() * (1.0 - rate));
            logs.push(held + called - z * z / 2.0 + log_prior(*rate));
        }
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut weights = vec![0.0; grid.len()];
    for (index, log) in logs.iter().enumerate() {
        weights[index % grid.len()] += (log - largest).exp();
    }
    let total: f64 = weights.iter().sum();
    let share = |weight: f64| weight / total;
    grid.iter()
        .copied()
        .zip(weights.into_iter().map(share))
        .collect()
}

/// Of one group, when each leaves with `factor` times its risk.
fn log_likelihood(observations: &[Observation], called: bool, factor: f64) -> f64 {
    (observations.iter())
        .filter(|seen| seen.called == called)
        .map(|seen| {
            let leaves = (factor * seen.risk).clamp(1e-9, 1.0 - 1e-9);
            if seen.left {
                leaves.ln()
            } else {
                (-leaves).ln_1p()
            }
        })
        .sum()
}

fn moments_to_beta(weights: Vec<(f64, f64)>) -> (f64, f64) {
    let mean: f64 = weights.iter().map(|(rate, weight)| rate * weight).sum();
    let variance: f64 = weights
        .iter()
        .map(|(rate, weight)| (rate - mean).powi(2) * weight)
        .sum();
    let size = (mean * (1.0 - mean) / variance.max(1e-9) - 1.0).max(1e-3);
    (mean * size, (1.0 - mean) * size)
}

/// The 95 % interval of a Beta distribution.
fn interval((a, b): (f64, f64)) -> (f64, f64) {
    // Both parameters are positive, so the distribution exists.
    Beta::new(a, b).map_or((0.0, 1.0), |beta| {
        (beta.inverse_cdf(0.025), beta.inverse_cdf(0.975))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many clients of one risk, called and set aside, and how many of each left.
    fn seen(risk: f64, called: (usize, usize), held_out: (usize, usize)) -> Vec<Observation> {
        let group = |(all, left): (usize, usize), called| {
            (0..all).map(move |n| Observation {
                risk,
                called,
                left: n < left,
            })
        };
        group(called, true).chain(group(held_out, false)).collect()
    }

    #[test]
    fn without_outcomes_the_assumed_rate_holds() {
        for observations in [
            Vec::new(),
            seen(0.6, (500, 200), (0, 0)),
            seen(0.6, (0, 0), (90, 50)),
        ] {
            let rates = learn(&observations, 0.3);
            assert!(!rates.is_learned());
            assert_eq!([0.05, 0.2, 0.3, 0.9].map(|risk| rates.at(risk)), [0.3; 4]);
            assert!((rates.bands[3].mean - 0.3).abs() < 1e-12);
        }
    }

    #[test]
    fn many_outcomes_teach_the_rate_of_their_band_alone() {
        // 60 % leave of those set aside, 48 % of those called: 20 % are saved.
        let rates = learn(&seen(0.6, (4000, 1920), (1000, 600)), 0.5);
        let band = rates.bands[3];
        assert!(band.replaces && rates.is_learned());
        assert!((band.mean - 0.2).abs() < 0.02, "{band:?}");
        assert!(band.low < 0.2 && band.high > 0.2 && band.high - band.low < 0.15);
        assert_eq!(rates.at(0.7), band.mean);
        assert_eq!(rates.at(0.3), 0.5);
        assert_eq!((band.called, band.held_out), ((4000, 1920), (1000, 600)));
    }

    #[test]
    fn risks_that_are_off_do_not_count_as_saving() {
        // The model says 60 % and 40 % leave, called or not: nothing is saved.
        let rates = learn(&seen(0.6, (4000, 1600), (1000, 400)), 0.3);
        assert!(rates.bands[3].mean < 0.08, "{:?}", rates.bands[3]);
    }

    #[test]
    fn few_outcomes_move_the_posterior_little_and_replace_nothing() {
        let rates = learn(&seen(0.6, (20, 6), (3, 3)), 0.3);
        let band = rates.bands[3];
        assert!(
            !band.replaces && (0.3..0.5).contains(&band.mean),
            "{band:?}"
        );
        assert_eq!(rates.at(0.6), 0.3);
    }

    #[test]
    fn the_interval_is_that_of_the_beta_distribution() {
        // scipy.stats.beta(3, 7).ppf([0.025, 0.975])
        let (low, high) = interval((3.0, 7.0));
        assert!(
            (low - 0.074_854).abs() < 1e-5 && (high - 0.600_094).abs() < 1e-5,
            "{low} {high}"
        );
    }
}
