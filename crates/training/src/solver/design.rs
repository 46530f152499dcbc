//! The columns that a fit looks at.

use super::FitError;

/// Columns of a standardised design, each with a value a row.
///
/// Every value is finite, the columns are equally long, and there is at least one column and row.
/// Standardised (mean 0, standard deviation 1) they should be, because the penalty treats all alike;
/// that is left to the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    columns: Vec<Vec<f64>>,
}

impl Design {
    /// Takes columns that can be fitted.
    ///
    /// # Errors
    /// No columns, no rows, columns of unequal length, or a value that is not finite.
    pub fn new(columns: Vec<Vec<f64>>) -> Result<Self, FitError> {
        let expected = columns.first().ok_or(FitError::NoColumns)?.len();
        if expected == 0 {
            return Err(FitError::NoRows);
        }
        for (column, values) in columns.iter().enumerate() {
            if values.len() != expected {
                return Err(FitError::ColumnLength {
                    column,
                    rows: values.len(),
                    expected,
                });
            }
            if let Some(row) = values.iter().position(|value| !value.is_finite()) {
                return Err(FitError::NotFinite {
                    column,
                    row,
                    value: values[row],
                });
            }
        }
        Ok(Self { columns })
    }

    /// Number of rows.
    pub fn n_samples(&self) -> usize {
        self.columns[0].len()
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.columns.len()
    }

    /// The columns, a value a row.
    pub fn columns(&self) -> &[Vec<f64>] {
        &self.columns
    }

    /// Whether a column has the same value in every row.
    pub(super) fn is_constant(&self, column: usize) -> bool {
        let values = &self.columns[column];
        values.iter().all(|value| *value == values[0])
    }
}
