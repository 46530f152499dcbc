//! Right and wrong predictions, counted.

use serde::{Deserialize, Serialize};

/// Counts of samples by what happened and what was predicted; positive = exited.
///
/// Serialises as `[[true_negative, false_positive], [false_negative, true_positive]]`: actual by
/// row, predicted by column, as in scikit-learn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[[u64; 2]; 2]", into = "[[u64; 2]; 2]")]
pub struct ConfusionMatrix {
    /// Stayed, and predicted to stay.
    pub true_negative: u64,
    /// Stayed, but predicted to exit.
    pub false_positive: u64,
    /// Exited, but predicted to stay.
    pub false_negative: u64,
    /// Exited, and predicted to exit.
    pub true_positive: u64,
}

impl ConfusionMatrix {
    /// Harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`; 0 when nothing exited and
    /// nothing was predicted to.
    pub fn f1(&self) -> f64 {
        let hits = 2 * self.true_positive;
        share(hits, hits + self.false_positive + self.false_negative).unwrap_or(0.0)
    }

    /// Share of the predicted leavers that did exit; none when nothing was predicted to exit.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Share of the leavers that were predicted; none when nothing exited.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// Share of right predictions; none for an empty matrix.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positive + self.true_negative, self.n_samples())
    }

    /// All samples counted.
    pub fn n_samples(&self) -> u64 {
        self.true_negative + self.false_positive + self.false_negative + self.true_positive
    }
}

impl From<[[u64; 2]; 2]> for ConfusionMatrix {
    fn from(rows: [[u64; 2]; 2]) -> Self {
        let [
            [true_negative, false_positive],
            [false_negative, true_positive],
        ] = rows;
        Self {
            true_negative,
            false_positive,
            false_negative,
            true_positive,
        }
    }
}

impl From<ConfusionMatrix> for [[u64; 2]; 2] {
    fn from(matrix: ConfusionMatrix) -> Self {
        [
            [matrix.true_negative, matrix.false_positive],
            [matrix.false_negative, matrix.true_positive],
        ]
    }
}

/// `part / whole`; none of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_their_definitions() {
        let matrix = ConfusionMatrix::from([[5, 1], [2, 4]]);
        assert_eq!(matrix.precision(), Some(4.0 / 5.0));
        assert_eq!(matrix.recall(), Some(4.0 / 6.0));
        assert_eq!(matrix.accuracy(), Some(9.0 / 12.0));
        assert_eq!(matrix.f1(), 8.0 / 11.0);
    }

    #[test]
    fn nothing_predicted_and_nothing_exited_is_an_f1_of_0_and_no_precision() {
        let matrix = ConfusionMatrix::from([[3, 0], [0, 0]]);
        assert_eq!(matrix.f1(), 0.0);
        assert_eq!(matrix.precision(), None);
        assert_eq!(matrix.recall(), None);
        assert_eq!(ConfusionMatrix::default().accuracy(), None);
    }

    #[test]
    fn the_json_is_actual_by_row_and_predicted_by_column() {
        let matrix = ConfusionMatrix {
            true_negative: 1,
            false_positive: 2,
            false_negative: 3,
            true_positive: 4,
        };
        let json = serde_json::to_string(&matrix).unwrap();
        assert_eq!(json, "[[1,2],[3,4]]");
        assert_eq!(
            serde_json::from_str::<ConfusionMatrix>(&json).unwrap(),
            matrix
        );
    }
}
