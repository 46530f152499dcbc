//! The optimum of a penalised logistic regression, on arrays only.
//!
//! Minimises, over an intercept `b` and coefficients `w`,
//!
//! ```text
//! Σ log(1 + exp(-s_i (b + w·x_i)))  +  l2/2 · |w|²        s_i = +1 exited, -1 stayed
//! ```
//!
//! which on standardised columns is scikit-learn's `LogisticRegression(C = 1/l2)`; the intercept is
//! not penalised. linfa-logistic finds a start, on a sample where there are many rows; Newton steps
//! over all rows take it from there until the norm of the gradient is at most 1e-10 a row. What
//! [`fit`] returns passed that test; anything else is an error that names the cause. Rows may have
//! weights ([`fit_weighted`]): each loss is multiplied with the weight of its row, and the bound is
//! 1e-10 times the sum of the weights.
//!
//! The same rows, labels and penalty give the same bits, on any number of threads.

mod cholesky;
mod design;
mod error;
mod exponential;
mod newton;
mod pass;
mod start;
mod sums;
#[cfg(test)]
mod tests;

pub(crate) use cholesky::Cholesky;
pub use design::Design;
pub use error::FitError;
pub use newton::{Optimum, minimise, nearly_minimise};
pub use pass::RowPass;
pub use start::Start;
pub use sums::{OnePassSums, Sums};

/// A fitted logistic regression: the log-odds of exit are `intercept + Σ coefficient · x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Log-odds of exit where every column is 0.
    pub intercept: f64,
    /// Change in the log-odds by 1 in each column, in order of the columns.
    pub coefficients: Vec<f64>,
    /// Mean log-loss (natural logarithm) over the rows, weighted where they have weights, without the
    /// penalty.
    pub log_loss: f64,
    /// Euclidean norm of the gradient of the objective, intercept included; at most 1e-10 a row, or
    /// for each unit of weight.
    pub gradient_norm: f64,
    /// Newton steps taken after the start.
    pub newton_steps: usize,
    /// Where the Newton steps started.
    pub start: Start,
}

/// Fits log-odds of exit to standardised columns.
///
/// `exited` has a label a row of the design; `l2`, 0 or more, is the penalty on the squared
/// coefficients.
///
/// # Errors
/// Labels that do not belong to the design or are all of one class, a penalty that is none, a column
/// that does not vary, and, without penalty, columns that predict each other or separate the
/// classes. Columns far from a standard deviation of 1 may fail to converge.
pub fn fit(design: &Design, exited: &[bool], l2: f64) -> Result<Fit, FitError> {
    check(design, exited, l2)?;
    let pass = RowPass::new(design, exited)?;
    descend(&pass, l2, start::linfa(design, exited, l2))
}

/// Fits as [`fit`] does, with a weight for each row: one of weight 2 counts like two rows. What has no
/// weight is left out of the design. Equals scikit-learn's `sample_weight`.
///
/// # Errors
/// As [`fit`]; also weights that do not belong to the rows, are not finite or not above 0.
pub fn fit_weighted(
    design: &Design,
    exited: &[bool],
    weights: &[f64],
    l2: f64,
) -> Result<Fit, FitError> {
    check(design, exited, l2)?;
    let pass = RowPass::new(design, exited)?.weighted(weights)?;
    descend(
        &pass,
        l2,
        start::linfa_weighted(design, exited, weights, l2),
    )
}

/// Newton steps from linfa's fit, or from zeros where that is of no use.
fn descend(
    pass: &RowPass<'_>,
    l2: f64,
    linfa: Result<start::Fitted, String>,
) -> Result<Fit, FitError> {
    let parameters = linfa
        .as_ref()
        .map_or(Vec::new(), |fitted| fitted.parameters.clone());
    let optimum = minimise(pass, l2, parameters)?;
    let start = match linfa {
        Ok(_) if optimum.from_zeros => Start::Zeros {
            reason: "linfa's fit leads nowhere".into(),
        },
        Ok(fitted) => Start::Linfa {
            n_samples: fitted.n_samples,
        },
        Err(reason) => Start::Zeros { reason },
    };
    Ok(Fit {
        intercept: optimum.intercept,
        coefficients: optimum.coefficients,
        log_loss: optimum.log_loss,
        gradient_norm: optimum.gradient_norm,
        newton_steps: optimum.newton_steps,
        start,
    })
}

fn check(design: &Design, exited: &[bool], l2: f64) -> Result<(), FitError> {
    let (rows, labels) = (design.n_samples(), exited.len());
    if labels != rows {
        return Err(FitError::Labels { labels, rows });
    }
    let n_exited = exited.iter().filter(|&&exited| exited).count();
    if n_exited == 0 || n_exited == labels {
        return Err(FitError::OneClass {
            exited: n_exited > 0,
            rows,
        });
    }
    if !(l2.is_finite() && l2 >= 0.0) {
        return Err(FitError::Penalty(l2));
    }
    match (0..design.n_columns()).find(|&column| design.is_constant(column)) {
        Some(column) => Err(FitError::ConstantColumn { column }),
        None => Ok(()),
    }
}
