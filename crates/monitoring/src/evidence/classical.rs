//! The two classical tests of a history of scores, for those who know them.
//!
//! Neither knows how many samples a score comes from, or that other clients give other scores with
//! the same model; they are stated beside the evidence and decide nothing.

use serde::{Deserialize, Serialize};

/// A score against the scores before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScoreHistory {
    /// How many earlier scores.
    pub n_scores: u64,
    /// Their mean less two standard deviations (n-1); none with fewer than two.
    pub mean_minus_two_sd: Option<f64>,
    /// Whether the score is below that: the parametric test.
    pub is_below_two_sd: Option<bool>,
    /// Their lowest quartile (linear between order statistics, as numpy's default) less 1.5 times the
    /// range between the quartiles; none with fewer than two.
    pub quartile_minus_1_5_iqr: Option<f64>,
    /// Whether the score is below that: the non-parametric test.
    pub is_below_1_5_iqr: Option<bool>,
}

/// Compares a score with those before it.
#[must_use]
pub fn compare_with_history(score: f64, earlier: &[f64]) -> ScoreHistory {
    let enough = earlier.len() >= 2;
    let mean_minus_two_sd = enough.then(|| {
        let n = earlier.len() as f64;
        let mean = earlier.iter().sum::<f64>() / n;
        let squares: f64 = earlier.iter().map(|score| (score - mean).powi(2)).sum();
        mean - 2.0 * (squares / (n - 1.0)).sqrt()
    });
    let quartile_minus_1_5_iqr = enough.then(|| {
        let mut sorted = earlier.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
        low - 1.5 * (high - low)
    });
    ScoreHistory {
        n_scores: earlier.len() as u64,
        mean_minus_two_sd,
        is_below_two_sd: mean_minus_two_sd.map(|limit| score < limit),
        quartile_minus_1_5_iqr,
        is_below_1_5_iqr: quartile_minus_1_5_iqr.map(|limit| score < limit),
    }
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let (below, part) = (position.floor() as usize, position.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_their_definitions() {
        // numpy: mean - 2 std(ddof=1), and percentile 25 - 1.5 (percentile 75 - percentile 25).
        let earlier = [0.6, 0.62, 0.55, 0.58, 0.7];
        let found = compare_with_history(0.49, &earlier);
        let (two_sd, iqr) = (
            found.mean_minus_two_sd.unwrap(),
            found.quartile_minus_1_5_iqr.unwrap(),
        );
        assert!((two_sd - 0.496_862_915).abs() < 1e-9, "{two_sd}");
        assert!((iqr - 0.52).abs() < 1e-12, "{iqr}");
        assert_eq!(found.is_below_two_sd, Some(true));
        assert_eq!(found.is_below_1_5_iqr, Some(true));
        let fair = compare_with_history(0.55, &earlier);
        assert_eq!(fair.is_below_two_sd, Some(false));
        assert_eq!(fair.is_below_1_5_iqr, Some(false));
    }

    #[test]
    fn one_earlier_score_is_no_history() {
        for earlier in [&[][..], &[0.5]] {
            let found = compare_with_history(0.1, earlier);
            assert_eq!(found.mean_minus_two_sd, None);
            assert_eq!(found.is_below_1_5_iqr, None);
        }
    }
}
