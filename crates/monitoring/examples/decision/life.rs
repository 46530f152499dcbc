//! The life of one release under the three rules.

use crate::champion::{Champion, F1, FEATURES, Line, intercept_for, logistic, mix_shift};
use crate::draws::Draws;
use monitoring::evidence::{Evidence, Expectation, Labelled, Rule};

/// How often a release is looked at.
pub const LOOKS: usize = 200;
pub const ALPHA: f64 = 0.01;
/// Two-sided 1 % quantile of the normal distribution.
const NORMAL_99: f64 = 2.575_829_303_548_901;
const RULE: Rule = Rule {
    alpha: ALPHA,
    min_labelled: 30,
    min_gain: 0.0,
};

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

/// After how many labels each rule called drift.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub evidence: Option<usize>,
    pub raw: Option<usize>,
    pub fixed: Option<usize>,
}

/// The champion's and the true log-odds of the clients that come: two linear functions of normal
/// features are normal themselves, so two draws are enough.
pub struct Stream {
    champion_mean: f64,
    champion_deviation: f64,
    truth_mean: f64,
    truth_by_champion: f64,
    truth_rest: f64,
}

impl Stream {
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
        let variance = product(champion, champion).max(1e-12);
        let covariance = product(&truth_now, champion);
        let truth_variance = product(&truth_now, &truth_now);
        Self {
            champion_mean: champion.at(&shift),
            champion_deviation: variance.sqrt(),
            truth_mean: truth_now.at(&shift),
            truth_by_champion: covariance / variance.sqrt(),
            truth_rest: (truth_variance - covariance * covariance / variance)
                .max(0.0)
                .sqrt(),
        }
    }

    fn next(&self, draws: &mut Draws) -> Labelled {
        let z = draws.normal();
        let log_odds = self.champion_mean + self.champion_deviation * z;
        let truth = self.truth_mean + self.truth_by_champion * z + self.truth_rest * draws.normal();
        let exited = draws.uniform() < logistic(truth);
        Labelled::new(logistic(log_odds), exited)
    }
}

fn product(a: &Line, b: &Line) -> f64 {
    a.effects.iter().zip(&b.effects).map(|(a, b)| a * b).sum()
}

/// Lives one release to its end, or until every rule has called drift.
pub fn live(champion: &Champion, stream: &Stream, per_look: usize, draws: &mut Draws) -> Found {
    let mut found = Found::default();
    let Ok(mut evidence) = Evidence::new(&champion.recalibration) else {
        return found;
    };
    let mut f1 = F1::default();
    for look in 1..=LOOKS {
        let labels: Vec<Labelled> = (0..per_look).map(|_| stream.next(draws)).collect();
        let so_far = look * per_look;
        if found.evidence.is_none() && evidence.add(&labels).is_ok() && evidence.is_drift(&RULE) {
            found.evidence = Some(so_far);
        }
        if found.raw.is_none() && raw_convicts(champion, &mut f1, &labels) {
            found.raw = Some(so_far);
        }
        if found.fixed.is_none() && fixed_convicts(&labels) {
            found.fixed = Some(so_far);
        }
        if found.evidence.is_some() && found.raw.is_some() && found.fixed.is_some() {
            break;
        }
    }
    found
}

/// F1 on labels not judged before lower than the stored one; fewer than 30, or 5 of a class, wait.
fn raw_convicts(champion: &Champion, waiting: &mut F1, labels: &[Labelled]) -> bool {
    for label in labels {
        waiting.add(label.risk >= 0.5, label.exited);
    }
    if waiting.n < 30 || waiting.n_positive.min(waiting.n - waiting.n_positive) < 5 {
        return false;
    }
    std::mem::take(waiting).value() < champion.stored_f1
}

/// Z of the labels of one look alone.
fn fixed_convicts(labels: &[Labelled]) -> bool {
    let z = Expectation::of(labels).z();
    z.is_some_and(|z| z.abs() > NORMAL_99)
}
