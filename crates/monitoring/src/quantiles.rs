//! Cells for the rule of alarm: where the tenths of the reference end.

use crate::sample::Numeric;
use serde::{Deserialize, Serialize};

/// Into how many parts the reference is cut where there are no ties.
const PARTS: usize = 10;

/// Cells that cover all numbers: open at both ends, cut at the tenths of the reference. A value that
/// takes a whole tenth or more is a cell of its own, so that ties merge into one cell and a step off
/// that value, to either side, is seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantileCells {
    /// The cuts, in ascending order.
    cuts: Vec<Cut>,
}

/// A cut: values up to it are on its left; where it is a cell of its own, only smaller ones are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Cut {
    at: f64,
    own_cell: bool,
}

impl QuantileCells {
    /// The cells of a reference. Without known values there is one cell.
    #[must_use]
    pub fn of(reference: &Numeric) -> Self {
        let sorted = reference.sorted();
        let mut cuts: Vec<Cut> = Vec::new();
        let tenths = (1..PARTS).filter_map(|part| sorted.get(index_of_tenth(sorted.len(), part)));
        for at in tenths {
            if cuts.last().is_none_or(|cut| cut.at < *at) {
                let ties = reference.count_up_to(*at) - reference.count_below(*at);
                let own_cell = ties * PARTS >= sorted.len() && ties > 1;
                cuts.push(Cut { at: *at, own_cell });
            }
        }
        Self { cuts }
    }

    /// How many known values of a sample are in each cell, in ascending order of the cells.
    #[must_use]
    pub fn counts(&self, sample: &Numeric) -> Vec<u64> {
        let mut counts = Vec::with_capacity(2 * self.cuts.len() + 1);
        let mut before = 0;
        let mut close = |up_to: usize| {
            counts.push((up_to - before) as u64);
            before = up_to;
        };
        for cut in &self.cuts {
            if cut.own_cell {
                close(sample.count_below(cut.at));
            }
            close(sample.count_up_to(cut.at));
        }
        close(sample.n_known());
        counts
    }
}

/// The position of the last value of the first `part` tenths of `n` sorted values.
fn index_of_tenth(n: usize, part: usize) -> usize {
    (n * part).div_ceil(PARTS).max(1) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(reference: &[f64], analysis: &[f64]) -> (Vec<u64>, Vec<u64>) {
        let (reference, analysis) = (
            Numeric::new(reference.into()),
            Numeric::new(analysis.into()),
        );
        let cells = QuantileCells::of(&reference);
        (cells.counts(&reference), cells.counts(&analysis))
    }

    #[test]
    fn tenths_are_equal_and_open_at_both_ends() {
        let reference: Vec<f64> = (0..100).map(f64::from).collect();
        let (of_reference, of_analysis) = counts(&reference, &[-1e6, 1e6, f64::NAN]);
        assert_eq!(of_reference, [10; 10]);
        assert_eq!(of_analysis, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_value_that_fills_a_tenth_is_a_cell_of_its_own() {
        let mut reference = vec![0.0; 80];
        reference.extend((1..=20).map(f64::from));
        let (of_reference, of_analysis) = counts(&reference, &[-1.0, 0.0, 0.5, 30.0]);
        assert_eq!(of_reference, [0, 80, 10, 10]);
        assert_eq!(of_analysis, [1, 1, 1, 1]);
    }

    #[test]
    fn a_constant_is_told_from_what_is_below_and_above() {
        let (_, of_analysis) = counts(&[5.0; 40], &[4.0, 5.0, 6.0, 6.0]);
        assert_eq!(of_analysis, [1, 1, 2]);
    }

    #[test]
    fn without_known_values_there_is_one_cell() {
        assert_eq!(counts(&[f64::NAN], &[1.0, 2.0]), (vec![0], vec![2]));
        assert_eq!(counts(&[1.0], &[1.0, 2.0]).1, [1, 1]);
    }
}
