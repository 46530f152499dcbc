//! Figures of the order of the risks alone: does the list start with the leavers?

use super::ranked::{Counts, Draw, Ranked};
use super::{Figure, MetricsError, Scored, delong};

/// Chance that a client who exited has a higher risk than one who stayed, ties counting half: the
/// rank form of the area under the ROC curve, as scikit-learn's `roc_auc_score`.
///
/// # Errors
/// Slices of unequal length or empty, a risk outside 0 to 1, or one class only.
pub fn roc_auc(risks: &[f64], exited: &[bool]) -> Figure {
    delong::area(&Ranked::without_clients(risks, exited)?).map(|area| area.value)
}

/// Precision averaged over the recalls reached, `Σ (R_k - R_(k-1)) P_k` over the distinct risks from
/// the highest, as scikit-learn's `average_precision_score`.
///
/// # Errors
/// Slices of unequal length or empty, a risk outside 0 to 1, or nobody exited.
pub fn average_precision(risks: &[f64], exited: &[bool]) -> Figure {
    let ranked = Ranked::without_clients(risks, exited)?;
    average_precision_of(&Draw::each_once(&ranked))
}

/// Share of leavers among the top `max(1, round(n · share))` samples by risk, over their share among
/// all: 1 is a list drawn blindly. Ties are broken by client id; a half rounds to even, as in Python
/// and in IEEE 754.
///
/// `share` is the part of the samples looked at, above 0 and at most 1.
///
/// # Errors
/// Slices of unequal length or empty, a risk outside 0 to 1, or nobody exited.
pub fn lift(samples: &Scored<'_>, share: f64) -> Figure {
    let ranked = Ranked::new(samples)?;
    lift_of(&Draw::each_once(&ranked), share)
}

/// Share of leavers among the `capacity` samples with the highest risk, or among all where there are
/// not so many: what a team that calls so many clients finds. Ties are broken by client id.
///
/// # Errors
/// Slices of unequal length or empty, a risk outside 0 to 1, or a capacity of 0.
pub fn precision_at(samples: &Scored<'_>, capacity: u64) -> Figure {
    let ranked = Ranked::new(samples)?;
    precision_at_of(&Draw::each_once(&ranked), capacity)
}

/// The points of the ROC curve, `(false_positive_rate, true_positive_rate, threshold)`: what comes
/// of predicting exit from the threshold up, from the strictest to the most lenient.
///
/// As scikit-learn's `roc_curve`: one point a distinct risk, those inside a straight piece left out,
/// and `(0, 0, ∞)` first. Empty where there is no curve: one class only, or slices that
/// [`roc_auc`] refuses.
pub fn roc_curve(risks: &[f64], exited: &[bool]) -> Vec<(f64, f64, f64)> {
    let Ok(ranked) = Ranked::without_clients(risks, exited) else {
        return Vec::new();
    };
    let draw = Draw::each_once(&ranked);
    let all = draw.all;
    if all.exited == 0 || all.stayed() == 0 {
        return Vec::new();
    }
    let rates = |(above, threshold): (Counts, f64)| {
        let false_positive_rate = above.stayed() as f64 / all.stayed() as f64;
        let true_positive_rate = above.exited as f64 / all.exited as f64;
        (false_positive_rate, true_positive_rate, threshold)
    };
    corners(&cumulated(&draw)).into_iter().map(rates).collect()
}

pub(super) fn average_precision_of(draw: &Draw<'_>) -> Figure {
    if draw.all.exited == 0 {
        return Err(MetricsError::Undefined("no client exited"));
    }
    let mut above = Counts::default();
    let mut sum = 0.0;
    for (_, group) in draw.groups() {
        above.add(group);
        // No branch on whether anybody exited here: in a draw it is guessed wrong all the time.
        sum += group.exited as f64 * (above.exited as f64 / above.samples.max(1) as f64);
    }
    Ok(sum / draw.all.exited as f64)
}

pub(super) fn lift_of(draw: &Draw<'_>, share: f64) -> Figure {
    let all = draw.all;
    if all.exited == 0 {
        return Err(MetricsError::Undefined("no client exited"));
    }
    let size = ((all.samples as f64 * share).round_ties_even() as u64).clamp(1, all.samples);
    let found = exited_among_first(draw, size);
    Ok((found as f64 / size as f64) / (all.exited as f64 / all.samples as f64))
}

pub(super) fn precision_at_of(draw: &Draw<'_>, capacity: u64) -> Figure {
    let size = capacity.min(draw.all.samples);
    if size == 0 {
        return Err(MetricsError::Undefined("no client can be contacted"));
    }
    Ok(exited_among_first(draw, size) as f64 / size as f64)
}

/// How many of the first `size` samples by risk exited.
fn exited_among_first(draw: &Draw<'_>, size: u64) -> u64 {
    let mut room = size;
    let mut found = 0;
    for (&copies, &exited) in draw.copies.iter().zip(&draw.ranked.exited) {
        let taken = u64::from(copies).min(room);
        found += taken * u64::from(exited);
        room -= taken;
        if room == 0 {
            break;
        }
    }
    found
}

/// Counts at and above each distinct risk, with that risk, from none at all.
fn cumulated(draw: &Draw<'_>) -> Vec<(Counts, f64)> {
    let mut above = Counts::default();
    let mut points = vec![(above, f64::INFINITY)];
    for (risk, group) in draw.groups() {
        above.add(group);
        points.push((above, risk));
    }
    points
}

/// The ends, the first risk, and the points before which and after which the curve takes different steps.
fn corners(points: &[(Counts, f64)]) -> Vec<(Counts, f64)> {
    let step = |from: Counts, to: Counts| (to.samples - from.samples, to.exited - from.exited);
    let is_corner = |i: usize| {
        i <= 1
            || i + 1 == points.len()
            || step(points[i - 1].0, points[i].0) != step(points[i].0, points[i + 1].0)
    };
    (0..points.len())
        .filter(|&i| is_corner(i))
        .map(|i| points[i])
        .collect()
}
