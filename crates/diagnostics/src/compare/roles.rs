//! What each column is: the risk, the target, the time, the client, a feature or none.

use super::times::is_date;
use super::{CompareOptions, LeftOut};
use anyhow::Result;
use dataset::columns::{Cells, ColumnTable, Want};
use risk_core::config::Features;
use risk_core::schema::Kind;
use risk_core::{Config, Failure};
use std::path::Path;

/// A text column of at least so many names, and of that share of the rows, is no category.
const DISTINCT: (usize, f64) = (10, 0.9);
/// Below so many rows nothing is said to count up.
const ROWS_TO_TELL: usize = 10;

/// The columns that are no features, by name.
#[derive(Debug, Clone)]
pub struct Roles {
    pub client_id: String,
    ignored: Vec<String>,
    positive: Option<String>,
    pub risk: Option<String>,
    pub target: Option<String>,
    pub time: Option<String>,
    listed: Option<Vec<(String, Kind)>>,
}

impl Roles {
    /// # Errors
    /// [`Failure::Usage`] where the command line gives a column two roles.
    pub fn new(config: &Config, options: &CompareOptions) -> Result<Self> {
        refuse_two_roles(config, options)?;
        let dataset = &config.dataset;
        let listed = match &dataset.features {
            Features::Auto => None,
            Features::Listed(list) => Some(
                list.iter()
                    .map(|feature| (feature.name.clone(), feature.kind))
                    .collect(),
            ),
        };
        Ok(Self {
            client_id: dataset.client_id.clone(),
            ignored: dataset.ignore.clone(),
            positive: dataset.positive.clone(),
            risk: options.risk_column.clone(),
            target: options
                .target
                .clone()
                .or_else(|| Some(dataset.target.clone())),
            time: options
                .time_column
                .clone()
                .or_else(|| dataset.observed_at.clone()),
            listed,
        })
    }

    pub fn want(&self, name: &str) -> Want {
        self.want_of_role(name)
            .unwrap_or_else(|| match &self.listed {
                _ if self.ignored.iter().any(|ignored| ignored == name) => Want::Skip,
                None => Want::Found,
                Some(listed) => {
                    let kind = listed.iter().find(|(listed, _)| listed == name);
                    kind.map_or(Want::Skip, |(_, kind)| Want::Kind(*kind))
                }
            })
    }

    pub fn want_of_role(&self, name: &str) -> Option<Want> {
        let is = |role: &Option<String>| role.as_deref() == Some(name);
        if is(&self.risk) {
            Some(Want::Kind(Kind::Numeric))
        } else if is(&self.target) {
            Some(Want::Target(self.positive.clone()))
        } else if is(&self.time) {
            Some(Want::Text)
        } else if self.client_id == name {
            // Names are compared only where there are lists.
            Some(if self.risk.is_some() {
                Want::Text
            } else {
                Want::Skip
            })
        } else {
            None
        }
    }

    /// What the configuration only supposes may be lacking, what the command line names may not.
    pub fn settle(
        &mut self,
        config: &Config,
        options: &CompareOptions,
        table: &ColumnTable,
    ) -> Result<()> {
        let path = &options.reference;
        let named = [
            ("--risk-column", &options.risk_column),
            ("--target", &options.target),
            ("--time-column", &options.time_column),
        ];
        for (option, name) in named {
            if let Some(name) = name {
                require(path, table, option, name)?;
            }
        }
        let has = |name: &String| table.column(name).is_some();
        self.target = self.target.take().filter(has);
        self.time = self.time.take().filter(has);
        if options.target.is_none() && self.target.is_none() {
            tracing::info!(
                "no target: {} has no column {}",
                path.display(),
                config.dataset.target
            );
        }
        Ok(())
    }

    pub fn features(&self, reference: &ColumnTable) -> (Vec<String>, Vec<LeftOut>) {
        let (mut features, mut left_out) = (Vec::new(), Vec::new());
        for (name, cells) in reference.header.iter().zip(&reference.columns) {
            if matches!(cells, Cells::Skipped) || self.want_of_role(name).is_some() {
                continue;
            }
            match why_no_feature(cells).filter(|_| self.listed.is_none()) {
                None => features.push(name.clone()),
                Some(reason) => {
                    tracing::info!("column {name} is left out: {reason}");
                    left_out.push(LeftOut {
                        column: name.clone(),
                        reason,
                    });
                }
            }
        }
        (features, left_out)
    }
}

fn refuse_two_roles(config: &Config, options: &CompareOptions) -> Result<()> {
    let dataset = &config.dataset;
    let from = |option: &'static str, named: &Option<String>, key, configured: Option<&String>| {
        let named = named.clone().map(|name| (option, name));
        named.or_else(|| Some((key, configured?.clone())))
    };
    let target = from(
        "--target",
        &options.target,
        "dataset.target",
        Some(&dataset.target),
    );
    let observed_at = dataset.observed_at.as_ref();
    let roles = [
        from("--risk-column", &options.risk_column, "", None),
        target,
        from(
            "--time-column",
            &options.time_column,
            "dataset.observed_at",
            observed_at,
        ),
        Some(("dataset.client_id", dataset.client_id.clone())),
    ];
    let roles: Vec<(&str, String)> = roles.into_iter().flatten().collect();
    for (position, (option, name)) in roles.iter().enumerate() {
        let other = roles[position + 1..].iter().find(|other| other.1 == *name);
        if let Some((other, _)) =
            other.filter(|other| option.starts_with('-') || other.0.starts_with('-'))
        {
            let message =
                format!("{option} and {other} name the same column, {name}; name two columns");
            return Err(Failure::Usage(message).into());
        }
    }
    Ok(())
}

/// Fails where the cells of the risk column are texts.
///
/// # Errors
/// [`Failure::DataRefused`] then.
pub fn require_numbers(path: &Path, table: &ColumnTable, name: &str) -> Result<()> {
    let Some(Cells::Numbers(numbers)) = table.column(name) else {
        return Ok(());
    };
    if !numbers.is_text() {
        return Ok(());
    }
    let message = format!(
        "{}: {} of {} cells of the column {name} hold text; --risk-column names the column of the \
         risks, numbers from 0 to 1",
        path.display(),
        numbers.unreadable,
        table.n_rows
    );
    Err(Failure::DataRefused(message).into())
}

/// Fails where a table lacks a column that an option names.
///
/// # Errors
/// [`Failure::DataRefused`] then.
pub fn require(path: &Path, table: &ColumnTable, option: &str, name: &str) -> Result<()> {
    if table.column(name).is_some() {
        return Ok(());
    }
    let message = format!(
        "{option} names the column {name}, which {} does not have; it has {}",
        path.display(),
        table.header.join(", ")
    );
    Err(Failure::DataRefused(message).into())
}

fn why_no_feature(cells: &Cells) -> Option<String> {
    match cells {
        Cells::Categories(categories) => {
            let n_rows = categories.codes.len();
            if !categories.names.is_empty() && categories.names.iter().all(|name| is_date(name)) {
                return Some("dates; --time-column cuts chunks by them".to_owned());
            }
            let names = categories.names.len();
            (names >= DISTINCT.0 && names as f64 >= DISTINCT.1 * n_rows as f64)
                .then(|| format!("{names} distinct texts in {n_rows} rows: a name, not a category"))
        }
        Cells::Numbers(numbers) => {
            let values = &numbers.values;
            let counts_up = numbers.is_integer
                && values.len() >= ROWS_TO_TELL
                && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
            counts_up.then(|| "integers that count up from row to row: a row number".to_owned())
        }
        _ => None,
    }
}
