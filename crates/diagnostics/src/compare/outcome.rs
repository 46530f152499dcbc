//! The comparison as one object.

use super::features::Feature;
use super::joint::Multivariate;
use super::lists::TopClients;
use super::performance::Performance;
use super::strays::UnknownColumn;
use super::tables::Side;
use monitoring::alarm::Rule;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a comparison of two tables says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Whether any column alarms, or the analysis lacks a feature.
    pub alarm: bool,
    /// The columns that alarm.
    pub alarms: Vec<String>,
    /// Features of the reference that the analysis lacks.
    pub missing_columns: Vec<String>,
    /// Columns that only the analysis has; they are not judged.
    pub ignored_columns: Vec<String>,
    /// Names in the configuration that neither table has.
    pub unknown_columns: Vec<UnknownColumn>,
    /// The reference.
    pub reference: TableRead,
    /// The analysis.
    pub analysis: TableRead,
    /// The rule of alarm.
    pub rule: RuleUsed,
    /// Every feature, and the risk under the name of its column.
    pub features: BTreeMap<String, Feature>,
    /// The numeric features together; `None` where none varies.
    pub multivariate: Option<Multivariate>,
    /// Estimated and realized performance; `None` without a risk column or labels in the reference.
    pub performance: Option<Performance>,
    /// Why there is no performance.
    pub performance_reason: Option<String>,
    /// How the list of clients with the highest risks changes.
    pub list_impact: Option<TopClients>,
    /// Columns of the reference that look like features and are none.
    pub left_out: Vec<LeftOut>,
    /// Whether people see all figures.
    #[serde(skip)]
    pub details: bool,
}

/// A table as it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableRead {
    /// The file.
    pub path: String,
    /// Rows that count.
    pub rows: usize,
    /// Rows with another number of cells than the header; they are left out.
    pub malformed_rows: u64,
}

impl TableRead {
    pub(super) fn of(side: &Side) -> Self {
        Self {
            path: side.path.display().to_string(),
            rows: side.table.n_rows,
            malformed_rows: side.table.malformed.map_or(0, |(rows, _)| rows),
        }
    }
}

/// A column that is no feature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The column.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// The rule of alarm as it was used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RuleUsed {
    /// The chance that any column alarms by one of the two tests without drift.
    pub drift_alpha: f64,
    /// The least PSI worth an alarm.
    pub psi_floor: f64,
    /// The least Kolmogorov-Smirnov statistic worth an alarm.
    pub ks_floor: f64,
    /// How many columns are judged together.
    pub columns: usize,
    /// The most false alarms in a year of weekly looks, both tests together.
    pub false_alarms_a_year: f64,
}

impl From<&Rule> for RuleUsed {
    fn from(rule: &Rule) -> Self {
        Self {
            drift_alpha: rule.alpha,
            psi_floor: rule.psi_floor,
            ks_floor: rule.ks_floor,
            columns: rule.n_columns,
            false_alarms_a_year: 52.0 * 2.0 * rule.alpha,
        }
    }
}
