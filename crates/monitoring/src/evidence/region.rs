//! The denominator: the recalibrations that the champion's own training data cannot rule out.

use super::EvidenceError;
use super::kernel::{Batch, Points};
use crate::distribution::chi_squared_quantile_above;
use serde::{Deserialize, Serialize};

/// One minus the level of the ellipse.
const OUTSIDE: f64 = 0.01;
/// Lines of equal slope across the ellipse.
const LINES: usize = 9;
/// Points on each line.
const ON_A_LINE: usize = 9;
/// Farthest that centre and border of the ellipse may be from zero and from each other.
const WIDEST: f64 = 7.0;
/// Steps of each search for the supremum; each leaves .618 of the interval.
const STEPS: usize = 32;

/// The recalibration of a champion: intercept and slope of what happened on its log-odds, fitted to
/// cross-fitted log-odds of its own training samples, with the covariance of both.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recalibration {
    /// Intercept; 0 for a champion that is right on average.
    pub intercept: f64,
    /// Slope; 1 for a champion that is as sure as it should be, less for one that is too sure.
    pub slope: f64,
    /// Covariance of intercept and slope.
    pub covariance: [[f64; 2]; 2],
}

impl Recalibration {
    /// The recalibration with the standard errors of its distance to the champion's true one.
    ///
    /// Where the samples of the rarer class are not many times the parameters of the model, those of the
    /// fit are too small for that: the champion errs by about as much again and the other way (simulated:
    /// their slopes correlate by -.3 to -.5), and neither is normal. Standard errors times the square of
    /// `1 + parameters / rarer class` made up for it. Without this 8 % of lives of a champion of 500
    /// samples with a base rate of .02 ended in a false alarm.
    #[must_use]
    pub fn of_champion(&self, n_parameters: u64, n_of_rarer_class: u64) -> Self {
        let crowded = 1.0 + n_parameters as f64 / (n_of_rarer_class as f64).max(1.0);
        let factor = crowded.powi(4);
        Self {
            covariance: self.covariance.map(|row| row.map(|entry| factor * entry)),
            ..*self
        }
    }

    /// What is taken for a champion that comes without one: right as far as is known, with twice the
    /// standard errors of a fit to its training samples under log-odds of unit variance.
    #[must_use]
    pub fn assumed(n_samples: u64, n_positive: u64) -> Self {
        let (n, positive) = (n_samples as f64, n_positive as f64);
        let share = (positive + 0.5) / (n + 1.0);
        let mean = (share / (1.0 - share)).ln();
        let variance = 4.0 / ((n + 1.0) * share * (1.0 - share));
        Self {
            intercept: 0.0,
            slope: 1.0,
            covariance: [
                [variance * (mean * mean + 1.0), -variance * mean],
                [-variance * mean, variance],
            ],
        }
    }
}

/// The ellipse of [`Recalibration`], with the log-likelihood and its gradient at fixed points of it.
///
/// The log-likelihood is concave, so it lies below its tangents: the greatest value that the tangents
/// at the points allow inside the ellipse is never below the greatest log-likelihood there. The
/// evidence is therefore never larger than with the exact denominator, however few the points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Region {
    recalibration: Recalibration,
    ellipse: Ellipse,
    slopes: [f64; LINES],
    points: Vec<Point>,
    /// What the batch adds at the points of each line; arrays, so that it is worked on in vectors.
    batch: [Line; LINES],
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    intercept: f64,
    slope: f64,
    /// Log-likelihood, and its derivatives by intercept and by slope.
    sums: [f64; 3],
}

/// The points of one line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    odds: [f64; ON_A_LINE],
    products: [f64; ON_A_LINE],
    /// Sums of the probabilities, and of these times the log-odds.
    expected: [f64; ON_A_LINE],
    expected_log_odds: [f64; ON_A_LINE],
}

