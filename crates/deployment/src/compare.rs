//! The candidate against the champion on labelled data that neither was trained on.
//!
//! The labelled rows of the compiled data that neither saw come first; where they are fewer than
//! `monitoring.min_labelled`, the test data joins them. Whoever trains on all there is leaves only the
//! test data, which may be older than a change of behaviour: `fullprocess`, which can train, compares
//! on the newest labels instead.

use crate::candidate::Candidate;
use anyhow::{Result, bail};
use dataset::{Labels, ModelInput, Table, read_compiled, read_folder};
use risk_core::Run;
use risk_core::metrics::Comparison;
use risk_core::model::Model;
use risk_core::records::{SampleId, TrainingRecord};
use risk_core::release::Release;
use risk_core::schema::Schema;
use std::collections::HashSet;

/// Labelled samples and what both models say of them.
#[derive(Default)]
struct Samples {
    client_ids: Vec<String>,
    champion_risks: Vec<f64>,
    candidate_risks: Vec<f64>,
    exited: Vec<bool>,
}

/// Compares; `None`, with a warning that says why, where that is not possible.
pub(crate) fn compare(
    run: &Run,
    champion: &Release,
    champion_record: &TrainingRecord,
    candidate: &Candidate,
) -> Option<Comparison> {
    let models = [&champion.model, &candidate.model];
    let known = champion_record.known().chain(candidate.record.known());
    let mut samples = Samples::default();
    samples.add("compiled data", models, unseen(run, &known.collect()));
    if (samples.exited.len() as u64) < run.config.monitoring.min_labelled {
        samples.add("test data", models, test_data(run, models));
    }
    let client_ids: Vec<&str> = samples.client_ids.iter().map(String::as_str).collect();
    Comparison::of(
        &client_ids,
        &samples.champion_risks,
        &samples.candidate_risks,
        &samples.exited,
    )
    .ok()
}

impl Samples {
    /// Adds labelled rows; those that cannot be read or used are left out with a warning.
    fn add(&mut self, what: &str, models: [&Model; 2], rows: Result<(Table, Vec<bool>)>) {
        let added = rows.and_then(|(table, exited)| self.predict(models, &table, &exited));
        if let Err(error) = added {
            tracing::warn!("the models are not compared on the {what}: {error:#}");
        }
    }

    fn predict(&mut self, models: [&Model; 2], table: &Table, exited: &[bool]) -> Result<()> {
        let [champion, candidate] = models;
        let champion_risks = ModelInput::new(champion, table.schema())?.risks(table);
        let candidate_risks = ModelInput::new(candidate, table.schema())?.risks(table);
        self.champion_risks.extend(champion_risks);
        self.candidate_risks.extend(candidate_risks);
        self.exited.extend(exited);
        self.client_ids
            .extend((0..table.n_rows()).map(|row| table.client_id(row).to_owned()));
        Ok(())
    }
}

/// The labelled rows of the compiled data that are not known.
fn unseen(run: &Run, known: &HashSet<SampleId>) -> Result<(Table, Vec<bool>)> {
    let (_, table) = read_compiled(&run.layout)?;
    let (rows, exited) = Labels::new(&run.config, run.now).labelled(&table);
    let (rows, exited): (Vec<usize>, Vec<bool>) = rows
        .into_iter()
        .zip(exited)
        .filter(|(row, _)| !known.contains(&table.sample_id(*row)))
        .unzip();
    Ok((table.select(&rows), exited))
}

/// The labelled rows of the test data, with the columns that both models need.
fn test_data(run: &Run, models: [&Model; 2]) -> Result<(Table, Vec<bool>)> {
    let table = read_folder(run.layout.test(), &shared_schema(models)?)?.table;
    let (rows, exited): (Vec<usize>, Vec<bool>) = (0..table.n_rows())
        .filter_map(|row| table.target(row).map(|exited| (row, exited)))
        .unzip();
    Ok((table.select(&rows), exited))
}

fn shared_schema([champion, candidate]: [&Model; 2]) -> Result<Schema> {
    let mut schema = candidate.schema(true);
    if (&champion.client_id, &champion.target) != (&candidate.client_id, &candidate.target) {
        bail!("the two models name the client or the target differently");
    }
    for column in champion.schema(true).columns {
        if schema.position_of(&column.name).is_none() {
            schema.columns.push(column);
        }
    }
    Ok(schema)
}
