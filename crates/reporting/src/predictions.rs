//! What is published about each client, as the history keeps it.

use crate::book::Book;
use crate::list::{ContactList, ScoredBook};
use anyhow::Result;
use dataset::{CompiledData, KeptCells, ModelInput};
use risk_core::history::{Prediction, PublishedBook};
use risk_core::release::Release;
use risk_core::run::Run;
use std::collections::HashMap;

/// Records the whole book with a list, before anybody sees the list. Who is on the list has its place
/// there; the others follow by risk.
///
/// # Errors
/// When the book lacks a feature of the model, or the history cannot be written.
pub fn record(
    run: &Run,
    release: &Release,
    compiled: &CompiledData,
    book: &Book,
    scored: &ScoredBook,
    list: &ContactList,
) -> Result<()> {
    let place: HashMap<&str, u64> = (list.entries.iter())
        .map(|entry| (entry.client_id.as_str(), entry.rank))
        .collect();
    // Who is not on the list comes after it.
    let placed = |row: usize| place.get(scored.clients[row].client_id.as_str()).copied();
    let mut order: Vec<usize> = (0..scored.clients.len()).collect();
    order.sort_by(|a, b| {
        let places = placed(*a)
            .unwrap_or(u64::MAX)
            .cmp(&placed(*b).unwrap_or(u64::MAX));
        let (a, b) = (&scored.clients[*a], &scored.clients[*b]);
        let risks = || b.risk.total_cmp(&a.risk);
        (places.then_with(risks)).then_with(|| a.client_id.cmp(&b.client_id))
    });
    let n_listed = list
        .entries
        .iter()
        .map(|entry| entry.rank)
        .max()
        .unwrap_or(0);
    let mut last = n_listed;
    let model = &release.model;
    let input = ModelInput::new(model, book.table.schema())?;
    let predictions: Vec<Prediction<'_>> = order
        .into_iter()
        .map(|row| {
            let rank = placed(row).unwrap_or_else(|| {
                last += 1;
                last
            });
            let client = &scored.clients[row];
            let origin = book.origins.get(row).copied().flatten();
            Prediction {
                client: &client.client_id,
                observed_at: client.observed_at,
                rank,
                risk: client.risk,
                score: client.score,
                contract_value: client.contract_value,
                reasons: &client.reasons,
                file: origin.map(|origin| origin.file),
                line: origin.and_then(|origin| origin.line),
                cells: Some(KeptCells::new(model, &input.values(&book.table, row)).to_string()),
            }
        })
        .collect();
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
