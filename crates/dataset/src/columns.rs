//! Reading a large CSV file column by column, for figures that need no rows.
//!
//! The rules of cells are those of the row reader: what is missing, what is a number, when a column is
//! numeric. The file is never held as text, so a million rows take little more than their numbers.

mod builder;
mod lines;

use crate::cell::parse_number;
use crate::plain::{self, Next, PlainLines};
use crate::raw::{RawTable, Refusal, check_header, ends_inside_quotes, no_rows};
use builder::Builder;
use csv::ByteRecord;
use lines::line_at;
pub use lines::line_of_row;
use risk_core::schema::Kind;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// What to make of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Nothing.
    Skip,
    /// Numbers or categories, as the data has it.
    Found,
    /// Numbers or categories, as said.
    Kind(Kind),
    /// The text of every cell.
    Text,
    /// Whether each client left; the text that means so, where it is none of 1, true and yes.
    Target(Option<String>),
}

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// It was not wanted.
    Skipped,
    /// Numbers.
    Numbers(Numbers),
    /// Categories.
    Categories(CategoryCells),
    /// Texts.
    Texts(Texts),
    /// Targets; `None` where not known.
    Targets(Vec<Option<bool>>),
}

/// Numbers, `NaN` where missing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbers {
    /// A number for each row.
    pub values: Vec<f64>,
    /// Whether all cells are written as integers and none is missing.
    pub is_integer: bool,
    /// How many cells hold text; they count as missing.
    pub unreadable: u64,
    known: u64,
}

impl Numbers {
    /// Whether so many cells hold text that the column is none of numbers.
    #[must_use]
    pub fn is_text(&self) -> bool {
        (self.known as f64) < NUMERIC_SHARE * (self.known + self.unreadable) as f64
    }
}

/// Categories as positions in a list of names.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CategoryCells {
    /// For each row the position of its name plus 1; 0 where missing.
    pub codes: Vec<u32>,
    /// The names, in the order of their first appearance.
    pub names: Vec<String>,
}

/// Texts, one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The text of a row, without blanks around it; empty where missing.
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.bytes[start..self.ends[row]]
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }
}

/// A table as columns.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnTable {
    /// The names of the columns, without blanks around them.
    pub header: Vec<String>,
    /// Their cells, in the same order.
    pub columns: Vec<Cells>,
    /// How many rows.
    pub n_rows: usize,
    /// Rows that have another number of cells than the header, with the line of the first; they are
    /// left out.
    pub malformed: Option<(u64, u64)>,
}

impl ColumnTable {
    /// The cells of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Cells> {
        let position = self.header.iter().position(|column| column == name)?;
        self.columns.get(position)
    }
}

/// From so many rows it is guessed whether a column is numeric; all rows decide.
const ROWS_TO_GUESS: usize = 10_000;
/// A column is numeric when at least this share of its known cells are numbers.
const NUMERIC_SHARE: f64 = 0.95;

/// Reads a CSV file; `want` says for each name what to make of the column.
///
/// # Errors
/// When the file cannot be read, is not UTF-8 where it is text, ends inside a quoted cell, has no rows,
/// or has two columns of one name.
pub fn read_columns(path: &Path, want: impl Fn(&str) -> Want) -> Result<ColumnTable, Refusal> {
    let open = || {
        let file = File::open(path).map_err(|error| Refusal(format!("cannot be read: {error}")))?;
        Ok(Box::new(file) as Box<dyn Bytes>)
    };
    read_from(&open, want)
}

/// The columns of a table that was read as text, as of a CSV file with the same rows.
///
/// # Errors
/// As [`read_columns`].
pub fn columns_of(raw: &RawTable, want: impl Fn(&str) -> Want) -> Result<ColumnTable, Refusal> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let unwritable = |error: csv::Error| Refusal(format!("cannot be read: {error}"));
    writer.write_record(&raw.header).map_err(unwritable)?;
    for row in &raw.rows {
        writer.write_record(&row.cells).map_err(unwritable)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Refusal(format!("cannot be read: {error}")))?;
    let open = || -> Result<Box<dyn Bytes>, Refusal> { Ok(Box::new(Cursor::new(bytes.clone()))) };
    read_from(&open, want)
}

/// Bytes that can be read from any place.
trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

