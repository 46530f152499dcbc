//! Columns that nobody judges although somebody may think so: those that only the analysis has, and names
//! in the configuration that neither table has.

use super::CompareOptions;
use dataset::columns::ColumnTable;
use risk_core::Config;
use risk_core::config::{DatasetConfig, Features};
use risk_core::release::nearest;
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// A name in the configuration that neither table has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownColumn {
    /// The key of the configuration.
    pub setting: &'static str,
    /// The name.
    pub column: String,
    /// The column that is most like it.
    pub nearest: Option<String>,
}

impl Display for UnknownColumn {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            setting, column, ..
        } = self;
        write!(
            f,
            "{setting} names the column {column}, which neither table has"
        )?;
        match &self.nearest {
            Some(nearest) => write!(f, "; the nearest is {nearest}"),
            None => Ok(()),
        }
    }
}

/// The columns that only the analysis has, without those that are to be ignored.
pub fn only_in_analysis(
    config: &Config,
    reference: &ColumnTable,
    analysis: &ColumnTable,
) -> Vec<String> {
    let known =
        |name: &&String| reference.header.contains(name) || config.dataset.ignore.contains(name);
    let names = analysis.header.iter();
    names.filter(|name| !known(name)).cloned().collect()
}

/// The names that are set and that neither table has. What is a default and not set may be lacking.
pub fn unknown(
    config: &Config,
    options: &CompareOptions,
    tables: [&ColumnTable; 2],
) -> Vec<UnknownColumn> {
    let mut known = tables[0].header.clone();
    known.extend(tables[1].header.iter().cloned());
    let unknown = settings(&config.dataset, options)
        .into_iter()
        .filter(|(_, name)| !known.contains(name));
    unknown
        .map(|(setting, column)| UnknownColumn {
            setting,
            nearest: nearest(&column, &known).map(str::to_owned),
            column,
        })
        .collect()
}

/// The names of columns that the configuration sets and that count here.
fn settings(dataset: &DatasetConfig, options: &CompareOptions) -> Vec<(&'static str, String)> {
    let usual = DatasetConfig::default();
    let mut settings = Vec::new();
    if dataset.client_id != usual.client_id {
        settings.push(("dataset.client_id", dataset.client_id.clone()));
    }
    if dataset.target != usual.target && options.target.is_none() {
        settings.push(("dataset.target", dataset.target.clone()));
    }
    if let (Some(name), None) = (&dataset.observed_at, &options.time_column) {
        settings.push(("dataset.observed_at", name.clone()));
    }
    let ignored = dataset.ignore.iter();
    settings.extend(ignored.map(|name| ("dataset.ignore", name.clone())));
    if let Features::Listed(listed) = &dataset.features {
        let listed = listed.iter();
        settings.extend(listed.map(|feature| ("dataset.features", feature.name.clone())));
    }
    settings
}
