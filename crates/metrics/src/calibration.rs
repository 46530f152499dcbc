//! Figures of the probabilities themselves: do 20 of 100 clients at a risk of .2 exit?

use super::ranked::{Counts, Draw, Ranked};
use super::{Figure, MetricsError};

/// Most bins of the calibration error.
const BINS: u64 = 10;

/// Mean negative log-likelihood (natural logarithm) of what happened, probabilities clipped to
/// `f64::EPSILON` from 0 and 1, as scikit-learn's `log_loss`.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn log_loss(risks: &[f64], exited: &[bool]) -> Figure {
    let ranked = Ranked::without_clients(risks, exited)?;
    mean_of(&log_losses(&ranked), &Draw::each_once(&ranked))
}

/// Mean squared difference of the risk and what happened (0 or 1), as scikit-learn's
/// `brier_score_loss`.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn brier(risks: &[f64], exited: &[bool]) -> Figure {
    let ranked = Ranked::without_clients(risks, exited)?;
    mean_of(&squared_errors(&ranked), &Draw::each_once(&ranked))
}

/// Expected calibration error: the mean over bins, weighted by their size, of
/// `|mean risk - share that exited|`, over 10 bins of `n / 10` samples by rising risk, the last
/// taking the rest; up to 20 samples, `n / 2` bins.
///
/// NannyML's definition from 100 samples on and up to 20 (between, its bins number 10 to 18). Where
/// a bin ends among equal risks, their share of exits goes to both sides, so that the order of the
/// samples does not matter.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn expected_calibration_error(risks: &[f64], exited: &[bool]) -> Figure {
    let ranked = Ranked::without_clients(risks, exited)?;
    calibration_error_of(&Draw::each_once(&ranked))
}

/// The loss of each ranked sample.
pub(super) fn log_losses(ranked: &Ranked) -> Vec<f64> {
    let loss = |(&risk, &exited): (&f64, &bool)| {
        let probability = if exited { risk } else { 1.0 - risk };
        -probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    };
    ranked.risks.iter().zip(&ranked.exited).map(loss).collect()
}

/// The squared error of each ranked sample.
pub(super) fn squared_errors(ranked: &Ranked) -> Vec<f64> {
    let square = |(&risk, &exited): (&f64, &bool)| (risk - f64::from(u8::from(exited))).powi(2);
    ranked
        .risks
        .iter()
        .zip(&ranked.exited)
        .map(square)
        .collect()
}

/// Mean of a value of each sample over the samples drawn.
pub(super) fn mean_of(values: &[f64], draw: &Draw<'_>) -> Figure {
    if draw.all.samples == 0 {
        return Err(MetricsError::NoSamples);
    }
    let taken = values.iter().zip(&draw.copies);
    let sum: f64 = taken
        .map(|(value, &copies)| value * f64::from(copies))
        .sum();
    Ok(sum / draw.all.samples as f64)
}

pub(super) fn calibration_error_of(draw: &Draw<'_>) -> Figure {
    if draw.all.samples == 0 {
        return Err(MetricsError::NoSamples);
    }
    let mut bins = Bins::new(draw.all.samples);
    for (risk, group) in draw.groups().rev() {
        bins.add(risk, group);
    }
    Ok((bins.full_gaps + bins.gap.abs()) / draw.all.samples as f64)
}

/// Bins of equal counts, filled one after the other by rising risk.
struct Bins {
    width: u64,
    /// Bins not yet full.
    open: u64,
    /// Samples that the bin being filled still takes.
    room: u64,
    /// Sum of `risk - exited` over its samples.
    gap: f64,
    /// Sum of the absolute gaps of the full bins.
    full_gaps: f64,
}

impl Bins {
    fn new(samples: u64) -> Self {
        let few = samples <= 2 * BINS;
        let open = if few { (samples / 2).max(1) } else { BINS };
        let width = samples / open;
        Self {
            width,
            open,
            room: room(width, open),
            gap: 0.0,
            full_gaps: 0.0,
        }
    }

    fn add(&mut self, risk: f64, group: Counts) {
        let gap = risk * group.samples as f64 - group.exited as f64;
        let mut left = group.samples;
        while left > self.room {
            self.gap += gap * (self.room as f64 / group.samples as f64);
            left -= self.room;
            self.close();
        }
        self.room -= left;
        // A group that fits, as most do, is added without a division.
        let whole = left == group.samples;
        self.gap += if whole {
            gap
        } else {
            gap * (left as f64 / group.samples as f64)
        };
    }

    fn close(&mut self) {
        self.full_gaps += self.gap.abs();
        self.gap = 0.0;
        self.open -= 1;
        self.room = room(self.width, self.open);
    }
}

/// What a fresh bin takes: its width, the last one whatever is left.
fn room(width: u64, open: u64) -> u64 {
    if open > 1 { width } else { u64::MAX }
}
