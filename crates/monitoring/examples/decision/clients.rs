//! The clients that a release meets, and quick sums over their labels.
//!
//! The champion's log-odds of the clients and the true ones are two linear functions of normal
//! features, so they are normal together. The clients come in 256 equally frequent kinds, by quantiles
//! of the champion's log-odds; the chance to leave of a kind is the mean over all truths that go with
//! it, which makes the law of risks and labels that of single clients. The log-likelihoods of a kind
//! at all alternatives are worked out once a life, so that a label costs additions only.

use crate::champion::{FEATURES, Line, intercept_for, logistic, mix_shift};
use crate::draws::Draws;
use monitoring::evidence::{Labelled, Recalibration};
use statrs::distribution::{ContinuousCDF, Normal};
use std::sync::LazyLock;

pub const KINDS: usize = 256;
/// The alternatives of the evidence, with the champion itself.
const INTERCEPTS: usize = 13;
const SLOPES: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5];
const ALTERNATIVES: usize = INTERCEPTS * SLOPES.len();
/// They are summed in single precision within a look, so many at a time, with this much to spare.
const LANES: usize = 32;
const BLOCKS: usize = ALTERNATIVES.div_ceil(LANES);
const ROUNDING: f64 = 0.25;
/// Where the champion itself is among them.
const CHAMPION: usize = 5 * INTERCEPTS + 6;
/// Share of labels that may be wrong.
const MISLABELLED: f64 = 0.001;
/// χ² with two degrees of freedom is above this with probability .01.
const ELLIPSE: f64 = 9.210_340_371_976_18;

/// What happens from the first look on.
#[derive(Clone, Copy, PartialEq)]
pub enum Change {
    Nothing,
    /// The mix of clients moves the base rate; the champion stays as right as it was.
    Mix(f64),
    /// The true log-odds vary half as much around the same base rate.
    SlopeHalved,
    /// The true log-odds are higher by one half.
    InterceptRaised,
    /// The strongest feature has the opposite effect.
    EffectReversed,
}

/// All kinds of clients that one champion meets.
pub struct Clients {
    /// The champion's log-odds and risk of each kind.
    pub log_odds: Vec<f64>,
    pub risks: Vec<f64>,
    /// How often a kind leaves.
    truths: Vec<f64>,
    /// `ln(1 + exp(a + b·s))` of each kind at each alternative, then the logarithm of the likelihood of
    /// a stayer and a leaver where a few labels are wrong.
    softplus: Vec<[[f32; LANES]; BLOCKS]>,
    mislabelled: Vec<[f64; 2]>,
}

impl Clients {
    pub fn new(truth: &Line, champion: &Line, base_rate: f64, change: Change) -> Self {
        let mut truth_now = *truth;
        let mut shift = [0.0; FEATURES];
        match change {
            Change::Nothing => {}
            Change::Mix(rate) => shift = mix_shift(truth, rate),
            Change::SlopeHalved => {
                truth_now.effects = truth.effects.map(|effect| effect / 2.0);
                let deviation = product(&truth_now, &truth_now).sqrt();
                truth_now.intercept = intercept_for(base_rate, 0.0, deviation);
            }
            Change::InterceptRaised => truth_now.intercept += 0.5,
            Change::EffectReversed => truth_now.effects[0] *= -1.0,
        }
        let deviation = product(champion, champion).max(1e-12).sqrt();
        let by_champion = product(&truth_now, champion) / deviation;
        let truth_variance = product(&truth_now, &truth_now);
        let rest = (truth_variance - by_champion * by_champion).max(0.0).sqrt();
        let (mean, truth_mean) = (champion.at(&shift), truth_now.at(&shift));
        let log_odds: Vec<f64> = NORMALS.iter().map(|z| mean + deviation * z).collect();
        let truths = NORMALS
            .iter()
            .map(|z| mean_of_logistic(truth_mean + by_champion * z, rest));
        Self::of(log_odds, truths.collect())
    }

    fn of(log_odds: Vec<f64>, truths: Vec<f64>) -> Self {
        let risks: Vec<f64> = log_odds.iter().map(|s| logistic(*s)).collect();
        let of_kind = |s: &f64| {
            let odds = SLOPES.map(|slope| (slope * s).exp());
            std::array::from_fn(|block| {
                std::array::from_fn(|lane| {
                    let index = block * LANES + lane;
                    let odds = odds.get(index / INTERCEPTS).unwrap_or(&0.0);
                    (INTERCEPT_ODDS[index % INTERCEPTS] * odds).ln_1p() as f32
                })
            })
        };
        let mixed = |of_label: f64| ((1.0 - MISLABELLED) * of_label + MISLABELLED / 2.0).ln();
        Self {
            softplus: log_odds.iter().map(of_kind).collect(),
            mislabelled: risks.iter().map(|p| [mixed(1.0 - p), mixed(*p)]).collect(),
            log_odds,
            risks,
            truths,
        }
    }

