//! How often the rule of alarm is wrong, and how often right, beside the defaults of Evidently 0.7 and
//! NannyML 0.13 on the same batches.
//!
//!     cargo run --release -p diagnostics --example drift_rates -- [BATCHES]
//!
//! A batch is a reference of 10,000 rows and an analysis of n rows of eight columns: three normal ones,
//! a heavy tail, integers, a column with 5 % missing values, four categories, and a risk. Without drift
//! both sides have one distribution. Each kind of drift changes one column. A rule alarms on a batch
//! when any column does.
//!
//! The rules: ours; Evidently's default (Wasserstein distance over sd >= 0.1 for numbers and
//! Jensen-Shannon distance >= 0.1 for categories, above 1,000 reference rows); NannyML's default for one
//! chunk (Jensen-Shannon distance beyond mean + 3 sd of ten chunks of the reference, of the size of the
//! analysis where the reference has so many rows). The figures are those of the library, equal to the
//! tools' own to 1e-9. For equal rates of false alarms the limits of both are then set at the quantile
//! of their largest column score that our rule's false alarms have, at least at one in 200 batches.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a simulation prints its table, and its columns are never empty"
)]

use monitoring::alarm::Rule;
use monitoring::limits::{Limits, chunks_of, three_sigma};
use monitoring::published::{CategoryReference, Evidently, NumericReference, Transport};
use monitoring::sample::{Categories, Numeric};

const REFERENCE_ROWS: usize = 10_000;
const SIZES: [usize; 5] = [50, 100, 250, 1_000, 10_000];
const RULE: Rule = Rule {
    alpha: 0.001,
    psi_floor: 0.02,
    ks_floor: 0.02,
    n_columns: 8,
};
/// The number of different references; batches share them in turn.
const REFERENCES: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Drift {
    None,
    Shift(f64),
    Missing(f64),
    NewCategory,
    DoubledVariance,
    OutlierBefore,
    OutlierNow,
    ShiftAndOutlierBefore,
    ShiftAndOutlierNow,
}

const KINDS: [(&str, Drift); 12] = [
    ("shift 0.1 sd", Drift::Shift(0.1)),
    ("shift 0.15 sd", Drift::Shift(0.15)),
    ("shift 0.3 sd", Drift::Shift(0.3)),
    ("shift 1 sd", Drift::Shift(1.0)),
    ("10 % missing", Drift::Missing(0.1)),
    ("40 % missing", Drift::Missing(0.4)),
    ("new category, 5 %", Drift::NewCategory),
    ("variance doubled", Drift::DoubledVariance),
    ("outlier 1e6 before", Drift::OutlierBefore),
    ("outlier 1e6 now", Drift::OutlierNow),
    ("1 sd, outlier before", Drift::ShiftAndOutlierBefore),
    ("1 sd, outlier now", Drift::ShiftAndOutlierNow),
];

/// The 64-bit generator of Knuth, scrambled.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

struct Side {
    numbers: Vec<Vec<f64>>,
    categories: Vec<usize>,
}

fn draw(random: &mut Random, n: usize, drift: Drift) -> Side {
    let mut side = Side {
        numbers: vec![Vec::new(); 7],
        categories: Vec::with_capacity(n),
    };
    for _ in 0..n {
        let mut first = random.normal();
        match drift {
            Drift::Shift(by) => first += by,
            Drift::ShiftAndOutlierBefore | Drift::ShiftAndOutlierNow => first += 1.0,
            Drift::DoubledVariance => first *= std::f64::consts::SQRT_2,
            Drift::Missing(share) if random.uniform() < share => first = f64::NAN,
            _ => {}
        }
        let gaps = if random.uniform() < 0.05 {
            f64::NAN
        } else {
            random.normal()
        };
        let row = [
            first,
            random.normal(),
            100.0 + 15.0 * random.normal(),
            random.normal().exp(),
            (random.uniform() * 60.0).trunc(),
            gaps,
            1.0 / (1.0 + (1.5 - random.normal()).exp()),
        ];
        for (column, cell) in side.numbers.iter_mut().zip(row) {
            column.push(cell);
        }
        let new = drift == Drift::NewCategory && random.uniform() < 0.05;
        let known = [0, 0, 0, 0, 1, 1, 1, 2, 2, 3][(random.uniform() * 10.0) as usize];
        side.categories.push(if new { 4 } else { known });
    }
    if matches!(drift, Drift::OutlierNow | Drift::ShiftAndOutlierNow) {
        side.numbers[0][n / 2] = 1e6;
    }
    side
}

