//! A number as a smooth curve: where its spline has its knots, and columns on which the ridge penalty
//! means the same for every feature.
//!
//! With `f` the curve of a feature over the places `u` of its samples, the penalty is
//!
//! ```text
//! l2/2 · ( variance of f over the samples + κ ∫ f''(u)² du )        κ = σ⁴ / (8 (t_k - t_1))
//! ```
//!
//! The first part is what the penalty on a standardised column is, whatever columns describe the curve;
//! the second keeps it smooth (a smoothing spline: Green and Silverman 1994, ch. 2). `κ` makes both
//! parts about equal for a parabola: `σ` is the standard deviation of the places. The raw columns are
//! rotated by a Cholesky factor of the penalty, so that to the solver it is `l2/2 · |w|²` again.

use super::Moments;
use super::order::quantile;
use crate::solver::Cholesky;
use risk_core::model::{Spline, signed_log};

/// Most knots. Measured on public data: 5 to 8 differ by less than a standard error.
const MAX_KNOTS: usize = 6;
/// A column is heavy-tailed when its outer half percent is farther from the median than so many
/// times the distance between its quartiles: 1.9 times for normal numbers, 4.2 for exponential ones.
const HEAVY: f64 = 4.0;
/// The share of the samples beyond the fence on either side, before it is moved out by its own width.
const FENCE: f64 = 0.05;
/// Least distance of two knots, as a part of that of the outer ones.
const LEAST_GAP: f64 = 1e-4;
/// Part of a column that must be left after those before it are taken out; less is rounding.
const LEAST_PIVOT: f64 = 1e-12;

/// How a number becomes a curve, and the way back from coefficients of the design to those of the curve.
#[derive(Debug)]
pub(super) struct Curve {
    pub spline: Spline,
    /// Of the place and of each bend.
    pub moments: Vec<Moments>,
    /// Of the penalty on the coefficients of the raw columns.
    factor: Cholesky,
}

impl Curve {
    /// The curve of imputed numbers and its columns of the design; `known` are the numbers that were
    /// not missing, ascending. None for numbers that do not vary.
    pub fn of(known: &[f64], imputed: &[f64]) -> Option<(Self, Vec<Vec<f64>>)> {
        let spline = spline(known)?;
        let line = Spline {
            knots: vec![*spline.knots.first()?, *spline.knots.last()?],
            ..spline
        };
        Self::on(spline, imputed).or_else(|| Self::on(line, imputed))
    }

    fn on(spline: Spline, imputed: &[f64]) -> Option<(Self, Vec<Vec<f64>>)> {
        let places: Vec<f64> = imputed.iter().map(|number| spline.place(*number)).collect();
        let bends = (0..spline.n_bends())
            .map(|j| places.iter().map(|place| spline.bend(j, *place)).collect());
        let bends: Vec<Vec<f64>> = bends.collect();
        let mut columns = vec![places];
        columns.extend(bends);
        let moments: Vec<Moments> = columns.iter().map(|column| Moments::of(column)).collect();
        for (column, moments) in columns.iter_mut().zip(&moments) {
            column.iter_mut().for_each(|cell| *cell -= moments.mean);
        }
        let penalty = penalty(&spline, &columns, moments[0].standard_deviation);
        let factor = Cholesky::with_least_pivot(&penalty, columns.len(), LEAST_PIVOT).ok()?;
        rotate(&factor, &mut columns);
        let curve = Self {
            spline,
            moments,
            factor,
        };
        Some((curve, columns))
    }

    /// The coefficients of place and bends that do what those of the design do.
    pub fn raw_coefficients(&self, rotated: &[f64]) -> Vec<f64> {
        self.factor.solve_transposed(rotated.to_vec())
    }
}

/// The transform and the knots for ascending numbers; none where there is one number only.
fn spline(known: &[f64]) -> Option<Spline> {
    let log_scale = log_scale(known);
    let places: Vec<f64> = known
        .iter()
        .map(|number| log_scale.map_or(*number, |scale| signed_log(*number, scale)))
        .collect();
    let knots = knots(&places);
    (knots.len() >= 2).then_some(Spline { log_scale, knots })
}

/// The scale of the logarithm of a heavy-tailed column: the size that one in a thousand of its numbers
/// other than 0 stay below, so that in another unit the curve is the same. One in twenty blunts what
/// the smallest say: on the sample data the log-loss was 0.0005 higher.
fn log_scale(known: &[f64]) -> Option<f64> {
    if !is_heavy_tailed(known) {
        return None;
    }
    let mut sizes: Vec<f64> = known
        .iter()
        .filter(|number| **number != 0.0)
        .map(|number| number.abs())
        .collect();
    sizes.sort_by(f64::total_cmp);
    Some(quantile(&sizes, 0.001)).filter(|scale| scale.is_normal())
}

fn is_heavy_tailed(known: &[f64]) -> bool {
    if distinct(known, 2).is_some() {
        return false;
    }
    let [low, first, middle, third, high] =
        [0.005, 0.25, 0.5, 0.75, 0.995].map(|share| quantile(known, share));
    (high - middle).max(middle - low) > HEAVY * (third - first)
}

