//! One design for many fits: to other rows, with other weights, from a start that is near.
//!
//! How features become columns is learnt from all samples, without their labels; each fit is then the
//! optimum of its own rows. Nothing here is stored: the model that goes into force is fitted anew.

use crate::Samples;
use crate::encode::Encoding;
use crate::solver::{Design, FitError, RowPass, minimise};
use anyhow::Result;
use risk_core::model::{Model, sigmoid};

/// The design of all samples.
pub(crate) struct SharedDesign<'a> {
    design: Design,
    samples: &'a Samples,
    l2: f64,
}

/// Some rows and what each weighs.
pub(crate) struct Rows {
    rows: Vec<usize>,
    weights: Vec<f64>,
}

impl Rows {
    /// The rows, of so many, that a rule gives a weight.
    pub fn of(n_rows: usize, weigh: impl Fn(usize) -> Option<f64>) -> Self {
        let (rows, weights) = (0..n_rows)
            .filter_map(|row| Some((row, weigh(row)?)))
            .unzip();
        Self { rows, weights }
    }
}

impl<'a> SharedDesign<'a> {
    /// The design of these samples in the basis and with the penalty of a model.
    ///
    /// # Errors
    /// When no feature varies, or the numbers of one cannot be standardised.
    pub fn like(model: &Model, samples: &'a Samples) -> Result<Self> {
        let (_, design) = Encoding::of(&samples.table, model.basis)?;
        Ok(Self {
            design,
            samples,
            l2: model.l2,
        })
    }

    /// Whether each client left.
    pub fn exited(&self) -> &[bool] {
        &self.samples.exited
    }

    /// What a sample itself counts.
    pub fn weight(&self, row: usize) -> f64 {
        self.samples.weight(row)
    }

    /// The parameters, intercept first, fitted to some rows; what the samples themselves weigh counts
    /// too. Any start gives the same optimum; a near one gives it sooner.
    ///
    /// # Errors
    /// As [`crate::solver::fit`].
    pub fn fit(&self, rows: &Rows, start: Vec<f64>) -> Result<Vec<f64>, FitError> {
        let pick = |column: &Vec<f64>| rows.rows.iter().map(|row| column[*row]).collect();
        let design = Design::new(self.design.columns().iter().map(pick).collect())?;
        let exited: Vec<bool> = rows.rows.iter().map(|row| self.exited()[*row]).collect();
        let n_left = exited.iter().filter(|exited| **exited).count();
        if n_left == 0 || n_left == exited.len() {
            return Err(FitError::OneClass {
                exited: n_left > 0,
                rows: exited.len(),
            });
        }
        let of_sample = |row: &usize| self.samples.weight(*row);
        let of_samples = rows.rows.iter().map(of_sample);
        let weights: Vec<f64> = of_samples.zip(&rows.weights).map(|(a, b)| a * b).collect();
        let pass = RowPass::new(&design, &exited)?;
        let is_weighted = weights.iter().any(|weight| *weight != 1.0);
        let pass = if is_weighted {
            pass.weighted(&weights)?
        } else {
            pass
        };
        let optimum = minimise(&pass, self.l2, start)?;
        let mut parameters = vec![optimum.intercept];
        parameters.extend(optimum.coefficients);
        Ok(parameters)
    }

    /// The risks of some rows under fitted parameters.
    pub fn risks(&self, parameters: &[f64], rows: &[usize]) -> Vec<f64> {
        let mut log_odds = vec![parameters[0]; rows.len()];
        for (column, coefficient) in self.design.columns().iter().zip(&parameters[1..]) {
            for (log_odds, row) in log_odds.iter_mut().zip(rows) {
                *log_odds += coefficient * column[*row];
            }
        }
        log_odds.into_iter().map(sigmoid).collect()
    }
}
