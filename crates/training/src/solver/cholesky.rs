//! The Cholesky factor of a symmetric matrix: for the equations of a Newton step, and for columns on which
//! a penalty means the same everywhere.

use super::pass::{ABREAST, dot, dots};
use std::ops::Range;

/// Least part of a diagonal entry that may be left after elimination; less is rounding.
const LEAST_PIVOT: f64 = 1e-13;

/// The lower triangle `L` of a symmetric, positive definite matrix `L L'`.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    side: usize,
    lower: Vec<f64>,
}

/// The matrix is not positive definite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotDefinite {
    /// The first row that the ones before it determine.
    pub row: usize,
}

impl Cholesky {
    /// Factors a square given row after row, of which only the lower triangle is read.
    ///
    /// # Errors
    /// A row that is a linear combination of the ones before it, or not finite.
    pub fn new(square: &[f64], side: usize) -> Result<Self, NotDefinite> {
        Self::with_least_pivot(square, side, LEAST_PIVOT)
    }

    /// The same with another least part of a diagonal entry that must be left after elimination.
    ///
    /// # Errors
    /// As [`Cholesky::new`].
    pub fn with_least_pivot(
        square: &[f64],
        side: usize,
        least_pivot: f64,
    ) -> Result<Self, NotDefinite> {
        let mut lower = square.to_vec();
        for first in (0..side).step_by(ABREAST) {
            let end = side.min(first + ABREAST);
            eliminate(&mut lower, side, first..end);
            for row in first..end {
                for column in first..=row {
                    let before = |r: usize| &lower[r * side..r * side + column];
                    let rest = square[row * side + column] - dot(before(row), before(column));
                    lower[row * side + column] = if column < row {
                        rest / lower[column * side + column]
                    } else if rest > least_pivot * square[row * side + row] {
                        rest.sqrt()
                    } else {
                        return Err(NotDefinite { row });
                    };
                }
            }
        }
        Ok(Self { side, lower })
    }

    /// The `x` for which `L L' x` is the given right side.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x = right.to_vec();
        for i in 0..self.side {
            let done: f64 = (0..i).map(|j| self.at(i, j) * x[j]).sum();
            x[i] = (x[i] - done) / self.at(i, i);
        }
        self.solve_transposed(x)
    }

    /// The `x` for which `L' x` is the given right side.
    pub fn solve_transposed(&self, right: Vec<f64>) -> Vec<f64> {
        let mut x = right;
        for i in (0..self.side).rev() {
            let done: f64 = (i + 1..self.side).map(|j| self.at(j, i) * x[j]).sum();
            x[i] = (x[i] - done) / self.at(i, i);
        }
        x
    }

    /// An entry of `L`.
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.lower[row * self.side + column]
    }
}

/// Turns the entries of some rows into those of `L`, up to the column of the first of them.
fn eliminate(lower: &mut [f64], side: usize, rows: Range<usize>) {
    let (done, open) = lower.split_at_mut(rows.start * side);
    for column in 0..rows.start {
        let known = &done[column * side..][..column];
        let pivot = done[column * side + column];
        let before = |row: usize| &open[row * side..][..column];
        let sums = if rows.len() == ABREAST {
            dots(known, std::array::from_fn(before))
        } else {
            let sum = |row| {
                if row < rows.len() {
                    dot(known, before(row))
                } else {
                    0.0
                }
            };
            std::array::from_fn(sum)
        };
        for (row, sum) in sums.iter().enumerate().take(rows.len()) {
            let entry = &mut open[row * side + column];
            *entry = (*entry - sum) / pivot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_a_small_system() {
        // x = (1, -2, 3)
        let square = [4.0, 2.0, 1.0, 2.0, 5.0, 3.0, 1.0, 3.0, 6.0];
        let solved = Cholesky::new(&square, 3).unwrap().solve(&[3.0, 1.0, 13.0]);
        for (x, expected) in solved.iter().zip([1.0, -2.0, 3.0]) {
            assert!((x - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_dependent_row_is_named() {
        let twice = [1.0, 2.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 1.0];
        assert_eq!(
            Cholesky::new(&twice, 3).unwrap_err(),
            NotDefinite { row: 1 }
        );
        let negative = [1.0, 0.0, 0.0, -1.0];
        assert_eq!(
            Cholesky::new(&negative, 2).unwrap_err(),
            NotDefinite { row: 1 }
        );
        let not_finite = [1.0, f64::NAN, f64::NAN, 1.0];
        assert_eq!(
            Cholesky::new(&not_finite, 2).unwrap_err(),
            NotDefinite { row: 1 }
        );
        let zero = [0.0];
        assert_eq!(Cholesky::new(&zero, 1).unwrap_err(), NotDefinite { row: 0 });
    }
}