type Open<'a> = dyn Fn() -> Result<Box<dyn Bytes>, Refusal> + 'a;

fn read_from(open: &Open<'_>, want: impl Fn(&str) -> Want) -> Result<ColumnTable, Refusal> {
    let mut wanted: Option<Vec<Want>> = None;
    loop {
        let table = read_once(open, |index, name| match &wanted {
            Some(wanted) => wanted[index].clone(),
            None => want(name),
        })?;
        let found = |(name, cells): (&String, &Cells)| match want(name) {
            Want::Found => Want::Kind(kind_of(cells)),
            other => other,
        };
        let decided: Vec<Want> = table.header.iter().zip(&table.columns).map(found).collect();
        if decided
            .iter()
            .zip(&table.columns)
            .all(|(want, cells)| is_as_wanted(want, cells))
        {
            return Ok(table);
        }
        // The first rows were not like the rest.
        wanted = Some(decided);
    }
}

fn is_as_wanted(want: &Want, cells: &Cells) -> bool {
    match want {
        Want::Kind(Kind::Numeric) => matches!(cells, Cells::Numbers(_)),
        Want::Kind(Kind::Category) => matches!(cells, Cells::Categories(_)),
        _ => true,
    }
}

fn kind_of(cells: &Cells) -> Kind {
    let (numbers, known) = match cells {
        Cells::Numbers(numbers) => (numbers.known, numbers.known + numbers.unreadable),
        Cells::Categories(categories) => {
            let is_number: Vec<bool> = categories
                .names
                .iter()
                .map(|name| parse_number(name).is_ok())
                .collect();
            let known = categories.codes.iter().filter(|code| **code > 0);
            let numbers = known.clone().filter(|code| is_number[**code as usize - 1]);
            (numbers.count() as u64, known.count() as u64)
        }
        _ => (0, 0),
    };
    if numbers as f64 >= NUMERIC_SHARE * known as f64 {
        Kind::Numeric
    } else {
        Kind::Category
    }
}

fn read_once(open: &Open<'_>, want: impl Fn(usize, &str) -> Want) -> Result<ColumnTable, Refusal> {
    match read_plain(open, &want)? {
        Some(table) => Ok(table),
        None => read_general(open, want),
    }
}

/// `None` where the file needs the general reader.
fn read_plain(
    open: &Open<'_>,
    want: impl Fn(usize, &str) -> Want,
) -> Result<Option<ColumnTable>, Refusal> {
    let mut source = open()?;
    after_byte_order_mark(&mut source)?;
    let mut lines = PlainLines::new(source);
    let Next::Line(line, _) = lines.next().map_err(cannot_read)? else {
        return Ok(None);
    };
    let header = header_of(&plain::cells(line).collect())?;
    let mut first: Vec<(Vec<u8>, u64)> = Vec::new();
    while first.len() < ROWS_TO_GUESS {
        match lines.next().map_err(cannot_read)? {
            Next::Line(line, number) => first.push((line.to_vec(), number)),
            Next::End => break,
            Next::NotPlain => return Ok(None),
        }
    }
    let mut rows = Rows::new(header, |index, name| {
        let cells = first.iter();
        let cells = cells.filter_map(|(line, _)| plain::cells(line).nth(index));
        Builder::new(want(index, name), cells)
    });
    for (line, number) in first {
        rows.push(plain::n_cells(&line), plain::cells(&line), || number)?;
    }
    loop {
        match lines.next().map_err(cannot_read)? {
            Next::Line(line, number) => {
                rows.push(plain::n_cells(line), plain::cells(line), || number)?;
            }
            Next::End => return rows.finish().map(Some),
            Next::NotPlain => return Ok(None),
        }
    }
}

