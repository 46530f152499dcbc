//! Random batches of eight columns, without drift and with each kind of it.

/// What happens to a batch; to its first column, or to its categories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Drift {
    None,
    Shift(f64),
    Missing(f64),
    OneValue,
    NewCategory,
    DoubledVariance,
    OutlierBefore,
    OutlierNow,
    ShiftAndOutlierBefore,
    ShiftAndOutlierNow,
}

/// Every kind, and how the table names it.
pub const KINDS: [(&str, Drift); 14] = [
    ("shift 0.1 sd", Drift::Shift(0.1)),
    ("shift 0.15 sd", Drift::Shift(0.15)),
    ("shift 0.3 sd", Drift::Shift(0.3)),
    ("shift 1 sd", Drift::Shift(1.0)),
    ("10 % missing", Drift::Missing(0.1)),
    ("40 % missing", Drift::Missing(0.4)),
    ("all missing", Drift::Missing(1.0)),
    ("all one value", Drift::OneValue),
    ("new category, 5 %", Drift::NewCategory),
    ("variance doubled", Drift::DoubledVariance),
    ("outlier 1e6 before", Drift::OutlierBefore),
    ("outlier 1e6 now", Drift::OutlierNow),
    ("1 sd, outlier before", Drift::ShiftAndOutlierBefore),
    ("1 sd, outlier now", Drift::ShiftAndOutlierNow),
];

/// The 64-bit generator of Knuth, scrambled.
pub struct Random(u64);

impl Drift {
    /// Whether the outlier is in the reference.
    pub fn is_before(self) -> bool {
        matches!(self, Self::OutlierBefore | Self::ShiftAndOutlierBefore)
    }
}

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut random = Self(seed);
        // Seeds that are near give numbers that are near at first.
        for _ in 0..100 {
            random.uniform();
        }
        random
    }

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

/// The rows of a reference or of an analysis.
pub struct Side {
    pub numbers: Vec<Vec<f64>>,
    pub categories: Vec<usize>,
}

/// The same batch for every kind of drift that draws no more numbers, but for the drift itself.
pub fn draw(random: &mut Random, n: usize, drift: Drift) -> Side {
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
            Drift::OneValue => first = 0.0,
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
