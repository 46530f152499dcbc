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
    /// Counts, so that sums and comparisons are exact and take no division.
    positives: f64,
    weight: f64,
}

impl Block {
    fn violates(&self, next: &Self) -> bool {
        self.positives * next.weight >= next.positives * self.weight
    }

    fn mean(&self) -> f64 {
        self.positives / self.weight
    }
}

/// A labelled score and the row it is of.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// The score.
    pub score: f64,
    row: u32,
    /// Whether the client left.
    pub label: bool,
}

/// Labelled scores in ascending order, equal ones in the order of their rows.
#[must_use]
pub fn ranked(scores: &[f64], labels: &[bool]) -> Vec<Ranked> {
    let rows = scores.iter().zip(labels).zip(0_u32..);
    let mut ranked: Vec<Ranked> = rows
        .map(|((score, label), row)| Ranked {
            score: *score,
            row,
            label: *label,
        })
        .collect();
    ranked.sort_unstable_by(|a, b| a.score.total_cmp(&b.score).then(a.row.cmp(&b.row)));
    ranked
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
            let mut block = Block {
                from: score,
                to: score,
                positives,
                weight,
            };
            while let Some(last) = blocks.last()
                && last.violates(&block)
            {
                block.positives += last.positives;
                block.weight += last.weight;
                block.from = last.from;
                blocks.pop();
            }
            blocks.push(block);
        }
        let ends = |block: &Block| [(block.from, block.mean()), (block.to, block.mean())];
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
/// tenths to fit and one to see. As NannyML's `needs_calibration`: never with one class only, nor where
/// the scores separate the classes anyway.
#[must_use]
pub fn is_worthwhile(ranked: &[Ranked], labels: &[bool], roc_auc: f64) -> bool {
    if roc_auc > 0.999 {
        return false;
    }
    let Some(tenths) = ten_stratified_tenths(labels) else {
        return false;
    };
    let mut places = vec![0_u32; ranked.len()];
    for (place, of) in (0..).zip(ranked) {
        places[of.row as usize] = place;
    }
    let n_tests = tenths.iter().map(Vec::len).sum();
    let mut raw = Vec::with_capacity(n_tests);
    let mut calibrated = Vec::with_capacity(n_tests);
    // By place and not by row, so that the walk over all scores stays in line.
    let mut in_test = vec![false; ranked.len()];
    for tenth in tenths {
        let place = |row: &u32| places[*row as usize] as usize;
        tenth.iter().for_each(|row| in_test[place(row)] = true);
        let train = ranked
            .iter()
            .zip(&in_test)
            .filter(|(_, in_test)| !**in_test);
        let Some(curve) = Isotonic::fit(train.map(|(of, _)| (of.score, of.label))) else {
            return false;
        };
        for row in &tenth {
            let Ranked { score, label, .. } = ranked[place(row)];
            raw.push((score, label));
            calibrated.push((curve.apply(score), label));
        }
        tenth.iter().for_each(|row| in_test[place(row)] = false);
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
        let order = ranked(&far_off, &labels);
        assert!(is_worthwhile(&order, &labels, 0.5));
        assert!(!is_worthwhile(&order, &labels, 0.9995));
        assert!(!is_worthwhile(&order, &[false; 400], 0.5));
    }
}