fn read_general(
    open: &Open<'_>,
    want: impl Fn(usize, &str) -> Want,
) -> Result<ColumnTable, Refusal> {
    let unreadable = |error: csv::Error| Refusal(format!("cannot be read as CSV: {error}"));
    let mut source = open()?;
    let start = after_byte_order_mark(&mut source)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .buffer_capacity(1 << 18)
        .from_reader(source);
    let header = header_of(reader.byte_headers().map_err(unreadable)?)?;
    let mut first = Vec::new();
    let mut record = ByteRecord::new();
    while first.len() < ROWS_TO_GUESS && reader.read_byte_record(&mut record).map_err(unreadable)? {
        first.push(record.clone());
    }
    let mut rows = Rows::new(header, |index, name| {
        let cells = first.iter().filter_map(|record| record.get(index));
        Builder::new(want(index, name), cells)
    });
    let mut last_start = None;
    let mut push = |record: &ByteRecord| {
        last_start = record.position().map(csv::Position::byte);
        let position = record.position().map_or(0, csv::Position::byte);
        // What the reader counts as lines leaves out carriage returns and takes in blank lines.
        let line = || line_at(open().ok(), start + position);
        rows.push(record.len(), record.iter(), line)
    };
    first.iter().try_for_each(&mut push)?;
    drop(first);
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        push(&record)?;
    }
    if let Some(last_start) = last_start {
        refuse_cut_off(open()?, start + last_start)?;
    }
    rows.finish()
}

fn cannot_read(error: std::io::Error) -> Refusal {
    Refusal(format!("cannot be read: {error}"))
}

/// Where the text begins; the source stands there then.
fn after_byte_order_mark(source: &mut dyn Bytes) -> Result<u64, Refusal> {
    let mut mark = Vec::new();
    source.take(3).read_to_end(&mut mark).map_err(cannot_read)?;
    if mark.starts_with(&[0xff, 0xfe]) || mark.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal("the file is UTF-16; save it as UTF-8".into()));
    }
    let start = if mark == [0xef, 0xbb, 0xbf] { 3 } else { 0 };
    source.seek(SeekFrom::Start(start)).map_err(cannot_read)
}

fn header_of(record: &ByteRecord) -> Result<Vec<String>, Refusal> {
    let names = record.iter().map(|cell| {
        let name = std::str::from_utf8(cell);
        name.map(|name| name.trim().to_owned())
            .map_err(|_| Refusal("not UTF-8: line 1 holds other bytes; save it as UTF-8".into()))
    });
    let header = names.collect::<Result<Vec<String>, Refusal>>()?;
    if header.is_empty() {
        return Err(Refusal("the file is empty".into()));
    }
    check_header(&header)?;
    Ok(header)
}

fn refuse_cut_off(mut source: Box<dyn Bytes>, last_row: u64) -> Result<(), Refusal> {
    let mut tail = Vec::new();
    source
        .seek(SeekFrom::Start(last_row))
        .map_err(cannot_read)?;
    source.read_to_end(&mut tail).map_err(cannot_read)?;
    if ends_inside_quotes(&String::from_utf8_lossy(&tail)) {
        return Err(Refusal(
            "a quoted cell is not closed: the file seems to be cut off".into(),
        ));
    }
    Ok(())
}

struct Rows {
    header: Vec<String>,
    builders: Vec<Builder>,
    n_rows: usize,
    malformed: Option<(u64, u64)>,
}

impl Rows {
    fn new(header: Vec<String>, builder: impl Fn(usize, &str) -> Builder) -> Self {
        let names = header.iter().enumerate();
        let builders = names.map(|(index, name)| builder(index, name)).collect();
        Self {
            header,
            builders,
            n_rows: 0,
            malformed: None,
        }
    }

    fn push<'a>(
        &mut self,
        n_cells: usize,
        cells: impl Iterator<Item = &'a [u8]>,
        line: impl Fn() -> u64,
    ) -> Result<(), Refusal> {
        if n_cells != self.header.len() {
            self.malformed.get_or_insert_with(|| (0, line())).0 += 1;
            return Ok(());
        }
        for ((builder, cell), name) in self.builders.iter_mut().zip(cells).zip(&self.header) {
            builder
                .push(cell)
                .map_err(|problem| Refusal(format!("line {}, column {name}: {problem}", line())))?;
        }
        self.n_rows += 1;
        Ok(())
    }

    fn finish(self) -> Result<ColumnTable, Refusal> {
        if self.n_rows == 0 {
            return Err(no_rows());
        }
        Ok(ColumnTable {
            header: self.header,
            columns: self.builders.into_iter().map(Builder::finish).collect(),
            n_rows: self.n_rows,
            malformed: self.malformed,
        })
    }
}

#[cfg(test)]
mod tests;