fn counted(cells: &[usize]) -> Categories {
    let mut counts = [0_u64; 5];
    cells.iter().for_each(|cell| counts[*cell] += 1);
    Categories::new((0..5).map(|index| (format!("c{index}"), counts[index])), 0)
}

/// A reference with all that each rule learns from it.
struct Reference {
    numbers: Vec<Numeric>,
    categories: Categories,
    histograms: Vec<NumericReference>,
    /// NannyML's limits for each column, for an analysis of each size.
    limits: Vec<Vec<f64>>,
}

impl Reference {
    fn new(seed: u64, outlier: bool) -> Self {
        let mut random = Random(seed);
        let _ = (0..100).map(|_| random.uniform()).sum::<f64>();
        let mut side = draw(&mut random, REFERENCE_ROWS, Drift::None);
        if outlier {
            side.numbers[0][REFERENCE_ROWS / 2] = 1e6;
        }
        let numbers: Vec<Numeric> = side.numbers.iter().cloned().map(Numeric::new).collect();
        let histograms: Vec<_> = numbers
            .iter()
            .map(|it| NumericReference::of(it).unwrap())
            .collect();
        let categories = counted(&side.categories);
        let limits = SIZES.map(|size| {
            let chunk = size.min(REFERENCE_ROWS / 10);
            let rows: Vec<_> = chunks_of(REFERENCE_ROWS, chunk).take(10).collect();
            let upper = |values: Vec<f64>| {
                let possible = Limits {
                    lower: 0.0,
                    upper: f64::INFINITY,
                };
                three_sigma(&values, possible).unwrap().upper
            };
            let mut limits: Vec<f64> = side
                .numbers
                .iter()
                .zip(&histograms)
                .map(|(cells, histogram)| {
                    upper(
                        rows.iter()
                            .filter_map(|rows| {
                                histogram
                                    .compare(&Numeric::new(cells[rows.clone()].to_vec()))?
                                    .jensen_shannon()
                            })
                            .collect(),
                    )
                })
                .collect();
            let of_categories = CategoryReference::of(&categories).unwrap();
            limits.push(upper(
                rows.iter()
                    .filter_map(|rows| {
                        of_categories
                            .compare(&counted(&side.categories[rows.clone()]))?
                            .jensen_shannon()
                    })
                    .collect(),
            ));
            limits
        });
        Self {
            numbers,
            categories,
            histograms,
            limits: limits.to_vec(),
        }
    }
}

/// How far each rule is from an alarm: at least 1 is one by its default.
#[derive(Clone, Copy)]
struct Scores {
    ours: bool,
    evidently: f64,
    nannyml: f64,
}

