//! The inputs as tables of text.

use crate::attempts::Attempts;
use crate::discover::Input;
use anyhow::Result;
use dataset::{RawTable, Refusal};
use risk_core::Run;
use std::collections::HashMap;

/// The inputs as tables of text, each read at most once.
pub(crate) struct Tables<'a> {
    inputs: &'a [Input],
    attempts: Attempts,
    read: HashMap<usize, Result<RawTable, Refusal>>,
}

impl<'a> Tables<'a> {
    pub fn new(inputs: &'a [Input], run: &Run) -> Self {
        Self {
            inputs,
            attempts: Attempts::new(run),
            read: HashMap::new(),
        }
    }

    /// The table of the input at a position; the inner error is about its content.
    pub fn table(&mut self, index: usize) -> Result<Result<&RawTable, Refusal>> {
        if !self.read.contains_key(&index) {
            let input = &self.inputs[index];
            let table = if input.is_parquet() {
                self.attempts.read(&input.sha256, || input.read())?
            } else {
                input.read()?
            };
            self.read.insert(index, table);
        }
        Ok(self.read[&index].as_ref().map_err(Clone::clone))
    }

    /// All inputs that can be read, in name order.
    pub fn all_readable(&mut self) -> Result<Vec<&RawTable>> {
        for index in 0..self.inputs.len() {
            let _ = self.table(index)?;
        }
        Ok((0..self.inputs.len())
            .filter_map(|index| self.read[&index].as_ref().ok())
            .collect())
    }
}
