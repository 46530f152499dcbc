//! Dropping the rows of erased clients.

use crate::part::PartInfo;
use anyhow::Result;
use dataset::{Checked, RawTable, RejectedRow, Table};
use risk_core::Run;
use risk_core::erased::ErasedClients;
use std::collections::HashSet;

/// The erased clients and the column that names them.
pub(crate) struct Erased {
    pub clients: ErasedClients,
    pub client_id: String,
}

impl Erased {
    pub fn of(run: &Run) -> Result<Self> {
        Ok(Self {
            clients: ErasedClients::read(&run.layout)?,
            client_id: run.config.dataset.client_id.clone(),
        })
    }

    /// What was checked without the rows of erased clients, and how many those were.
    pub fn drop_new(&self, raw: &RawTable, mut checked: Checked) -> (Checked, u64) {
        if self.clients.is_empty() {
            return (checked, 0);
        }
        let before = checked.table.n_rows() + checked.rejected.len();
        let kept = self.kept(&checked.table);
        checked.accepted = kept.iter().map(|row| checked.accepted[*row]).collect();
        checked.table = checked.table.select(&kept);
        let lines: HashSet<u64> = raw
            .rows
            .iter()
            .filter(|row| row.cells.iter().any(|cell| self.clients.contains(cell)))
            .map(|row| row.line)
            .collect();
        checked.rejected.retain(|row| !lines.contains(&row.line));
        let after = checked.table.n_rows() + checked.rejected.len();
        (checked, (before - after) as u64)
    }

    /// A table without the rows of erased clients.
    pub fn drop_rows(&self, table: Table) -> Table {
        if self.clients.is_empty() {
            return table;
        }
        let kept = self.kept(&table);
        if kept.len() == table.n_rows() {
            table
        } else {
            table.select(&kept)
        }
    }

    /// What is said about a part of which only the rows at these positions are kept (all where
    /// none are given), without its bad rows of erased clients.
    pub fn drop_from(&self, info: &PartInfo, kept: Option<&[usize]>) -> PartInfo {
        let mut updated = info.clone();
        updated.rejected.retain(|row| !self.names_erased(row));
        if let Some(kept) = kept
            && kept.len() as u64 != info.rows
        {
            let lines = kept.iter().filter_map(|row| info.lines.line(*row as u64));
            updated.lines = lines.collect();
            updated.rows = kept.len() as u64;
        }
        let all = |info: &PartInfo| info.rows + info.rejected.len() as u64;
        updated.erased += all(info) - all(&updated);
        updated
    }

    fn kept(&self, table: &Table) -> Vec<usize> {
        (0..table.n_rows())
            .filter(|row| !self.clients.contains(table.client_id(*row)))
            .collect()
    }

    /// Whether any cell of a bad row is an erased client: its cells may have been shifted.
    fn names_erased(&self, row: &RejectedRow) -> bool {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(row.row.as_bytes());
        let mut cells = reader.records().flatten();
        cells.any(|cells| cells.iter().any(|cell| self.clients.contains(cell)))
    }
}
