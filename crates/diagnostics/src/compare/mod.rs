//! `--compare`: all figures of drift and performance for any two tables; no model, no project needed.
//!
//! The reference decides what the columns are. The rule of alarm decides; the figures of the
//! established tools stand beside it under their own names.

mod features;
mod joint;
mod lists;
mod outcome;
mod performance;
mod roles;
mod strays;
mod tables;
mod text;
mod times;

pub use features::{Description, Feature, Figures};
pub use joint::Multivariate;
pub use lists::TopClients;
pub use outcome::{Comparison, LeftOut, RuleUsed, TableRead};
pub use performance::{ChunkPerformance, MetricInChunk, Performance};
pub use strays::UnknownColumn;
pub use times::{Chunking, Period};

use anyhow::Result;
use monitoring::alarm::Rule;
use risk_core::Config;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tables::Tables;

/// Which tables are compared, and what some of their columns are.
#[derive(Debug, Clone, Default)]
pub struct CompareOptions {
    /// The CSV or Parquet file that shows how it was.
    pub reference: PathBuf,
    /// The CSV or Parquet file to be judged.
    pub analysis: PathBuf,
    /// The column with the risk that a model gave each row.
    pub risk_column: Option<String>,
    /// The column that says whether a client left; by default that of the configuration, where the
    /// reference has it.
    pub target: Option<String>,
    /// The column with the date or time of each row, by which chunks are cut; by default
    /// `dataset.observed_at`.
    pub time_column: Option<String>,
    /// How chunks are cut; without it nothing is cut.
    pub chunking: Option<Chunking>,
}

/// Compares two tables. Nothing is written.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when a file cannot be read; [`risk_core::Failure::DataRefused`]
/// when one cannot be used or lacks a column that is named; [`risk_core::Failure::Usage`] when one column
/// is named for two things.
pub fn compare(config: &Config, options: &CompareOptions) -> Result<Comparison> {
    let tables = Tables::read(config, options)?;
    let settings = &config.monitoring;
    let rule = Rule {
        alpha: settings.drift_alpha,
        psi_floor: settings.psi_floor,
        ks_floor: settings.ks_floor,
        n_columns: tables.judged.len(),
    };
    let features: BTreeMap<String, Feature> = features::judge_all(&tables, &rule);
    let alarms: Vec<String> = tables
        .judged
        .iter()
        .filter(|name| {
            features
                .get(*name)
                .is_some_and(|feature| feature.figures.alarm)
        })
        .cloned()
        .collect();
    let capacity = config.contacts.capacity as usize;
    let threshold = config.model.threshold.fixed_or_usual();
    let performance = performance::estimate(&tables, threshold, capacity);
    let (performance, performance_reason) = match performance {
        Ok(performance) => (Some(performance), None),
        Err(reason) => (None, Some(reason)),
    };
    let list_impact = lists::compare(&tables, capacity);
    Ok(Comparison {
        alarm: !alarms.is_empty() || !tables.missing_columns.is_empty(),
        alarms,
        missing_columns: tables.missing_columns.clone(),
        ignored_columns: tables.ignored_columns.clone(),
        unknown_columns: tables.unknown_columns.clone(),
        reference: TableRead::of(&tables.reference),
        analysis: TableRead::of(&tables.analysis),
        rule: RuleUsed::from(&rule),
        multivariate: joint::reconstruct(&tables),
        performance,
        performance_reason,
        list_impact,
        left_out: tables.left_out.clone(),
        features,
        details: false,
    })
}
