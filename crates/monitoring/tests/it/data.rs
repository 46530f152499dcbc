//! The tables of the fixtures, bit by bit those of `testdata/tools/data.py`.

use monitoring::sample::{Categories, Numeric};
use serde_json::Value;
use std::collections::BTreeMap;

/// The columns of numbers that are features.
pub const NUMERIC: [&str; 7] = [
    "income", "tail", "visits", "grade", "gaps", "coded", "fixed",
];
/// Those that Python holds as integers.
pub const INTEGERS: [&str; 2] = ["visits", "grade"];
/// The columns of categories.
pub const CATEGORIES: [&str; 2] = ["region", "plan"];

/// Knuth's 64-bit generator.
pub struct Lcg(pub u64);

impl Lcg {
    /// A number from 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal.
    pub fn bell(&mut self) -> f64 {
        (0..12)
            .map(|_| self.uniform())
            .fold(0.0, |sum, next| sum + next)
            - 6.0
    }
}

/// One side of a case.
#[derive(Default)]
pub struct Table {
    pub numbers: BTreeMap<&'static str, Vec<f64>>,
    pub categories: BTreeMap<&'static str, Vec<Option<&'static str>>>,
    pub labels: Vec<Option<bool>>,
}

impl Table {
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    pub fn sample(&self, column: &str, rows: std::ops::Range<usize>) -> Numeric {
        Numeric::new(self.numbers[column][rows].to_vec()).as_integers(INTEGERS.contains(&column))
    }

    pub fn category(&self, column: &str, rows: std::ops::Range<usize>) -> Categories {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let cells = &self.categories[column][rows];
        for cell in cells.iter().flatten() {
            *counts.entry((*cell).to_owned()).or_default() += 1;
        }
        let missing = cells.iter().filter(|cell| cell.is_none()).count();
        Categories::new(counts, missing as u64)
    }

    fn push_row(&mut self, random: &mut Lcg, drifted: bool, sharpness: f64) {
        let pick = |yes: f64, no: f64| if drifted { yes } else { no };
        let income = random.bell() * pick(1.3, 1.0) + pick(0.3, 0.0);
        let u = random.uniform();
        let tail = u / (1.0 - u) * pick(2.0, 1.0);
        let visits = (random.uniform() * pick(70.0, 60.0)).trunc();
        let grade = (random.uniform() * random.uniform() * 9.0).trunc();
        let gaps = random.bell() * 10.0 + 100.0;
        let gaps = if random.uniform() < pick(0.25, 0.1) {
            f64::NAN
        } else {
            gaps
        };
        let coded = (random.uniform() * 40.0).trunc() + pick(1.0, 0.0);
        let coded = if random.uniform() < 0.05 {
            f64::NAN
        } else {
            coded
        };
        let regions = ["north", "east", "south", "west", "abroad"];
        let n_regions = pick(5.0, 4.0);
        let region = regions[(random.uniform() * random.uniform() * n_regions) as usize];
        let plan = if random.uniform() < 0.3 { "yes" } else { "no" };
        let plan = if random.uniform() < 0.04 {
            None
        } else {
            Some(plan)
        };
        let s = 0.8 * income - 0.3 * grade + if region == "west" { 0.5 } else { 0.0 } - 0.4;
        let risk = 0.5 * (1.0 + s / (1.0 + s.abs()));
        let behaviour = s * (1.0 - 0.5 * sharpness) - pick(0.5, 0.0);
        let chance = 0.5 * (1.0 + behaviour / (1.0 + behaviour.abs()));
        self.labels.push(Some(random.uniform() < chance));
        let numbers = [income, tail, visits, grade, gaps, coded, 7.5];
        for (name, number) in NUMERIC.into_iter().zip(numbers).chain([("risk", risk)]) {
            self.numbers.entry(name).or_default().push(number);
        }
        for (name, cell) in CATEGORIES.into_iter().zip([Some(region), plan]) {
            self.categories.entry(name).or_default().push(cell);
        }
    }
}

/// A case of the fixtures with what the tools say about it.
pub struct Case {
    pub name: &'static str,
    pub chunk_size: usize,
    pub reference: Table,
    pub analysis: Table,
    pub expected: Value,
}

/// All cases.
pub fn cases() -> Vec<Case> {
    let text = include_str!("../../testdata/tools/expected.json");
    let expected: Value = serde_json::from_str(text).unwrap();
    let table = [
        ("large", 11, 10_000, 10_000, 1_000, 1.0),
        ("second", 12, 10_000, 10_000, 2_500, 0.5),
        ("uneven", 13, 9_500, 7_300, 1_300, 0.8),
        ("beyond", 14, 12_345, 15_000, 4_000, 0.0),
        ("small", 15, 400, 130, 60, 1.0),
        ("tiny", 16, 40, 25, 12, 1.0),
    ];
    let case = |(name, seed, n, m, chunk_size, sharpness)| {
        let mut random = Lcg(seed);
        let mut side = |rows: usize, drifted: bool| {
            let mut table = Table::default();
            (0..rows).for_each(|_| table.push_row(&mut random, drifted, sharpness));
            table
        };
        Case {
            name,
            chunk_size,
            reference: side(n, false),
            analysis: side(m, true),
            expected: expected["cases"][name].clone(),
        }
    };
    table.into_iter().map(case).collect()
}

/// Fails unless a figure is the expected one to `tolerance`; `null` is expected where there is none.
pub fn assert_close(what: &str, found: Option<f64>, expected: &Value, tolerance: f64) {
    match (found, expected.as_f64()) {
        (None, None) => {}
        (Some(found), Some(expected)) => assert!(
            (found - expected).abs() <= tolerance,
            "{what}: found {found}, expected {expected}"
        ),
        (found, _) => panic!("{what}: found {found:?}, expected {expected}"),
    }
}
