//! The check of rows against a schema: every accepted row typed, every other one with all reasons.

use crate::cell::{self, NotANumber, is_missing};
use crate::raw::{RawRow, RawTable, Refusal};
use crate::table::{ColumnData, Table};
use csv::StringRecord;
use risk_core::schema::{Column, Kind, Role, Schema};
use serde::{Deserialize, Serialize};

/// What is wrong with a cell of the target column.
const NO_TARGET: &str = "is none of 0, 1, true, false, yes, no and missing";

/// What is wrong with text in a numeric column.
const NO_NUMBER: &str = "is not a number";

/// No measurement is larger, and the squares of larger numbers could not be added up.
const LARGEST: f64 = 1e100;

/// What the check of a table gave.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The accepted rows.
    pub table: Table,
    /// For each accepted row, its position among all rows of the raw table.
    pub accepted: Vec<usize>,
    /// The rows that were not accepted.
    pub rejected: Vec<RejectedRow>,
    /// Columns of the table that the schema does not know.
    pub ignored_columns: Vec<String>,
}

/// A row that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// The line of the file it begins on, counted from 1 with the header.
    pub line: u64,
    /// Every reason.
    pub reasons: Vec<String>,
    /// The text of the row.
    pub row: String,
}

impl RejectedRow {
    /// Whether the text in the target column is not known to mean anything.
    #[must_use]
    pub fn has_unknown_target(&self) -> bool {
        self.reasons
            .iter()
            .any(|reason| reason.ends_with(NO_TARGET))
    }

    /// The numeric columns that hold text in this row.
    pub fn texts_for_numbers(&self) -> impl Iterator<Item = &str> {
        (self.reasons.iter())
            .filter(|reason| reason.ends_with(NO_NUMBER))
            .filter_map(|reason| Some(reason.split_once(": ")?.0))
    }

    /// The reasons without what the cells hold, for messages and logs, which must not hold client
    /// data.
    #[must_use]
    pub fn reasons_without_cells(&self) -> String {
        let without = |reason: &String| match (reason.split_once(": "), reason.rfind(" is ")) {
            // The column comes first and what is wrong last; between them stands the cell.
            (Some((column, _)), Some(wrong)) => format!("{column}: a cell{}", &reason[wrong..]),
            (Some((column, _)), None) => format!("{column}: a bad cell"),
            (None, _) => reason.clone(),
        };
        let reasons: Vec<String> = self.reasons.iter().map(without).collect();
        reasons.join("; ")
    }
}

/// Checks every row.
///
/// # Errors
/// When the table lacks a column of the schema; the target column may be lacking when
/// `target_optional`.
pub fn check(raw: &RawTable, schema: &Schema, target_optional: bool) -> Result<Checked, Refusal> {
    let positions = positions(raw, schema, target_optional)?;
    let mut columns: Vec<ColumnData> = schema
        .columns
        .iter()
        .map(|column| ColumnData::empty(column.role, column.kind))
        .collect();
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for (index, row) in raw.rows.iter().enumerate() {
        match parse_row(row, raw.header.len(), schema, &positions) {
            Ok(cells) => {
                accepted.push(index);
                for (column, cell) in columns.iter_mut().zip(cells) {
                    push(column, cell);
                }
            }
            Err(reasons) => {
                rejected.push(RejectedRow {
                    line: row.line,
                    reasons,
                    row: raw.raw_text(row),
                });
            }
        }
    }
    let ignored_columns = raw
        .header
        .iter()
        .filter(|name| schema.position_of(name).is_none())
        .cloned()
        .collect();
    let table = Table::new(schema.clone(), columns);
    Ok(Checked {
        table,
        accepted,
        rejected,
        ignored_columns,
    })
}

/// One typed cell.
enum Cell {
    Number(f64),
    Text(String),
    Date(chrono::NaiveDate),
    Flag(bool),
    Missing,
}

fn positions(
    raw: &RawTable,
    schema: &Schema,
    target_optional: bool,
) -> Result<Vec<Option<usize>>, Refusal> {
    let mut missing = Vec::new();
    let positions = schema
        .columns
        .iter()
        .map(|column| {
            let position = raw.position_of(&column.name);
            if position.is_none() && !(target_optional && column.role == Role::Target) {
                missing.push(column.name.as_str());
            }
            position
        })
        .collect();
    if missing.is_empty() {
        return Ok(positions);
    }
    let plural = if missing.len() == 1 {
        "column"
    } else {
        "columns"
    };
    let mut message = format!("the {plural} {} missing", describe(&missing));
    if let [only] = raw.header.as_slice()
        && let Some(separator) = [';', '\t', '|']
            .into_iter()
            .find(|mark| only.contains(*mark))
    {
        message.push_str(&format!(
            "; the cells seem to be separated by {separator:?}, not by a comma"
        ));
    }
    Err(Refusal(message))
}

