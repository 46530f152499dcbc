//! The lines of a CSV file that quotes nothing, as programs write most tables.
//!
//! Such a file is split at its commas and line ends, which takes half the time of the general reader.
//! Whatever the two could see differently (a quote, a carriage return, an empty line) is left to that
//! one, so both give the same table.

use std::io::{BufRead, BufReader, Error, Read};

/// Reads lines one after the other.
pub(crate) struct PlainLines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    number: u64,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next<'a> {
    /// A line, without its end, that holds at least one byte, and its number from 1.
    Line(&'a [u8], u64),
    /// Nothing.
    End,
    /// A line that only the general reader can read.
    NotPlain,
}

impl<R: Read> PlainLines<R> {
    pub fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(1 << 18, source),
            line: Vec::new(),
            number: 0,
        }
    }

    pub fn next(&mut self) -> Result<Next<'_>, Error> {
        self.line.clear();
        if self.source.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(Next::End);
        }
        self.number += 1;
        self.line.pop_if(|byte| *byte == b'\n');
        let is_plain = !self.line.is_empty() && count(&self.line, |b| b == b'"' || b == b'\r') == 0;
        Ok(if is_plain {
            Next::Line(&self.line, self.number)
        } else {
            Next::NotPlain
        })
    }
}

/// The cells of a line.
pub(crate) fn cells(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',')
}

/// How many cells a line has.
pub(crate) fn n_cells(line: &[u8]) -> usize {
    1 + count(line, |byte| byte == b',')
}

/// Bytes counted in blocks, which the compiler turns into a few vector instructions.
fn count(line: &[u8], is_counted: impl Fn(u8) -> bool) -> usize {
    let blocks = line.chunks(128);
    let in_block = |block: &[u8]| {
        block
            .iter()
            .fold(0_u8, |n, byte| n + u8::from(is_counted(*byte)))
    };
    blocks.map(|block| usize::from(in_block(block))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_what_is_not_plain_is_told() {
        let mut lines = PlainLines::new("a,b\n,\nlast".as_bytes());
        assert_eq!(lines.next().unwrap(), Next::Line(b"a,b", 1));
        assert_eq!(lines.next().unwrap(), Next::Line(b",", 2));
        assert_eq!(lines.next().unwrap(), Next::Line(b"last", 3));
        assert_eq!(lines.next().unwrap(), Next::End);
        for text in ["\"a\",b\n", "a,b\r\n", "\na,b\n"] {
            let mut lines = PlainLines::new(text.as_bytes());
            assert_eq!(lines.next().unwrap(), Next::NotPlain, "{text:?}");
        }
    }

    #[test]
    fn cells_are_what_the_commas_leave() {
        let line = [b"a,,".to_vec(), vec![b','; 1000]].concat();
        assert_eq!(n_cells(&line), cells(&line).count());
        assert_eq!(cells(b"a,,b").collect::<Vec<_>>(), [&b"a"[..], b"", b"b"]);
    }
}
