//! Reading a table as text: every row with its line and its raw text, or the reason why the file as
//! a whole cannot be read.

use crate::cell;
use csv::StringRecord;
use std::collections::HashSet;
use std::ops::Range;

/// Why a file as a whole is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

/// A table of text.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// The names of the columns, without blanks around them.
    pub header: Vec<String>,
    /// The rows; some may have another number of cells than the header.
    pub rows: Vec<RawRow>,
    text: String,
}

/// Whether a cell is a client: that in the column of clients, or any where there is no such column.
#[must_use]
pub fn names_client(
    cells: &StringRecord,
    of_clients: Option<usize>,
    is_client: impl Fn(&str) -> bool,
) -> bool {
    match of_clients {
        Some(column) => cells.get(column).is_some_and(is_client),
        None => cells.iter().any(is_client),
    }
}

/// A row of text.
#[derive(Debug, Clone)]
pub struct RawRow {
    /// The line of the file it begins on, counted from 1 with the header.
    pub line: u64,
    /// Its cells.
    pub cells: StringRecord,
    span: Range<usize>,
}

impl RawTable {
    /// Whether a row names a client, as [`names_client`] tells by the column of that name.
    #[must_use]
    pub fn names_client(&self, column: &str, is_client: impl Fn(&str) -> bool) -> bool {
        let of_clients = self.header.iter().position(|name| name == column);
        let mut rows = self.rows.iter();
        rows.any(|row| names_client(&row.cells, of_clients, &is_client))
    }

    /// A table that did not come as CSV. The first row is line 2, as it would be in a file.
    ///
    /// # Errors
    /// When it has no rows, or two columns of the same name.
    pub fn new(header: Vec<String>, rows: Vec<Vec<String>>) -> Result<Self, Refusal> {
        check_header(&header)?;
        if rows.is_empty() {
            return Err(no_rows());
        }
        let rows = (2..)
            .zip(rows)
            .map(|(line, cells)| RawRow {
                line,
                cells: StringRecord::from(cells),
                span: 0..0,
            })
            .collect();
        Ok(Self {
            header,
            rows,
            text: String::new(),
        })
    }

    /// Reads CSV: UTF-8 with or without byte order mark, any line ends, quoted cells.
    ///
    /// # Errors
    /// When the file is empty, not UTF-8, ends inside a quoted cell, has no rows, or has two columns
    /// of the same name.
    pub fn from_csv(bytes: Vec<u8>) -> Result<Self, Refusal> {
        let mut text = decode(bytes)?;
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        if text.trim().is_empty() {
            return Err(Refusal("the file is empty".into()));
        }
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let unreadable = |error: csv::Error| Refusal(format!("cannot be read as CSV: {error}"));
        let header: Vec<String> = reader
            .headers()
            .map_err(unreadable)?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        let mut rows = Vec::new();
        let mut cells = StringRecord::new();
        let mut lines = Lines::default();
        while reader.read_record(&mut cells).map_err(unreadable)? {
            let end = reader.position().byte() as usize;
            rows.push(locate(&text, cells.clone(), end, &mut lines));
        }
        let last_line = rows
            .last()
            .map_or(0..text.len(), |row| row.span.start..text.len());
        if ends_inside_quotes(&text[last_line]) {
            return Err(Refusal(
                "a quoted cell is not closed: the file seems to be cut off".into(),
            ));
        }
        check_header(&header)?;
        if rows.is_empty() {
            return Err(no_rows());
        }
        Ok(Self { header, rows, text })
    }

    /// The text of a row as it stands in the file, without its line end.
    #[must_use]
    pub fn raw_text(&self, row: &RawRow) -> String {
        if !row.span.is_empty() {
            return self.text[row.span.clone()].to_owned();
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        // Writing a record to memory cannot fail.
        let _ = writer.write_record(&row.cells);
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8_lossy(&bytes)
            .trim_end_matches('\n')
            .to_owned()
    }

    /// The position of a column.
    #[must_use]
    pub fn position_of(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }
}

fn decode(bytes: Vec<u8>) -> Result<String, Refusal> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Refusal("the file is UTF-16; save it as UTF-8".into()));
    }
    let line_of = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = line_of(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        Refusal(format!(
            "not UTF-8: line {line} holds other bytes; save it as UTF-8"
        ))
    })?;
    match text.find('\0') {
        None => Ok(text),
        Some(position) => Err(Refusal(format!(
            "line {} holds zero bytes: the file is UTF-16, or damaged; save it as UTF-8",
            line_of(&text.as_bytes()[..position])
        ))),
    }
}

/// The reader's position before a record may lie before line ends and blank lines that belong to no
/// record; the row begins after them.
fn locate(text: &str, cells: StringRecord, end: usize, lines: &mut Lines) -> RawRow {
    let start = cells.position().map_or(end, |at| at.byte() as usize);
    let whole = &text[start..end.max(start)];
    let trimmed = whole.trim_start_matches(['\r', '\n']);
    let from = start + whole.len() - trimmed.len();
    let to = from + trimmed.trim_end_matches(['\r', '\n']).len();
    RawRow {
        line: lines.at(text, from),
        cells,
        span: from..to,
    }
}