fn describe(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

fn parse_row(
    row: &RawRow,
    width: usize,
    schema: &Schema,
    positions: &[Option<usize>],
) -> Result<Vec<Cell>, Vec<String>> {
    if row.cells.len() != width {
        return Err(vec![format!(
            "expected {width} fields, found {}",
            row.cells.len()
        )]);
    }
    let mut reasons = Vec::new();
    let mut cells = Vec::with_capacity(positions.len());
    for (column, position) in schema.columns.iter().zip(positions) {
        match parse_cell(&row.cells, *position, column, schema.positive.as_deref()) {
            Ok(cell) => cells.push(cell),
            Err(reason) => reasons.push(reason),
        }
    }
    if reasons.is_empty() {
        Ok(cells)
    } else {
        Err(reasons)
    }
}

fn parse_cell(
    cells: &StringRecord,
    position: Option<usize>,
    column: &Column,
    positive: Option<&str>,
) -> Result<Cell, String> {
    let text = position
        .and_then(|position| cells.get(position))
        .unwrap_or_default();
    let name = &column.name;
    if is_missing(text) {
        return if column.required {
            Err(format!("{name} is missing"))
        } else {
            Ok(Cell::Missing)
        };
    }
    match (column.role, column.kind) {
        (Role::Target, _) => cell::parse_target(text, positive)
            .map(Cell::Flag)
            .ok_or_else(|| format!("{name}: {text:?} {NO_TARGET}")),
        (Role::ObservedAt, _) => cell::parse_date(text)
            .map(Cell::Date)
            .ok_or_else(|| format!("{name}: {text:?} is not a date; expected YYYY-MM-DD")),
        (Role::ClientId, _) | (_, Kind::Category) => Ok(Cell::Text(text.to_owned())),
        (_, Kind::Numeric) => parse_number(text, column).map(Cell::Number),
    }
}

fn parse_number(text: &str, column: &Column) -> Result<f64, String> {
    let name = &column.name;
    let number = cell::parse_number(text).map_err(|error| match error {
        NotANumber::Text => format!("{name}: {text:?} {NO_NUMBER}"),
        NotANumber::Infinite => format!("{name}: {text:?} is infinite"),
    })?;
    match (column.min, column.max) {
        _ if number.abs() > LARGEST => Err(format!(
            "{name}: {text} is beyond {LARGEST:e} and no measurement"
        )),
        (Some(min), _) if number < min => Err(format!("{name}: {text} is below the minimum {min}")),
        (_, Some(max)) if number > max => Err(format!("{name}: {text} is above the maximum {max}")),
        _ => Ok(number),
    }
}

fn push(column: &mut ColumnData, cell: Cell) {
    match (column, cell) {
        (ColumnData::Number(cells), Cell::Number(number)) => cells.push(number),
        (ColumnData::Number(cells), _) => cells.push(f64::NAN),
        (ColumnData::Text(cells), Cell::Text(text)) => cells.push(Some(text)),
        (ColumnData::Text(cells), _) => cells.push(None),
        (ColumnData::Date(cells), Cell::Date(date)) => cells.push(Some(date)),
        (ColumnData::Date(cells), _) => cells.push(None),
        (ColumnData::Flag(cells), Cell::Flag(left)) => cells.push(Some(left)),
        (ColumnData::Flag(cells), _) => cells.push(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column {
                min: Some(0.0),
                max: Some(100.0),
                ..Column::new("activity", Role::Feature, Kind::Numeric)
            },
            Column::new("industry", Role::Feature, Kind::Category),
            Column::new("exited", Role::Target, Kind::Category),
            Column::new("observed_at", Role::ObservedAt, Kind::Category),
        ])
    }

    fn check_text(text: &str) -> Result<Checked, Refusal> {
        check(
            &RawTable::from_csv(text.as_bytes().to_vec()).unwrap(),
            &schema(),
            false,
        )
    }

    const HEADER: &str = "observed_at,exited,extra,industry,activity,corporation\n";

    fn rejected(row: &str) -> Vec<String> {
        let mut checked = check_text(&format!("{HEADER}{row}\n")).unwrap();
        assert_eq!(checked.table.n_rows(), 0);
        checked.rejected.remove(0).reasons
    }

    #[test]
    fn good_rows_are_typed_whatever_the_order_of_the_columns() {
        let checked = check_text(&format!(
            "{HEADER}2026-01-31,Yes,x,Retail,7.0,acme\n2026-02-28,,y,NA,,b\n"
        ));
        let checked = checked.unwrap();
        assert_eq!(
            checked.table.cells(0),
            ["acme", "7", "Retail", "1", "2026-01-31"]
        );
        assert_eq!(checked.table.cells(1), ["b", "", "", "", "2026-02-28"]);
        assert_eq!(checked.ignored_columns, ["extra"]);
        assert!(checked.rejected.is_empty());
    }

    #[test]
    fn each_kind_of_bad_row_has_its_reason() {
        for (row, reason) in [
            ("2026-01-31,1,x,Retail", "expected 6 fields, found 4"),
            (
                "2026-01-31,1,x,Retail,many,acme",
                "activity: \"many\" is not a number",
            ),
            (
                "2026-01-31,1,x,Retail,inf,acme",
                "activity: \"inf\" is infinite",
            ),
            (
                "2026-01-31,1,x,Retail,-1e300,acme",
                "activity: -1e300 is beyond 1e100 and no measurement",
            ),
            (
                "2026-01-31,1,x,Retail,-1,acme",
                "activity: -1 is below the minimum 0",
            ),
            (
                "2026-01-31,1,x,Retail,101,acme",
                "activity: 101 is above the maximum 100",
            ),
            ("2026-01-31,1,x,Retail,7,", "corporation is missing"),
            (
                "2026-01-31,2,x,Retail,7,acme",
                "exited: \"2\" is none of 0, 1",
            ),
            (
                "31.01.2026,1,x,Retail,7,acme",
                "observed_at: \"31.01.2026\" is not a date",
            ),
            (",1,x,Retail,7,acme", "observed_at is missing"),
        ] {
            let reasons = rejected(row);
            assert_eq!(reasons.len(), 1, "{row}");
            assert!(reasons[0].starts_with(reason), "{row}: {}", reasons[0]);
        }
    }

    #[test]
    fn a_row_with_three_faults_gets_three_reasons() {
        assert_eq!(rejected("soon,maybe,x,Retail,lots,acme").len(), 3);
    }

    #[test]
    fn the_reasons_can_be_told_without_the_cells() {
        let table = [
            ("2026-01-31,1,x,Retail", "expected 6 fields, found 4"),
            (
                "2026-01-31,1,x,Retail,acme is : 7,acme",
                "activity: a cell is not a number",
            ),
            (
                "2026-01-31,1,x,Retail,-17,acme",
                "activity: a cell is below the minimum 0",
            ),
            (
                "2026-01-31,1,x,Retail,1e300,acme",
                "activity: a cell is beyond 1e100 and no measurement",
            ),
            ("2026-01-31,1,x,Retail,7,", "corporation is missing"),
        ];
        for (row, expected) in table {
            let checked = check_text(&format!("{HEADER}{row}\n")).unwrap();
            assert_eq!(checked.rejected[0].reasons_without_cells(), expected);
        }
    }

    #[test]
    fn a_rejected_row_keeps_its_line_and_its_text() {
        let checked = check_text(&format!(
            "{HEADER}2026-01-31,1,x,Retail,1,a\nsoon,1,x,\"a, b\",1,a\n"
        ));
        let rejected = &checked.unwrap().rejected[0];
        assert_eq!(rejected.line, 3);
        assert_eq!(rejected.row, "soon,1,x,\"a, b\",1,a");
    }

    #[test]
    fn missing_columns_and_other_separators_are_named() {
        let refusal = check_text("corporation,activity\na,1\n").unwrap_err().0;
        assert!(
            refusal.contains("industry, exited, observed_at are missing"),
            "{refusal}"
        );
        let refusal = check_text("corporation;activity;exited\na;1;0\n")
            .unwrap_err()
            .0;
        assert!(refusal.contains("';'"), "{refusal}");
    }

    #[test]
    fn the_target_may_be_lacking_where_it_is_not_needed() {
        let raw = RawTable::from_csv(
            b"corporation,activity,industry,observed_at\na,1,x,2026-01-01\n".to_vec(),
        )
        .unwrap();
        let checked = check(&raw, &schema(), true).unwrap();
        assert_eq!(checked.table.target(0), None);
        assert!(check(&raw, &schema(), false).is_err());
    }
}
