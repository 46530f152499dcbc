//! Two models on the same samples: the difference of their log-loss, paired by sample.

use super::{MetricsError, log_loss};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashMap;
use std::hash::Hash;

/// Standard normal quantile of a two-sided 95 % interval.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The challenger against the champion on samples new to both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How many samples.
    pub n_samples: u64,
    /// Mean log-loss of the champion, nats.
    pub champion_log_loss: f64,
    /// Mean log-loss of the challenger, nats.
    pub challenger_log_loss: f64,
    /// Challenger minus champion: negative where the challenger is better.
    pub difference: f64,
    /// Lower end of the 95 % interval of the difference; in JSON null where there is none.
    #[serde(deserialize_with = "no_lower_end")]
    pub low: f64,
    /// Upper end of the 95 % interval of the difference; in JSON null where there is none.
    #[serde(deserialize_with = "no_upper_end")]
    pub high: f64,
}

fn no_lower_end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NEG_INFINITY))
}

fn no_upper_end<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
}

/// What a comparison says about the challenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is certainly not worse by more than the tolerance.
    NotWorse,
    /// It is certainly worse.
    Worse,
    /// Nothing can be told.
    Undecided,
}

impl Comparison {
    /// Compares the risks that two models give the same samples, one entry a sample in each slice.
    /// The interval takes the samples of one client for one (cluster-robust, normal quantile).
    ///
    /// # Errors
    /// When there is no sample, the slices are of unequal length, or a risk is not from 0 to 1.
    pub fn of(
        client_ids: &[&str],
        champion_risks: &[f64],
        challenger_risks: &[f64],
        exited: &[bool],
    ) -> Result<Self, MetricsError> {
        let weights = vec![1.0; exited.len()];
        Self::weighted(
            client_ids,
            champion_risks,
            challenger_risks,
            exited,
            &weights,
        )
    }

    /// The same where samples count differently: all means are weighted.
    ///
    /// # Errors
    /// As [`Comparison::of`].
    pub fn weighted(
        client_ids: &[&str],
        champion_risks: &[f64],
        challenger_risks: &[f64],
        exited: &[bool],
        weights: &[f64],
    ) -> Result<Self, MetricsError> {
        let n_samples = exited.len();
        let lengths = [
            weights.len(),
            champion_risks.len(),
            challenger_risks.len(),
            client_ids.len(),
        ];
        if let Some(&risks) = lengths.iter().find(|&&length| length != n_samples) {
            let labels = n_samples;
            return Err(MetricsError::Labels { risks, labels });
        }
        if n_samples == 0 {
            return Err(MetricsError::NoSamples);
        }
        let mut differences = Vec::with_capacity(n_samples);
        let (mut champion_sum, mut challenger_sum) = (0.0, 0.0);
        for row in 0..n_samples {
            let label = [exited[row]];
            let champion_loss = log_loss(&[champion_risks[row]], &label)?;
            let challenger_loss = log_loss(&[challenger_risks[row]], &label)?;
            champion_sum += weights[row] * champion_loss;
            challenger_sum += weights[row] * challenger_loss;
            differences.push((client_ids[row], challenger_loss - champion_loss));
        }
        let n = weights.iter().sum::<f64>();
        let difference = (challenger_sum - champion_sum) / n;
        let half = NORMAL_95 * standard_error(&differences, weights, difference);
        Ok(Self {
            n_samples: n_samples as u64,
            champion_log_loss: champion_sum / n,
            challenger_log_loss: challenger_sum / n,
            difference,
            low: difference - half,
            high: difference + half,
        })
    }

    /// The verdict under a tolerance in log-loss a sample.
    #[must_use]
    pub fn verdict(&self, tolerance: f64) -> Verdict {
        if self.high <= tolerance {
            Verdict::NotWorse
        } else if self.low > 0.0 {
            Verdict::Worse
        } else {
            Verdict::Undecided
        }
    }

    /// The figures in a clause, for people.
    #[must_use]
    pub fn describe(&self) -> String {
        format!(
            "its log-loss is {:.4} against {:.4} (difference {:+.4}, 95 % interval {:+.4} to {:+.4})",
            self.challenger_log_loss, self.champion_log_loss, self.difference, self.low, self.high
        )
    }
}