/// The knots for ascending places: all of them where they are few; else quantiles of what lies inside
/// a fence, which keeps a wild cell from moving the outer knots.
fn knots(places: &[f64]) -> Vec<f64> {
    if let Some(few) = distinct(places, MAX_KNOTS) {
        return apart(few);
    }
    let (low, high) = (quantile(places, FENCE), quantile(places, 1.0 - FENCE));
    let width = high - low;
    let fence = if width > 0.0 {
        low - width..=high + width
    } else {
        f64::NEG_INFINITY..=f64::INFINITY
    };
    let inside: Vec<f64> = places
        .iter()
        .copied()
        .filter(|place| fence.contains(place))
        .collect();
    let last = (MAX_KNOTS - 1) as f64;
    let shares = (0..MAX_KNOTS).map(|knot| knot as f64 / last);
    let knots = apart(shares.map(|share| quantile(&inside, share)).collect());
    if knots.len() > 2 {
        return knots;
    }
    // Nearly all are the same number: the middle of those that differ says more.
    let mut different = inside;
    different.dedup();
    apart(
        [0.0, 0.5, 1.0]
            .map(|share| quantile(&different, share))
            .into(),
    )
}

/// Ascending knots without those that are too close to the one before, the outer ones kept.
fn apart(knots: Vec<f64>) -> Vec<f64> {
    let (Some(first), Some(last)) = (knots.first().copied(), knots.last().copied()) else {
        return knots;
    };
    let least = LEAST_GAP * (last - first);
    let mut kept = vec![first];
    for knot in knots {
        if knot - kept[kept.len() - 1] > least && last - knot > least {
            kept.push(knot);
        }
    }
    if last > first {
        kept.push(last);
    }
    kept
}

/// The different ones of ascending numbers, where they are at most so many.
fn distinct(ascending: &[f64], most: usize) -> Option<Vec<f64>> {
    let mut found: Vec<f64> = Vec::new();
    for number in ascending {
        if found.last() != Some(number) {
            found.push(*number);
            if found.len() > most {
                return None;
            }
        }
    }
    Some(found)
}

/// The penalty on the coefficients of the raw, centred columns: `variance + κ ∫ f''²`; a square, row after
/// row.
fn penalty(spline: &Spline, centred: &[Vec<f64>], deviation: f64) -> Vec<f64> {
    let n = centred[0].len() as f64;
    let knots = &spline.knots;
    let span = knots[knots.len() - 1] - knots[0];
    let weight = deviation.powi(4) / (8.0 * span);
    // f'' is straight between knots: its values at them determine the integral.
    let curvature: Vec<Vec<f64>> = (0..centred.len())
        .map(|column| {
            knots
                .iter()
                .map(|knot| second_derivative(spline, column, *knot))
                .collect()
        })
        .collect();
    let roughness = |a: &[f64], b: &[f64]| -> f64 {
        (1..knots.len())
            .map(|i| {
                let crossed = a[i - 1] * b[i] + a[i] * b[i - 1];
                let straight = a[i - 1] * b[i - 1] + a[i] * b[i];
                (knots[i] - knots[i - 1]) * (2.0 * straight + crossed) / 6.0
            })
            .sum()
    };
    let entry = |i: usize, j: usize| -> f64 {
        let products = centred[i].iter().zip(&centred[j]).map(|(a, b)| a * b);
        products.sum::<f64>() / n + weight * roughness(&curvature[i], &curvature[j])
    };
    let side = centred.len();
    let mut square = vec![0.0; side * side];
    for i in 0..side {
        for j in 0..=i {
            square[i * side + j] = entry(i, j);
            square[j * side + i] = square[i * side + j];
        }
    }
    square
}

/// Of a raw column at a knot: column 0 is the place itself.
fn second_derivative(spline: &Spline, column: usize, at: f64) -> f64 {
    let Some(j) = column.checked_sub(1) else {
        return 0.0;
    };
    let knots = &spline.knots;
    let [before_last, last] = [knots[knots.len() - 2], knots[knots.len() - 1]];
    let ramp = |from: f64| 6.0 * (at - from).max(0.0);
    let share = (last - knots[j]) / (last - before_last);
    (ramp(knots[j]) - ramp(before_last) * share) / (last - knots[0]).powi(2)
}

/// Columns `x` become `x L'^-1`, row by row: `L z = x`.
fn rotate(factor: &Cholesky, columns: &mut [Vec<f64>]) {
    for i in 0..columns.len() {
        let (before, rest) = columns.split_at_mut(i);
        for (j, column) in before.iter().enumerate() {
            let part = factor.at(i, j);
            for (cell, other) in rest[0].iter_mut().zip(column) {
                *cell -= part * other;
            }
        }
        let own = factor.at(i, i);
        rest[0].iter_mut().for_each(|cell| *cell /= own);
    }
}

#[cfg(test)]
mod tests;
