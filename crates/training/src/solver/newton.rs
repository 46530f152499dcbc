//! Newton's method on the sums of a pass: it decides what the optimum is.

use std::f64::consts::LN_2;

use super::cholesky::{Cholesky, NotDefinite};
use super::{FitError, OnePassSums};

/// Greatest norm of the gradient at an optimum, for each row of weight 1.
const GRADIENT_BOUND: f64 = 1e-10;
/// Greatest entry of the next Newton step at an optimum, for each unit of the greatest parameter.
const STEP_BOUND: f64 = 1e-6;
/// Greatest entry of the last Newton step where the optimum is needed nearly only: after it the
/// parameters are off by about its square.
const SHORT_STEP: f64 = 0.01;
/// A step that is still this long where the gradient has vanished leads to infinity.
const ENDLESS_STEP: f64 = 0.1;
/// Newton steps after which there is no hope; about 6 are usual.
const MAX_STEPS: usize = 100;
/// Halvings of a step after which it leads nowhere.
const MAX_HALVINGS: usize = 40;
/// Part of the decrease promised by the slope that a step must bring (Armijo).
const LEAST_DECREASE: f64 = 1e-4;
/// Rounding of the objective, relative to it.
const OBJECTIVE_ROUNDING: f64 = 1e-13;

/// Parameters at which the norm of the gradient is at most 1e-10 for each row of weight 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimum {
    /// Log-odds of exit where every column is 0.
    pub intercept: f64,
    /// Change in the log-odds by 1 in each column.
    pub coefficients: Vec<f64>,
    /// Weighted mean log-loss over the rows, without the penalty.
    pub log_loss: f64,
    /// Euclidean norm of the gradient, penalty and intercept included.
    pub gradient_norm: f64,
    /// Newton steps taken.
    pub newton_steps: usize,
    /// Whether the start was of no use, so that the steps began at zeros.
    pub from_zeros: bool,
}

/// Minimises the log-loss plus `l2 / 2 · |coefficients|²` from the given parameters, intercept
/// first, by Newton steps that are halved until they lead downhill: one pass a step, as a rule.
///
/// A start that is worse than zeros, or leads nowhere, is no reason to fail: zeros are tried then.
///
/// # Errors
/// [`FitError::Separated`] and [`FitError::Collinear`] where no penalty makes the optimum finite and
/// unique; [`FitError::Overflow`] and [`FitError::NotConverged`] where the columns are too far from
/// standardised.
pub fn minimise(pass: &impl OnePassSums, l2: f64, start: Vec<f64>) -> Result<Optimum, FitError> {
    let objective = Objective { pass, l2 };
    let zeros = vec![0.0; pass.n_columns() + 1];
    if start.len() == zeros.len() && start != zeros {
        // What zeros cost, without a pass.
        let bound = pass.total_weight() * LN_2;
        let point = objective.at(start).filter(|point| point.value <= bound);
        if let Some(Ok(optimum)) = point.map(|point| objective.descend(point)) {
            return Ok(optimum);
        }
    }
    let origin = objective.at(zeros).ok_or(FitError::Overflow)?;
    Ok(Optimum {
        from_zeros: true,
        ..objective.descend(origin)?
    })
}

/// Parameters near the optimum, intercept first, in a pass or two from a start that is near: for
/// comparing penalties, where the last digits of a fit do not matter. The log-loss at them is above its
/// least value by about the square of the last step. Where that does not work, the optimum itself.
///
/// # Errors
/// As [`minimise`].
pub fn nearly_minimise(
    pass: &impl OnePassSums,
    l2: f64,
    start: Vec<f64>,
) -> Result<Vec<f64>, FitError> {
    let objective = Objective { pass, l2 };
    if start.len() == pass.n_columns() + 1
        && let Some(near) = objective.near(start.clone())
    {
        return Ok(near);
    }
    let optimum = minimise(pass, l2, start)?;
    let mut parameters = vec![optimum.intercept];
    parameters.extend(optimum.coefficients);
    Ok(parameters)
}

/// Log-loss and penalty over the data of a pass.
struct Objective<'a, P> {
    pass: &'a P,
    l2: f64,
}

/// The objective with its derivatives at some parameters, intercept first; all finite.
struct Point {
    parameters: Vec<f64>,
    log_loss: f64,
    value: f64,
    gradient: Vec<f64>,
    gradient_norm: f64,
    hessian: Vec<f64>,
}

