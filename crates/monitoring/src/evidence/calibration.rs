//! How the champion's log-odds would have to be read to fit what happened: intercept and slope.

use super::Labelled;
use super::region::Recalibration;

/// Newton steps before the fit is given up.
const MOST_STEPS: usize = 100;
/// Above this share of the smallest weight the log-likelihood comes only where the risks separate
/// leavers and stayers: otherwise two samples at least are on the wrong side of each other, which
/// costs `ln 2` each at best.
const SEPARATED: f64 = -0.5;

impl Recalibration {
    /// Standard errors of intercept and slope.
    #[must_use]
    pub fn standard_errors(&self) -> (f64, f64) {
        let [[intercept, _], [_, slope]] = self.covariance;
        (intercept.sqrt(), slope.sqrt())
    }
}

/// Fits intercept and slope of the labels on the champion's log-odds (Cox 1958) by maximum likelihood.
/// Weights below 1 make the covariance larger, as if there were so many samples fewer.
///
/// None where the two are not determined: one class only, all risks equal, or
/// leavers and stayers that the risks separate.
#[must_use]
pub fn fit_recalibration(samples: &[Labelled]) -> Option<Recalibration> {
    let rows: Vec<(f64, f64, f64)> = samples
        .iter()
        .map(|sample| {
            let exited = f64::from(u8::from(sample.exited));
            (sample.log_odds(), exited, sample.weight)
        })
        .collect();
    let lightest = rows.iter().map(|row| row.2).fold(1.0, f64::min);
    let mut at = (0.0, 1.0);
    let mut sums = Sums::at(at, &rows);
    for _ in 0..MOST_STEPS {
        let step = sums.newton_step()?;
        let (next, after) = uphill(at, step, &sums, &rows)?;
        let change = (next.0 - at.0).abs().max((next.1 - at.1).abs());
        (at, sums) = (next, after);
        if sums.log_likelihood > SEPARATED * lightest {
            return None;
        }
        if change < 1e-10 {
            let covariance = sums.inverse()?;
            let (intercept, slope) = at;
            return Some(Recalibration {
                intercept,
                slope,
                covariance,
            });
        }
    }
    None
}

/// The full Newton step, or the first half, quarter, … of it that does not go down.
fn uphill(
    at: (f64, f64),
    step: (f64, f64),
    before: &Sums,
    rows: &[(f64, f64, f64)],
) -> Option<((f64, f64), Sums)> {
    let mut share = 1.0;
    for _ in 0..60 {
        let next = (at.0 + share * step.0, at.1 + share * step.1);
        let sums = Sums::at(next, rows);
        let slack = 1e-12 * before.log_likelihood.abs();
        if sums.log_likelihood >= before.log_likelihood - slack {
            return Some((next, sums));
        }
        share /= 2.0;
    }
    None
}

/// Log-likelihood, gradient and information at one recalibration.
struct Sums {
    log_likelihood: f64,
    gradient: (f64, f64),
    information: (f64, f64, f64),
}

impl Sums {
    fn at((intercept, slope): (f64, f64), rows: &[(f64, f64, f64)]) -> Self {
        let mut sums = Self {
            log_likelihood: 0.0,
            gradient: (0.0, 0.0),
            information: (0.0, 0.0, 0.0),
        };
        for &(log_odds, exited, weight) in rows {
            let read = intercept + slope * log_odds;
            // ln(1 + e^x) without overflow.
            let softplus = read.max(0.0) + (-read.abs()).exp().ln_1p();
            let probability = (read - softplus).exp();
            let variance = weight * probability * (-softplus).exp();
            sums.log_likelihood += weight * (exited * read - softplus);
            sums.gradient.0 += weight * (exited - probability);
            sums.gradient.1 += weight * (exited - probability) * log_odds;
            sums.information.0 += variance;
            sums.information.1 += variance * log_odds;
            sums.information.2 += variance * log_odds * log_odds;
        }
        sums
    }

    /// The inverse of the information; none where it is singular but for rounding.
    fn inverse(&self) -> Option<[[f64; 2]; 2]> {
        let (a, ab, b) = self.information;
        let determinant = a * b - ab * ab;
        let is_regular = determinant > 1e-12 * a * b && determinant.is_finite();
        is_regular.then(|| {
            let mixed = -ab / determinant;
            [[b / determinant, mixed], [mixed, a / determinant]]
        })
    }

    fn newton_step(&self) -> Option<(f64, f64)> {
        let [[a, ab], [_, b]] = self.inverse()?;
        let (g, h) = self.gradient;
        Some((a * g + ab * h, ab * g + b * h))
    }
}
