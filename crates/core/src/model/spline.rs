//! Where a number lies on the curve that a spline bends: the transform, the knots and the columns.
//!
//! A restricted cubic spline (Harrell, Regression Modeling Strategies, 2nd ed., 2.4.5): cubic between
//! its knots, linear outside them, with continuous second derivatives. With knots `t_1 < … < t_k` its
//! columns are the number itself and, for `j = 1 … k-2`,
//!
//! ```text
//! ((u-t_j)³₊ - (u-t_{k-1})³₊ (t_k-t_j)/(t_k-t_{k-1}) + (u-t_k)³₊ (t_{k-1}-t_j)/(t_k-t_{k-1})) / (t_k-t_1)²
//! ```

use serde::{Deserialize, Serialize};

/// How a number is placed before the spline, and the knots of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spline {
    /// `s` of the signed logarithm `sign(x) ln(1 + |x| / s)`; none where the number is taken as it is.
    pub log_scale: Option<f64>,
    /// The places of the knots, ascending, at least two; with two there are no bends.
    pub knots: Vec<f64>,
}

impl Spline {
    /// The place `u` of a number: on the logarithmic scale where there is one, and no farther from the
    /// outer knots than these are from each other, so that one wild cell cannot outweigh all else.
    #[must_use]
    pub fn place(&self, number: f64) -> f64 {
        let place = match self.log_scale {
            Some(scale) => signed_log(number, scale),
            None => number,
        };
        let (first, last) = self.outer_knots();
        let span = last - first;
        place.max(first - span).min(last + span)
    }

    /// How many columns there are besides the place itself.
    #[must_use]
    pub fn n_bends(&self) -> usize {
        self.knots.len().saturating_sub(2)
    }

    /// The column of bend `j`, from 0, at a place.
    #[must_use]
    pub fn bend(&self, j: usize, place: f64) -> f64 {
        let (first, last) = self.outer_knots();
        // Beyond the last knot the cubes cancel; the straight line is exact there.
        let over = (place - last).max(0.0);
        self.cubic(j, place.min(last)) + over * self.slope_at_end(j) / (last - first).powi(2)
    }

    fn cubic(&self, j: usize, place: f64) -> f64 {
        let (first, last) = self.outer_knots();
        let (knot, before_last) = (self.knots[j], self.knots[self.knots.len() - 2]);
        let cube = |from: f64| (place - from).max(0.0).powi(3);
        let share = (last - knot) / (last - before_last);
        (cube(knot) - cube(before_last) * share) / (last - first).powi(2)
    }

    /// `3 (t_k - t_j) (t_{k-1} - t_j)`: the derivative at the last knot, times the square of the span.
    fn slope_at_end(&self, j: usize) -> f64 {
        let (_, last) = self.outer_knots();
        let (knot, before_last) = (self.knots[j], self.knots[self.knots.len() - 2]);
        3.0 * (last - knot) * (before_last - knot)
    }

    fn outer_knots(&self) -> (f64, f64) {
        match (self.knots.first(), self.knots.last()) {
            (Some(first), Some(last)) => (*first, *last),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }
}

/// `sign(x) ln(1 + |x| / scale)`: like the number near 0, like its logarithm far from it.
#[must_use]
pub fn signed_log(number: f64, scale: f64) -> f64 {
    (number.abs() / scale).ln_1p().copysign(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spline() -> Spline {
        Spline {
            log_scale: None,
            knots: vec![-1.0, 0.0, 0.5, 2.0],
        }
    }

    /// The formula at the top of this file.
    fn by_definition(spline: &Spline, j: usize, u: f64) -> f64 {
        let t = &spline.knots;
        let k = t.len();
        let p = |from: f64| (u - from).max(0.0).powi(3);
        let width = t[k - 1] - t[k - 2];
        (p(t[j]) - p(t[k - 2]) * (t[k - 1] - t[j]) / width
            + p(t[k - 1]) * (t[k - 2] - t[j]) / width)
            / (t[k - 1] - t[0]).powi(2)
    }

    #[test]
    fn the_columns_are_those_of_the_definition() {
        let spline = spline();
        assert_eq!(spline.n_bends(), 2);
        for j in 0..2 {
            for step in -40..=50 {
                let u = f64::from(step) / 10.0;
                let (found, expected) = (spline.bend(j, u), by_definition(&spline, j, u));
                assert!(
                    (found - expected).abs() < 1e-12,
                    "{j} {u}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn it_is_linear_outside_the_knots_and_smooth_at_them() {
        let spline = spline();
        let second = |u: f64| {
            let h = 1e-3;
            (spline.bend(0, u + h) - 2.0 * spline.bend(0, u) + spline.bend(0, u - h)) / (h * h)
        };
        for outside in [-3.0, -1.5, 2.5, 9.0] {
            assert!(second(outside).abs() < 1e-6, "{outside}");
        }
        for knot in [0.0, 0.5, 2.0] {
            assert!(
                (second(knot - 2e-3) - second(knot + 2e-3)).abs() < 0.05,
                "{knot}"
            );
        }
    }

    #[test]
    fn a_place_is_at_most_one_span_from_the_outer_knots() {
        let spline = spline();
        for (number, place) in [(1.5, 1.5), (4.9, 4.9), (5.1, 5.0), (1e6, 5.0), (-1e6, -4.0)] {
            assert_eq!(spline.place(number), place);
        }
        let logarithmic = Spline {
            log_scale: Some(1e-3),
            ..spline
        };
        assert_eq!(logarithmic.place(f64::MAX), 5.0);
    }

    #[test]
    fn the_logarithm_is_odd_and_keeps_the_order() {
        for (number, expected) in [(0.0, 0.0), (10.0, 6.0_f64.ln()), (-10.0, -(6.0_f64.ln()))] {
            assert!((signed_log(number, 2.0) - expected).abs() < 1e-15);
        }
        let numbers = [-1e9, -3.0, -0.1, 0.0, 0.1, 3.0, 1e9];
        assert!(
            numbers
                .windows(2)
                .all(|pair| signed_log(pair[0], 2.0) < signed_log(pair[1], 2.0))
        );
    }
}
