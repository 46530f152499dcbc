//! Champions fitted on finite data, and the clients they meet.

use crate::draws::Draws;
use monitoring::evidence::{Labelled, Recalibration, fit_recalibration};

/// How many features a client has, independent standard normal.
pub const FEATURES: usize = 8;
/// The true effects, but for the common factor that makes the log-odds vary by `SPREAD`.
const EFFECTS: [f64; FEATURES] = [0.8, -0.6, 0.5, -0.4, 0.3, 0.3, -0.2, 0.2];
/// Standard deviation of the true log-odds: an AUC of about .80.
const SPREAD: f64 = 1.4;
/// Ridge penalty of a fit.
const L2: f64 = 1.0;
/// Folds of the cross-fit.
const FOLDS: usize = 5;

/// A linear function of the features.
#[derive(Clone, Copy)]
pub struct Line {
    pub intercept: f64,
    pub effects: [f64; FEATURES],
}

impl Line {
    /// The true log-odds with a base rate.
    pub fn truth(base_rate: f64) -> Self {
        let norm = EFFECTS
            .iter()
            .map(|effect| effect * effect)
            .sum::<f64>()
            .sqrt();
        let effects = EFFECTS.map(|effect| effect * SPREAD / norm);
        Self {
            intercept: intercept_for(base_rate, 0.0, SPREAD),
            effects,
        }
    }

    pub fn at(&self, features: &[f64; FEATURES]) -> f64 {
        let products = self
            .effects
            .iter()
            .zip(features)
            .map(|(effect, x)| effect * x);
        self.intercept + products.sum::<f64>()
    }
}

/// The intercept with which log-odds of this mean and standard deviation above it give a base rate.
pub fn intercept_for(base_rate: f64, mean: f64, deviation: f64) -> f64 {
    bisect(|intercept| base_rate_of(intercept + mean, deviation) < base_rate)
}

/// By how much the mean of each feature moves, in the direction of growing risk of two features alone,
/// so that the base rate becomes another.
pub fn mix_shift(truth: &Line, base_rate: f64) -> [f64; FEATURES] {
    let direction: [f64; FEATURES] = std::array::from_fn(|i| {
        if i < 2 {
            truth.effects[i].signum()
        } else {
            0.0
        }
    });
    let along: f64 = direction
        .iter()
        .zip(&truth.effects)
        .map(|(d, e)| d * e)
        .sum();
    let shift = bisect(|shift| base_rate_of(truth.intercept + shift * along, SPREAD) < base_rate);
    direction.map(|part| part * shift)
}

fn bisect(is_below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-20.0, 20.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Mean of the logistic function over normal log-odds, by the trapezoid rule.
fn base_rate_of(mean: f64, deviation: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for step in -800..=800 {
        let z = f64::from(step) / 100.0;
        let weight = (-0.5 * z * z).exp();
        sum += weight * logistic(mean + deviation * z);
        weights += weight;
    }
    sum / weights
}

pub fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// A champion as it is deployed.
pub struct Champion {
    pub line: Line,
    pub recalibration: Recalibration,
}

impl Champion {
    /// Trains a champion on so many samples and cross-fits its recalibration.
    pub fn train(truth: &Line, n: usize, draws: &mut Draws) -> Self {
        let (rows, exited) = samples(truth, n, draws);
        let line = fit(&rows, &exited, truth, |_| true);
        let mut held_out = Vec::with_capacity(n);
        for fold in 0..FOLDS {
            let other = fit(&rows, &exited, &line, |row| row % FOLDS != fold);
            for row in (fold..n).step_by(FOLDS) {
                held_out.push(Labelled::new(logistic(other.at(&rows[row])), exited[row]));
            }
        }
        let n_positive = exited.iter().filter(|exited| **exited).count() as u64;
        let recalibration = fit_recalibration(&held_out)
            .unwrap_or_else(|| Recalibration::assumed(n as u64, n_positive))
            .of_champion(FEATURES as u64 + 1, n_positive.min(n as u64 - n_positive));
        Self {
            line,
            recalibration,
        }
    }
}

fn samples(truth: &Line, n: usize, draws: &mut Draws) -> (Vec<[f64; FEATURES]>, Vec<bool>) {
    (0..n)
        .map(|_| {
            let row: [f64; FEATURES] = std::array::from_fn(|_| draws.normal());
            let exited = draws.uniform() < logistic(truth.at(&row));
            (row, exited)
        })
        .unzip()
}

/// Ridge logistic regression on the chosen rows by Newton's method, from a line that may be near.
fn fit(
    rows: &[[f64; FEATURES]],
    exited: &[bool],
    from: &Line,
    chosen: impl Fn(usize) -> bool,
) -> Line {
    const SIZE: usize = FEATURES + 1;
    let mut theta: [f64; SIZE] = std::array::from_fn(|i| {
        if i == 0 {
            from.intercept
        } else {
            from.effects[i - 1]
        }
    });
    for _ in 0..30 {
        let mut gradient: [f64; SIZE] =
            std::array::from_fn(|i| if i == 0 { 0.0 } else { -L2 * theta[i] });
        let mut hessian: [[f64; SIZE]; SIZE] = std::array::from_fn(|i| {
            std::array::from_fn(|j| if i == j && i > 0 { L2 } else { 0.0 })
        });
        for row in (0..rows.len()).filter(|row| chosen(*row)) {
            let x: [f64; SIZE] =
                std::array::from_fn(|i| if i == 0 { 1.0 } else { rows[row][i - 1] });
            let p = logistic(x.iter().zip(&theta).map(|(x, t)| x * t).sum());
            let residual = f64::from(u8::from(exited[row])) - p;
            let weight = p * (1.0 - p);
            for i in 0..SIZE {
                gradient[i] += residual * x[i];
                for j in 0..=i {
                    hessian[i][j] += weight * x[i] * x[j];
                }
            }
        }
        let step = solve(hessian, gradient);
        let length = step.iter().map(|part| part.abs()).fold(0.0, f64::max);
        for (theta, part) in theta.iter_mut().zip(&step) {
            *theta += part / length.max(2.0) * 2.0;
        }
        // The next step would be about the square of this one.
        if length < 1e-3 {
            break;
        }
    }
    Line {
        intercept: theta[0],
        effects: std::array::from_fn(|i| theta[i + 1]),
    }
}

/// Solves a positive definite system, of which the lower half is given, by Cholesky's method.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for i in 0..N {
        for j in 0..=i {
            let product: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let rest = matrix[i][j] - product;
            matrix[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / matrix[j][j]
            };
        }
    }
    for i in 0..N {
        let known: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    for i in (0..N).rev() {
        let known: f64 = (i + 1..N).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - known) / matrix[i][i];
    }
    right
}
