//! From typed columns to the columns of the design: imputation, indicators, standardisation, and
//! the way back from fitted coefficients to features.

use crate::solver::{Design, FitError};
use anyhow::{Result, bail};
use dataset::{ColumnData, Table};
use risk_core::model::{CategoryFeature, Feature, Level, NumericFeature, Term};
use risk_core::schema::Column;
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// Levels with fewer training samples than this share the indicator of the other levels.
const RARE_BELOW: usize = 10;

/// How the features of some samples become the columns of a design.
#[derive(Debug)]
pub(crate) struct Encoding {
    features: Vec<Encoded>,
}

/// One feature and the moments of its design columns.
#[derive(Debug)]
enum Encoded {
    Numeric {
        column: Column,
        imputation: f64,
        moments: Moments,
    },
    Category {
        column: Column,
        groups: Vec<(Group, Moments)>,
    },
}

/// What an indicator stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Level(String),
    Other,
    Missing,
}

/// Mean and population standard deviation of a design column on the raw scale.
#[derive(Debug, Clone, Copy)]
struct Moments {
    mean: f64,
    standard_deviation: f64,
}

impl Moments {
    fn term(self, standardised_coefficient: f64) -> Term {
        Term {
            mean: self.mean,
            standard_deviation: self.standard_deviation,
            coefficient: standardised_coefficient / self.standard_deviation,
            standardised_coefficient,
        }
    }
}

impl Encoding {
    /// Encodes the features of a table and builds the standardised design. Features that are the
    /// same for every sample are left out.
    ///
    /// # Errors
    /// When no feature is left, or the numbers of one are too large or too close to 0.
    pub fn of(table: &Table) -> Result<(Self, Design)> {
        let mut features = Vec::new();
        let mut design = Vec::new();
        for (position, column) in table.schema().columns.iter().enumerate() {
            if column.role != risk_core::schema::Role::Feature {
                continue;
            }
            let Some((encoded, columns)) = encode(column, table.column(position)) else {
                continue;
            };
            if !encoded.is_standardised() {
                bail!(
                    "feature {} cannot be standardised: its numbers are too large or too close to \
                     0; correct them or add the column to dataset.ignore",
                    column.name
                );
            }
            features.push(encoded);
            design.extend(columns);
        }
        if features.is_empty() {
            bail!("there is no feature that varies among the training samples");
        }
        Ok((Self { features }, Design::new(design)?))
    }

    /// The names of the design columns.
    pub fn names(&self) -> Vec<String> {
        let zeros = vec![0.0; self.width()];
        let (_, features) = self.features(0.0, &zeros);
        features
            .iter()
            .flat_map(Feature::coefficients)
            .map(|(name, _)| name)
            .collect()
    }

    /// Adds the name of the design column that an error is about.
    pub fn name_column(&self, error: FitError) -> anyhow::Error {
        let column = match &error {
            FitError::NotFinite { column, .. }
            | FitError::ConstantColumn { column }
            | FitError::Collinear { column } => Some(*column),
            _ => None,
        };
        let name = column.and_then(|column| self.names().into_iter().nth(column));
        match (column, name) {
            (Some(column), Some(name)) => {
                anyhow::Error::new(error).context(format!("column {column} is {name}"))
            }
            _ => error.into(),
        }
    }

    fn width(&self) -> usize {
        let width = |feature: &Encoded| match feature {
            Encoded::Numeric { .. } => 1,
            Encoded::Category { groups, .. } => groups.len(),
        };
        self.features.iter().map(width).sum()
    }

    /// The intercept on the raw scale and the features, from a fit of the design.
    pub fn features(&self, intercept: f64, coefficients: &[f64]) -> (f64, Vec<Feature>) {
        let mut coefficients = coefficients.iter().copied();
        let mut next = |moments: &Moments| moments.term(coefficients.next().unwrap_or(0.0));
        let features: Vec<Feature> = self
            .features
            .iter()
            .map(|feature| feature.fitted(&mut next))
            .collect();
        let at_means: f64 = features.iter().map(offset).sum();
        (intercept - at_means, features)
    }
}

/// What the means of the design columns of a feature add to the log-odds.
fn offset(feature: &Feature) -> f64 {
    match feature {
        Feature::Numeric(numeric) => numeric.term.coefficient * numeric.term.mean,
        Feature::Category(category) => category
            .named_terms()
            .map(|(_, term)| term.coefficient * term.mean)
            .sum(),
    }
}

