//! The line of a row, found again where a message needs it: to keep them all would take memory that
//! hardly any file ever needs.

use super::{Bytes, Open, after_byte_order_mark, cannot_read};
use csv::ByteRecord;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// The line of a CSV file, from 1, that a row of [`super::read_columns`] begins on; rows are counted from 0,
/// without those that are left out. `None` where the file cannot be read or has no such row.
#[must_use]
pub fn line_of_row(path: &Path, row: usize) -> Option<u64> {
    let open = || {
        let file = File::open(path).map_err(cannot_read)?;
        Ok(Box::new(file) as Box<dyn Bytes>)
    };
    line_in(&open, row)
}

fn line_in(open: &Open<'_>, row: usize) -> Option<u64> {
    let mut source = open().ok()?;
    let start = after_byte_order_mark(&mut source).ok()?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let n_cells = reader.byte_headers().ok()?.len();
    let (mut record, mut rows_before) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).ok()? {
        if record.len() != n_cells {
            continue;
        }
        if rows_before == row {
            return Some(line_at(open().ok(), start + record.position()?.byte()));
        }
        rows_before += 1;
    }
    None
}

/// The line, from 1, of the first byte at or after a position that ends no line; whatever ends lines: LF,
/// CR LF or CR. 0 where the source cannot be read.
pub(super) fn line_at(source: Option<Box<dyn Bytes>>, position: u64) -> u64 {
    let Some(source) = source else { return 0 };
    let (mut line, mut previous) = (1, 0);
    for (at, byte) in (0..).zip(BufReader::new(source).bytes()) {
        let Ok(byte) = byte else { return 0 };
        line += u64::from(previous == b'\r' && byte != b'\n');
        if at >= position && !b"\r\n".contains(&byte) {
            break;
        }
        line += u64::from(byte == b'\n');
        previous = byte;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_row_has_the_line_that_an_editor_shows() {
        let lf = "\u{feff}a,b\n1,2\n\n\"x\ny\",2\n3\n5,6";
        let lines = [Some(2), Some(4), Some(7), None];
        for end in ["\n", "\r\n", "\r"] {
            let bytes = lf.replace('\n', end).into_bytes();
            let open = || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Bytes>);
            for (row, line) in lines.into_iter().enumerate() {
                assert_eq!(line_in(&open, row), line, "{end:?} row {row}");
            }
        }
        assert_eq!(line_of_row(Path::new("/no such file"), 0), None);
    }
}
