//! Where a client is named: in the kept parts, and in the files that are handed in.

use crate::discover::Discovery;
use crate::part::Parts;
use crate::tables::Tables;
use anyhow::Result;
use risk_core::Run;

/// Whether any part that is kept holds a row of a client, accepted or not.
///
/// # Errors
/// When a part cannot be read.
pub fn is_known(run: &Run, client: &str) -> Result<bool> {
    let parts = Parts::of(run)?;
    for part in parts.names()? {
        let Some(info) = parts.info(&part)? else {
            continue;
        };
        if info.rejected.iter().any(|row| has_cell(&row.row, client)) {
            return Ok(true);
        }
        if info.refusal.is_none()
            && let Ok(rows) = parts.text(&part)?
            && rows.names_client(&run.config.dataset.client_id, |cell| cell == client)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The names of the input files and sources with a cell that is this client.
///
/// # Errors
/// When the input folder cannot be listed.
pub fn inputs_that_name(run: &Run, client: &str) -> Result<Vec<String>> {
    let found = Discovery::of(run)?;
    let mut tables = Tables::new(&found.inputs, run);
    let mut naming = Vec::new();
    for (position, input) in found.inputs.iter().enumerate() {
        if let Ok(rows) = tables.table(position)?
            && rows.names_client(&run.config.dataset.client_id, |cell| cell == client)
        {
            naming.push(input.name.clone());
        }
    }
    Ok(naming)
}

/// Whether a cell of a row that was not accepted, of whatever column, is the client; also where it is no
/// CSV any more.
fn has_cell(row: &str, client: &str) -> bool {
    const MARKS: [char; 4] = [',', '"', '\n', '\r'];
    match client.contains(MARKS) {
        true => row.contains(client),
        false => row.split(MARKS).any(|cell| cell.trim() == client),
    }
}
