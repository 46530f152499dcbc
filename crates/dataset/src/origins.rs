//! Where rows came from: the line of each accepted row of a file, and the file and line of each row
//! of the compiled data. Both are kept as runs, since rows mostly follow one another.

use crate::compiled::CompiledData;
use anyhow::{Result, bail};
use risk_core::{Layout, files, records};
use serde::{Deserialize, Serialize};

/// The lines of the rows of a part, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines(Vec<(u64, u64)>);

impl FromIterator<u64> for Lines {
    fn from_iter<I: IntoIterator<Item = u64>>(lines: I) -> Self {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for (row, line) in (0..).zip(lines) {
            match runs.last() {
                Some((first, begins)) if begins + (row - first) == line => {}
                _ => runs.push((row, line)),
            }
        }
        Self(runs)
    }
}

impl Lines {
    /// The line on which a row begins; `None` where lines are not known.
    #[must_use]
    pub fn line(&self, row: u64) -> Option<u64> {
        let after = self.0.partition_point(|(first, _)| *first <= row);
        let (first, begins) = self.0.get(after.checked_sub(1)?)?;
        Some(begins + (row - first))
    }
}

/// The file and the line of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The position of the file among the files of the data.
    pub file: usize,
    /// The line on which the row begins, counted from 1 with the header, where known.
    pub line: Option<u64>,
}

/// The file and the line of every row of the compiled data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// Version of the record.
    pub format_version: u32,
    /// SHA-256 of the compiled data.
    pub sha256: String,
    /// First row, file and first line of each run of rows.
    runs: Vec<(u64, usize, Option<u64>)>,
}

impl Origins {
    /// The origins of the rows of the compiled data with this SHA-256, in order.
    #[must_use]
    pub fn new(sha256: String, rows: impl IntoIterator<Item = Origin>) -> Self {
        let mut runs: Vec<(u64, usize, Option<u64>)> = Vec::new();
        for (row, origin) in (0..).zip(rows) {
            let continues = runs.last().is_some_and(|(first, file, begins)| {
                *file == origin.file && begins.map(|begins| begins + (row - first)) == origin.line
            });
            if !continues {
                runs.push((row, origin.file, origin.line));
            }
        }
        Self {
            format_version: records::FORMAT_VERSION,
            sha256,
            runs,
        }
    }

    /// The origin of a row.
    #[must_use]
    pub fn of(&self, row: usize) -> Option<Origin> {
        let row = row as u64;
        let after = self.runs.partition_point(|(first, ..)| *first <= row);
        let (first, file, begins) = *self.runs.get(after.checked_sub(1)?)?;
        Some(Origin {
            file,
            line: begins.map(|begins| begins + (row - first)),
        })
    }
}

/// Reads the origins of the rows of the compiled data; `None` where they are not known, as in data
/// that was compiled before they were kept.
///
/// # Errors
/// When they cannot be read or are of other data.
pub fn read_origins(layout: &Layout, compiled: &CompiledData) -> Result<Option<Origins>> {
    let path = layout.data_origins();
    if files::read_if_exists(&path)?.is_none() {
        return Ok(None);
    }
    let origins: Origins = records::read(&path, "origins of the compiled data", "ingestion")?;
    if origins.sha256 != compiled.sha256 {
        bail!("{} is of other data; run ingestion again", path.display());
    }
    Ok(Some(origins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_runs() {
        let lines: Lines = [2, 3, 4, 7, 8, 20].into_iter().collect();
        assert_eq!(lines.0.len(), 3);
        let found: Vec<_> = (0..6).map(|row| lines.line(row)).collect();
        assert_eq!(found, [2, 3, 4, 7, 8, 20].map(Some));
        assert_eq!(Lines::default().line(0), None);
    }

    #[test]
    fn every_row_has_its_origin() {
        let rows = [
            (0, Some(2)),
            (0, Some(3)),
            (0, Some(9)),
            (1, None),
            (1, None),
            (2, Some(10)),
        ]
        .map(|(file, line)| Origin { file, line });
        let origins = Origins::new("x".into(), rows);
        assert_eq!(origins.runs.len(), 4);
        for (row, origin) in rows.iter().enumerate() {
            assert_eq!(origins.of(row).as_ref(), Some(origin));
        }
        assert_eq!(Origins::new("x".into(), []).of(0), None);
    }
}
