//! Drift of the numeric columns together: how well a few principal components of the reference give a
//! row back. NannyML's `DataReconstructionDriftCalculator`.

use crate::eigen;
use crate::summation::pairwise_sum;
use std::ops::Range;

/// The components explain more than this share of the variance.
const EXPLAINED: f64 = 0.65;

/// What the reference looks like: a mean and a scale for each column, and the directions that its
/// main components leave out.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconstruction {
    columns: Vec<Scaling>,
    n_components: usize,
    /// The eigenvectors after the components; the part of a row along these is its error.
    left_out: Vec<Vec<f64>>,
}

/// One column that has known values in the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Scaling {
    position: usize,
    mean: f64,
    deviation: f64,
}

impl Reconstruction {
    /// Learns from columns of one length, `NaN` where missing; a missing value counts as the mean, a
    /// column without any known value does not count. `None` where no column varies.
    #[must_use]
    pub fn fit(columns: &[&[f64]]) -> Option<Self> {
        let scalings: Vec<Scaling> = columns
            .iter()
            .enumerate()
            .filter_map(|(position, cells)| Scaling::of(position, cells))
            .collect();
        let eigen = eigen::symmetric(covariance(&scalings, columns));
        let total: f64 = eigen.values.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return None;
        }
        let mut explained = 0.0;
        let enough = eigen.values.iter().position(|value| {
            explained += value / total;
            explained > EXPLAINED
        });
        let n_components = enough.map_or(eigen.values.len(), |last| last + 1);
        Some(Self {
            columns: scalings,
            n_components,
            left_out: eigen.vectors[n_components..].to_vec(),
        })
    }

    /// How many components are kept.
    #[must_use]
    pub fn n_components(&self) -> usize {
        self.n_components
    }

    /// The mean error of some rows: the length of what the components do not give back, in standard
    /// deviations of the reference. `None` without rows.
    #[must_use]
    pub fn mean_error(
        &self,
        columns: &[&[f64]],
        rows: impl IntoIterator<Item = usize>,
    ) -> Option<f64> {
        let mut scaled = vec![0.0; self.columns.len()];
        let (mut sum, mut n_rows) = (0.0, 0_u64);
        for row in rows {
            for (cell, scaling) in scaled.iter_mut().zip(&self.columns) {
                *cell = scaling.apply(columns[scaling.position][row]);
            }
            sum += self.error(&scaled);
            n_rows += 1;
        }
        (n_rows > 0).then(|| sum / n_rows as f64)
    }

    fn error(&self, scaled: &[f64]) -> f64 {
        let along = self.left_out.iter().map(|vector| {
            let product: f64 = vector.iter().zip(scaled).map(|(a, b)| a * b).sum();
            product * product
        });
        along.sum::<f64>().sqrt()
    }
}

impl Scaling {
    /// Sums are added in the order of scikit-learn's imputer and scaler: where a column lies far from zero,
    /// the components depend on the last bits of its mean.
    fn of(position: usize, cells: &[f64]) -> Option<Self> {
        let n_known = cells.iter().filter(|cell| cell.is_finite()).count();
        if n_known == 0 {
            return None;
        }
        let n = cells.len() as f64;
        let mut filled = with_missing_as(0.0, cells);
        let mut mean = pairwise_sum(&filled) / n_known as f64;
        if n_known < cells.len() {
            filled = with_missing_as(mean, cells);
            mean = pairwise_sum(&filled) / n;
        }
        filled.iter_mut().for_each(|cell| *cell -= mean);
        let correction = pairwise_sum(&filled).powi(2) / n;
        filled.iter_mut().for_each(|cell| *cell *= *cell);
        let variance = (pairwise_sum(&filled) - correction) / n;
        // As in scikit-learn, what rounding leaves of a constant is no variance.
        let rounding = n * f64::EPSILON * variance + (n * mean * f64::EPSILON).powi(2);
        let deviation = if variance <= rounding {
            1.0
        } else {
            variance.sqrt()
        };
        Some(Self {
            position,
            mean,
            deviation,
        })
    }

    fn apply(&self, cell: f64) -> f64 {
        if cell.is_finite() {
            (cell - self.mean) / self.deviation
        } else {
            0.0
        }
    }
}

fn with_missing_as(value: f64, cells: &[f64]) -> Vec<f64> {
    let filled = |cell: &f64| if cell.is_finite() { *cell } else { value };
    cells.iter().map(filled).collect()
}

fn covariance(scalings: &[Scaling], columns: &[&[f64]]) -> Vec<Vec<f64>> {
    let size = scalings.len();
    let mut sums = vec![vec![0.0; size]; size];
    let mut scaled = vec![0.0; size];
    for row in rows_of(columns) {
        for (cell, scaling) in scaled.iter_mut().zip(scalings) {
            *cell = scaling.apply(columns[scaling.position][row]);
        }
        for (sums, factor) in sums.iter_mut().zip(&scaled) {
            for (sum, cell) in sums.iter_mut().zip(&scaled) {
                *sum += factor * cell;
            }
        }
    }
    sums
}

fn rows_of(columns: &[&[f64]]) -> Range<usize> {
    0..columns.first().map_or(0, |cells| cells.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_on_the_line_of_the_reference_are_given_back() {
        let a: Vec<f64> = (0..50).map(f64::from).collect();
        let b: Vec<f64> = a.iter().map(|x| 3.0 - 2.0 * x).collect();
        let fitted = Reconstruction::fit(&[&a, &b]).unwrap();
        assert_eq!(fitted.n_components(), 1);
        assert!(fitted.mean_error(&[&a, &b], 0..50).unwrap() < 1e-12);
        // One standard deviation off in one of two columns is 1/sqrt(2) off the line.
        let deviation = (a.iter().map(|x| (x - 24.5).powi(2)).sum::<f64>() / 50.0).sqrt();
        let error = fitted
            .mean_error(&[&[24.5 + deviation], &[-46.0]], 0..1)
            .unwrap();
        assert!((error - 0.5_f64.sqrt()).abs() < 1e-12, "{error}");
    }

    #[test]
    fn missing_values_count_as_the_mean_and_empty_columns_not_at_all() {
        let a = [1.0, f64::NAN, 3.0, 2.0];
        let fitted = Reconstruction::fit(&[&a, &[f64::NAN; 4], &[7.0; 4]]).unwrap();
        assert_eq!(fitted.n_components(), 1);
        let error = fitted
            .mean_error(&[&[f64::NAN], &[5.0], &[9.0]], 0..1)
            .unwrap();
        assert!(
            (error - 2.0).abs() < 1e-12,
            "the constant is off by 2: {error}"
        );
    }

    #[test]
    fn nothing_that_varies_has_no_components() {
        assert_eq!(Reconstruction::fit(&[&[1.0, 1.0]]), None);
        assert_eq!(Reconstruction::fit(&[]), None);
        assert_eq!(Reconstruction::fit(&[&[]]), None);
    }
}