    /// The kind of the next client, and whether it leaves.
    pub fn draw(&self, draws: &mut Draws) -> (u8, bool) {
        let (kind, uniform) = draws.byte_and_uniform();
        (kind, uniform < self.truths[usize::from(kind)])
    }

    /// The labels as the library has them.
    pub fn labelled(&self, labels: &[(u8, bool)]) -> Vec<Labelled> {
        let label =
            |(kind, exited): &(u8, bool)| Labelled::new(self.risks[usize::from(*kind)], *exited);
        labels.iter().map(label).collect()
    }

    /// Takes labels into the sums.
    pub fn count(&self, labels: &[(u8, bool)], counts: &mut Counts) {
        for (kind, exited) in labels {
            let (kind, exited) = (usize::from(*kind), usize::from(*exited));
            counts.of_kind[kind][exited] += 1;
            counts.mislabelled += self.mislabelled[kind][exited];
            counts.exited += exited as f64;
            counts.exited_log_odds += exited as f64 * self.log_odds[kind];
        }
        for block in 0..BLOCKS {
            let mut sums = [0.0; LANES];
            for (kind, _) in labels {
                let softplus = &self.softplus[usize::from(*kind)][block];
                for lane in 0..LANES {
                    sums[lane] += softplus[lane];
                }
            }
            for (sum, of_look) in counts.softplus[block * LANES..].iter_mut().zip(sums) {
                *sum += f64::from(of_look);
            }
        }
    }
}

/// The labels so far.
pub struct Counts {
    /// Stayers and leavers of each kind.
    of_kind: [[u32; 2]; KINDS],
    exited: f64,
    exited_log_odds: f64,
    mislabelled: f64,
    softplus: [f64; BLOCKS * LANES],
    /// Where in the ellipse the log-likelihood was greatest when it was last looked for.
    in_ellipse: (f64, f64),
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            of_kind: [[0; 2]; KINDS],
            exited: 0.0,
            exited_log_odds: 0.0,
            mislabelled: 0.0,
            softplus: [0.0; BLOCKS * LANES],
            in_ellipse: (0.0, 0.0),
        }
    }
}

impl Counts {
    /// At least the logarithm of the ratio of the evidence, or anything below `threshold` where the
    /// ratio is.
    pub fn most_log_ratio(
        &mut self,
        clients: &Clients,
        recalibration: &Recalibration,
        threshold: f64,
    ) -> f64 {
        let heights: [f64; ALTERNATIVES] = std::array::from_fn(|index| {
            let of_exited = intercept(index) * self.exited + slope(index) * self.exited_log_odds;
            of_exited - self.softplus[index]
        });
        let allowed = heights[CHAMPION].max(self.mislabelled) - ROUNDING;
        let others = |(index, height): (usize, &f64)| (index != CHAMPION).then_some(*height);
        let greatest = heights.iter().enumerate().filter_map(others);
        let greatest = greatest.fold(f64::NEG_INFINITY, f64::max);
        if greatest - allowed < threshold {
            return greatest - allowed;
        }
        let sum: f64 = heights
            .iter()
            .enumerate()
            .filter_map(others)
            .map(|height| (height - greatest).exp())
            .sum();
        let mixture = greatest + (sum / (ALTERNATIVES - 1) as f64).ln();
        if mixture - allowed < threshold {
            return mixture - allowed;
        }
        let ellipse = Ellipse::of(recalibration);
        let (u, v) = self.in_ellipse;
        let last = self.height(clients, ellipse.place(u, v)) - ROUNDING;
        if mixture - last < threshold {
            return mixture - last;
        }
        mixture - allowed.max(self.greatest_in(&ellipse, clients) - ROUNDING)
    }

    /// The greatest log-likelihood in the ellipse, or a little less, by Newton's method.
    fn greatest_in(&mut self, ellipse: &Ellipse, clients: &Clients) -> f64 {
        let (mut u, mut v) = self.in_ellipse;
        for _ in 0..20 {
            let sums = self.derivatives(clients, ellipse.place(u, v));
            let (next_u, next_v) = ellipse.step((u, v), &sums);
            let change = (next_u - u).abs().max((next_v - v).abs());
            (u, v) = (next_u, next_v);
            if change < 1e-6 {
                break;
            }
        }
        self.in_ellipse = (u, v);
        self.height(clients, ellipse.place(u, v))
    }

    fn height(&self, clients: &Clients, (intercept, slope): (f64, f64)) -> f64 {
        let of_kinds = self.of_kind.iter().zip(&clients.log_odds);
        let softplus = of_kinds
            .filter(|(counts, _)| **counts != [0; 2])
            .map(|(counts, s)| f64::from(counts[0] + counts[1]) * softplus(intercept + slope * s));
        intercept * self.exited + slope * self.exited_log_odds - softplus.sum::<f64>()
    }

