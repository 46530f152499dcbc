//! How often the rule of alarm is wrong, and how often right, beside the defaults of Evidently 0.7 and
//! NannyML 0.13 on the same batches.
//!
//!     cargo run --release -p diagnostics --example drift_rates -- [BATCHES]
//!     cargo run --release -p diagnostics --example drift_rates -- --dump FOLDER
//!
//! A batch is a reference of 10,000 rows and an analysis of n rows of eight columns: three normal ones,
//! a heavy tail, integers, a column with 5 % missing values, four categories, and a risk. Without drift
//! both sides have one distribution. Each kind of drift changes one column. A rule alarms on a batch
//! when any column does. There are BATCHES (2,000) without drift, and half as many of each kind.
//!
//! The rules: ours; Evidently's default (Wasserstein distance over sd >= 0.1 for numbers and
//! Jensen-Shannon distance >= 0.1 for categories, above 1,000 reference rows); NannyML's default for one
//! chunk (Jensen-Shannon distance beyond mean + 3 sd of ten chunks of the reference, of the size of the
//! analysis where the reference has so many rows). The figures are those of the library, equal to the
//! tools' own to 1e-9. For equal rates of false alarms the limits of both are then set at the quantile
//! of their largest column score that our rule's false alarms have, at least at one in 200 batches.
//!
//! `--dump` writes a batch of each kind and size with the decisions of the tools as they are taken here;
//! `crates/monitoring/testdata/tools/drift_rates.py` asks the tools themselves.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a simulation prints its table, and its columns are never empty"
)]

mod batches;
mod dump;
mod rules;

use batches::{Drift, KINDS, Random, draw};
use rules::{Reference, SIZES, Scores, judge};

/// The number of different references; batches share them in turn.
const REFERENCES: u64 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next();
    if first.as_deref() == Some("--dump") {
        return dump::dump(&arguments.next().unwrap());
    }
    let n_batches = first.map_or(2_000, |text| text.parse().unwrap());
    let make = |outlier| -> Vec<Reference> {
        let seeds = (0..REFERENCES).map(seed_of);
        seeds.map(|seed| Reference::new(seed, outlier)).collect()
    };
    let (references, with_outlier) = (make(false), make(true));
    let n_of_kind = (n_batches / 2).max(1);
    println!("percent of batches with an alarm, {n_batches} without drift, {n_of_kind} with");
    println!("'=': limits of Evidently and NannyML at our rate of false alarms, at least 0.5 %\n");
    println!("| drift | rows | ours | Evidently | NannyML | Evidently = | NannyML = |");
    println!("|---|---|---|---|---|---|---|");
    let mut changed = (0, 0);
    for size in SIZES {
        let quiet = batches(n_batches, size, Drift::None, &references);
        let equal = EqualLimits::of(&quiet);
        equal.print("none", size, &quiet);
        let mut shifted = Vec::new();
        for (name, drift) in KINDS {
            let references = if drift.is_before() {
                &with_outlier
            } else {
                &references
            };
            let found = batches(n_of_kind, size, drift, references);
            equal.print(name, size, &found);
            let without_outlier = match drift {
                Drift::OutlierBefore | Drift::OutlierNow => &quiet,
                Drift::ShiftAndOutlierBefore | Drift::ShiftAndOutlierNow => &shifted,
                _ => &Vec::new(),
            };
            let pairs = without_outlier.iter().zip(&found);
            changed.0 += pairs.clone().filter(|(a, b)| a.ours != b.ours).count();
            changed.1 += pairs.count();
            if drift == Drift::Shift(1.0) {
                shifted = found;
            }
        }
    }
    println!(
        "\nour decisions that one outlier changed: {} of {}",
        changed.0, changed.1
    );
}

fn seed_of(reference: u64) -> u64 {
    reference * 7919 + 1
}

/// The numbers of every second batch, from the first or the second on.
fn stream(size: usize, part: usize) -> Random {
    Random::new(0x5eed ^ ((size as u64) << 20) ^ ((part as u64) << 50))
}

fn batches(n_batches: usize, size: usize, drift: Drift, references: &[Reference]) -> Vec<Scores> {
    let run = |part: usize| -> Vec<Scores> {
        let mut random = stream(size, part);
        let numbers = (part..n_batches).step_by(2);
        numbers
            .map(|batch| {
                let analysis = draw(&mut random, size, drift);
                judge(&references[(batch / 2) % references.len()], size, &analysis)
            })
            .collect()
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(|| run(1));
        let first = run(0);
        // In the order of the batches, so that those of two kinds can be compared one by one.
        let mut second = second.join().unwrap().into_iter();
        let both = first.into_iter().flat_map(|it| [Some(it), second.next()]);
        both.flatten().collect()
    })
}

/// The limits of the tools at which they alarm as often without drift as our rule does.
struct EqualLimits {
    evidently: f64,
    nannyml: f64,
}

impl EqualLimits {
    fn of(quiet: &[Scores]) -> Self {
        let rate = (percent(quiet, |score| score.ours) / 100.0).max(0.005);
        Self {
            evidently: limit_at(quiet.iter().map(|score| score.evidently).collect(), rate),
            nannyml: limit_at(quiet.iter().map(|score| score.nannyml).collect(), rate),
        }
    }

    fn print(&self, name: &str, size: usize, scores: &[Scores]) {
        let of_evidently = |alarms: &dyn Fn(&Scores) -> bool| {
            if scores.iter().any(|score| score.is_error) {
                return "error".to_owned();
            }
            format!("{:.1}", percent(scores, alarms))
        };
        println!(
            "| {name} | {size} | {:.2} | {} | {:.1} | {} | {:.1} |",
            percent(scores, |score| score.ours),
            of_evidently(&Scores::evidently_alarms),
            percent(scores, Scores::nannyml_alarms),
            of_evidently(&|score| score.evidently > self.evidently),
            percent(scores, |score| score.nannyml > self.nannyml),
        );
    }
}

fn percent(scores: &[Scores], alarms: impl Fn(&Scores) -> bool) -> f64 {
    100.0 * scores.iter().filter(|score| alarms(score)).count() as f64 / scores.len() as f64
}

/// The limit that so large a share of the scores exceeds.
fn limit_at(mut scores: Vec<f64>, share: f64) -> f64 {
    scores.sort_by(|a, b| b.total_cmp(a));
    scores[(share * scores.len() as f64) as usize]
}
