//! The threshold at which the capacity for calls is used up: it needs the book.

use crate::threshold::of_capacity;
use anyhow::Result;
use dataset::{Labels, ModelInput, Table, book, read_clients};
use risk_core::Run;
use risk_core::erased::ErasedClients;
use risk_core::model::Model;
use risk_core::schema::{Column, Kind, Role};
use std::collections::HashSet;

/// The risk from which on as many clients of the book as can be called are predicted to leave; none
/// for an empty book. With `contacts.assign_by` the capacity is that of all managers together. The book
/// is that of the compiled data, unless there is `clients_path`.
///
/// # Errors
/// When the book cannot be read or lacks a feature of the model.
pub(crate) fn threshold_at_capacity(
    run: &Run,
    compiled: &Table,
    model: &Model,
) -> Result<Option<f64>> {
    let table = clients(run, compiled, model)?;
    let risks = ModelInput::new(model, table.schema())?.risks(&table);
    let capacity = u64::from(run.config.contacts.capacity) * n_managers(run, &table);
    Ok(of_capacity(risks, capacity))
}

/// The clients to be scored, one row each.
fn clients(run: &Run, compiled: &Table, model: &Model) -> Result<Table> {
    let labels = Labels::new(&run.config, run.now);
    let Some(path) = &run.config.clients_path else {
        return Ok(compiled.select(&book(compiled, &labels).rows));
    };
    let mut schema = model.schema(false);
    if let Some(name) = &run.config.contacts.assign_by
        && schema.position_of(name).is_none()
    {
        schema
            .columns
            .push(Column::new(name, Role::Carried, Kind::Category));
    }
    let erased = ErasedClients::read(&run.layout)?;
    let table = read_clients(path, &schema)?.table;
    let mut rows = book(&table, &labels).rows;
    rows.retain(|row| !erased.contains(table.client_id(*row)));
    Ok(table.select(&rows))
}

/// How many different people look after clients of the book; 1 where that is not known.
fn n_managers(run: &Run, table: &Table) -> u64 {
    let assign_by = run.config.contacts.assign_by.as_deref();
    let Some(position) = assign_by.and_then(|name| table.schema().position_of(name)) else {
        return 1;
    };
    let column = table.column(position);
    let names: HashSet<_> = (0..table.n_rows())
        .map(|row| column.cell(row))
        .filter(|name| !name.is_empty())
        .collect();
    (names.len() as u64).max(1)
}
