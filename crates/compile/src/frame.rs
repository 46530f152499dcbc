//! Between typed tables and polars frames.

use anyhow::{Context, Result, bail};
use chrono::{Days, NaiveDate};
use dataset::{ColumnData, Table};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, Float64Chunked, Int32Chunked, IntoColumn,
    NewChunkedArray, PlSmallStr, StringChunked,
};
use risk_core::schema::{self, Role};

/// A table as a frame: missing cells are nulls.
pub(crate) fn to_frame(table: &Table) -> Result<DataFrame> {
    let columns = table
        .schema()
        .columns
        .iter()
        .zip(table.columns())
        .map(|(column, data)| to_series(&column.name, data))
        .collect::<Vec<_>>();
    DataFrame::new(table.n_rows(), columns).context("cannot build a frame")
}

fn to_series(name: &str, data: &ColumnData) -> Column {
    let name = PlSmallStr::from_str(name);
    match data {
        ColumnData::Number(cells) => {
            let known = cells
                .iter()
                .map(|number| (!number.is_nan()).then_some(*number));
            Float64Chunked::from_iter_options(name, known).into_column()
        }
        ColumnData::Text(cells) => {
            StringChunked::from_iter_options(name, cells.iter().map(Option::as_deref)).into_column()
        }
        ColumnData::Date(cells) => {
            let days = cells.iter().map(|date| date.map(days_since_epoch));
            Int32Chunked::from_iter_options(name, days)
                .into_date()
                .into_column()
        }
        ColumnData::Flag(cells) => {
            BooleanChunked::from_iter_options(name, cells.iter().copied()).into_column()
        }
    }
}

/// A frame that was made by [`to_frame`] as a table again.
pub(crate) fn to_table(frame: &DataFrame, schema: &schema::Schema) -> Result<Table> {
    let columns = schema
        .columns
        .iter()
        .map(|column| {
            let series = frame.column(&column.name).context("a column is missing")?;
            to_column(series, column.role).with_context(|| format!("column {}", column.name))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Table::new(schema.clone(), columns))
}

fn to_column(series: &Column, role: Role) -> Result<ColumnData> {
    Ok(match series.dtype() {
        DataType::Float64 => ColumnData::Number(
            series
                .f64()?
                .iter()
                .map(|cell| cell.unwrap_or(f64::NAN))
                .collect(),
        ),
        DataType::String => ColumnData::Text(
            series
                .str()?
                .iter()
                .map(|cell| cell.map(str::to_owned))
                .collect(),
        ),
        DataType::Date if role == Role::ObservedAt => {
            let days = series.date()?.physical().iter();
            ColumnData::Date(days.map(|days| days.and_then(date_of)).collect())
        }
        DataType::Boolean if role == Role::Target => {
            ColumnData::Flag(series.bool()?.iter().collect())
        }
        other => bail!("unexpected type {other}"),
    })
}

fn days_since_epoch(date: NaiveDate) -> i32 {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).unwrap_or(0) // chrono's dates are within 262,143 years
}

fn date_of(days: i32) -> Option<NaiveDate> {
    let distance = Days::new(u64::from(days.unsigned_abs()));
    if days < 0 {
        NaiveDate::default().checked_sub_days(distance)
    } else {
        NaiveDate::default().checked_add_days(distance)
    }
}
