//! Files on which a run died.
//!
//! The reader of Parquet takes some damaged counts at their word and asks for more memory than any
//! machine has, which ends the program on the spot. Such a file must not stop every run that
//! follows, so each attempt is noted on disk before it begins.

use anyhow::Result;
use dataset::Refusal;
use risk_core::{Run, files};
use std::path::PathBuf;

/// A run may have been killed for another reason, so one more is allowed.
const DEATHS: usize = 2;

/// The notes of attempts: beside the parts, one for each content, a mark for each attempt.
pub(crate) struct Attempts {
    folder: PathBuf,
    /// Whether this run may write; else it only keeps away from what others died on.
    noted: bool,
}

impl Attempts {
    pub fn new(run: &Run) -> Self {
        Self {
            folder: run.layout.parts(),
            noted: run.history().is_ok(),
        }
    }

    /// Reads the content with this hash, unless too many runs have died while they did.
    pub fn read<T>(
        &self,
        sha256: &str,
        read: impl FnOnce() -> Result<Result<T, Refusal>>,
    ) -> Result<Result<T, Refusal>> {
        let note = self.folder.join(format!("{sha256}.reading"));
        let died = files::read_if_exists(&note)?.map_or(0, |marks| marks.len());
        if died >= DEATHS {
            return Ok(Err(Refusal(format!(
                "{DEATHS} runs died while reading it: the file is damaged, or too large for this \
                 machine; write it anew, or in pieces"
            ))));
        }
        if !self.noted {
            return read();
        }
        files::write(&note, "+".repeat(died + 1))?;
        let result = read();
        files::remove(&note)?;
        result
    }
}
