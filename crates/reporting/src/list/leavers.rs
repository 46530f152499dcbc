//! How many of the clients to be called are expected to leave.

use super::ScoredClient;
use anyhow::Result;
use contacts::{Information, Leavers, expected_leavers};
use dataset::{Labels, ModelInput, Table};
use risk_core::model::{Model, sigmoid};

/// The expected number of leavers among some clients. How well the risks are known is taken from the
/// labelled rows of the compiled data, which the model was, by and large, fitted on; `None` where
/// there are none.
///
/// # Errors
/// When the data has no column for a feature of the model.
pub fn expected(
    model: &Model,
    clients: &[&ScoredClient],
    compiled: &Table,
    labels: &Labels,
) -> Result<Option<Leavers>> {
    let (rows, _) = labels.labelled(compiled);
    if rows.is_empty() {
        return Ok(None);
    }
    let input = ModelInput::new(model, compiled.schema())?;
    let mut information = Information::new(model.features.len());
    for row in rows {
        let values = input.values(compiled, row);
        // The information is that of the fit, which knows no calibration.
        let contributions = model.contributions(&values);
        let score = model.intercept_standardised + contributions.iter().sum::<f64>();
        information.add(&contributions, sigmoid(score));
    }
    let slopes: Vec<f64> = (clients.iter())
        .map(|client| model.risk_slope(client.score))
        .collect();
    let risks: Vec<f64> = clients.iter().map(|client| client.risk).collect();
    let contributions: Vec<Vec<f64>> = clients
        .iter()
        .map(|client| client.contributions.clone())
        .collect();
    Ok(Some(expected_leavers(
        &risks,
        &slopes,
        &contributions,
        &information,
    )))
}
