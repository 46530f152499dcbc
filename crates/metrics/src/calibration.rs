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
    let mut gaps = 0.0;
    fill_bins(draw, |bin| gaps += (bin.risks - bin.exited).abs());
    Ok(gaps / draw.all.samples as f64)
}

/// Samples of one bin. Where the bin ends among equal risks, `exited` is no whole number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bin {
    /// How many samples.
    pub samples: u64,
    /// The sum of their risks.
    pub risks: f64,
    /// How many of them exited.
    pub exited: f64,
}

/// Fills the bins of the calibration error one after the other by rising risk.
pub(super) fn fill_bins(draw: &Draw<'_>, closed: impl FnMut(Bin)) {
    let mut bins = Bins::new(draw.all.samples, closed);
    for (risk, group) in draw.groups().rev() {
        bins.add(risk, group);
    }
    bins.close();
}

/// Bins of equal counts.
struct Bins<Closed> {
    width: u64,
    /// Bins not yet full.
    open: u64,
    /// Samples that the bin being filled still takes.
    room: u64,
    /// The bin being filled.
    bin: Bin,
    /// Takes each full bin.
    closed: Closed,
}

impl<Closed: FnMut(Bin)> Bins<Closed> {
    fn new(samples: u64, closed: Closed) -> Self {
        let few = samples <= 2 * BINS;
        let open = if few { (samples / 2).max(1) } else { BINS };
        let width = samples / open;
        Self {
            width,
            open,
            room: room(width, open),
            bin: Bin::default(),
            closed,
        }
    }

    fn add(&mut self, risk: f64, group: Counts) {
        let mut left = group.samples;
        while left > self.room {
            left -= self.room;
            self.take(self.room, risk, group);
            self.close();
        }
        self.room -= left;
        self.take(left, risk, group);
    }

    fn take(&mut self, samples: u64, risk: f64, group: Counts) {
        self.bin.samples += samples;
        self.bin.risks += risk * samples as f64;
        // A group that fits, as most do, is added without a division.
        let whole = samples == group.samples;
        self.bin.exited += if whole {
            group.exited as f64
        } else {
            group.exited as f64 * (samples as f64 / group.samples as f64)
        };
    }

    fn close(&mut self) {
        (self.closed)(std::mem::take(&mut self.bin));
        self.open = self.open.saturating_sub(1);
        self.room = room(self.width, self.open);
    }
}

/// What a fresh bin takes: its width, the last one whatever is left.
fn room(width: u64, open: u64) -> u64 {
    if open > 1 { width } else { u64::MAX }
}
