//! Predictions that the caller asked to keep: they are in the history before they are handed out, so
//! that their labels can be joined to them later.

use crate::problem::Problem;
use crate::state::Service;
use chrono::NaiveDate;
use dataset::{KeptCells, ModelInput, Table};
use risk_core::erased::ErasedClients;
use risk_core::history::{Batch, History, Prediction};
use risk_core::model::Model;
use risk_core::release::Release;
use risk_core::schema::{Column, Kind, Role, Schema};

/// A prediction to be kept.
#[derive(Debug)]
pub struct Kept {
    client: String,
    observed_at: Option<NaiveDate>,
    risk: f64,
    score: f64,
    cells: String,
}

impl Kept {
    /// What a model says of a row.
    pub fn of(model: &Model, input: &ModelInput<'_>, table: &Table, row: usize) -> Self {
        let values = input.values(table, row);
        Self {
            client: table.client_id(row).to_owned(),
            observed_at: table.observed_at(row),
            risk: model.risk(&values),
            score: model.log_odds(&values),
            cells: KeptCells::new(model, &values).to_string(),
        }
    }
}

/// The columns of rows to be kept: those of the model, and the date, where samples have one. Without it
/// no label could ever be joined.
pub fn schema(service: &Service, model: &Model) -> Schema {
    let mut schema = model.schema(false);
    if let Some(name) = &service.observed_at {
        let date = Column::new(name, Role::ObservedAt, Kind::Category);
        schema.columns.push(date);
    }
    schema
}

/// Keeps them, with day, release and model; gives how many. Erased clients are left out: nothing about
/// them is ever kept again.
///
/// # Errors
/// 503 where they cannot be kept.
pub fn keep(service: &Service, release: &Release, kept: &[Kept]) -> Result<u64, Problem> {
    let failed = |error: &anyhow::Error| {
        tracing::error!("{error:#}");
        Problem::unavailable(
            "the predictions cannot be kept, so none is handed out; the cause is in the log of the \
             service; ask without record=true, or again later",
        )
    };
    let erased = ErasedClients::read(&service.layout).map_err(|error| failed(&error))?;
    let kept = kept.iter().filter(|kept| !erased.contains(&kept.client));
    let predictions: Vec<Prediction<'_>> = kept.map(prediction).collect();
    let batch = Batch {
        handed_out_at: service.now(),
        model_folder: &service.model_folder,
        release: release.id(),
        model_id: &release.model.model_id,
        threshold: release.model.threshold,
    };
    match History::keep_batch(&service.layout.history(), &batch, &predictions) {
        Ok(true) => Ok(predictions.len() as u64),
        Ok(false) => Err(Problem::unavailable(
            "there is no history of this version to keep predictions in, so none is handed out; run \
             fullprocess once on the server",
        )),
        Err(error) => Err(failed(&error)),
    }
}

fn prediction(kept: &Kept) -> Prediction<'_> {
    Prediction {
        client: &kept.client,
        observed_at: kept.observed_at,
        rank: 0,
        risk: kept.risk,
        score: kept.score,
        contract_value: None,
        reasons: &[],
        file: None,
        line: None,
        cells: Some(kept.cells.clone()),
    }
}
