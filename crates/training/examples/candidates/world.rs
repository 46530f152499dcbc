//! Clients whose behaviour changes: with four features and known risks.

use dataset::{ColumnData, Table};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk_core::model::{Model, sigmoid};
use risk_core::schema::{Column, Kind, Role, Schema};
use training::Samples;

/// Log-odds of leaving: `intercept + Σ slope · feature`.
#[derive(Debug, Clone, Copy)]
pub struct Regime {
    pub intercept: f64,
    pub slopes: [f64; 4],
}

/// How clients behaved before.
pub const OLD: Regime = Regime {
    intercept: -1.0,
    slopes: [1.4, -1.0, 0.5, 0.0],
};
/// How they behave after the change: one effect is reversed, another one is new.
pub const NEW: Regime = Regime {
    intercept: -1.0,
    slopes: [-1.0, -1.0, 0.5, 1.4],
};

/// How behaviour goes from [`OLD`] to [`NEW`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// At once, with the last of so many rows.
    Sudden { new_rows: usize },
    /// By the same little with every row.
    Gradual,
    /// Not at all: all rows are new.
    None,
}

impl Change {
    fn regime(self, row: usize, rows: usize) -> Regime {
        let share = match self {
            Self::Sudden { new_rows } => f64::from(u8::from(row + new_rows >= rows)),
            Self::Gradual => row as f64 / rows as f64,
            Self::None => 1.0,
        };
        let between = |old: f64, new: f64| old + share * (new - old);
        let mut slopes = OLD.slopes;
        for (slope, new) in slopes.iter_mut().zip(NEW.slopes) {
            *slope = between(*slope, new);
        }
        Regime {
            intercept: between(OLD.intercept, NEW.intercept),
            slopes,
        }
    }
}

fn features(rng: &mut ChaCha8Rng) -> [f64; 4] {
    // The sum of twelve uniform numbers is as good as normal here.
    std::array::from_fn(|_| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0)
}

fn risk(regime: &Regime, features: &[f64; 4]) -> f64 {
    let pairs = regime.slopes.iter().zip(features);
    sigmoid(regime.intercept + pairs.map(|(slope, x)| slope * x).sum::<f64>())
}

/// One row a client, without dates, in the order in which they were observed.
pub fn samples(change: Change, rows: usize, seed: u64) -> Samples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut columns: [Vec<f64>; 4] = Default::default();
    let (mut clients, mut exited) = (Vec::new(), Vec::new());
    for row in 0..rows {
        let drawn = features(&mut rng);
        exited.push(rng.random::<f64>() < risk(&change.regime(row, rows), &drawn));
        clients.push(Some(format!("client {row}")));
        for (column, x) in columns.iter_mut().zip(drawn) {
            column.push(x);
        }
    }
    let mut schema = vec![Column::new("corporation", Role::ClientId, Kind::Category)];
    let mut data = vec![ColumnData::Text(clients)];
    for (number, column) in columns.into_iter().enumerate() {
        schema.push(Column::new(
            format!("x{number}"),
            Role::Feature,
            Kind::Numeric,
        ));
        data.push(ColumnData::Number(column));
    }
    schema.push(Column::new("exited", Role::Target, Kind::Category));
    data.push(ColumnData::Flag(exited.iter().copied().map(Some).collect()));
    Samples::new(Table::new(Schema::new(schema), data), exited)
}

/// The log-loss that a model is to expect a client from now on, over 20,000 clients with known risks.
pub fn future_log_loss(model: &Model) -> f64 {
    use risk_core::model::Value;
    let mut rng = ChaCha8Rng::seed_from_u64(u64::MAX);
    let n = 20_000;
    let loss = |_| {
        let drawn = features(&mut rng);
        let (truth, said) = (risk(&NEW, &drawn), model.risk(&drawn.map(Value::Number)));
        -(truth * said.ln() + (1.0 - truth) * (1.0 - said).ln())
    };
    (0..n).map(loss).sum::<f64>() / f64::from(n)
}
