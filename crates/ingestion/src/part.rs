//! Parts: what one version of a file was parsed into, named by its content and the way of parsing.

use crate::erased::Erased;
use anyhow::{Context, Result};
use dataset::{Lines, RawTable, Refusal, RejectedRow, Table, check};
use risk_core::schema::Schema;
use risk_core::{Run, files, hash, records};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What parsing one version of a file gave, besides the accepted rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartInfo {
    /// Version of the record.
    pub format_version: u32,
    /// Accepted rows.
    pub rows: u64,
    /// Rows that were not accepted.
    pub rejected: Vec<RejectedRow>,
    /// Rows of erased clients, which are dropped.
    #[serde(default)]
    pub erased: u64,
    /// The line of each accepted row; empty in parts of before lines were kept.
    #[serde(default)]
    pub lines: Lines,
    /// Columns that the schema does not know.
    pub ignored_columns: Vec<String>,
    /// Why the file as a whole cannot be read; there are no rows then.
    pub refusal: Option<String>,
}

impl PartInfo {
    /// Why the version is refused, where it is: it cannot be read, or too many rows are bad.
    pub fn refusal(&self, max_rejected_percent: f64) -> Option<String> {
        if self.refusal.is_some() {
            return self.refusal.clone();
        }
        let bad = self.rejected.len() as f64;
        let all = bad + self.rows as f64;
        let percent = 100.0 * bad / all;
        if self.rejected.len() < 20 || percent <= max_rejected_percent {
            return None;
        }
        let first = &self.rejected[0];
        Some(format!(
            "{bad} of {all} rows are bad ({percent:.1} %, more than {max_rejected_percent} %); the \
             first is line {}: {}{}",
            first.line,
            first.reasons_without_cells(),
            self.cure(all)
        ))
    }

    /// What to do about the bad rows, where most of them have one thing wrong.
    fn cure(&self, n_rows: f64) -> String {
        let bad = self.rejected.len();
        let words = (self.rejected.iter()).filter(|row| row.has_unknown_target());
        if words.count() == bad && bad as f64 > 0.1 * n_rows {
            return "; dataset.positive may say which other text means that the client left".into();
        }
        let mut columns: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &self.rejected {
            for column in row.texts_for_numbers() {
                *columns.entry(column).or_default() += 1;
            }
        }
        let texts = (self.rejected.iter()).filter(|row| row.texts_for_numbers().next().is_some());
        if 2 * texts.count() <= bad {
            return String::new();
        }
        let columns: Vec<String> = (columns.into_iter())
            .map(|(column, rows)| format!("{column} ({rows} rows)"))
            .collect();
        format!(
            "; text stands in the numeric columns {}: empty those cells, or list the columns with kind \
             category in dataset.features, or raise dataset.max_rejected_percent",
            columns.join(", ")
        )
    }
}

/// A part that was just made; the rows where there are any.
type Made = (PartInfo, Option<Table>);

/// The folder of the parts.
pub(crate) struct Parts {
    folder: PathBuf,
    erased: Erased,
    /// Where new parts go when nothing may be written.
    memory: Option<RefCell<HashMap<String, Made>>>,
}

impl Parts {
    pub fn of(run: &Run) -> Result<Self> {
        Ok(Self {
            folder: run.layout.parts(),
            erased: Erased::of(run)?,
            memory: None,
        })
    }

    /// Parts that are read from the folder, while new ones are only kept in memory.
    pub fn in_memory(run: &Run) -> Result<Self> {
        Ok(Self {
            memory: Some(RefCell::default()),
            ..Self::of(run)?
        })
    }

    /// A name for the list of erased clients as it is; `None` where nobody was erased.
    pub fn erased_clients(&self) -> Option<String> {
        self.erased.clients.fingerprint()
    }

    /// Drops the rows of erased clients from all parts that are kept.
    pub fn drop_erased(&self) -> Result<()> {
        for part in self.names()? {
            let Some(info) = self.info(&part)? else {
                continue;
            };
            let rows = self.rows_path(&part);
            let is_erased = |client: &str| self.erased.clients.contains(client);
            let kept = if info.refusal.is_none() {
                compile::rows_without(&rows, &self.erased.client_id, is_erased)?
            } else {
                None
            };
            let updated = self.erased.drop_from(&info, kept.as_deref());
            // First what is said about the rows: a run that is killed in between finds more rows
            // than are said to be there, and drops the same ones again.
            if updated != info {
                files::write_json(&self.info_path(&part), &updated)?;
            }
            if let Some(kept) = kept {
                compile::keep_rows(&rows, &kept)?;
            }
        }
        Ok(())
    }

