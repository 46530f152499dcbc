//! The training samples in short, kept with the model so that new data can be judged without them.

use crate::Samples;
use dataset::{ColumnData, ModelInput, Table};
use monitoring::profile::{FORMAT_VERSION, NumericColumn, Profile, Sample};
use monitoring::sample::{Categories, Numeric};
use risk_core::model::Model;
use std::collections::BTreeMap;

/// The short form of what a model was trained on.
///
/// # Errors
/// When the samples lack a column of the model.
pub fn profile(model: &Model, samples: &Samples) -> anyhow::Result<Profile> {
    let table = &samples.table;
    let risks = ModelInput::new(model, table.schema())?.risks(table);
    let features = model.features.iter().filter_map(|feature| {
        let position = table.schema().position_of(feature.name())?;
        Some((
            feature.name().to_owned(),
            sample(table, position, &all_rows(table))?.profile(),
        ))
    });
    Ok(Profile {
        format_version: FORMAT_VERSION,
        model_id: model.model_id.clone(),
        n_samples: table.n_rows() as u64,
        features: features.collect(),
        risk: NumericColumn::of(&Numeric::new(risks)),
    })
}

/// Some rows of a column of a feature; `None` for a column that can be none.
#[must_use]
pub fn sample(table: &Table, position: usize, rows: &[usize]) -> Option<Sample> {
    match table.column(position) {
        ColumnData::Number(cells) => {
            let cells = rows.iter().map(|row| cells[*row]).collect();
            Some(Sample::Numeric(Numeric::new(cells)))
        }
        ColumnData::Text(cells) => {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let mut missing = 0;
            for row in rows {
                match &cells[*row] {
                    Some(name) => *counts.entry(name.clone()).or_default() += 1,
                    None => missing += 1,
                }
            }
            Some(Sample::Category(Categories::new(counts, missing)))
        }
        _ => None,
    }
}

/// Every row of a table.
#[must_use]
pub fn all_rows(table: &Table) -> Vec<usize> {
    (0..table.n_rows()).collect()
}
