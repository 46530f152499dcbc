//! A typed table of samples: columns in the order of its schema.

use crate::cell::format_number;
use chrono::NaiveDate;
use risk_core::hash;
use risk_core::model::Value;
use risk_core::records::SampleId;
use risk_core::schema::{Kind, Role, Schema};

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Numbers, `NaN` where missing.
    Number(Vec<f64>),
    /// Text, `None` where missing.
    Text(Vec<Option<String>>),
    /// Dates, `None` where missing.
    Date(Vec<Option<NaiveDate>>),
    /// Targets: whether the client left, `None` where not known.
    Flag(Vec<Option<bool>>),
}

impl ColumnData {
    /// An empty column for a role and a kind.
    #[must_use]
    pub fn empty(role: Role, kind: Kind) -> Self {
        match (role, kind) {
            (Role::Target, _) => Self::Flag(Vec::new()),
            (Role::ObservedAt, _) => Self::Date(Vec::new()),
            (Role::ClientId, _) | (_, Kind::Category) => Self::Text(Vec::new()),
            (_, Kind::Numeric) => Self::Number(Vec::new()),
        }
    }

    /// How many cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Number(cells) => cells.len(),
            Self::Text(cells) => cells.len(),
            Self::Date(cells) => cells.len(),
            Self::Flag(cells) => cells.len(),
        }
    }

    /// Whether there are no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell as it is written to the compiled data; empty where missing.
    #[must_use]
    pub fn cell(&self, row: usize) -> String {
        match self {
            Self::Number(cells) if cells[row].is_nan() => String::new(),
            Self::Number(cells) => format_number(cells[row]),
            Self::Text(cells) => cells[row].clone().unwrap_or_default(),
            Self::Date(cells) => cells[row].map(|date| date.to_string()).unwrap_or_default(),
            Self::Flag(cells) => cells[row]
                .map(|left| u8::from(left).to_string())
                .unwrap_or_default(),
        }
    }

    /// Whether two cells are the same, missing ones included.
    #[must_use]
    pub fn same(&self, a: usize, b: usize) -> bool {
        match self {
            Self::Number(cells) => cells[a] == cells[b] || (cells[a].is_nan() && cells[b].is_nan()),
            Self::Text(cells) => cells[a] == cells[b],
            Self::Date(cells) => cells[a] == cells[b],
            Self::Flag(cells) => cells[a] == cells[b],
        }
    }

    fn append(&mut self, more: Self) {
        match (self, more) {
            (Self::Number(cells), Self::Number(more)) => cells.extend(more),
            (Self::Text(cells), Self::Text(more)) => cells.extend(more),
            (Self::Date(cells), Self::Date(more)) => cells.extend(more),
            (Self::Flag(cells), Self::Flag(more)) => cells.extend(more),
            _ => debug_assert!(false, "columns of one schema have one type"),
        }
    }

    fn select(&self, rows: &[usize]) -> Self {
        fn pick<T: Clone>(cells: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|row| cells[*row].clone()).collect()
        }
        match self {
            Self::Number(cells) => Self::Number(pick(cells, rows)),
            Self::Text(cells) => Self::Text(pick(cells, rows)),
            Self::Date(cells) => Self::Date(pick(cells, rows)),
            Self::Flag(cells) => Self::Flag(pick(cells, rows)),
        }
    }
}

/// A typed table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    schema: Schema,
    columns: Vec<ColumnData>,
    n_rows: usize,
}

impl Table {
    /// A table from columns in the order of the schema, all of the same length.
    #[must_use]
    pub fn new(schema: Schema, columns: Vec<ColumnData>) -> Self {
        let n_rows = columns.first().map_or(0, ColumnData::len);
        debug_assert!(columns.iter().all(|column| column.len() == n_rows));
        debug_assert_eq!(columns.len(), schema.columns.len());
        Self {
            schema,
            columns,
            n_rows,
        }
    }

    /// The rows of tables that all have this schema, one table after the other.
    #[must_use]
    pub fn concat(schema: Schema, tables: Vec<Self>) -> Self {
        let mut columns: Vec<ColumnData> = schema
            .columns
            .iter()
            .map(|column| ColumnData::empty(column.role, column.kind))
            .collect();
        for table in tables {
            for (column, more) in columns.iter_mut().zip(table.columns) {
                column.append(more);
            }
        }
        Self::new(schema, columns)
    }

    /// The columns and what they are.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// The cells of the column at a position of the schema.
    #[must_use]
    pub fn column(&self, position: usize) -> &ColumnData {
        &self.columns[position]
    }

    /// All columns.
    #[must_use]
    pub fn columns(&self) -> &[ColumnData] {
        &self.columns
    }

    /// The id of the client of a row.
    #[must_use]
    pub fn client_id(&self, row: usize) -> &str {
        match self.role(Role::ClientId) {
            Some(ColumnData::Text(cells)) => cells[row].as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// Whether the client of a row left; `None` where not known or where there is no target.
    #[must_use]
    pub fn target(&self, row: usize) -> Option<bool> {
        match self.role(Role::Target) {
            Some(ColumnData::Flag(cells)) => cells[row],
            _ => None,
        }
    }

    /// The date of a row, where samples have dates.
    #[must_use]
    pub fn observed_at(&self, row: usize) -> Option<NaiveDate> {
        match self.role(Role::ObservedAt) {
            Some(ColumnData::Date(cells)) => cells[row],
            _ => None,
        }
    }

    /// One cell as a model sees it.
    #[must_use]
    pub fn value(&self, position: usize, row: usize) -> Value<'_> {
        match &self.columns[position] {
            ColumnData::Number(cells) if !cells[row].is_nan() => Value::Number(cells[row]),
            ColumnData::Text(cells) => cells[row].as_deref().map_or(Value::Missing, Value::Text),
            _ => Value::Missing,
        }
    }

    /// The number in a cell, where there is one.
    #[must_use]
    pub fn number(&self, position: usize, row: usize) -> Option<f64> {
        match self.value(position, row) {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The text in a cell, where there is one.
    #[must_use]
    pub fn text(&self, position: usize, row: usize) -> Option<&str> {
        match self.value(position, row) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The cells of a row as they are written to the compiled data.
    #[must_use]
    pub fn cells(&self, row: usize) -> Vec<String> {
        self.columns.iter().map(|column| column.cell(row)).collect()
    }

    /// The name of the sample in a row: a hash of client and date, or of the whole row where
    /// samples have no dates.
    #[must_use]
    pub fn sample_id(&self, row: usize) -> SampleId {
        match self.observed_at(row) {
            Some(date) => Self::dated_sample_id(self.client_id(row), date),
            None => SampleId(hash::short(self.cells(row).join("\u{1f}"))),
        }
    }

    /// The name of the sample of a client on a date.
    #[must_use]
    pub fn dated_sample_id(client: &str, date: NaiveDate) -> SampleId {
        SampleId(hash::short(format!("{client}\u{1f}{date}")))
    }

    /// The table with just these rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let columns = self
            .columns
            .iter()
            .map(|column| column.select(rows))
            .collect();
        Self {
            schema: self.schema.clone(),
            columns,
            n_rows: rows.len(),
        }
    }

    fn role(&self, role: Role) -> Option<&ColumnData> {
        self.schema
            .position(role)
            .map(|position| &self.columns[position])
    }
}
