//! How a score becomes a risk: the stored mapping from log-odds to a probability.
//!
//! A mapping never falls as the score rises, and never gives 0 or 1. Without one, the risk is the
//! sigmoid of the score.

use crate::model::sigmoid;
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// Risks are kept this far from 0 and 1, as in the log-loss.
const CLIP: f64 = f64::EPSILON;

/// A mapping from the score of a model, its log-odds, to the log-odds of the risk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calibration {
    /// The score as it is.
    #[default]
    None,
    /// `intercept + slope · score` (Platt 1999).
    Platt {
        /// The log-odds at a score of 0.
        intercept: f64,
        /// What the log-odds rise by for each unit of the score, at least 0.
        slope: f64,
    },
    /// Straight lines between knots (isotonic regression, centred). Below the first and above the last
    /// knot it goes on at its mean slope, but at most as fast as the score.
    Isotonic {
        /// The knots, by rising score.
        knots: Vec<Knot>,
    },
}

/// A point of an isotonic mapping.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knot {
    /// The score.
    pub score: f64,
    /// The log-odds of the risk there.
    pub log_odds: f64,
}

/// How the calibrated log-odds would have to be read to fit the labels of training samples that were
/// scored by models fitted without their clients: `intercept + slope · log-odds`. What it leaves open,
/// the training data cannot rule out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recalibration {
    /// 0 where as many left as expected.
    pub intercept: f64,
    /// 1 where the risks differ as much as they should.
    pub slope: f64,
    /// The covariance of both.
    pub covariance: [[f64; 2]; 2],
}

/// What was tried for the calibration of a model, and what was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    /// How many samples had a score of a model that was fitted without their client.
    pub n_samples: u64,
    /// What was tried, the simpler first: none, platt, isotonic.
    pub candidates: Vec<CalibrationCandidate>,
    /// The choice in one sentence.
    pub reason: String,
}

/// A mapping that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationCandidate {
    /// Its name.
    pub kind: String,
    /// Mean log-loss of samples whose clients the mapping was fitted without, nats; none where it
    /// cannot be fitted.
    pub log_loss: Option<f64>,
    /// How much less that is than without a mapping, paired by sample.
    pub gain: Option<f64>,
    /// The standard error of the gain, with clients as the unit.
    pub standard_error: Option<f64>,
}

impl Calibration {
    /// Whether scores are taken as they are.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// Its name in configuration, artefact and text.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Platt { .. } => "platt",
            Self::Isotonic { .. } => "isotonic",
        }
    }

    /// The log-odds of the risk at a score.
    #[must_use]
    pub fn log_odds(&self, score: f64) -> f64 {
        match self {
            Self::None => score,
            Self::Platt { intercept, slope } => intercept + slope * score,
            Self::Isotonic { knots } => between_knots(knots, score),
        }
    }

    /// The risk at a score: between 0 and 1, both excluded.
    #[must_use]
    pub fn risk(&self, score: f64) -> f64 {
        sigmoid(self.log_odds(score)).clamp(CLIP, 1.0 - CLIP)
    }

    /// By how much the log-odds of the risk rise for one unit of the score, at a score; at a knot, as
    /// above it.
    #[must_use]
    pub fn slope(&self, score: f64) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Platt { slope, .. } => *slope,
            Self::Isotonic { knots } => match segment(knots, score) {
                Segment::Between(below, above) => slope_of(below, above),
                Segment::Outside(_) => outer_slope(knots),
                Segment::Empty => 1.0,
            },
        }
    }

    /// Fails on a mapping that falls, or has a number that is none.
    ///
    /// # Errors
    /// In these cases.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Platt { intercept, slope } => {
                if !(intercept.is_finite() && slope.is_finite() && *slope >= 0.0) {
                    bail!("intercept {intercept} and slope {slope} make no calibration");
                }
                Ok(())
            }
            Self::Isotonic { knots } => {
                let finite =
                    (knots.iter()).all(|knot| knot.score.is_finite() && knot.log_odds.is_finite());
                let rising = knots.windows(2).all(|ends| {
                    ends[0].score < ends[1].score && ends[0].log_odds <= ends[1].log_odds
                });
                if knots.is_empty() || !finite || !rising {
                    bail!("the knots of the calibration are not by rising score and log-odds");
                }
                Ok(())
            }
        }
    }
}

/// Where a score lies among knots.
enum Segment<'k> {
    /// From one knot on, to the next.
    Between(&'k Knot, &'k Knot),
    /// Below the first, or from the last on.
    Outside(&'k Knot),
    /// There are none.
    Empty,
}

fn segment(knots: &[Knot], score: f64) -> Segment<'_> {
    let above = knots.partition_point(|knot| knot.score <= score);
    match (
        above.checked_sub(1).and_then(|below| knots.get(below)),
        knots.get(above),
    ) {
        (Some(below), Some(above)) => Segment::Between(below, above),
        (Some(end), None) | (None, Some(end)) => Segment::Outside(end),
        (None, None) => Segment::Empty,
    }
}

