//! Why a fit fails, and what helps.

/// Why there is no fit. Columns and rows are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The design has no column.
    #[error("no columns to fit: at least one feature is needed")]
    NoColumns,
    /// The design has no row.
    #[error("no rows to fit: labelled samples are needed")]
    NoRows,
    /// Columns of unequal length.
    #[error("column {column} has {rows} rows, the first has {expected}")]
    ColumnLength {
        /// The column.
        column: usize,
        /// Its rows.
        rows: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// A value that is infinite or not a number.
    #[error("column {column}, row {row} is {value}: impute or refuse what is not a finite number")]
    NotFinite {
        /// The column.
        column: usize,
        /// The row.
        row: usize,
        /// The value.
        value: f64,
    },
    /// Labels that do not belong to the rows.
    #[error("{labels} labels do not belong to {rows} rows")]
    Labels {
        /// Number of labels.
        labels: usize,
        /// Number of rows.
        rows: usize,
    },
    /// Weights that do not belong to the rows.
    #[error("{weights} weights do not belong to {rows} rows")]
    Weights {
        /// Number of weights.
        weights: usize,
        /// Number of rows.
        rows: usize,
    },
    /// A weight that is not finite or not above 0.
    #[error(
        "row {row} has the weight {weight}: weights are finite and above 0, and a row that does not \
         count is left out"
    )]
    Weight {
        /// The row.
        row: usize,
        /// Its weight.
        weight: f64,
    },
    /// All labels are alike.
    #[error(
        "all {rows} samples have {}: both classes are needed, add samples of the other",
        if *exited { "exited" } else { "stayed" }
    )]
    OneClass {
        /// Whether all exited (else all stayed).
        exited: bool,
        /// Number of samples.
        rows: usize,
    },
    /// A penalty that is negative or not finite.
    #[error("the penalty l2 is {0}: it must be a finite number of at least 0")]
    Penalty(f64),
    /// A column with the same value in every row.
    #[error("column {column} has the same value in every row: leave it out")]
    ConstantColumn {
        /// The column.
        column: usize,
    },
    /// A column that the ones before it predict, so that the optimum is not unique.
    #[error(
        "column {column} is a linear combination of the columns before it: leave it out or raise l2"
    )]
    Collinear {
        /// The column.
        column: usize,
    },
    /// No finite coefficients are best.
    #[error(
        "the columns separate those who exited from those who stayed, so that without a penalty \
         the coefficients grow without end: set l2 above 0"
    )]
    Separated,
    /// Sums over the rows that are not finite.
    #[error("sums over the rows overflow: standardise the columns")]
    Overflow,
    /// The gradient stayed above its bound.
    #[error(
        "not converged: the norm of the gradient is {gradient_norm:e} after {newton_steps} Newton \
         steps, more than {bound:e}: standardise the columns, or raise l2"
    )]
    NotConverged {
        /// Norm of the gradient where the steps ended.
        gradient_norm: f64,
        /// The bound it had to reach.
        bound: f64,
        /// Newton steps taken.
        newton_steps: usize,
    },
}