impl Encoded {
    /// Whether the moments could be computed: squares of large numbers overflow, those of small ones
    /// vanish.
    fn is_standardised(&self) -> bool {
        let is_usable =
            |moments: &Moments| moments.mean.is_finite() && moments.standard_deviation.is_normal();
        match self {
            Self::Numeric { moments, .. } => is_usable(moments),
            Self::Category { groups, .. } => groups.iter().all(|(_, moments)| is_usable(moments)),
        }
    }

    fn fitted(&self, next: &mut impl FnMut(&Moments) -> Term) -> Feature {
        match self {
            Self::Numeric {
                column,
                imputation,
                moments,
            } => Feature::Numeric(NumericFeature {
                name: column.name.clone(),
                imputation: *imputation,
                term: next(moments),
                min: column.min,
                max: column.max,
                required: column.required,
            }),
            Self::Category { column, groups } => {
                let mut feature = CategoryFeature {
                    name: column.name.clone(),
                    levels: Vec::new(),
                    other: None,
                    missing: None,
                    required: column.required,
                };
                for (group, moments) in groups {
                    let term = next(moments);
                    match group {
                        Group::Level(level) => {
                            feature.levels.push(Level {
                                level: level.clone(),
                                term,
                            });
                        }
                        Group::Other => feature.other = Some(term),
                        Group::Missing => feature.missing = Some(term),
                    }
                }
                Feature::Category(feature)
            }
        }
    }
}

fn encode(column: &Column, data: &ColumnData) -> Option<(Encoded, Vec<Vec<f64>>)> {
    match data {
        ColumnData::Number(cells) => encode_numbers(column, cells),
        ColumnData::Text(cells) => encode_categories(column, cells),
        ColumnData::Date(_) | ColumnData::Flag(_) => None,
    }
}

fn encode_numbers(column: &Column, cells: &[f64]) -> Option<(Encoded, Vec<Vec<f64>>)> {
    let imputation = median(cells)?;
    let imputed: Vec<f64> = cells
        .iter()
        .map(|cell| if cell.is_nan() { imputation } else { *cell })
        .collect();
    let (moments, standardised) = standardise(&imputed)?;
    let column = column.clone();
    Some((
        Encoded::Numeric {
            column,
            imputation,
            moments,
        },
        vec![standardised],
    ))
}

fn encode_categories(
    column: &Column,
    cells: &[Option<String>],
) -> Option<(Encoded, Vec<Vec<f64>>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in cells.iter().flatten() {
        *counts.entry(cell).or_default() += 1;
    }
    let group = |cell: &Option<String>| match cell {
        None => Group::Missing,
        Some(text) if counts[text.as_str()] < RARE_BELOW => Group::Other,
        Some(text) => Group::Level(text.clone()),
    };
    let mut indicators: BTreeMap<Group, Vec<f64>> = BTreeMap::new();
    for (row, cell) in cells.iter().enumerate() {
        indicators
            .entry(group(cell))
            .or_insert_with(|| vec![0.0; cells.len()])[row] = 1.0;
    }
    let mut groups = Vec::new();
    let mut columns = Vec::new();
    for (group, indicator) in indicators {
        let (moments, standardised) = standardise(&indicator)?;
        groups.push((group, moments));
        columns.push(standardised);
    }
    let column = column.clone();
    Some((Encoded::Category { column, groups }, columns))
}

/// The median of the known numbers: of an even number the mean of the middle two.
fn median(cells: &[f64]) -> Option<f64> {
    let mut known: Vec<f64> = cells
        .iter()
        .copied()
        .filter(|cell| !cell.is_nan())
        .collect();
    known.sort_by(f64::total_cmp);
    let middle = known.len() / 2;
    match known.len() {
        0 => None,
        n if n % 2 == 1 => Some(known[middle]),
        _ => Some(known[middle - 1] / 2.0 + known[middle] / 2.0),
    }
}

/// Centres and scales to the population standard deviation; `None` for a column that does not vary.
fn standardise(cells: &[f64]) -> Option<(Moments, Vec<f64>)> {
    let first = *cells.first()?;
    if cells.iter().all(|cell| *cell == first) {
        return None;
    }
    let n = cells.len() as f64;
    let mean = cells.iter().sum::<f64>() / n;
    let variance = cells
        .iter()
        .map(|cell| (cell - mean) * (cell - mean))
        .sum::<f64>()
        / n;
    let moments = Moments {
        mean,
        standard_deviation: variance.sqrt(),
    };
    let scaled = cells
        .iter()
        .map(|cell| (cell - mean) / moments.standard_deviation)
        .collect();
    Some((moments, scaled))
}
