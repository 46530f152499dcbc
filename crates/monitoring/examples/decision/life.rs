//! The life of one release under the three rules.

use crate::clients::{Clients, Counts, KINDS};
use crate::draws::Draws;
use monitoring::evidence::{Evidence, Expectation, Recalibration, Rule};

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

/// After how many labels each rule called drift.
#[derive(Clone, Copy, Default)]
pub struct Found {
    pub evidence: Option<usize>,
    pub raw: Option<usize>,
    pub fixed: Option<usize>,
}

/// The release whose life it is.
#[derive(Clone, Copy)]
pub struct Release {
    /// What its training data cannot rule out.
    pub recalibration: Recalibration,
    /// F1 on a test set of its own.
    pub stored_f1: f64,
}

/// Lives one release to its end, or until every rule has called drift.
pub fn live(release: &Release, clients: &Clients, per_look: usize, draws: &mut Draws) -> Found {
    let mut found = Found::default();
    let mut weighing = Weighing::new(release);
    let mut f1 = F1::default();
    let mut labels = Vec::with_capacity(per_look);
    for look in 1..=LOOKS {
        labels.clear();
        labels.extend((0..per_look).map(|_| clients.draw(draws)));
        let so_far = look * per_look;
        if found.evidence.is_none() && weighing.convicts(clients, &labels) {
            found.evidence = Some(so_far);
        }
        if found.raw.is_none() && raw_convicts(release, &mut f1, clients, &labels) {
            found.raw = Some(so_far);
        }
        if found.fixed.is_none() && fixed_convicts(clients, &labels) {
            found.fixed = Some(so_far);
        }
        if found.evidence.is_some() && found.raw.is_some() && found.fixed.is_some() {
            break;
        }
    }
    found
}

/// The evidence of a life. The library gets every label, but only at the looks at which a bound that is
/// never below its ratio reaches the threshold; at the others its answer is known.
struct Weighing {
    recalibration: Recalibration,
    counts: Counts,
    evidence: Evidence,
    waiting: Vec<(u8, bool)>,
}

impl Weighing {
    fn new(release: &Release) -> Self {
        Self {
            recalibration: release.recalibration,
            counts: Counts::default(),
            evidence: Evidence::new(&release.recalibration).expect("a proper covariance"),
            waiting: Vec::new(),
        }
    }

    fn convicts(&mut self, clients: &Clients, labels: &[(u8, bool)]) -> bool {
        clients.count(labels, &mut self.counts);
        self.waiting.extend(labels);
        let threshold = -ALPHA.ln();
        let most = self
            .counts
            .most_log_ratio(clients, &self.recalibration, threshold);
        if most >= threshold {
            let waiting = clients.labelled(&self.waiting);
            self.evidence
                .add(&waiting)
                .expect("risks are probabilities");
            self.waiting.clear();
        }
        self.evidence.is_drift(&RULE)
    }
}

/// F1 on labels not judged before lower than the stored one; fewer than 30, or 5 of a class, wait.
fn raw_convicts(
    release: &Release,
    waiting: &mut F1,
    clients: &Clients,
    labels: &[(u8, bool)],
) -> bool {
    for (kind, exited) in labels {
        waiting.add(clients.log_odds[usize::from(*kind)] >= 0.0, *exited);
    }
    if waiting.n < 30 || waiting.n_positive.min(waiting.n - waiting.n_positive) < 5 {
        return false;
    }
    std::mem::take(waiting).value() < release.stored_f1
}

/// Z of the labels of one look alone.
fn fixed_convicts(clients: &Clients, labels: &[(u8, bool)]) -> bool {
    let labels = clients.labelled(labels);
    let z = Expectation::of(&labels).z();
    z.is_some_and(|z| z.abs() > NORMAL_99)
}

/// Counts for F1 at a risk of one half.
#[derive(Clone, Copy, Default)]
pub struct F1 {
    hits: u64,
    misses: u64,
    n: u64,
    n_positive: u64,
}

impl F1 {
    pub fn add(&mut self, predicted: bool, exited: bool) {
        self.n += 1;
        self.n_positive += u64::from(exited);
        self.hits += u64::from(predicted && exited);
        self.misses += u64::from(predicted != exited);
    }

    pub fn value(&self) -> f64 {
        if self.hits == 0 {
            return 0.0;
        }
        2.0 * self.hits as f64 / (2 * self.hits + self.misses) as f64
    }
}

/// F1 of so many clients.
pub fn f1_of(clients: &Clients, n: usize, draws: &mut Draws) -> f64 {
    let mut counts = F1::default();
    for _ in 0..n {
        let (kind, exited) = clients.draw(draws);
        counts.add(clients.log_odds[usize::from(kind)] >= 0.0, exited);
    }
    counts.value()
}

const _: () = assert!(KINDS == 256, "a kind is a byte");
