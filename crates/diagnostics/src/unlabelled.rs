//! The clients to be scored, whose outcome is not known yet, and who are known to be there still.

use anyhow::Result;
use dataset::{Labels, Table, book, newest_snapshot, read_clients};
use risk_core::Run;
use risk_core::erased::ErasedClients;
use risk_core::model::Model;

/// The rows of the book: those of the client files, where there are such, else the open clients of the
/// compiled data. Clients that the newest snapshot of the book lacks are left out: they may have left
/// already. `None` where rows that are labelled would stand in for them.
///
/// # Errors
/// When the client files cannot be used.
pub fn unlabelled(run: &Run, model: &Model, compiled: &Table) -> Result<Option<Table>> {
    let files = match &run.config.clients_path {
        Some(path) => Some(read_clients(path, &model.schema(false))?.table),
        None => None,
    };
    let table = files.as_ref().unwrap_or(compiled);
    let found = book(table, &Labels::new(&run.config, run.now));
    if found.from_training_rows {
        return Ok(None);
    }
    let erased = ErasedClients::read(&run.layout)?;
    let mut rows = found.rows;
    rows.retain(|row| !erased.contains(table.client_id(*row)));
    let newest = newest_snapshot(rows.iter().map(|row| table.observed_at(*row)));
    rows.retain(|row| newest.is_none() || table.observed_at(*row) >= newest);
    Ok(Some(table.select(&rows)))
}
