//! The book: the clients to be scored, and their risks.

use anyhow::Result;
use dataset::{CompiledData, Labels, Origin, Origins, RejectedRow, Table, read_clients};
use risk_core::erased::ErasedClients;
use risk_core::model::Model;
use risk_core::records::IngestedFile;
use risk_core::run::Run;
use risk_core::schema::{Column, Kind, Role, Schema};
use std::path::Path;

/// The clients to be scored, each once.
#[derive(Debug, Clone)]
pub struct Book {
    /// A row for each client.
    pub table: Table,
    /// True where the clients stand in that stayed: rows the model was trained on, about which no
    /// count of leavers can be expected.
    pub from_training_rows: bool,
    /// The rows of the client files that were not accepted, with the name of their file.
    pub rejected: Vec<(String, RejectedRow)>,
    /// The client files, where the book is given as files.
    pub files: Vec<IngestedFile>,
    /// Where each row came from, where that is known: a position among the ingested files followed
    /// by the client files, and a line.
    pub origins: Vec<Option<Origin>>,
}

/// Reads the book: the files of `clients_path` where that is set, else the open clients of the
/// compiled data.
///
/// # Errors
/// As [`dataset::read_clients`].
pub fn read(run: &Run, model: &Model, compiled: &CompiledData, table: &Table) -> Result<Book> {
    let labels = Labels::new(&run.config, run.now);
    match &run.config.clients_path {
        Some(path) => {
            let erased = ErasedClients::read(&run.layout)?;
            let mut schema = schema(model, run);
            // Labels join to dated predictions only.
            if let Some(date) = &run.config.dataset.observed_at
                && dataset::clients_have(path, date)?
            {
                let date = Column::new(date, Role::ObservedAt, Kind::Category);
                schema.columns.push(date);
            }
            from_files(path, &schema, &labels, &erased, compiled.files.len())
        }
        None => Ok(from_compiled(table, &labels, &origins(run, compiled))),
    }
}

/// They are for the record only, and may not keep the list from those who wait for it.
fn origins(run: &Run, compiled: &CompiledData) -> Option<Origins> {
    dataset::read_origins(&run.layout, compiled).unwrap_or_else(|error| {
        tracing::warn!("{error:#}; the list is recorded without the lines of its rows");
        None
    })
}

fn from_files(
    path: &Path,
    schema: &Schema,
    labels: &Labels,
    erased: &ErasedClients,
    n_ingested: usize,
) -> Result<Book> {
    let data = read_clients(path, schema)?;
    // There are no targets, so every client is open; of several rows the newest by date counts, or the last one.
    let mut rows = dataset::book(&data.table, labels).rows;
    rows.retain(|row| !erased.contains(data.table.client_id(*row)));
    let origin = |row: &usize| {
        let origin = data.origins[*row];
        Some(Origin {
            file: n_ingested + origin.file,
            ..origin
        })
    };
    let files = data.files.iter().zip(&data.sha256);
    Ok(Book {
        table: data.table.select(&rows),
        from_training_rows: false,
        origins: rows.iter().map(origin).collect(),
        files: files
            .map(|(name, sha256)| IngestedFile {
                name: name.clone(),
                sha256: sha256.clone(),
            })
            .collect(),
        rejected: data.rejected,
    })
}

fn from_compiled(compiled: &Table, labels: &Labels, origins: &Option<Origins>) -> Book {
    let found = dataset::book(compiled, labels);
    Book {
        table: compiled.select(&found.rows),
        from_training_rows: found.from_training_rows,
        rejected: Vec::new(),
        files: Vec::new(),
        origins: found
            .rows
            .iter()
            .map(|row| origins.as_ref().and_then(|origins| origins.of(*row)))
            .collect(),
    }
}

/// The columns of a file of clients: id, features, contract value, and who looks after a client.
fn schema(model: &Model, run: &Run) -> Schema {
    let mut schema = model.schema(false);
    let config = &run.config;
    for (name, kind) in [
        (&config.dataset.contract_value, Kind::Numeric),
        (&config.contacts.assign_by, Kind::Category),
    ] {
        if let Some(name) = name
            && schema.position_of(name).is_none()
        {
            schema.columns.push(Column::new(name, Role::Carried, kind));
        }
    }
    schema
}