/// The standard error of a mean over samples that come in clusters, one for each client.
fn standard_error(values: &[(&str, f64)], weights: &[f64], mean: f64) -> f64 {
    let weighted = values.iter().zip(weights);
    let deviations = weighted.map(|((client, value), weight)| (client, weight * (value - mean)));
    clustered_standard_error(deviations, weights.iter().sum())
}

/// The cluster-robust standard error of a weighted mean, with the samples of one cluster, such as a
/// client, taken for one; infinite for fewer than two clusters.
///
/// Each sample is given by its cluster and by its weight times the distance of its value from the mean;
/// `weight` is the sum of the weights. Any order of the clusters gives the same bits.
pub fn clustered_standard_error<K: Eq + Hash>(
    deviations: impl IntoIterator<Item = (K, f64)>,
    weight: f64,
) -> f64 {
    let mut by_cluster: HashMap<K, f64> = HashMap::new();
    for (cluster, deviation) in deviations {
        *by_cluster.entry(cluster).or_default() += deviation;
    }
    // Summed in a fixed order, so that the same samples give the same bits.
    let mut squares: Vec<f64> = by_cluster.into_values().map(|sum| sum * sum).collect();
    squares.sort_by(f64::total_cmp);
    let clusters = squares.len() as f64;
    if clusters < 2.0 {
        return f64::INFINITY;
    }
    let correction = clusters / (clusters - 1.0);
    (correction * squares.iter().sum::<f64>()).sqrt() / weight
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_counts_clients_and_not_rows() {
        let alone = [("a", 1.0), ("b", -1.0), ("c", 1.0), ("d", -1.0)];
        let expected = (4.0_f64 / 3.0 * 4.0).sqrt() / 4.0;
        assert!((standard_error(&alone, &[1.0; 4], 0.0) - expected).abs() < 1e-12);
        let pairs = [("a", 1.0), ("a", 1.0), ("b", -1.0), ("b", -1.0)];
        assert!(standard_error(&pairs, &[1.0; 4], 0.0) > standard_error(&alone, &[1.0; 4], 0.0));
        assert!(standard_error(&pairs[..2], &[1.0; 2], 1.0).is_infinite());
    }

    #[test]
    fn a_sample_of_weight_two_counts_like_two_of_the_client() {
        let champion = [0.2, 0.6, 0.4];
        let challenger = [0.3, 0.7, 0.2];
        let exited = [false, true, true];
        let weighted = Comparison::weighted(
            &["a", "b", "c"],
            &champion,
            &challenger,
            &exited,
            &[1.0, 2.0, 1.0],
        );
        let of = |rows: &[usize], values: &[f64]| -> Vec<f64> {
            rows.iter().map(|row| values[*row]).collect()
        };
        let rows = [0, 1, 1, 2];
        let twice = Comparison::of(
            &["a", "b", "b", "c"],
            &of(&rows, &champion),
            &of(&rows, &challenger),
            &[false, true, true, true],
        );
        let (weighted, twice) = (weighted.unwrap(), twice.unwrap());
        assert_eq!((weighted.n_samples, twice.n_samples), (3, 4));
        for (found, expected) in [
            (weighted.champion_log_loss, twice.champion_log_loss),
            (weighted.difference, twice.difference),
            (weighted.low, twice.low),
            (weighted.high, twice.high),
        ] {
            assert!(
                (found - expected).abs() < 1e-12,
                "{found} is not {expected}"
            );
        }
    }

    #[test]
    fn a_challenger_must_be_certainly_not_worse() {
        let table = [
            (-0.02, -0.01, Verdict::NotWorse),
            (-0.02, 0.005, Verdict::NotWorse),
            (-0.02, 0.006, Verdict::Undecided),
            (0.001, 0.02, Verdict::Worse),
            (0.001, 0.004, Verdict::NotWorse),
        ];
        for (low, high, expected) in table {
            let comparison = Comparison {
                n_samples: 100,
                champion_log_loss: 0.5,
                challenger_log_loss: 0.5 + (low + high) / 2.0,
                difference: (low + high) / 2.0,
                low,
                high,
            };
            assert_eq!(comparison.verdict(0.005), expected, "{low} to {high}");
        }
    }

    #[test]
    fn slices_that_do_not_belong_together_are_refused() {
        assert_eq!(
            Comparison::of(&[], &[], &[], &[]),
            Err(MetricsError::NoSamples)
        );
        assert!(Comparison::of(&["a"], &[0.5], &[], &[true]).is_err());
        assert!(Comparison::of(&["a"], &[0.5], &[2.0], &[true]).is_err());
    }
}
