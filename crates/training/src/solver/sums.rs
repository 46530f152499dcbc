//! What a Newton step needs to know of the data: a few sums over the rows.

/// Data that yields the sums of a logistic regression for given coefficients in one pass.
///
/// The rows may be anywhere: here they are columns in memory ([`super::RowPass`]), elsewhere the
/// pass can be one aggregate query. With `z_i = intercept + Σ coefficient · x_i`, `p_i` its logistic
/// function, `y_i` 1 for those who exited and `v_i` the weight of a row (1 where rows have none), the
/// sums are those of [`Sums`].
pub trait OnePassSums {
    /// Number of rows summed over.
    fn n_samples(&self) -> usize;

    /// Sum of the weights of the rows.
    fn total_weight(&self) -> f64 {
        self.n_samples() as f64
    }

    /// Number of columns, and so of coefficients.
    fn n_columns(&self) -> usize;

    /// The sums at the given parameters; not finite where they overflow.
    fn sums(&self, intercept: f64, coefficients: &[f64]) -> Sums;
}

/// Sums over rows. Parameter 0 is the intercept, parameter `j + 1` the coefficient of column `j`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sums {
    /// `Σ -v_i log(p_i or 1 - p_i)`, natural logarithm, without penalty.
    pub log_loss: f64,
    /// `X'V(p - y)`, one entry a parameter.
    pub gradient: Vec<f64>,
    /// `X'VWX` with `W = p (1 - p)`: symmetric, row after row, a square of the number of parameters.
    pub hessian: Vec<f64>,
}

impl Sums {
    /// Sums over no rows, for a number of columns.
    pub fn zero(n_columns: usize) -> Self {
        let parameters = n_columns + 1;
        Self {
            log_loss: 0.0,
            gradient: vec![0.0; parameters],
            hessian: vec![0.0; parameters * parameters],
        }
    }

    /// Adds the sums over other rows.
    pub fn add(&mut self, other: &Self) {
        self.log_loss += other.log_loss;
        add_each(&mut self.gradient, &other.gradient);
        add_each(&mut self.hessian, &other.hessian);
    }
}

fn add_each(sums: &mut [f64], others: &[f64]) {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum += other;
    }
}