impl Line {
    fn new(intercepts: [f64; ON_A_LINE]) -> Self {
        Self {
            odds: intercepts.map(f64::exp),
            products: [1.0; ON_A_LINE],
            expected: [0.0; ON_A_LINE],
            expected_log_odds: [0.0; ON_A_LINE],
        }
    }
}

impl Point {
    fn tangent(&self, intercept: f64, slope: f64) -> f64 {
        let [height, by_intercept, by_slope] = self.sums;
        height + by_intercept * (intercept - self.intercept) + by_slope * (slope - self.slope)
    }
}

/// The ellipse as chords: for every slope the interval of intercepts inside.
#[derive(Debug, Clone, PartialEq)]
struct Ellipse {
    centre: (f64, f64),
    slope_radius: f64,
    /// By how much the middle of a chord moves when the slope rises by one.
    tilt: f64,
    longest_half_chord: f64,
}

impl Ellipse {
    fn new(recalibration: &Recalibration) -> Result<Self, EvidenceError> {
        let bad = |why: &str| Err(EvidenceError::NotARecalibration(why.to_owned()));
        let [[variance_a, covariance], [mirrored, variance_b]] = recalibration.covariance;
        let all = [
            recalibration.intercept,
            recalibration.slope,
            variance_a,
            covariance,
            mirrored,
            variance_b,
        ];
        if all.iter().any(|number| !number.is_finite()) {
            return bad("a number of it is not finite");
        }
        let determinant = variance_a * variance_b - covariance * covariance;
        if variance_a <= 0.0 || variance_b <= 0.0 || determinant <= 0.0 || covariance != mirrored {
            return bad("its covariance is not symmetric and positive");
        }
        // Training data that allows more than this allows everything; the sums have to stay finite.
        let wanted = chi_squared_quantile_above(OUTSIDE, 2).sqrt();
        let radius = wanted
            .min(WIDEST / variance_a.sqrt())
            .min(WIDEST / variance_b.sqrt());
        let inside = |centre: f64| centre.clamp(-WIDEST, WIDEST);
        Ok(Self {
            centre: (inside(recalibration.intercept), inside(recalibration.slope)),
            slope_radius: radius * variance_b.sqrt(),
            tilt: covariance / variance_b,
            longest_half_chord: radius * (determinant / variance_b).sqrt(),
        })
    }

    /// The slope and the middle and half length of the chord at a place from -1 to 1.
    fn chord(&self, place: f64) -> (f64, f64, f64) {
        let offset = self.slope_radius * place;
        let half = self.longest_half_chord * (1.0 - place * place).max(0.0).sqrt();
        (
            self.centre.1 + offset,
            self.centre.0 + self.tilt * offset,
            half,
        )
    }
}

/// Evenly spaced by angle: from -1 to 1, denser towards both ends.
fn place(index: usize, of: usize) -> f64 {
    let angle = std::f64::consts::PI * (index as f64 / (of - 1) as f64 - 0.5);
    angle.sin()
}

impl Region {
    pub fn new(recalibration: &Recalibration) -> Result<Self, EvidenceError> {
        let ellipse = Ellipse::new(recalibration)?;
        let mut slopes = [0.0; LINES];
        let mut points = Vec::with_capacity(LINES * ON_A_LINE);
        let batch = std::array::from_fn(|line| {
            // The outermost lines would be single points; the tangents reach beyond the last chord.
            let (slope, middle, half) = ellipse.chord(0.98 * place(line, LINES));
            let intercepts =
                std::array::from_fn(|position| middle + half * place(position, ON_A_LINE));
            slopes[line] = slope;
            points.extend(intercepts.map(|intercept| Point {
                intercept,
                slope,
                sums: [0.0; 3],
            }));
            Line::new(intercepts)
        });
        Ok(Self {
            recalibration: *recalibration,
            ellipse,
            slopes,
            points,
            batch,
        })
    }

