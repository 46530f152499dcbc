//! How often the decision about the model cries wolf, and how soon it sees a change.
//!
//! `cargo run --release -p monitoring --example decision -- [--lives N] [--threads N] [--part false|found|overlap] [--champion N]`
//!
//! Lives of a release of 200 looks each. False alarms: 10, 50 and 500 labels a look, base rates of .02,
//! .10, .20 and .30, and a shift of the mix of clients that moves the base rate from .20 to .10 or .40;
//! champions fitted on 500, 2,000 and 20,000 samples. Labels until a change is found: 50 a look. The
//! raw rule (F1 below the stored score) and a fixed-sample test of each look at 1 % are beside it.
//! Every alarm of the evidence is the library's word; `clients.rs` only spares it the looks at which a
//! bound above its ratio is too small for one. The tables are Markdown and go to docs/DRIFT.md.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program of tables, which should stop where something fails"
)]

mod champion;
mod clients;
mod draws;
mod life;
mod overlap;

use champion::{Champion, Line};
use clients::{Change, Clients};
use draws::Draws;
use life::{ALPHA, Found, LOOKS, Release, f1_of, live};

const CHAMPIONS: [usize; 3] = [500, 2_000, 20_000];
const PER_LOOK: [usize; 3] = [10, 50, 500];
/// Labels a look while a change is to be found.
const PER_LOOK_OF_CHANGE: [usize; 1] = [50];
/// Rows of the test set that the stored score comes from.
const TEST_ROWS: usize = 2_000;
/// Base rates of the champion's training data, and what may happen to the mix of clients.
const QUIET: [(f64, &[(Change, &str)]); 4] = [
    (0.02, &[(Change::Nothing, ".02")]),
    (0.10, &[(Change::Nothing, ".10")]),
    (0.30, &[(Change::Nothing, ".30")]),
    (
        0.20,
        &[
            (Change::Nothing, ".20"),
            (Change::Mix(0.10), ".20, mix to .10"),
            (Change::Mix(0.40), ".20, mix to .40"),
        ],
    ),
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

/// What became of one champion: for each change and number of labels a look, when drift was called.
type Lives = Vec<Vec<Found>>;

/// Many champions fitted on so many samples; each lives once for every change and number of labels a
/// look.
fn lives(
    options: &Options,
    n: usize,
    base_rate: f64,
    changes: &[(Change, &str)],
    per_look: &[usize],
) -> Vec<Lives> {
    let truth = Line::truth(base_rate);
    let seed = n as u64 ^ base_rate.to_bits();
    in_parallel(options.lives, options.threads, |life| {
        let mut draws = Draws::new(seed.wrapping_add((life as u64) << 20));
        let champion = Champion::train(&truth, n, &mut draws);
        let before = Clients::new(&truth, &champion.line, base_rate, Change::Nothing);
        let release = Release {
            recalibration: champion.recalibration,
            stored_f1: f1_of(&before, TEST_ROWS, &mut draws),
        };
        let under = |(change, _): &(Change, &str)| {
            let clients = Clients::new(&truth, &champion.line, base_rate, *change);
            let mut live = |per_look: &usize| live(&release, &clients, *per_look, &mut draws);
            per_look.iter().map(&mut live).collect()
        };
        changes.iter().map(under).collect()
    })
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
        "Share of {} lives of {LOOKS} looks with a false alarm, percent, at 10 / 50 / 500 labels a look;",
        options.lives
    );
    println!("bound for the evidence: {:.2} %\n", 100.0 * bound);
    println!("| base rate | champion | evidence | raw rule | test each look |");
    println!("|---|---|---|---|---|");
    let mut worst: f64 = 0.0;
    for (base_rate, changes) in QUIET {
        for n in options.champions() {
            let lives = lives(options, n, base_rate, changes, &PER_LOOK);
            for (change, (_, name)) in changes.iter().enumerate() {
                let share = |alarm: fn(&Found) -> bool| {
                    std::array::from_fn(|column| {
                        let alarms = lives.iter().filter(|life| alarm(&life[change][column]));
                        100.0 * alarms.count() as f64 / lives.len() as f64
                    })
                };
                let evidence = share(|found| found.evidence.is_some());
                worst = evidence.into_iter().fold(worst, f64::max);
                println!(
                    "| {name} | {n} | {} | {} | {} |",
                    three(evidence, 2),
                    three(share(|found| found.raw.is_some()), 1),
                    three(share(|found| found.fixed.is_some()), 1),
                );
            }
        }
    }
    let held = if worst <= 100.0 * bound {
        "holds"
    } else {
        "is broken"
    };
    println!("\nworst cell of the evidence: {worst:.2} %; the bound {held}\n");
}

fn three(shares: [f64; PER_LOOK.len()], digits: usize) -> String {
    shares.map(|share| format!("{share:.digits$}")).join(" / ")
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
    for n in options.champions() {
        let lives = lives(options, n, 0.20, &CHANGES, &PER_LOOK_OF_CHANGE);
        for (change, (_, name)) in CHANGES.iter().enumerate() {
            let column = |labels: fn(&Found) -> Option<usize>| {
                summary(lives.iter().map(|life| labels(&life[change][0])).collect())
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