impl<P: OnePassSums> Objective<'_, P> {
    fn descend(&self, mut point: Point) -> Result<Optimum, FitError> {
        for newton_steps in 0..MAX_STEPS {
            let step = match Cholesky::new(&point.hessian, point.parameters.len()) {
                Ok(factor) => factor
                    .solve(&point.gradient)
                    .iter()
                    .map(|x| -x)
                    .collect::<Vec<_>>(),
                Err(_) => return Err(self.why_not_definite(&point, newton_steps)),
            };
            let is_flat = point.gradient_norm <= self.bound();
            if is_flat && self.l2 == 0.0 && largest(&step) > ENDLESS_STEP {
                return Err(FitError::Separated);
            }
            let is_near = largest(&step) <= STEP_BOUND * (1.0 + largest(&point.parameters));
            if is_flat && is_near {
                return Ok(point.into_optimum(self.pass.total_weight(), newton_steps));
            }
            point = match self.downhill(&point, &step) {
                Some(next) => next,
                // No step lowers the objective any more: as near as rounding allows.
                None => return self.accept(point, newton_steps),
            };
        }
        self.accept(point, MAX_STEPS)
    }

    /// Full Newton steps until one is short, for as long as they get shorter by much.
    fn near(&self, mut parameters: Vec<f64>) -> Option<Vec<f64>> {
        let mut before = f64::INFINITY;
        loop {
            let point = self.at(parameters)?;
            let factor = Cholesky::new(&point.hessian, point.parameters.len()).ok()?;
            let step = factor.solve(&point.gradient);
            let length = largest(&step);
            let moved = point.parameters.iter().zip(&step).map(|(at, by)| at - by);
            parameters = moved.collect();
            if length <= SHORT_STEP {
                return Some(parameters);
            }
            if length > 0.5 * before {
                return None;
            }
            before = length;
        }
    }

    /// Takes the point where the steps ended, if its gradient passes.
    fn accept(&self, point: Point, newton_steps: usize) -> Result<Optimum, FitError> {
        if point.gradient_norm <= self.bound() {
            return Ok(point.into_optimum(self.pass.total_weight(), newton_steps));
        }
        Err(self.not_converged(&point, newton_steps))
    }

    /// None where something is not finite.
    fn at(&self, parameters: Vec<f64>) -> Option<Point> {
        let sums = self.pass.sums(parameters[0], &parameters[1..]);
        let (mut value, mut gradient, mut hessian) = (sums.log_loss, sums.gradient, sums.hessian);
        for (i, parameter) in parameters.iter().enumerate().skip(1) {
            value += 0.5 * self.l2 * parameter * parameter;
            gradient[i] += self.l2 * parameter;
            hessian[i * parameters.len() + i] += self.l2;
        }
        let gradient_norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let is_finite = value.is_finite()
            && gradient_norm.is_finite()
            && hessian.iter().all(|entry| entry.is_finite());
        let log_loss = sums.log_loss;
        is_finite.then_some(Point {
            parameters,
            log_loss,
            value,
            gradient,
            gradient_norm,
            hessian,
        })
    }

    /// The point after the step, halved until the objective falls enough; none where it never does.
    fn downhill(&self, from: &Point, step: &[f64]) -> Option<Point> {
        let slope: f64 = from.gradient.iter().zip(step).map(|(g, s)| g * s).sum();
        let rounding = OBJECTIVE_ROUNDING * from.value.abs();
        let mut length = 1.0;
        for _ in 0..MAX_HALVINGS {
            let moved = from
                .parameters
                .iter()
                .zip(step)
                .map(|(at, s)| at + length * s)
                .collect();
            let bound = from.value + LEAST_DECREASE * length * slope + rounding;
            if let Some(next) = self.at(moved).filter(|next| next.value <= bound) {
                return Some(next);
            }
            length *= 0.5;
        }
        None
    }

    /// The columns themselves are dependent, or the weights have vanished on the way to infinity.
    fn why_not_definite(&self, point: &Point, newton_steps: usize) -> FitError {
        let side = point.parameters.len();
        let Some(origin) = self.at(vec![0.0; side]) else {
            return FitError::Overflow;
        };
        match Cholesky::new(&origin.hessian, side) {
            // The intercept (row 0) depends on nothing.
            Err(NotDefinite { row }) => FitError::Collinear {
                column: row.saturating_sub(1),
            },
            Ok(_) if self.l2 == 0.0 => FitError::Separated,
            Ok(_) => self.not_converged(point, newton_steps),
        }
    }

    fn not_converged(&self, point: &Point, newton_steps: usize) -> FitError {
        let (gradient_norm, bound) = (point.gradient_norm, self.bound());
        FitError::NotConverged {
            gradient_norm,
            bound,
            newton_steps,
        }
    }

    fn bound(&self) -> f64 {
        GRADIENT_BOUND * self.pass.total_weight()
    }
}

impl Point {
    fn into_optimum(self, total_weight: f64, newton_steps: usize) -> Optimum {
        Optimum {
            intercept: self.parameters[0],
            coefficients: self.parameters[1..].to_vec(),
            log_loss: self.log_loss / total_weight,
            gradient_norm: self.gradient_norm,
            newton_steps,
            from_zeros: false,
        }
    }
}

/// Greatest absolute value.
fn largest(values: &[f64]) -> f64 {
    values
        .iter()
        .fold(0.0, |largest, value| value.abs().max(largest))
}
