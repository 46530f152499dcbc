//! Reading a large CSV file column by column, for figures that need no rows.
//!
//! The rules of cells are those of the row reader: what is missing, what is a number, when a column is
//! numeric. The file is never held as text, so a million rows take little more than their numbers.

use crate::cell::{is_missing, parse_number, parse_target};
use crate::raw::{RawTable, Refusal, check_header, ends_inside_quotes, no_rows};
use csv::ByteRecord;
use risk_core::schema::Kind;
use std::collections::HashMap;
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
    let mut builders: Vec<Builder> = header
        .iter()
        .enumerate()
        .map(|(index, name)| Builder::new(want(index, name), &first, index))
        .collect();
    let mut rows = Rows {
        header: &header,
        n_rows: 0,
        malformed: None,
    };
    let mut last_start = None;
    for record in &first {
        rows.push(record, &mut builders)?;
        last_start = record.position().map(csv::Position::byte);
    }
    drop(first);
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        rows.push(&record, &mut builders)?;
        last_start = record.position().map(csv::Position::byte);
    }
    let (n_rows, malformed) = (rows.n_rows, rows.malformed);
    if let Some(last_start) = last_start {
        refuse_cut_off(open()?, start + last_start)?;
    }
    if n_rows == 0 {
        return Err(no_rows());
    }
    let columns = builders.into_iter().map(Builder::finish).collect();
    Ok(ColumnTable {
        header,
        columns,
        n_rows,
        malformed,
    })
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

struct Rows<'a> {
    header: &'a [String],
    n_rows: usize,
    malformed: Option<(u64, u64)>,
}

impl Rows<'_> {
    fn push(&mut self, record: &ByteRecord, builders: &mut [Builder]) -> Result<(), Refusal> {
        let line = || record.position().map_or(0, csv::Position::line);
        if record.len() != self.header.len() {
            self.malformed.get_or_insert((0, line())).0 += 1;
            return Ok(());
        }
        for ((builder, cell), name) in builders.iter_mut().zip(record).zip(self.header) {
            builder
                .push(cell)
                .map_err(|problem| Refusal(format!("line {}, column {name}: {problem}", line())))?;
        }
        self.n_rows += 1;
        Ok(())
    }
}

enum Builder {
    Skip,
    Numbers(Numbers),
    Categories(CategoryCells, HashMap<Vec<u8>, u32>),
    Texts(Texts),
    Targets(Vec<Option<bool>>, Option<String>),
}

impl Builder {
    fn new(want: Want, first: &[ByteRecord], index: usize) -> Self {
        let numbers = || {
            Self::Numbers(Numbers {
                is_integer: true,
                ..Numbers::default()
            })
        };
        let categories = || Self::Categories(CategoryCells::default(), HashMap::new());
        match want {
            Want::Skip => Self::Skip,
            Want::Kind(Kind::Numeric) => numbers(),
            Want::Kind(Kind::Category) => categories(),
            Want::Text => Self::Texts(Texts::default()),
            Want::Target(positive) => Self::Targets(Vec::new(), positive),
            Want::Found => match guess(first.iter().filter_map(|record| record.get(index))) {
                Kind::Numeric => numbers(),
                Kind::Category => categories(),
            },
        }
    }

