//! The reliability curve: of clients given a risk of about .3, did 30 of 100 leave?

use serde::{Deserialize, Serialize};

use super::calibration::{Bin, fill_bins};
use super::ranked::{Draw, Ranked};
use super::{MetricsError, Scored};

/// Two-sided 95 % quantile of the normal distribution.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// One point of the reliability curve: samples of similar risk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many samples.
    pub n_samples: u64,
    /// Their mean risk.
    pub mean_risk: f64,
    /// The share of them that exited.
    pub observed_rate: f64,
    /// Lower end of the 95 % interval of the share.
    pub low: f64,
    /// Upper end of the 95 % interval of the share.
    pub high: f64,
}

/// The bins of [`super::expected_calibration_error`], by rising risk. That error is the mean of
/// `|mean_risk - observed_rate|`, weighted by `n_samples`.
///
/// The interval is Wilson's (1927). Where clients have several samples, it counts as many samples as
/// there are clients, in proportion: what one client does is one event.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn reliability(samples: &Scored<'_>) -> Result<Vec<ReliabilityBin>, MetricsError> {
    Ranked::new(samples).map(|ranked| reliability_of(&Draw::each_once(&ranked)))
}

pub(super) fn reliability_of(draw: &Draw<'_>) -> Vec<ReliabilityBin> {
    let clients_per_sample = draw.ranked.n_clients() as f64 / draw.all.samples as f64;
    let mut bins = Vec::new();
    fill_bins(draw, |bin| {
        if bin.samples > 0 {
            bins.push(ReliabilityBin::new(bin, clients_per_sample));
        }
    });
    bins
}

impl ReliabilityBin {
    /// What the bin says, as a sentence without its full stop.
    #[must_use]
    pub fn describe(&self) -> String {
        let percent = |share: f64| format!("{:.0}\u{a0}%", 100.0 * share);
        format!(
            "Of {} clients given a risk of about {}, {} left",
            self.n_samples,
            percent(self.mean_risk),
            percent(self.observed_rate)
        )
    }

    fn new(bin: Bin, clients_per_sample: f64) -> Self {
        let samples = bin.samples as f64;
        let observed_rate = bin.exited / samples;
        let (low, high) = wilson(observed_rate, samples * clients_per_sample);
        Self {
            n_samples: bin.samples,
            mean_risk: bin.risks / samples,
            observed_rate,
            low,
            high,
        }
    }
}

/// Wilson's 95 % interval of a share of `n`.
fn wilson(share: f64, n: f64) -> (f64, f64) {
    let z_squared = NORMAL_95 * NORMAL_95;
    let shrink = 1.0 + z_squared / n;
    let middle = (share + z_squared / (2.0 * n)) / shrink;
    let margin =
        NORMAL_95 * (share * (1.0 - share) / n + z_squared / (4.0 * n * n)).sqrt() / shrink;
    // Rounding may leave the share itself just outside at 0 and 1.
    (
        (middle - margin).clamp(0.0, share),
        (middle + margin).clamp(share, 1.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_wilsons() {
        // statsmodels 0.15.0, proportion_confint(15, 148, method="wilson").
        let (low, high) = wilson(15.0 / 148.0, 148.0);
        assert!((low - 0.062_386_399_530_736_28).abs() < 1e-12, "{low}");
        assert!((high - 0.160_487_241_723_308_03).abs() < 1e-12, "{high}");
        assert_eq!(wilson(0.0, 10.0).0, 0.0);
        assert_eq!(wilson(1.0, 10.0).1, 1.0);
    }

    #[test]
    fn samples_of_the_same_clients_widen_the_interval() {
        let ids = |of_client: usize| -> Vec<String> {
            (0..40).map(|row| (row / of_client).to_string()).collect()
        };
        let (risks, exited) = (vec![0.5; 40], [true, false].repeat(20));
        let width = |client_ids: &[String]| {
            let scored = Scored {
                client_ids,
                risks: &risks,
                exited: &exited,
            };
            let bins = reliability(&scored).unwrap();
            assert_eq!(bins.len(), 10);
            bins[0].high - bins[0].low
        };
        assert!(width(&ids(4)) > 1.2 * width(&ids(1)));
    }
}
