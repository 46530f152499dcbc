//! What retraining after a change is worth, by what the new model is trained on.
//!
//!     cargo run --release -p training --example candidates
//!
//! 20 projects of 9,000 labelled samples for each kind of change. The champion was fitted to the first
//! 8,000; the last 1,000 are those that it is judged on. Printed is the log-loss to expect from then on.
#![allow(clippy::print_stdout, reason = "a program that prints a table")]

mod world;

use chrono::DateTime;
use risk_core::Config;
use risk_core::config;
use risk_core::metrics::Verdict;
use risk_core::recency::Recency;
use std::collections::BTreeMap;
use training::gate::challenge;
use training::{Samples, fit, fit_recent};
use world::{Change, future_log_loss, samples};

const PROJECTS: u64 = 20;
const ROWS: usize = 9_000;
const JUDGED: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let project = testkit::Project::new();
    let penalty = "model.l2=1".parse().map_err(anyhow::Error::msg)?;
    let config = config::load(&project.config(), &[penalty])?;
    println!("change               champion  all    newest  chosen  best   deployed  chosen");
    for change in [
        Change::Sudden { new_rows: 1_000 },
        Change::Sudden { new_rows: 300 },
        Change::Gradual,
        Change::None,
    ] {
        row(&config, change)?;
    }
    Ok(())
}

/// Means over the projects.
fn row(config: &Config, change: Change) -> anyhow::Result<()> {
    let mut sums = [0.0; 5];
    let (mut deployed, mut chosen) = (0, BTreeMap::new());
    for seed in 0..PROJECTS {
        let found = one(config, change, seed)?;
        for (sum, loss) in sums.iter_mut().zip(found.losses) {
            *sum += loss / PROJECTS as f64;
        }
        deployed += u64::from(found.is_deployed);
        *chosen.entry(found.chosen).or_insert(0) += 1;
    }
    let [champion, all, newest, picked, best] = sums;
    println!(
        "{:20} {champion:.3}     {all:.3}  {newest:.3}   {picked:.3}   {best:.3}  {deployed:2} of {PROJECTS}  {chosen:?}",
        format!("{change:?}")
    );
    Ok(())
}

struct Found {
    /// Of the champion; of models trained on all, on the judged samples, as chosen, and as would be best.
    losses: [f64; 5],
    is_deployed: bool,
    chosen: String,
}

fn one(config: &Config, change: Change, seed: u64) -> anyhow::Result<Found> {
    let now = DateTime::UNIX_EPOCH;
    let all = samples(change, ROWS, seed);
    let old: Vec<usize> = (0..ROWS - JUDGED).collect();
    let new: Vec<usize> = (ROWS - JUDGED..ROWS).collect();
    let champion = fit(config, &all.select(&old), now)?;
    let risks = risks(&champion, &all.select(&new))?;
    let tried = challenge(&champion, &all, &new, &risks)?;
    let loss = |recency| anyhow::Ok(future_log_loss(&fit_recent(config, &all, recency, now)?));
    let candidates = tried.choice.candidates.iter();
    let losses = candidates
        .map(|candidate| loss(candidate.recency))
        .collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(Found {
        losses: [
            future_log_loss(&champion),
            loss(Recency::All)?,
            loss(Recency::Newest {
                samples: JUDGED as u64,
            })?,
            loss(tried.choice.chosen)?,
            losses.into_iter().fold(f64::INFINITY, f64::min),
        ],
        is_deployed: tried.comparison.verdict(config.model.tolerance) == Verdict::NotWorse,
        chosen: format!("{:?}", tried.choice.chosen),
    })
}

fn risks(model: &risk_core::model::Model, samples: &Samples) -> anyhow::Result<Vec<f64>> {
    Ok(dataset::ModelInput::new(model, samples.table.schema())?.risks(&samples.table))
}
