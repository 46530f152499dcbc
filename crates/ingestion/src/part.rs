//! Parts: what one version of a file was parsed into, named by its content and the way of parsing.

use anyhow::{Context, Result};
use dataset::{RawTable, Refusal, RejectedRow, Table, check};
use risk_core::schema::Schema;
use risk_core::{files, hash, records};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
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
             first is line {}: {}",
            first.line,
            first.reasons_without_cells()
        ))
    }
}

/// A part that was just made; the rows where there are any.
type Made = (PartInfo, Option<Table>);

/// The folder of the parts.
pub(crate) struct Parts {
    folder: PathBuf,
    /// Where new parts go when nothing may be written.
    memory: Option<RefCell<HashMap<String, Made>>>,
}

impl Parts {
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            memory: None,
        }
    }

    /// Parts that are read from the folder, while new ones are only kept in memory.
    pub fn in_memory(folder: PathBuf) -> Self {
        Self {
            folder,
            memory: Some(RefCell::default()),
        }
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
        let (info, table) = match raw.and_then(|raw| check(raw, schema, false)) {
            Err(Refusal(reason)) => (self.refused(reason), None),
            Ok(checked) => {
                let info = PartInfo {
                    format_version: records::FORMAT_VERSION,
                    rows: checked.table.n_rows() as u64,
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
        compile::read_part(&self.rows_path(part), schema)
    }

    /// The accepted rows of a part as text, whatever the schema they were parsed under.
    pub fn text(&self, part: &str) -> Result<Result<RawTable, Refusal>> {
        let path = self.rows_path(part);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(compile::read_parquet(bytes))
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
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
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
    let is_part = stem.len() == 32 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_part && !used.contains(stem.as_ref())
}
