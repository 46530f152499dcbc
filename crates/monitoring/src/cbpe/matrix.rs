//! Metrics of a confusion matrix, counted or expected, and of the order of the scores.

use serde::Serialize;

/// Something for each metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PerMetric<T> {
    /// Area under the ROC curve.
    pub roc_auc: T,
    /// F1.
    pub f1: T,
    /// Accuracy.
    pub accuracy: T,
    /// Precision.
    pub precision: T,
    /// Recall.
    pub recall: T,
}

impl<T> PerMetric<T> {
    /// The same for each metric.
    pub fn from_fn(mut of: impl FnMut(Metric) -> T) -> Self {
        Self {
            roc_auc: of(Metric::RocAuc),
            f1: of(Metric::F1),
            accuracy: of(Metric::Accuracy),
            precision: of(Metric::Precision),
            recall: of(Metric::Recall),
        }
    }

    /// What it holds for one metric.
    pub fn get(&self, metric: Metric) -> &T {
        match metric {
            Metric::RocAuc => &self.roc_auc,
            Metric::F1 => &self.f1,
            Metric::Accuracy => &self.accuracy,
            Metric::Precision => &self.precision,
            Metric::Recall => &self.recall,
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Area under the ROC curve.
    RocAuc,
    /// F1.
    F1,
    /// Accuracy.
    Accuracy,
    /// Precision.
    Precision,
    /// Recall.
    Recall,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 5] = [
        Self::RocAuc,
        Self::F1,
        Self::Accuracy,
        Self::Precision,
        Self::Recall,
    ];

    /// What people call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RocAuc => "ROC AUC",
            Self::F1 => "F1",
            Self::Accuracy => "accuracy",
            Self::Precision => "precision",
            Self::Recall => "recall",
        }
    }
}

/// The standard error of a metric: `deviation / sqrt(rows * share)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SamplingError {
    pub deviation: f64,
    pub share: f64,
}

/// A confusion matrix, counted or expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub tp: f64,
    pub fp: f64,
    pub fn_: f64,
    pub tn: f64,
}

impl Table {
    /// Of (risk, label) pairs in ascending order of the risks.
    pub fn of(pairs: &[(f64, bool)], threshold: f64) -> Self {
        let (stay, leave) = pairs.split_at(pairs.partition_point(|pair| pair.0 < threshold));
        let positives = |pairs: &[(f64, bool)]| pairs.iter().filter(|pair| pair.1).count() as f64;
        let (tp, fn_) = (positives(leave), positives(stay));
        Self {
            tp,
            fp: leave.len() as f64 - tp,
            fn_,
            tn: stay.len() as f64 - fn_,
        }
    }

    /// Of probabilities, the first `predicted` of which are predicted to leave.
    pub fn expected(probabilities: &[f64], predicted: usize) -> Self {
        let (leave, stay) = probabilities.split_at(predicted);
        Self {
            tp: sum(leave.iter().copied()),
            fp: sum(leave.iter().map(|p| 1.0 - p)),
            fn_: sum(stay.iter().copied()),
            tn: sum(stay.iter().map(|p| 1.0 - p)),
        }
    }

    fn n(&self) -> f64 {
        self.tp + self.fp + self.fn_ + self.tn
    }

    /// What a metric counts as right, and out of how much.
    fn right_of(&self, metric: Metric) -> (f64, f64) {
        match metric {
            Metric::Accuracy | Metric::RocAuc => (self.tp + self.tn, self.n()),
            Metric::Precision => (self.tp, self.tp + self.fp),
            Metric::Recall => (self.tp, self.tp + self.fn_),
            Metric::F1 => (self.tp, self.tp + (self.fp + self.fn_) / 2.0),
        }
    }

    pub fn metric(&self, metric: Metric) -> Option<f64> {
        let (right, of) = self.right_of(metric);
        (of > 0.0).then(|| right / of)
    }

    /// A metric as a mean over the rows it looks at gives its standard deviation.
    pub fn sampling_error(&self, metric: Metric) -> SamplingError {
        let (right, of) = self.right_of(metric);
        let looked_at = match metric {
            Metric::F1 => self.tp + self.fp + self.fn_,
            _ => of,
        };
        let share = right / looked_at;
        SamplingError {
            deviation: (share * (1.0 - share)).sqrt() * looked_at / of,
            share: match metric {
                Metric::Accuracy => 1.0,
                _ => looked_at / self.n(),
            },
        }
    }
}

/// The sum of numbers that are not negative; 0 without any, for which `Iterator::sum` gives -0.
pub(super) fn sum(numbers: impl Iterator<Item = f64>) -> f64 {
    numbers.fold(0.0, |sum, number| sum + number)
}

/// The area under the ROC curve of (risk, label) pairs in ascending order of the risks, half a win for
/// a tie; `None` with one class only.
pub(super) fn area_under_roc(pairs: &[(f64, bool)]) -> Option<f64> {
    let (mut negatives, mut positives, mut wins) = (0.0, 0.0, 0.0);
    for tied in pairs.chunk_by(|a, b| a.0 == b.0) {
        let of_positives = tied.iter().filter(|pair| pair.1).count() as f64;
        let of_negatives = tied.len() as f64 - of_positives;
        wins += of_positives * (negatives + of_negatives / 2.0);
        positives += of_positives;
        negatives += of_negatives;
    }
    (positives > 0.0 && negatives > 0.0).then(|| wins / (positives * negatives))
}

/// The standard error of the area: the spread of the placements of the rarer class, how many of the
/// other class are below each, in ascending order of the risks. As NannyML has it, one of that class
/// at the very bottom does not count.
pub(super) fn placement_error(pairs: &[(f64, bool)]) -> SamplingError {
    let n = pairs.len();
    let positives = pairs.iter().filter(|pair| pair.1).count();
    let flip = positives * 2 > n;
    let rank = |position: usize| if flip { n - 1 - position } else { position };
    let mut ranks: Vec<usize> = (0..n)
        .filter(|position| pairs[*position].1 != flip)
        .map(rank)
        .filter(|rank| *rank > 0)
        .collect();
    ranks.sort_unstable();
    let rarer = if flip { n - positives } else { positives };
    let others = (n - rarer) as f64;
    let placements: Vec<f64> = ranks
        .iter()
        .enumerate()
        .map(|(before, rank)| (rank - before) as f64 / others)
        .collect();
    let count = placements.len() as f64;
    let mean = placements.iter().sum::<f64>() / count;
    let variance = placements.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    SamplingError {
        deviation: variance.sqrt(),
        share: rarer as f64 / n as f64,
    }
}

/// The expected area under the ROC curve of probabilities in descending order of the raw scores. The
/// sums are rounded to 5 decimals, as in NannyML. `None` where one class is not expected at all.
pub(super) fn expected_area(probabilities: &[f64]) -> Option<f64> {
    let round = |x: f64| (x * 1e5).round_ties_even() / 1e5;
    let mut sum = 0.0;
    let (mut tp, mut fp, mut area) = (0.0, 0.0, 0.0);
    for (index, probability) in probabilities.iter().enumerate() {
        sum += probability;
        let next = (round(sum), round((index + 1) as f64 - sum));
        area += (next.1 - fp) * (next.0 + tp) / 2.0;
        (tp, fp) = next;
    }
    (tp > 0.0 && fp > 0.0).then(|| area / tp / fp)
}