fn judge(reference: &Reference, size: usize, analysis: &Side) -> Scores {
    let mut scores = Scores {
        ours: false,
        evidently: 0.0,
        nannyml: 0.0,
    };
    let limits = &reference.limits[SIZES.iter().position(|it| *it == size).unwrap()];
    for (column, cells) in analysis.numbers.iter().enumerate() {
        let (before, now) = (&reference.numbers[column], Numeric::new(cells.clone()));
        scores.ours |= RULE.judge_numbers(before, &now).alarm;
        let transport = Transport::from(before).unwrap();
        if let Some(distance) = transport.distance(&now) {
            scores.evidently = scores.evidently.max(transport.normed(distance) / 0.1);
        }
        let js = reference.histograms[column]
            .compare(&now)
            .and_then(|found| found.jensen_shannon());
        scores.nannyml = scores.nannyml.max(js.unwrap_or(0.0) / limits[column]);
    }
    let now = counted(&analysis.categories);
    scores.ours |= RULE.judge_categories(&reference.categories, &now).alarm;
    let evidently = Evidently::of_categories(&reference.categories, &now).unwrap();
    scores.evidently = scores
        .evidently
        .max(evidently.jensen_shannon().unwrap() / 0.1);
    let nannyml = CategoryReference::of(&reference.categories)
        .unwrap()
        .compare(&now)
        .unwrap();
    scores.nannyml = scores
        .nannyml
        .max(nannyml.jensen_shannon().unwrap() / limits[7]);
    scores
}

fn batches(n_batches: usize, size: usize, drift: Drift, references: &[Reference]) -> Vec<Scores> {
    let run = |part: usize| {
        let mut random = Random(0x5eed ^ ((size as u64) << 20) ^ ((part as u64) << 50));
        let _ = (0..100).map(|_| random.uniform()).sum::<f64>();
        let mut scores = Vec::new();
        for batch in (part..n_batches).step_by(2) {
            let analysis = draw(&mut random, size, drift);
            scores.push(judge(
                &references[(batch / 2) % references.len()],
                size,
                &analysis,
            ));
        }
        scores
    };
    std::thread::scope(|scope| {
        let half = scope.spawn(|| run(1));
        let mut scores = run(0);
        scores.extend(half.join().unwrap());
        scores
    })
}

fn percent(scores: &[Scores], alarms: impl Fn(&Scores) -> bool) -> f64 {
    100.0 * scores.iter().filter(|score| alarms(score)).count() as f64 / scores.len() as f64
}

/// The limit that so large a share of the scores exceeds.
fn limit_at(mut scores: Vec<f64>, share: f64) -> f64 {
    scores.sort_by(|a, b| b.total_cmp(a));
    scores[(share * scores.len() as f64) as usize]
}

fn main() {
    let n_batches = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(2_000);
    let make = |outlier| {
        (0..REFERENCES as u64)
            .map(|seed| Reference::new(seed * 7919 + 1, outlier))
            .collect::<Vec<_>>()
    };
    let (references, with_outlier) = (make(false), make(true));
    println!(
        "percent of batches with an alarm, {n_batches} without drift, {} with",
        n_batches / 5
    );
    println!("'=': limits of Evidently and NannyML at our rate of false alarms, at least 0.5 %\n");
    println!("| drift | rows | ours | Evidently | NannyML | Evidently = | NannyML = |");
    println!("|---|---|---|---|---|---|---|");
    for size in SIZES {
        let quiet = batches(n_batches, size, Drift::None, &references);
        let rate = (percent(&quiet, |score| score.ours) / 100.0).max(0.005);
        let evidently = limit_at(quiet.iter().map(|score| score.evidently).collect(), rate);
        let nannyml = limit_at(quiet.iter().map(|score| score.nannyml).collect(), rate);
        let row = |name: &str, scores: &[Scores]| {
            println!(
                "| {name} | {size} | {:.2} | {:.1} | {:.1} | {:.1} | {:.1} |",
                percent(scores, |score| score.ours),
                percent(scores, |score| score.evidently >= 1.0),
                percent(scores, |score| score.nannyml > 1.0),
                percent(scores, |score| score.evidently > evidently),
                percent(scores, |score| score.nannyml > nannyml),
            );
        };
        row("none", &quiet);
        for (name, drift) in KINDS {
            let before = matches!(drift, Drift::OutlierBefore | Drift::ShiftAndOutlierBefore);
            let references = if before { &with_outlier } else { &references };
            row(
                name,
                &batches((n_batches / 5).max(1), size, drift, references),
            );
        }
    }
}
