//! One column of one side: numbers in ascending order, or counted categories, and what is missing.

use crate::summation::pairwise_sum;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Numeric {
    sorted: Vec<f64>,
    n_missing: u64,
    is_integer: bool,
}

impl Numeric {
    /// The cells of a column in any order; what is not finite counts as missing.
    #[must_use]
    pub fn new(mut cells: Vec<f64>) -> Self {
        let n_cells = cells.len();
        cells.retain(|cell| cell.is_finite());
        let sorted = sorted(cells);
        Self {
            n_missing: (n_cells - sorted.len()) as u64,
            sorted,
            is_integer: false,
        }
    }

    /// Says that the tools in Python would hold the column as integers: every cell is written
    /// without a decimal point and none is missing. Evidently's bins depend on it.
    #[must_use]
    pub fn as_integers(mut self, is_integer: bool) -> Self {
        self.is_integer = is_integer && self.n_missing == 0;
        self
    }

    /// Whether the column holds integers, as said by [`Self::as_integers`].
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.is_integer
    }

    /// The known values, in ascending order.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// How many values are known.
    #[must_use]
    pub fn n_known(&self) -> usize {
        self.sorted.len()
    }

    /// How many are missing.
    #[must_use]
    pub fn n_missing(&self) -> u64 {
        self.n_missing
    }

    /// How many cells there are.
    #[must_use]
    pub fn n_cells(&self) -> u64 {
        self.n_missing + self.sorted.len() as u64
    }

    /// Mean of the known values; `None` without any.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.sorted.is_empty()).then(|| pairwise_sum(&self.sorted) / self.sorted.len() as f64)
    }

    /// Population standard deviation of the known values; `None` without any.
    #[must_use]
    pub fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares = self.sorted.iter().map(|value| (value - mean).powi(2));
        Some((squares.sum::<f64>() / self.sorted.len() as f64).sqrt())
    }

    /// The least and the greatest known value; `None` without any.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        Some((*self.sorted.first()?, *self.sorted.last()?))
    }

    /// How many known values are at most `limit`.
    #[must_use]
    pub fn count_up_to(&self, limit: f64) -> usize {
        self.sorted.partition_point(|value| *value <= limit)
    }

    /// How many known values are below `limit`.
    #[must_use]
    pub fn count_below(&self, limit: f64) -> usize {
        self.sorted.partition_point(|value| *value < limit)
    }
}

/// In ascending order. Integers of the same order are sorted, for these compare in one instruction.
pub(crate) fn sorted(cells: Vec<f64>) -> Vec<f64> {
    let mut keys: Vec<i64> = cells
        .into_iter()
        .map(|cell| in_order(cell.to_bits().cast_signed()))
        .collect();
    keys.sort_unstable();
    let value = |key| f64::from_bits(in_order(key).cast_unsigned());
    keys.into_iter().map(value).collect()
}

/// The bits of a number as an integer that is ordered as [`f64::total_cmp`] orders the numbers; applied
/// again it gives the bits back.
fn in_order(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

/// Categories.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Categories {
    counts: BTreeMap<String, u64>,
    n_missing: u64,
}

impl Categories {
    /// How often each category occurs; what occurs never is left out.
    pub fn new(counts: impl IntoIterator<Item = (String, u64)>, n_missing: u64) -> Self {
        let counts = counts.into_iter().filter(|(_, count)| *count > 0).collect();
        Self { counts, n_missing }
    }

    /// How often each category occurs, by name in ascending order.
    #[must_use]
    pub fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }

    /// How often one occurs.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// How many cells are known.
    #[must_use]
    pub fn n_known(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How many are missing.
    #[must_use]
    pub fn n_missing(&self) -> u64 {
        self.n_missing
    }

    /// How many cells there are.
    #[must_use]
    pub fn n_cells(&self) -> u64 {
        self.n_known() + self.n_missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_is_missing() {
        let sample = Numeric::new(vec![3.0, f64::NAN, 1.0, f64::INFINITY]);
        assert_eq!(sample.sorted(), [1.0, 3.0]);
        assert_eq!((sample.n_missing(), sample.n_cells()), (2, 4));
        assert_eq!(sample.mean(), Some(2.0));
        assert_eq!(sample.standard_deviation(), Some(1.0));
    }

    #[test]
    fn numbers_are_sorted_as_total_cmp_does() {
        let cells = [2.5, -1e300, 0.0, -0.0, 5e-324, -5e-324, 1e300, -2.5, 7.0];
        let mut expected = cells.to_vec();
        expected.sort_by(f64::total_cmp);
        let bits = |cells: Vec<f64>| cells.into_iter().map(f64::to_bits).collect::<Vec<_>>();
        assert_eq!(bits(sorted(cells.to_vec())), bits(expected));
    }

    #[test]
    fn nothing_known_has_no_moments() {
        let sample = Numeric::new(vec![f64::NAN]);
        assert_eq!(
            (sample.mean(), sample.standard_deviation(), sample.range()),
            (None, None, None)
        );
        assert!(!sample.as_integers(true).is_integer());
    }

    #[test]
    fn categories_that_never_occur_are_left_out() {
        let sample = Categories::new([("a".to_owned(), 2), ("b".to_owned(), 0)], 1);
        assert_eq!(sample.counts().len(), 1);
        assert_eq!(
            (sample.n_known(), sample.n_cells(), sample.count("b")),
            (2, 3, 0)
        );
    }
}