    fn push(&mut self, cell: &[u8]) -> Result<(), String> {
        match self {
            Self::Skip => {}
            Self::Numbers(numbers) => numbers.push(cell),
            Self::Categories(categories, known) => {
                let code = match known.get(cell) {
                    Some(code) => *code,
                    None => categories.learn(cell, known)?,
                };
                categories.codes.push(code);
            }
            Self::Texts(texts) => {
                let text = text(cell)?.trim();
                texts.push(if is_missing(text) { "" } else { text });
            }
            Self::Targets(targets, positive) => {
                let text = text(cell)?;
                if is_missing(text) {
                    targets.push(None);
                } else {
                    let left = parse_target(text, positive.as_deref()).ok_or_else(|| {
                        format!(
                            "{text:?} is no target; use 0 and 1, or say which text means that \
                                 the client left with dataset.positive"
                        )
                    })?;
                    targets.push(Some(left));
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Cells {
        match self {
            Self::Skip => Cells::Skipped,
            Self::Numbers(numbers) => Cells::Numbers(numbers),
            Self::Categories(categories, _) => Cells::Categories(categories),
            Self::Texts(texts) => Cells::Texts(texts),
            Self::Targets(targets, _) => Cells::Targets(targets),
        }
    }
}

impl Numbers {
    fn push(&mut self, cell: &[u8]) {
        let text = std::str::from_utf8(cell).unwrap_or("?");
        let number = match parse_number(text) {
            Ok(number) => {
                self.known += 1;
                let looks_integer = || !cell.iter().any(|byte| b".eE".contains(byte));
                self.is_integer = self.is_integer && looks_integer();
                number
            }
            Err(_) => {
                self.is_integer = false;
                self.unreadable += u64::from(!is_missing(text));
                f64::NAN
            }
        };
        self.values.push(number);
    }
}

impl CategoryCells {
    /// Finds the code of a cell that has not been met in this spelling.
    fn learn(&mut self, cell: &[u8], known: &mut HashMap<Vec<u8>, u32>) -> Result<u32, String> {
        let name = text(cell)?.trim();
        let code = if is_missing(name) {
            0
        } else if let Some(position) = known.get(name.as_bytes()) {
            *position
        } else {
            self.names.push(name.to_owned());
            u32::try_from(self.names.len()).map_err(|_| "too many categories".to_owned())?
        };
        known.insert(name.as_bytes().to_vec(), code);
        known.insert(cell.to_vec(), code);
        Ok(code)
    }
}

fn text(cell: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(cell).map_err(|_| "not UTF-8; save the file as UTF-8".to_owned())
}

fn guess<'a>(cells: impl Iterator<Item = &'a [u8]>) -> Kind {
    let (mut known, mut numbers) = (0_u64, 0_u64);
    for text in cells.filter_map(|cell| std::str::from_utf8(cell).ok()) {
        if !is_missing(text) {
            known += 1;
            numbers += u64::from(parse_number(text).is_ok());
        }
    }
    if numbers as f64 >= NUMERIC_SHARE * known as f64 {
        Kind::Numeric
    } else {
        Kind::Category
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, want: impl Fn(&str) -> Want) -> Result<ColumnTable, Refusal> {
        let open =
            || Ok(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())) as Box<dyn Bytes>);
        read_from(&open, want)
    }

    fn numbers(table: &ColumnTable, name: &str) -> Numbers {
        match table.column(name) {
            Some(Cells::Numbers(numbers)) => numbers.clone(),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn kinds_are_found_and_missing_cells_known() {
        let table = read("\u{feff}a, b ,c\n1, x ,2.0\nNA,null,3\n3,\"x\",\n", |_| {
            Want::Found
        })
        .unwrap();
        assert_eq!(table.header, ["a", "b", "c"]);
        let a = numbers(&table, "a");
        assert_eq!(
            (a.values[0], a.values[1].is_nan(), a.is_integer),
            (1.0, true, false)
        );
        let Some(Cells::Categories(b)) = table.column("b") else {
            panic!()
        };
        assert_eq!(
            (b.codes.as_slice(), b.names.as_slice()),
            (&[1, 0, 1][..], &["x".to_owned()][..])
        );
    }

    #[test]
    fn integers_are_told_from_numbers_with_a_point() {
        let table = read("a,b\n1,1\n-2,2.0\n", |_| Want::Found).unwrap();
        assert!(numbers(&table, "a").is_integer && !numbers(&table, "b").is_integer);
    }

    #[test]
    fn rows_after_the_first_ones_can_change_the_kind() {
        let late_text = format!(
            "a\n{}{}",
            "1\n".repeat(ROWS_TO_GUESS),
            "x\n".repeat(ROWS_TO_GUESS)
        );
        let table = read(&late_text, |_| Want::Found).unwrap();
        assert!(matches!(table.column("a"), Some(Cells::Categories(_))));
        let late_numbers = format!(
            "a\n{}{}",
            "x\n".repeat(ROWS_TO_GUESS),
            "1\n".repeat(20 * ROWS_TO_GUESS)
        );
        let table = read(&late_numbers, |_| Want::Found).unwrap();
        assert_eq!(numbers(&table, "a").unreadable, ROWS_TO_GUESS as u64);
    }

    #[test]
    fn what_is_wanted_is_what_is_read() {
        let want = |name: &str| match name {
            "id" => Want::Text,
            "left" => Want::Target(None),
            "size" => Want::Kind(Kind::Category),
            _ => Want::Skip,
        };
        let table = read("id,left,size,x\n a ,yes,1,y\nb,,2,y\n", want).unwrap();
        let Some(Cells::Texts(ids)) = table.column("id") else {
            panic!()
        };
        assert_eq!((ids.get(0), ids.get(1), ids.len()), ("a", "b", 2));
        assert_eq!(
            table.column("left"),
            Some(&Cells::Targets(vec![Some(true), None]))
        );
        assert!(matches!(table.column("size"), Some(Cells::Categories(_))));
        assert_eq!(table.column("x"), Some(&Cells::Skipped));
        let problem = read("left\n1\nmaybe\n", want).unwrap_err().0;
        assert!(
            problem.contains("line 3") && problem.contains("maybe"),
            "{problem}"
        );
    }

    #[test]
    fn files_that_cannot_be_used_say_why() {
        let problem = |text: &str| read(text, |_| Want::Found).unwrap_err().0;
        assert!(problem("").contains("empty"));
        assert!(problem("a,b\n").contains("no rows"));
        assert!(problem("a,a\n1,2\n").contains("twice"));
        assert!(problem("\u{feff}a,b\n1,\"cut off\n").contains("cut off"));
        let table = read("a,b\n1,2\n1\n3,4,5\n6,7\n", |_| Want::Found).unwrap();
        assert_eq!((table.n_rows, table.malformed), (2, Some((2, 3))));
    }
}