    fn derivatives(&self, clients: &Clients, (intercept, slope): (f64, f64)) -> Derivatives {
        let mut sums = Derivatives {
            a: self.exited,
            b: self.exited_log_odds,
            ..Derivatives::default()
        };
        for (counts, s) in self.of_kind.iter().zip(&clients.log_odds) {
            let n = f64::from(counts[0] + counts[1]);
            let read = intercept + slope * s;
            let p = logistic(read);
            sums.a -= n * p;
            sums.b -= n * p * s;
            let weight = n * p * (1.0 - p);
            sums.aa += weight;
            sums.ab += weight * s;
            sums.bb += weight * s * s;
        }
        sums
    }
}

/// The ellipse of a recalibration as the image of the unit disc.
struct Ellipse {
    centre: (f64, f64),
    /// Cholesky factor.
    l11: f64,
    l21: f64,
    l22: f64,
}

impl Ellipse {
    fn of(recalibration: &Recalibration) -> Self {
        let [[aa, ab], [_, bb]] = recalibration.covariance;
        let l11 = (ELLIPSE * aa).sqrt();
        let l21 = ELLIPSE * ab / l11;
        let l22 = (ELLIPSE * bb - l21 * l21).max(0.0).sqrt();
        Self {
            centre: (recalibration.intercept, recalibration.slope),
            l11,
            l21,
            l22,
        }
    }

    fn place(&self, u: f64, v: f64) -> (f64, f64) {
        let (intercept, slope) = self.centre;
        (
            intercept + self.l11 * u,
            slope + self.l21 * u + self.l22 * v,
        )
    }

    fn step(&self, at: (f64, f64), sums: &Derivatives) -> (f64, f64) {
        let Self { l11, l21, l22, .. } = self;
        let gradient = (l11 * sums.a + l21 * sums.b, l22 * sums.b);
        let information = (
            l11 * l11 * sums.aa + 2.0 * l11 * l21 * sums.ab + l21 * l21 * sums.bb,
            l22 * (l11 * sums.ab + l21 * sums.bb),
            l22 * l22 * sums.bb,
        );
        step_in_disc(at, gradient, information)
    }
}

/// Gradient of the log-likelihood, and the information.
#[derive(Default)]
struct Derivatives {
    a: f64,
    b: f64,
    aa: f64,
    ab: f64,
    bb: f64,
}

/// The maximum in the unit disc of a quadratic with this gradient and this information at a point:
/// the damping that puts the point onto the circle is found by bisection.
fn step_in_disc(
    (u, v): (f64, f64),
    (gu, gv): (f64, f64),
    (huu, huv, hvv): (f64, f64, f64),
) -> (f64, f64) {
    // Around the origin: (H + λ)x = H·at + g.
    let (ru, rv) = (huu * u + huv * v + gu, huv * u + hvv * v + gv);
    let solve = |damping: f64| {
        let (a, b) = (huu + damping, hvv + damping);
        let determinant = (a * b - huv * huv).max(1e-300);
        (
            (b * ru - huv * rv) / determinant,
            (a * rv - huv * ru) / determinant,
        )
    };
    let outside = |(x, y): (f64, f64)| x * x + y * y > 1.0;
    let free = solve(1e-9);
    if !outside(free) {
        return free;
    }
    let (mut low, mut high) = (0.0, ru.hypot(rv));
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if outside(solve(middle)) {
            low = middle;
        } else {
            high = middle;
        }
    }
    solve(high)
}

fn intercept(index: usize) -> f64 {
    -1.5 + 0.25 * (index % INTERCEPTS) as f64
}

fn slope(index: usize) -> f64 {
    SLOPES[index / INTERCEPTS]
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn product(a: &Line, b: &Line) -> f64 {
    a.effects.iter().zip(&b.effects).map(|(a, b)| a * b).sum()
}

/// `exp(a)` of the alternatives.
static INTERCEPT_ODDS: LazyLock<[f64; INTERCEPTS]> =
    LazyLock::new(|| std::array::from_fn(|index| intercept(index).exp()));

/// Middle quantiles of the standard normal distribution.
static NORMALS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let normal = Normal::standard();
    (0..KINDS)
        .map(|kind| normal.inverse_cdf((kind as f64 + 0.5) / KINDS as f64))
        .collect()
});

/// Mean of the logistic function over a normal distribution, by the trapezoid rule.
fn mean_of_logistic(mean: f64, deviation: f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for step in -12..=12 {
        let z = f64::from(step) / 3.0;
        let weight = (-0.5 * z * z).exp();
        sum += weight * logistic(mean + deviation * z);
        weights += weight;
    }
    sum / weights
}