    pub fn from_sums(
        recalibration: &Recalibration,
        sums: &[[f64; 3]],
    ) -> Result<Self, EvidenceError> {
        let mut region = Self::new(recalibration)?;
        if sums.len() != region.points.len() {
            let (found, expected) = (sums.len(), region.points.len());
            return Err(EvidenceError::NotEvidence(format!(
                "it has {found} points of the ellipse and not {expected}"
            )));
        }
        for (point, sums) in region.points.iter_mut().zip(sums) {
            point.sums = *sums;
        }
        Ok(region)
    }

    pub fn sums(&self) -> Vec<[f64; 3]> {
        self.points.iter().map(|point| point.sums).collect()
    }

    pub fn recalibration(&self) -> &Recalibration {
        &self.recalibration
    }

    /// The highest log-odds that any recalibration of the ellipse makes of the champion's.
    pub fn highest(&self, log_odds: f64) -> f64 {
        let Ellipse {
            centre,
            slope_radius,
            tilt,
            longest_half_chord,
        } = &self.ellipse;
        let middle = centre.0 + centre.1 * log_odds;
        middle + (slope_radius * (tilt + log_odds)).hypot(*longest_half_chord)
    }

    /// The greatest log-likelihood at any of the points: never above that of the ellipse.
    pub fn greatest(&self) -> f64 {
        self.points
            .iter()
            .map(|point| point.sums[0])
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The greatest value that the tangents allow in the ellipse: never below the greatest
    /// log-likelihood there.
    pub fn supremum(&self) -> f64 {
        let below_tangents = |intercept: f64, slope: f64| {
            self.points
                .iter()
                .map(|point| point.tangent(intercept, slope))
                .fold(f64::INFINITY, f64::min)
        };
        let on_chord = |place: f64| {
            let (slope, middle, half) = self.ellipse.chord(place);
            greatest_of_concave(|place| below_tangents(middle + half * place, slope))
        };
        greatest_of_concave(on_chord).max(self.greatest())
    }
}

/// The greatest value of a concave function from -1 to 1, by golden section.
fn greatest_of_concave(value: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut low, mut high) = (-1.0_f64, 1.0_f64);
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left < at_right {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = value(right);
        } else {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = value(left);
        }
    }
    [value(low), at_left, at_right, value(high)]
        .into_iter()
        .fold(f64::NEG_INFINITY, f64::max)
}

impl Points for Region {
    fn n_lines(&self) -> usize {
        LINES
    }

    fn slope(&self, line: usize) -> f64 {
        self.slopes[line]
    }

    fn bounds(&self) -> (f64, f64) {
        self.points.iter().fold((0.0, 0.0), |(a, b), point| {
            (a.max(point.intercept.abs()), b.max(point.slope.abs()))
        })
    }

    fn multiply(&mut self, line: usize, odds: f64, log_odds: f64) {
        let line = &mut self.batch[line];
        for position in 0..ON_A_LINE {
            let odds = line.odds[position] * odds;
            let factor = 1.0 + odds;
            let probability = odds / factor;
            line.products[position] *= factor;
            line.expected[position] += probability;
            line.expected_log_odds[position] += probability * log_odds;
        }
    }

    fn flush(&mut self, batch: &Batch) {
        for (line, points) in self.batch.iter_mut().zip(self.points.chunks_mut(ON_A_LINE)) {
            for (position, point) in points.iter_mut().enumerate() {
                let [height, by_intercept, by_slope] = &mut point.sums;
                let product = line.products[position];
                *height += batch.log_likelihood(point.intercept, point.slope, product);
                *by_intercept += batch.weight * (batch.n_positive - line.expected[position]);
                let expected = line.expected_log_odds[position];
                *by_slope += batch.weight * (batch.log_odds_of_positive - expected);
            }
            line.products = [1.0; ON_A_LINE];
            line.expected = [0.0; ON_A_LINE];
            line.expected_log_odds = [0.0; ON_A_LINE];
        }
    }
}
