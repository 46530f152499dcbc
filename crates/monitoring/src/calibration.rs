//! Calibrated probabilities by isotonic regression, and whether they are better than the raw ones.

use crate::shuffle::ten_stratified_tenths;

/// A curve from raw scores to probabilities that never falls: linear between its knots, level outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

/// Scores that differ by less are the same, as in scikit-learn.
const SAME_SCORE: f64 = 1e-15;

/// Neighbouring scores that share a probability.
struct Block {
    from: f64,
    to: f64,
    mean: f64,
    weight: f64,
}

impl Isotonic {
    /// Fits the curve of least squares to (score, label) pairs in ascending order of the scores, by
    /// pooling adjacent violators; equal scores are averaged first. `None` without pairs.
    #[must_use]
    pub fn fit(sorted: impl IntoIterator<Item = (f64, bool)>) -> Option<Self> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut pairs = sorted.into_iter().peekable();
        while let Some((score, label)) = pairs.next() {
            let (mut positives, mut weight) = (f64::from(u8::from(label)), 1.0);
            while let Some((_, label)) = pairs.next_if(|(other, _)| other - score < SAME_SCORE) {
                positives += f64::from(u8::from(label));
                weight += 1.0;
            }
            let mean = positives / weight;
            let mut block = Block {
                from: score,
                to: score,
                mean,
                weight,
            };
            while let Some(last) = blocks.last()
                && last.mean >= block.mean
            {
                let weight = last.weight + block.weight;
                block.mean = (last.mean * last.weight + block.mean * block.weight) / weight;
                block.weight = weight;
                block.from = last.from;
                blocks.pop();
            }
            blocks.push(block);
        }
        let ends = |block: &Block| [(block.from, block.mean), (block.to, block.mean)];
        let (scores, probabilities) = blocks.iter().flat_map(ends).unzip();
        let curve = Self {
            scores,
            probabilities,
        };
        (!curve.scores.is_empty()).then_some(curve)
    }

    /// The probability of a score.
    #[must_use]
    pub fn apply(&self, score: f64) -> f64 {
        let after = self.scores.partition_point(|knot| *knot < score);
        let (Some(high), Some(above)) = (self.scores.get(after), self.probabilities.get(after))
        else {
            return self.probabilities[self.probabilities.len() - 1];
        };
        if after == 0 {
            return *above;
        }
        let (low, below) = (self.scores[after - 1], self.probabilities[after - 1]);
        below + (above - below) / (high - low) * (score - low)
    }
}

/// The expected calibration error in ten bins of equal count by score, the last one takes the rest:
/// the weighted mean distance of the mean score from the observed rate. `None` below 4 pairs.
#[must_use]
pub fn expected_calibration_error(pairs: &mut [(f64, bool)]) -> Option<f64> {
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = pairs.len();
    let bins = if n <= 20 { n / 2 } else { 10 };
    if bins < 2 {
        return None;
    }
    let width = n / bins;
    let n_bins = n / width;
    let error = (0..n_bins).map(|bin| {
        let end = if bin + 1 == n_bins {
            n
        } else {
            (bin + 1) * width
        };
        let members = &pairs[bin * width..end];
        let scores: f64 = members.iter().map(|pair| pair.0).sum();
        let positives = members.iter().filter(|pair| pair.1).count() as f64;
        (scores - positives).abs() / n as f64
    });
    Some(error.sum())
}

/// Whether calibration lowers the expected calibration error over ten stratified splits into nine
/// tenths to fit and one to see; rows in the order of the data. As NannyML's `needs_calibration`:
/// never with one class only, nor where the scores separate the classes anyway.
#[must_use]
pub fn is_worthwhile(scores: &[f64], labels: &[bool], roc_auc: f64) -> bool {
    let Some(tenths) = ten_stratified_tenths(labels) else {
        return false;
    };
    if roc_auc > 0.999 {
        return false;
    }
    // The scores beside their rows: a sort that had to look each up takes three times as long.
    let rows = scores.iter().zip(labels).zip(0_u32..);
    let mut ascending: Vec<(f64, u32, bool)> = rows
        .map(|((score, label), row)| (*score, row, *label))
        .collect();
    ascending.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut raw, mut calibrated) = (Vec::new(), Vec::new());
    let mut in_test = vec![false; scores.len()];
    for tenth in tenths {
        tenth.iter().for_each(|row| in_test[*row as usize] = true);
        let pair = |row: &u32| (scores[*row as usize], labels[*row as usize]);
        let train = ascending
            .iter()
            .filter(|(_, row, _)| !in_test[*row as usize])
            .map(|(score, _, label)| (*score, *label));
        let Some(curve) = Isotonic::fit(train) else {
            return false;
        };
        for (score, label) in tenth.iter().map(pair) {
            raw.push((score, label));
            calibrated.push((curve.apply(score), label));
        }
        tenth.iter().for_each(|row| in_test[*row as usize] = false);
    }
    let before = expected_calibration_error(&mut raw);
    let after = expected_calibration_error(&mut calibrated);
    matches!((before, after), (Some(before), Some(after)) if before > after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled_and_equal_scores_averaged_first() {
        let pairs = [
            (0.1, false),
            (0.2, true),
            (0.3, false),
            (0.3, true),
            (0.5, true),
            (0.6, true),
        ];
        let curve = Isotonic::fit(pairs).unwrap();
        assert_eq!(curve.apply(-1.0), 0.0);
        assert!((curve.apply(0.2) - 2.0 / 3.0).abs() < 1e-15);
        assert!((curve.apply(0.3) - 2.0 / 3.0).abs() < 1e-15);
        assert!((curve.apply(0.15) - 1.0 / 3.0).abs() < 1e-15);
        assert!((curve.apply(0.4) - 5.0 / 6.0).abs() < 1e-15);
        assert_eq!((curve.apply(0.5), curve.apply(2.0)), (1.0, 1.0));
        assert_eq!(Isotonic::fit([]), None);
    }

    #[test]
    fn the_last_bin_takes_the_rest() {
        let mut four = [(0.9, true), (0.1, false), (0.6, true), (0.3, true)];
        let error = expected_calibration_error(&mut four).unwrap();
        assert!((error - (0.6 + 0.5) / 4.0).abs() < 1e-15, "{error}");
        // Thirteen bins of two rows are off by 1, the last one of three by 1.5.
        let mut pairs: Vec<(f64, bool)> = (0..29).map(|row| (0.5, row >= 26)).collect();
        let error = expected_calibration_error(&mut pairs).unwrap();
        assert!((error - 14.5 / 29.0).abs() < 1e-15, "{error}");
        assert_eq!(expected_calibration_error(&mut [(0.5, true); 3]), None);
    }

    #[test]
    fn scores_that_are_off_are_worth_calibrating() {
        let labels: Vec<bool> = (0..400_u32)
            .map(|row| row.wrapping_mul(2_654_435_761) >> 30 == 0)
            .collect();
        let far_off: Vec<f64> = (0..400)
            .map(|row| 0.6 + f64::from(row % 97) / 1000.0)
            .collect();
        assert!(is_worthwhile(&far_off, &labels, 0.5));
        assert!(!is_worthwhile(&far_off, &labels, 0.9995));
        assert!(!is_worthwhile(&far_off, &[false; 400], 0.5));
    }
}
