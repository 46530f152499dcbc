//! The numeric features together.

use super::features::{Chunk, in_chunks};
use super::tables::{Side, Tables};
use monitoring::limits::{Limits, three_sigma};
use monitoring::reconstruction::Reconstruction;
use serde::Serialize;
use std::ops::Range;

/// How well the main components of the reference give rows back (NannyML's reconstruction error).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Multivariate {
    /// How many components are kept.
    pub components: usize,
    /// The mean error of the reference.
    pub reference_error: Option<f64>,
    /// The mean error of the analysis.
    pub analysis_error: Option<f64>,
    /// Mean less 3 sd of the errors of the chunks of the reference; of tenths of it where no
    /// chunks are asked for.
    pub lower_limit: Option<f64>,
    /// Mean plus 3 sd of them.
    pub upper_limit: Option<f64>,
    /// Why there are no limits, and so no alerts.
    pub limits_reason: Option<String>,
    /// The mean errors in chunks, those of the reference first.
    pub chunks: Vec<Chunk<ChunkError>>,
}

/// The error of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChunkError {
    /// Its mean error.
    pub error: Option<f64>,
    /// Whether it is outside the limits.
    pub alert: bool,
}

/// `None` where no numeric feature varies in the reference.
pub fn reconstruct(tables: &Tables) -> Option<Multivariate> {
    let reference: Vec<&[f64]> = of_side(tables, &tables.reference);
    let analysis: Vec<&[f64]> = of_side(tables, &tables.analysis);
    let fitted = Reconstruction::fit(&reference)?;
    let error = |side: &Side, rows: Range<usize>| {
        let of_reference = std::ptr::eq(side, &tables.reference);
        let columns = if of_reference { &reference } else { &analysis };
        fitted.mean_error(columns, rows.map(|position| side.row_at(position)))
    };
    let n_rows = tables.reference.table.n_rows;
    let of_reference: Vec<f64> = (tables.chunks_of_reference().into_iter())
        .filter_map(|rows| error(&tables.reference, rows))
        .collect();
    let possible = Limits {
        lower: 0.0,
        upper: f64::INFINITY,
    };
    let limits = three_sigma(&of_reference, possible);
    let within = |error: f64| limits.is_none_or(|it| it.lower <= error && error <= it.upper);
    let chunks = in_chunks(tables, |side, rows| {
        let error = error(side, rows);
        ChunkError {
            error,
            alert: error.is_some_and(|error| !within(error)),
        }
    });
    Some(Multivariate {
        components: fitted.n_components(),
        reference_error: error(&tables.reference, 0..n_rows),
        analysis_error: error(&tables.analysis, 0..tables.analysis.table.n_rows),
        lower_limit: limits.map(|limits| limits.lower),
        upper_limit: limits.map(|limits| limits.upper),
        limits_reason: tables.no_limits().filter(|_| limits.is_none()),
        chunks: chunks.unwrap_or_default(),
    })
}

fn of_side<'a>(tables: &Tables, side: &'a Side) -> Vec<&'a [f64]> {
    tables
        .numeric
        .iter()
        .map(|name| side.numbers(name))
        .collect()
}
