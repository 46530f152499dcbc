//! Figures of the probabilities themselves: do 20 of 100 clients at a risk of .2 exit?

use super::ranked::Ranked;
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
    weighted_mean(&log_losses(&ranked), &ranked.each_once())
}

/// Mean squared difference of the risk and what happened (0 or 1), as scikit-learn's
/// `brier_score_loss`.
///
/// # Errors
/// Slices of unequal length or empty, or a risk outside 0 to 1.
pub fn brier(risks: &[f64], exited: &[bool]) -> Figure {
    let ranked = Ranked::without_clients(risks, exited)?;
    weighted_mean(&squared_errors(&ranked), &ranked.each_once())
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
    calibration_error_of(&ranked, &ranked.each_once())
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

pub(super) fn weighted_mean(values: &[f64], copies: &[u32]) -> Figure {
    let (mut sum, mut weight) = (0.0, 0);
    for (value, &copies) in values.iter().zip(copies) {
        sum += value * f64::from(copies);
        weight += u64::from(copies);
    }
    if weight == 0 {
        return Err(MetricsError::NoSamples);
    }
    Ok(sum / weight as f64)
}

pub(super) fn calibration_error_of(ranked: &Ranked, copies: &[u32]) -> Figure {
    let samples = ranked.count_all(copies).samples;
    if samples == 0 {
        return Err(MetricsError::NoSamples);
    }
    let bins = if samples <= 2 * BINS {
        (samples / 2).max(1)
    } else {
        BINS
    };
    let width = samples / bins;
    let room_of = |bin: u64| if bin < bins { width } else { u64::MAX };

    let (mut bin, mut room, mut gap, mut sum) = (1, room_of(1), 0.0, 0.0_f64);
    for group in ranked.groups().rev() {
        let risk = ranked.risks[group.start];
        let here = ranked.count(group, copies);
        let gap_each = risk - here.exited as f64 / here.samples.max(1) as f64;
        let mut left = here.samples;
        while left > 0 {
            let taken = left.min(room);
            gap += gap_each * taken as f64;
            left -= taken;
            room -= taken;
            if room == 0 {
                sum += gap.abs();
                bin += 1;
                (room, gap) = (room_of(bin), 0.0);
            }
        }
    }
    Ok((sum + gap.abs()) / samples as f64)
}
