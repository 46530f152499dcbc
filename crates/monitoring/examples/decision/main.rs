//! How often the decision about the model cries wolf, and how soon it sees a change.
//!
//! `cargo run --release -p monitoring --example decision -- [--lives N] [--threads N] [--part false|found|overlap] [--champion N]`
//!
//! Lives of a release of 200 looks each. False alarms: 10, 50 and 500 labels a look, base rates of .02,
//! .10 and .30, and a shift of the mix of clients that moves the base rate from .20 to .10 or .40;
//! champions fitted on 500, 2,000 and 20,000 samples. Labels until a change is found: 50 a look. The
//! raw rule (F1 below the stored score) and a fixed-sample test of each look at 1 % are beside it.
//! The tables are Markdown and go to docs/DRIFT.md.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program of tables, which should stop where something fails"
)]

mod champion;
mod draws;
mod life;
mod overlap;

use champion::{Champion, Line};
use draws::Draws;
use life::{ALPHA, Change, Found, LOOKS, Stream, live};

const CHAMPIONS: [usize; 3] = [500, 2_000, 20_000];
const PER_LOOK: [usize; 3] = [10, 50, 500];
/// Base rate of the champion's training data, what happens, and how the table calls it.
const QUIET: [(f64, Change, &str); 6] = [
    (0.02, Change::Nothing, ".02"),
    (0.10, Change::Nothing, ".10"),
    (0.30, Change::Nothing, ".30"),
    (0.20, Change::Nothing, ".20"),
    (0.20, Change::Mix(0.10), ".20, mix to .10"),
    (0.20, Change::Mix(0.40), ".20, mix to .40"),
];
const CHANGES: [(Change, &str); 3] = [
    (Change::SlopeHalved, "slope halved"),
    (Change::InterceptRaised, "intercept +0.5"),
    (Change::EffectReversed, "one effect reversed"),
];

struct Options {
    lives: usize,
    threads: usize,
    part: Option<String>,
    champion: Option<usize>,
}

impl Options {
    fn champions(&self) -> Vec<usize> {
        let wanted = |n: &usize| self.champion.is_none_or(|only| only == *n);
        CHAMPIONS.into_iter().filter(wanted).collect()
    }
}

fn options() -> Options {
    let mut options = Options {
        lives: 2_000,
        threads: 2,
        part: None,
        champion: None,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().expect("every option takes a value");
        match name.as_str() {
            "--lives" => options.lives = value.parse().expect("a number of lives"),
            "--threads" => options.threads = value.parse().expect("a number of threads"),
            "--champion" => options.champion = Some(value.parse().expect("a number of samples")),
            "--part" => options.part = Some(value),
            _ => panic!("unknown option {name}"),
        }
    }
    options
}

fn main() {
    let options = options();
    let wanted = |part: &str| options.part.as_deref().is_none_or(|only| only == part);
    if wanted("false") {
        false_alarms(&options);
    }
    if wanted("found") {
        labels_until_found(&options);
    }
    if wanted("overlap") {
        overlap::table(options.lives, options.threads);
    }
}

/// What became of many lives.
struct Cell {
    lives: Vec<[Found; PER_LOOK.len()]>,
}

/// Lives for one kind of champion and one change: each with a champion of its own, which lives once
/// for every number of labels a look.
fn cell(
    options: &Options,
    per_look: &[usize],
    n: usize,
    (base_rate, change): (f64, Change),
) -> Cell {
    let truth = Line::truth(base_rate);
    let seed = n as u64 ^ base_rate.to_bits();
    let lives = in_parallel(options.lives, options.threads, |life| {
        let mut draws = Draws::new(seed.wrapping_add((life as u64) << 20));
        let champion = Champion::train(&truth, n, &mut draws);
        let stream = Stream::new(&truth, &champion.line, base_rate, change);
        let mut found = [Found::default(); PER_LOOK.len()];
        for (found, per_look) in found.iter_mut().zip(per_look) {
            *found = live(&champion, &stream, *per_look, &mut draws);
        }
        found
    });
    Cell { lives }
}