    /// The names of all parts that are kept, of whichever input folder.
    pub fn names(&self) -> Result<Vec<String>> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Ok(Vec::new());
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            if is_part(&stem) && path.extension().is_some_and(|end| end == "json") {
                names.push(stem.into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The name of the part of a content, or of what another part holds, under a schema.
    pub fn name(sha256: &str, schema: Option<&Schema>) -> String {
        let parsing = schema.map(Schema::parsing_fingerprint);
        hash::sha256_hex(format!("{sha256} {}", parsing.unwrap_or_default()))[..32].to_owned()
    }

    /// What is known of a part, `None` where it has to be made.
    pub fn info(&self, part: &str) -> Result<Option<PartInfo>> {
        let memory = self.memory.as_ref().map(RefCell::borrow);
        if let Some((info, _)) = memory.as_ref().and_then(|memory| memory.get(part)) {
            return Ok(Some(info.clone()));
        }
        let path = self.info_path(part);
        let Some(bytes) = files::read_if_exists(&path)? else {
            return Ok(None);
        };
        let info: PartInfo = records::parse(&bytes).with_context(|| path.display().to_string())?;
        let whole = info.refusal.is_some() || self.rows_path(part).exists();
        Ok(whole.then_some(info))
    }

    /// Parses a table under a schema and keeps the result as a part.
    pub fn make(
        &self,
        part: &str,
        raw: Result<&RawTable, Refusal>,
        schema: &Schema,
    ) -> Result<PartInfo> {
        let (info, table) = match raw.and_then(|raw| Ok((raw, check(raw, schema, false)?))) {
            Err(Refusal(reason)) => (self.refused(reason), None),
            Ok((raw, checked)) => {
                let (checked, erased) = self.erased.drop_new(raw, checked);
                let lines = checked
                    .accepted
                    .iter()
                    .map(|row| raw.rows[*row].line)
                    .collect();
                let info = PartInfo {
                    format_version: records::FORMAT_VERSION,
                    rows: checked.table.n_rows() as u64,
                    erased,
                    lines,
                    rejected: checked.rejected,
                    ignored_columns: checked.ignored_columns,
                    refusal: None,
                };
                (info, Some(checked.table))
            }
        };
        self.keep(part, info.clone(), table)?;
        Ok(info)
    }

    fn keep(&self, part: &str, info: PartInfo, table: Option<Table>) -> Result<()> {
        if let Some(memory) = &self.memory {
            memory.borrow_mut().insert(part.to_owned(), (info, table));
            return Ok(());
        }
        if let Some(table) = table {
            compile::write_part(&self.rows_path(part), &table)?;
        }
        // Last, so that a part with an info is whole.
        files::write_json(&self.info_path(part), &info)
    }

    fn refused(&self, reason: String) -> PartInfo {
        PartInfo {
            format_version: records::FORMAT_VERSION,
            rows: 0,
            erased: 0,
            lines: Lines::default(),
            rejected: Vec::new(),
            ignored_columns: Vec::new(),
            refusal: Some(reason),
        }
    }

    /// Reads the accepted rows of a part.
    pub fn rows(&self, part: &str, schema: &Schema) -> Result<Table> {
        let memory = self.memory.as_ref().map(RefCell::borrow);
        if let Some((_, Some(table))) = memory.as_ref().and_then(|memory| memory.get(part)) {
            return Ok(table.clone());
        }
        let table = compile::read_part(&self.rows_path(part), schema)?;
        Ok(self.erased.drop_rows(table))
    }

    /// The accepted rows of a part as text, whatever the schema they were parsed under, with the
    /// lines they had in their file.
    pub fn text(&self, part: &str) -> Result<Result<RawTable, Refusal>> {
        let path = self.rows_path(part);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let lines = self.info(part)?.map(|info| info.lines).unwrap_or_default();
        Ok(compile::read_parquet(bytes).map(|mut raw| {
            for (row, raw_row) in (0..).zip(&mut raw.rows) {
                raw_row.line = lines.line(row).unwrap_or(raw_row.line);
            }
            raw
        }))
    }

    /// Removes the parts that are of no use any more.
    pub fn remove_all_but(&self, used: &HashSet<&str>) -> Result<()> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Ok(());
        };
        for entry in entries {
            let path = entry?.path();
            if !is_unused(&path, used) {
                continue;
            }
            files::remove(&path)?;
        }
        Ok(())
    }

    fn info_path(&self, part: &str) -> PathBuf {
        self.folder.join(format!("{part}.json"))
    }

    fn rows_path(&self, part: &str) -> PathBuf {
        self.folder.join(format!("{part}.parquet"))
    }
}

/// Whether a path is a part (32 hexadecimal digits) that nothing refers to.
fn is_unused(path: &Path, used: &HashSet<&str>) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    is_part(&stem) && !used.contains(stem.as_ref())
}

fn is_part(stem: &str) -> bool {
    stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}
