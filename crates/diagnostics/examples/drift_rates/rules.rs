//! Our rule, and the defaults of Evidently and NannyML, on a batch.

use crate::batches::{Drift, Random, Side, draw};
use monitoring::alarm::Rule;
use monitoring::limits::{Limits, chunks_of, three_sigma};
use monitoring::published::{CategoryReference, Evidently, NumericReference, Transport};
use monitoring::sample::{Categories, Numeric};

pub const REFERENCE_ROWS: usize = 10_000;
pub const SIZES: [usize; 5] = [50, 100, 250, 1_000, 10_000];
const RULE: Rule = Rule {
    alpha: 0.001,
    psi_floor: 0.02,
    ks_floor: 0.02,
    n_columns: 8,
};

fn counted(cells: &[usize]) -> Categories {
    let mut counts = [0_u64; 5];
    cells.iter().for_each(|cell| counts[*cell] += 1);
    Categories::new((0..5).map(|index| (format!("c{index}"), counts[index])), 0)
}

/// The rows of the reference of a seed.
pub fn reference_rows(seed: u64, outlier: bool) -> Side {
    let mut side = draw(&mut Random::new(seed), REFERENCE_ROWS, Drift::None);
    if outlier {
        side.numbers[0][REFERENCE_ROWS / 2] = 1e6;
    }
    side
}

/// A reference with all that each rule learns from it.
pub struct Reference {
    numbers: Vec<Numeric>,
    categories: Categories,
    histograms: Vec<NumericReference>,
    /// NannyML's limits for each column, for an analysis of each size.
    limits: Vec<Vec<f64>>,
}

impl Reference {
    pub fn new(seed: u64, outlier: bool) -> Self {
        let side = reference_rows(seed, outlier);
        let numbers: Vec<Numeric> = side.numbers.iter().cloned().map(Numeric::new).collect();
        let histograms: Vec<_> = numbers
            .iter()
            .map(|it| NumericReference::of(it).unwrap())
            .collect();
        let categories = counted(&side.categories);
        let limits = SIZES.map(|size| limits(&side, &histograms, &categories, size));
        Self {
            numbers,
            categories,
            histograms,
            limits: limits.to_vec(),
        }
    }
}

/// NannyML's upper limits of the columns: mean + 3 sd over ten chunks of the reference, of the size of
/// the analysis where it has so many rows.
fn limits(
    side: &Side,
    histograms: &[NumericReference],
    categories: &Categories,
    size: usize,
) -> Vec<f64> {
    let chunk = size.min(REFERENCE_ROWS / 10);
    let rows: Vec<_> = chunks_of(REFERENCE_ROWS, chunk).take(10).collect();
    let of_chunks = |distance: &dyn Fn(std::ops::Range<usize>) -> Option<f64>| {
        let values: Vec<f64> = rows.iter().cloned().filter_map(distance).collect();
        let possible = Limits {
            lower: 0.0,
            upper: f64::INFINITY,
        };
        three_sigma(&values, possible).unwrap().upper
    };
    let columns = side.numbers.iter().zip(histograms);
    let mut limits: Vec<f64> = columns
        .map(|(cells, histogram)| {
            of_chunks(&|rows| {
                let chunk = Numeric::new(cells[rows].to_vec());
                histogram.compare(&chunk)?.jensen_shannon()
            })
        })
        .collect();
    let categories = CategoryReference::of(categories).unwrap();
    limits.push(of_chunks(&|rows| {
        let chunk = counted(&side.categories[rows]);
        categories.compare(&chunk)?.jensen_shannon()
    }));
    limits
}

/// How far each rule is from an alarm: the tools alarm at 1 by their defaults.
#[derive(Clone, Copy, Default)]
pub struct Scores {
    pub ours: bool,
    pub evidently: f64,
    pub nannyml: f64,
    /// A column of nothing: Evidently's report ends with an error.
    pub is_error: bool,
}

impl Scores {
    pub fn evidently_alarms(&self) -> bool {
        self.evidently >= 1.0
    }

    pub fn nannyml_alarms(&self) -> bool {
        self.nannyml > 1.0
    }
}

pub fn judge(reference: &Reference, size: usize, analysis: &Side) -> Scores {
    let mut scores = Scores::default();
    let limits = &reference.limits[SIZES.iter().position(|it| *it == size).unwrap()];
    for (column, cells) in analysis.numbers.iter().enumerate() {
        let (before, now) = (&reference.numbers[column], Numeric::new(cells.clone()));
        scores.ours |= RULE.judge_numbers(before, &now).alarm;
        let transport = Transport::from(before).unwrap();
        match transport.distance(&now) {
            Some(distance) => {
                scores.evidently = scores.evidently.max(transport.normed(distance) / 0.1);
            }
            None => scores.is_error = true,
        }
        let js = reference.histograms[column]
            .compare(&now)
            .and_then(|found| found.jensen_shannon());
        scores.nannyml = scores.nannyml.max(js.unwrap_or(0.0) / limits[column]);
    }
    judge_categories(reference, limits[7], analysis, &mut scores);
    scores
}

fn judge_categories(reference: &Reference, limit: f64, analysis: &Side, scores: &mut Scores) {
    let (before, now) = (&reference.categories, counted(&analysis.categories));
    scores.ours |= RULE.judge_categories(before, &now).alarm;
    let evidently = Evidently::of_categories(before, &now).unwrap();
    let nannyml = CategoryReference::of(before).unwrap().compare(&now);
    let (evidently, nannyml) = (
        evidently.jensen_shannon().unwrap(),
        nannyml.unwrap().jensen_shannon().unwrap(),
    );
    scores.evidently = scores.evidently.max(evidently / 0.1);
    scores.nannyml = scores.nannyml.max(nannyml / limit);
}