/// The results of `work` for each life, in order.
pub fn in_parallel<T: Send>(
    lives: usize,
    threads: usize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let mut results: Vec<Option<T>> = (0..lives).map(|_| None).collect();
    let share = lives.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (block, results) in results.chunks_mut(share).enumerate() {
            let work = &work;
            scope.spawn(move || {
                for (index, result) in results.iter_mut().enumerate() {
                    *result = Some(work(block * share + index));
                }
            });
        }
    });
    results.into_iter().flatten().collect()
}

fn false_alarms(options: &Options) {
    let bound = bound(options.lives);
    println!(
        "Share of {} lives of {LOOKS} looks with a false alarm, percent;",
        options.lives
    );
    println!("bound for the evidence: {:.2} %\n", 100.0 * bound);
    println!("| base rate | champion | labels a look | evidence | raw rule | test each look |");
    println!("|---|---|---|---|---|---|");
    let mut worst: f64 = 0.0;
    for (base_rate, change, name) in QUIET {
        for n in options.champions() {
            let cell = cell(options, &PER_LOOK, n, (base_rate, change));
            for (column, per_look) in PER_LOOK.iter().enumerate() {
                let share = |alarm: fn(&Found) -> bool| {
                    let alarms = cell.lives.iter().filter(|life| alarm(&life[column]));
                    alarms.count() as f64 / cell.lives.len() as f64
                };
                let evidence = share(|found| found.evidence.is_some());
                worst = worst.max(evidence);
                let held = if evidence <= bound { "" } else { " (!)" };
                println!(
                    "| {name} | {n} | {per_look} | {:.2}{held} | {:.1} | {:.1} |",
                    100.0 * evidence,
                    100.0 * share(|found| found.raw.is_some()),
                    100.0 * share(|found| found.fixed.is_some()),
                );
            }
        }
    }
    println!("\nworst cell of the evidence: {:.2} %\n", 100.0 * worst);
}

/// Largest share of false alarms that is compatible with `ALPHA`, at 99 %, one-sided.
pub fn bound(lives: usize) -> f64 {
    ALPHA + 2.33 * (ALPHA * (1.0 - ALPHA) / lives as f64).sqrt()
}

fn labels_until_found(options: &Options) {
    println!(
        "Labels until a change is found, 50 a look, base rate .20: median (90 % of lives), and the"
    );
    println!(
        "percentage of lives that never found it in {} labels\n",
        LOOKS * 50
    );
    println!("| change | champion | evidence | raw rule | test each look |");
    println!("|---|---|---|---|---|");
    let lives = options.lives.min(500);
    let options = &Options {
        lives,
        part: None,
        ..*options
    };
    for (change, name) in CHANGES {
        for n in options.champions() {
            let cell = cell(options, &[50], n, (0.20, change));
            let column = |labels: fn(&Found) -> Option<usize>| {
                summary(cell.lives.iter().map(|life| labels(&life[0])).collect())
            };
            println!(
                "| {name} | {n} | {} | {} | {} |",
                column(|found| found.evidence),
                column(|found| found.raw),
                column(|found| found.fixed)
            );
        }
    }
    println!();
}

fn summary(labels: Vec<Option<usize>>) -> String {
    let n = labels.len();
    let never = labels.iter().filter(|labels| labels.is_none()).count();
    let mut labels: Vec<usize> = labels
        .into_iter()
        .map(|labels| labels.unwrap_or(usize::MAX))
        .collect();
    labels.sort_unstable();
    let text = |share: usize| match labels[(n - 1) * share / 100] {
        usize::MAX => "never".to_owned(),
        labels => labels.to_string(),
    };
    let never = 100.0 * never as f64 / n as f64;
    format!("{} ({}), {never:.1} %", text(50), text(90))
}
