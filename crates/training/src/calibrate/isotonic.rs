//! Isotonic calibration: the rising step function that fits best, its steps joined by straight lines.

use super::CalibrationSamples;
use risk_core::calibration::{Calibration, Knot};

/// Neighbouring scores that share one risk.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    weight: f64,
    exited: f64,
    /// Weight of the samples alone, without what was added at the ends.
    of_samples: f64,
    /// Weighted sum of their scores.
    scores: f64,
}

impl Block {
    fn share(&self) -> f64 {
        self.exited / self.weight
    }

    fn with(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            exited: self.exited + other.exited,
            of_samples: self.of_samples + other.of_samples,
            scores: self.scores + other.scores,
        }
    }
}

/// Fits to some rows by pooling adjacent violators (Ayer et al. 1955). None for no rows.
///
/// One sample that left by half is added at the lowest score and one at the highest, so that no share
/// is 0 or 1. Each block is a knot at the mean of its scores (centred isotonic regression, Oron and
/// Flournoy 2017): between knots risks differ as scores do, where steps would tie whole blocks.
pub(super) fn fit(samples: CalibrationSamples<'_>, rows: &[usize]) -> Option<Calibration> {
    let mut points = points(samples, rows);
    add_half(points.first_mut()?);
    add_half(points.last_mut()?);
    let knots = pooled(points).into_iter().map(|block| {
        let share = block.share();
        Knot {
            score: block.scores / block.of_samples,
            log_odds: (share / (1.0 - share)).ln(),
        }
    });
    Some(Calibration::Isotonic {
        knots: knots.collect(),
    })
}

fn add_half(block: &mut Block) {
    block.weight += 1.0;
    block.exited += 0.5;
}

/// One block for each distinct score, by rising score.
fn points(samples: CalibrationSamples<'_>, rows: &[usize]) -> Vec<Block> {
    let mut order = rows.to_vec();
    order.sort_by(|a, b| samples.scores[*a].total_cmp(&samples.scores[*b]));
    let mut points: Vec<Block> = Vec::with_capacity(order.len());
    let mut last = f64::NAN;
    for row in order {
        let (score, weight) = (samples.scores[row], samples.weights[row]);
        let sample = Block {
            weight,
            exited: weight * f64::from(u8::from(samples.exited[row])),
            of_samples: weight,
            scores: weight * score,
        };
        match points.last_mut() {
            Some(point) if score == last => *point = point.with(sample),
            _ => points.push(sample),
        }
        last = score;
    }
    points
}

/// Neighbours that would fall, or stay level, are made one.
fn pooled(points: Vec<Block>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for mut block in points {
        while let Some(before) = blocks.pop_if(|before| before.share() >= block.share()) {
            block = before.with(block);
        }
        blocks.push(block);
    }
    blocks
}
