//! What is published about each client, as the history keeps it.

use crate::book::Book;
use crate::contacts::{ContactList, Entry};
use anyhow::Result;
use dataset::{CompiledData, ModelInput};
use risk_core::history::{Prediction, PublishedBook};
use risk_core::release::Release;
use risk_core::run::Run;
use std::collections::HashMap;

/// Records the whole book with a list, before anybody sees the list.
///
/// # Errors
/// When the history cannot be written.
pub fn record(
    run: &Run,
    release: &Release,
    compiled: &CompiledData,
    book: &Book,
    list: &ContactList,
) -> Result<()> {
    let model = &release.model;
    let input = ModelInput::new(model, book.table.schema())?;
    let row_of: HashMap<&str, usize> = (0..book.table.n_rows())
        .map(|row| (book.table.client_id(row), row))
        .collect();
    let prediction = |entry| prediction(entry, &row_of, book, &input, release);
    let predictions: Vec<Prediction<'_>> = list.entries.iter().filter_map(prediction).collect();
    let files = [compiled.files.as_slice(), &book.files].concat();
    let published = PublishedBook {
        published_at: run.now,
        model_folder: &run.config.relative(run.layout.model()),
        list_id: &list.list_id,
        release: release.id(),
        model_id: &model.model_id,
        threshold: model.threshold,
        input_folder: &compiled.input_folder,
        files: &files,
    };
    run.history()?.record_predictions(&published, &predictions)
}

/// What is said about one client of the list. Its risk is that of the model, before it is rounded.
fn prediction<'a>(
    entry: &'a Entry,
    row_of: &HashMap<&str, usize>,
    book: &Book,
    input: &ModelInput<'_>,
    release: &Release,
) -> Option<Prediction<'a>> {
    let row = *row_of.get(entry.client_id.as_str())?;
    let values = input.values(&book.table, row);
    let origin = book.origins.get(row).copied().flatten();
    Some(Prediction {
        client: &entry.client_id,
        observed_at: book.table.observed_at(row),
        rank: entry.rank,
        risk: release.model.risk(&values),
        score: release.model.log_odds(&values),
        contract_value: entry.contract_value,
        reasons: &entry.reasons,
        file: origin.map(|origin| origin.file),
        line: origin.and_then(|origin| origin.line),
    })
}
