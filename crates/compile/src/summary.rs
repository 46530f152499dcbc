//! Summary statistics of every column.

use anyhow::Result;
use dataset::{ColumnData, Table};
use polars::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// How many modes are listed at most.
const MODES: usize = 5;

/// The summary of one column. The figures of text and date columns are `None`; those of the target
/// are of 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    /// The column.
    pub column: String,
    /// Mean of the known cells.
    pub mean: Option<f64>,
    /// Median of the known cells: of an even number the mean of the middle two.
    pub median: Option<f64>,
    /// Standard deviation with n - 1; `None` with fewer than two known cells.
    pub std: Option<f64>,
    /// The most frequent values, at most five, the smallest first; empty where no value occurs twice.
    pub modes: Vec<Value>,
    /// The smallest known cell.
    pub min: Option<f64>,
    /// The largest known cell.
    pub max: Option<f64>,
    /// Share of missing cells, percent.
    pub missing_percent: f64,
}

/// Summarises every column of a table.
///
/// # Errors
/// When polars cannot compute a figure.
pub fn summarise(table: &Table) -> Result<Vec<ColumnSummary>> {
    let columns = table.schema().columns.iter().zip(table.columns());
    columns
        .map(|(column, data)| summarise_column(&column.name, data))
        .collect()
}

fn summarise_column(name: &str, data: &ColumnData) -> Result<ColumnSummary> {
    let numbers = numbers(data);
    let known = (0..data.len())
        .filter(|row| !data.cell(*row).is_empty())
        .count();
    let missing = (data.len() - known) as f64;
    let missing_percent = if data.is_empty() {
        0.0
    } else {
        100.0 * missing / data.len() as f64
    };
    let mut summary = ColumnSummary {
        column: name.to_owned(),
        mean: None,
        median: None,
        std: None,
        modes: modes(data, numbers.is_some()),
        min: None,
        max: None,
        missing_percent,
    };
    if let Some(numbers) = numbers {
        let series = Float64Chunked::from_vec(PlSmallStr::EMPTY, numbers).into_series();
        summary.mean = series.mean();
        summary.median = series.median();
        summary.std = series.std(1);
        summary.min = series.min::<f64>()?;
        summary.max = series.max::<f64>()?;
    }
    Ok(summary)
}

/// The known numbers of a column, `None` where it holds none by nature.
fn numbers(data: &ColumnData) -> Option<Vec<f64>> {
    match data {
        ColumnData::Number(cells) => Some(
            cells
                .iter()
                .copied()
                .filter(|number| !number.is_nan())
                .collect(),
        ),
        ColumnData::Flag(cells) => Some(
            cells
                .iter()
                .flatten()
                .map(|left| f64::from(u8::from(*left)))
                .collect(),
        ),
        ColumnData::Text(_) | ColumnData::Date(_) => None,
    }
}

fn modes(data: &ColumnData, numeric: bool) -> Vec<Value> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for row in 0..data.len() {
        *counts.entry(data.cell(row)).or_default() += 1;
    }
    counts.remove("");
    let most = counts.values().copied().max().unwrap_or(0);
    if most < 2 {
        return Vec::new();
    }
    let texts = counts
        .into_iter()
        .filter(|(_, count)| *count == most)
        .map(|(text, _)| text);
    if !numeric {
        let mut texts: Vec<String> = texts.collect();
        texts.sort();
        return texts.into_iter().take(MODES).map(Value::from).collect();
    }
    let mut numbers: Vec<f64> = texts.filter_map(|text| text.parse().ok()).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.into_iter().take(MODES).map(Value::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};
    use risk_core::schema::{Column, Kind, Role, Schema};

    fn summaries(rows: &str) -> Vec<ColumnSummary> {
        let schema = Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("activity", Role::Feature, Kind::Numeric),
            Column::new("exited", Role::Target, Kind::Category),
        ]);
        let text = format!("corporation,activity,exited\n{rows}");
        let raw = RawTable::from_csv(text.into_bytes()).unwrap();
        summarise(&check(&raw, &schema, false).unwrap().table).unwrap()
    }

    #[test]
    fn figures_equal_a_calculation_by_hand() {
        let summaries = summaries("a,1,1\nb,2,0\na,4,\nc,9,0\nd,,0\n");
        let activity = &summaries[1];
        assert_eq!((activity.mean, activity.median), (Some(4.0), Some(3.0)));
        assert!((activity.std.unwrap() - (38.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((activity.min, activity.max), (Some(1.0), Some(9.0)));
        assert_eq!(activity.missing_percent, 20.0);
        assert!(activity.modes.is_empty());
        assert_eq!(summaries[0].modes, [Value::from("a")]);
        assert_eq!(
            (summaries[0].mean, summaries[0].missing_percent),
            (None, 0.0)
        );
        assert_eq!(
            (summaries[2].mean, summaries[2].modes.clone()),
            (Some(0.25), vec![Value::from(0.0)])
        );
    }

    #[test]
    fn an_empty_and_a_single_cell_have_no_deviation() {
        let summaries = summaries("a,,\nb,3,\n");
        assert_eq!((summaries[1].std, summaries[1].median), (None, Some(3.0)));
        assert_eq!(
            (summaries[2].mean, summaries[2].missing_percent),
            (None, 100.0)
        );
    }
}