/// Counts lines whatever their ends: LF, CR LF, or CR alone, which the reader itself does not count.
#[derive(Default)]
struct Lines {
    position: usize,
    ends: u64,
}

impl Lines {
    /// The line of a position that is not before the last one asked for, counted from 1.
    fn at(&mut self, text: &str, position: usize) -> u64 {
        let bytes = text.as_bytes();
        let is_end = |at: &usize| match bytes[*at] {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        self.ends += (self.position..position).filter(is_end).count() as u64;
        self.position = position.max(self.position);
        self.ends + 1
    }
}

/// Whether CSV text that begins at a row ends inside a quoted cell.
pub(crate) fn ends_inside_quotes(text: &str) -> bool {
    let (mut quoted, mut at_start) = (false, true);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
            }
            '"' if quoted => quoted = false,
            '"' if at_start => quoted = true,
            _ => {}
        }
        at_start = !quoted && matches!(character, ',' | '\n' | '\r');
    }
    quoted
}

pub(crate) fn check_header(header: &[String]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    match header.iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) if name.is_empty() => Err(Refusal(
            "two columns have no name in the header; give every column one".into(),
        )),
        Some(_) if !are_names(header) => Err(Refusal(
            "the first line holds values that are no names of columns; is the header missing?"
                .into(),
        )),
        Some(name) => Err(Refusal(format!(
            "the column {name} appears twice in the header"
        ))),
        None => Ok(()),
    }
}

/// Whether a header looks like names of columns and not like a row of data, which messages and logs
/// must not repeat.
#[must_use]
pub fn are_names(header: &[String]) -> bool {
    let is_value = |cell: &String| {
        cell::is_missing(cell)
            || cell::parse_number(cell).is_ok()
            || cell::parse_date(cell).is_some()
            || cell::parse_target(cell, None).is_some()
    };
    !header.iter().any(is_value)
}

pub(crate) fn no_rows() -> Refusal {
    Refusal("the file has a header but no rows".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RawTable {
        RawTable::from_csv(text.as_bytes().to_vec()).unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        RawTable::from_csv(bytes.to_vec()).unwrap_err().0
    }

    #[test]
    fn bom_crlf_quotes_and_blank_lines_are_read_with_true_line_numbers() {
        let table = read("\u{feff}a, b\r\n1,\"x\r\ny\"\r\n\r\n2,\"say \"\"hi\"\", z\"\r\n3,w");
        assert_eq!(table.header, ["a", "b"]);
        let lines: Vec<u64> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 5, 6]);
        assert_eq!(&table.rows[0].cells[1], "x\r\ny");
        assert_eq!(&table.rows[1].cells[1], "say \"hi\", z");
        assert_eq!(table.raw_text(&table.rows[1]), "2,\"say \"\"hi\"\", z\"");
        assert_eq!(table.raw_text(&table.rows[2]), "3,w");
    }

    #[test]
    fn lines_that_end_in_a_carriage_return_alone_are_counted() {
        let table = read("a,b\r1,2\r\r3,4\r");
        let lines: Vec<u64> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
    }

    #[test]
    fn rows_of_another_width_are_kept_for_the_check() {
        let table = read("a,b\n1\n1,2,3\n");
        assert_eq!(table.rows[0].cells.len(), 1);
        assert_eq!(table.rows[1].cells.len(), 3);
    }

    #[test]
    fn unreadable_files_say_why() {
        assert!(refusal(b"").contains("empty"));
        assert!(refusal(b"\r\n \n").contains("empty"));
        assert!(refusal(b"a,b\n").contains("no rows"));
        assert!(refusal(b"a,b\n1,\xff\n").contains("line 2"));
        assert!(refusal(b"\xff\xfea\0").contains("UTF-16"));
        assert!(refusal(b"a\0,\0b\0\n\0").contains("line 1 holds zero bytes"));
        assert!(refusal(b"a,b\n1,2\n3,\"cut").contains("not closed"));
        assert!(refusal(b"a,\"b").contains("not closed"));
        assert!(refusal(b"a,b,a\n1,2,3\n").contains("a appears twice"));
    }

    #[test]
    fn quotes_inside_a_plain_cell_close_nothing() {
        assert_eq!(&read("a,b\n1,5\" pipe\n").rows[0].cells[1], "5\" pipe");
        assert_eq!(&read("a,b\n1,\"x\"\"\"").rows[0].cells[1], "x\"");
    }

    #[test]
    fn a_table_from_elsewhere_has_the_text_it_would_have_as_csv() {
        let rows = vec![vec!["1".into(), "x,y".into()]];
        let table = RawTable::new(vec!["a".into(), "b".into()], rows).unwrap();
        assert_eq!(table.raw_text(&table.rows[0]), "1,\"x,y\"");
        assert_eq!(table.rows[0].line, 2);
    }
}