fn between_knots(knots: &[Knot], score: f64) -> f64 {
    match segment(knots, score) {
        Segment::Between(below, above) => {
            let along = (score - below.score) / (above.score - below.score);
            // In this form it rises with `along` also in floating point.
            (below.log_odds + along * (above.log_odds - below.log_odds)).min(above.log_odds)
        }
        Segment::Outside(end) => end.log_odds + outer_slope(knots) * (score - end.score),
        Segment::Empty => score,
    }
}

/// The mean slope between the outermost knots, at most 1; 0 for a single knot.
fn outer_slope(knots: &[Knot]) -> f64 {
    match knots {
        [first, .., last] => slope_of(first, last).min(1.0),
        _ => 0.0,
    }
}

fn slope_of(below: &Knot, above: &Knot) -> f64 {
    (above.log_odds - below.log_odds) / (above.score - below.score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn isotonic(points: &[(f64, f64)]) -> Calibration {
        let knot = |&(score, log_odds): &(f64, f64)| Knot { score, log_odds };
        Calibration::Isotonic {
            knots: points.iter().map(knot).collect(),
        }
    }

    #[test]
    fn each_kind_maps_by_its_definition() {
        let platt = Calibration::Platt {
            intercept: -0.5,
            slope: 0.8,
        };
        let knots = isotonic(&[(-1.0, -2.0), (0.0, -1.0), (4.0, 1.0)]);
        for (mapping, score, expected) in [
            (&Calibration::None, 1.5, 1.5),
            (&platt, 1.5, 0.7),
            (&knots, -1.0, -2.0),
            (&knots, -0.5, -1.5),
            (&knots, 2.0, 0.0),
            // Outside, three units of log-odds on five of the score.
            (&knots, -2.0, -2.6),
            (&knots, 6.0, 2.2),
            (&isotonic(&[(0.0, -1.0)]), 9.0, -1.0),
            // Never faster than the score.
            (&isotonic(&[(0.0, -1.0), (1.0, 3.0)]), 2.0, 4.0),
        ] {
            let actual = mapping.log_odds(score);
            assert!(
                (actual - expected).abs() < 1e-12,
                "{mapping:?} at {score}: {actual}"
            );
        }
    }

    #[test]
    fn the_slope_is_that_of_the_log_odds() {
        let knots = isotonic(&[(-1.0, -2.0), (0.0, -1.0), (4.0, 1.0)]);
        for (score, expected) in [(-3.0, 0.6), (-0.5, 1.0), (1.0, 0.5), (9.0, 0.6)] {
            assert!((knots.slope(score) - expected).abs() < 1e-12, "{score}");
        }
        assert_eq!(Calibration::None.slope(3.0), 1.0);
    }

    #[test]
    fn a_mapping_that_falls_or_is_not_finite_is_refused() {
        let platt = |intercept, slope| Calibration::Platt { intercept, slope };
        for (mapping, usable) in [
            (platt(1.0, 0.0), true),
            (platt(1.0, -0.1), false),
            (platt(f64::NAN, 1.0), false),
            (isotonic(&[]), false),
            (isotonic(&[(0.0, 1.0), (1.0, 1.0)]), true),
            (isotonic(&[(0.0, 1.0), (1.0, 0.9)]), false),
            (isotonic(&[(0.0, 1.0), (0.0, 2.0)]), false),
        ] {
            assert_eq!(mapping.check().is_ok(), usable, "{mapping:?}");
        }
    }

    #[test]
    fn it_is_read_back_as_it_was_written() {
        let mapping = isotonic(&[(0.0, -1.0), (1.0, 0.25)]);
        let json = serde_json::to_string(&mapping).unwrap();
        assert!(
            json.starts_with(r#"{"kind":"isotonic","knots":[{"score":0.0"#),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), mapping);
    }

    fn any_mapping() -> impl Strategy<Value = Calibration> {
        let knots = prop::collection::vec((0.001..5.0_f64, 0.0..3.0_f64), 1..12);
        let isotonic =
            (-20.0..0.0_f64, -20.0..0.0_f64, knots).prop_map(|(score, log_odds, steps)| {
                let mut at = Knot { score, log_odds };
                let knots = steps.into_iter().map(|(along, up)| {
                    at.score += along;
                    at.log_odds += up;
                    at
                });
                Calibration::Isotonic {
                    knots: knots.collect(),
                }
            });
        let platt = (-5.0..5.0_f64, 0.0..4.0_f64)
            .prop_map(|(intercept, slope)| Calibration::Platt { intercept, slope });
        prop_oneof![Just(Calibration::None), platt, isotonic]
    }

    proptest! {
        #[test]
        fn a_risk_lies_between_0_and_1_and_never_falls_as_the_score_rises(
            mapping in any_mapping(),
            mut scores in prop::collection::vec(prop_oneof![-40.0..40.0_f64, -1e9..1e9_f64], 2..40),
        ) {
            mapping.check().unwrap();
            if let Calibration::Isotonic { knots } = &mapping {
                scores.extend(knots.iter().map(|knot| knot.score));
            }
            scores.sort_by(f64::total_cmp);
            let risks: Vec<f64> = scores.iter().map(|score| mapping.risk(*score)).collect();
            prop_assert!(risks.iter().all(|risk| *risk > 0.0 && *risk < 1.0));
            prop_assert!(risks.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", risks);
        }
    }
}
