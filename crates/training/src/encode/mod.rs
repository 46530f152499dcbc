//! From typed columns to the columns of the design: imputation, indicators, standardisation, and
//! the way back from fitted coefficients to features.

mod copies;
mod curve;
mod order;

use crate::solver::{Design, FitError};
use anyhow::{Result, bail};
pub(crate) use copies::copies;
use curve::Curve;
use dataset::{ColumnData, Table};
use risk_core::config::Basis;
use risk_core::model::{CategoryFeature, Feature, Level, NumericFeature, Term};
use risk_core::schema::Column;
use std::collections::{BTreeMap, HashSet};

#[cfg(test)]
mod tests;

/// Levels with fewer training samples than this share the indicator of the other levels; fewer
/// missing numbers than this have no indicator of their own.
pub(crate) const RARE_BELOW: usize = 10;
/// At most so many levels of a category have an indicator of their own, the most frequent ones.
const MAX_LEVELS: usize = 50;

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
        number: Number,
        missing: Option<Moments>,
    },
    Category {
        column: Column,
        groups: Vec<(Group, Moments)>,
    },
}

/// The columns of a number.
#[derive(Debug)]
enum Number {
    Line(Moments),
    Curve(Curve),
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
    fn of(cells: &[f64]) -> Self {
        let n = cells.len() as f64;
        let mean = cells.iter().sum::<f64>() / n;
        let squares = cells.iter().map(|cell| (cell - mean) * (cell - mean));
        Self {
            mean,
            standard_deviation: (squares.sum::<f64>() / n).sqrt(),
        }
    }

    fn is_usable(&self) -> bool {
        self.mean.is_finite() && self.standard_deviation.is_normal()
    }

    /// The term of a column whose coefficient is known on the raw scale.
    fn raw_term(self, coefficient: f64) -> Term {
        Term {
            mean: self.mean,
            standard_deviation: self.standard_deviation,
            coefficient,
            standardised_coefficient: coefficient * self.standard_deviation,
        }
    }

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
    /// same for every sample, or say the same as one before them, are left out.
    ///
    /// # Errors
    /// When no feature is left, or the numbers of one are too large or too close to 0.
    pub fn of(table: &Table, basis: Basis) -> Result<(Self, Design)> {
        let mut features = Vec::new();
        let mut design = Vec::new();
        let copies = copies(table);
        for (position, column) in table.schema().columns.iter().enumerate() {
            if column.role != risk_core::schema::Role::Feature || copies.contains_key(&position) {
                continue;
            }
            let Some((encoded, columns)) = encode(column, table.column(position), basis) else {
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
            bail!(
                "there is no feature that varies among the training samples; the data needs a \
                 column besides id and target that does"
            );
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
        self.features.iter().map(Encoded::width).sum()
    }

    /// The intercept on the raw scale and the features, from a fit of the design.
    pub fn features(&self, intercept: f64, coefficients: &[f64]) -> (f64, Vec<Feature>) {
        let mut rest = coefficients;
        let mut features = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            let (own, others) = rest.split_at(feature.width().min(rest.len()));
            features.push(feature.fitted(own));
            rest = others;
        }
        let at_means: f64 = features.iter().map(offset).sum();
        (intercept - at_means, features)
    }
}

/// What the means of the columns of a feature add to the log-odds.
fn offset(feature: &Feature) -> f64 {
    let at_mean = |term: &Term| term.coefficient * term.mean;
    match feature {
        Feature::Numeric(numeric) => {
            let terms = numeric.named_terms();
            terms.iter().map(|(_, term)| at_mean(term)).sum()
        }
        Feature::Category(category) => category.named_terms().map(|(_, term)| at_mean(term)).sum(),
    }
}

impl Encoded {
    /// How many columns of the design it has.
    fn width(&self) -> usize {
        match self {
            Self::Numeric {
                number, missing, ..
            } => number.width() + usize::from(missing.is_some()),
            Self::Category { groups, .. } => groups.len(),
        }
    }

    /// Whether the moments could be computed: squares of large numbers overflow, those of small ones
    /// vanish.
    fn is_standardised(&self) -> bool {
        match self {
            Self::Numeric { number, .. } => match number {
                Number::Line(moments) => moments.is_usable(),
                Number::Curve(curve) => curve.moments.iter().all(Moments::is_usable),
            },
            Self::Category { groups, .. } => groups.iter().all(|(_, moments)| moments.is_usable()),
        }
    }

    /// The feature with the coefficients of its columns of the design.
    fn fitted(&self, coefficients: &[f64]) -> Feature {
        match self {
            Self::Numeric {
                column,
                imputation,
                number,
                missing,
            } => {
                let (own, of_missing) = coefficients.split_at(number.width());
                let mut terms = number.terms(own);
                let bends = terms.split_off(1);
                Feature::Numeric(NumericFeature {
                    name: column.name.clone(),
                    imputation: *imputation,
                    term: terms[0],
                    spline: match number {
                        Number::Line(_) => None,
                        Number::Curve(curve) => Some(curve.spline.clone()),
                    },
                    bends,
                    missing: missing
                        .zip(of_missing.first())
                        .map(|(moments, coefficient)| moments.term(*coefficient)),
                    min: column.min,
                    max: column.max,
                    required: column.required,
                })
            }
            Self::Category { column, groups } => category(column, groups, coefficients),
        }
    }
}

impl Number {
    fn width(&self) -> usize {
        match self {
            Self::Line(_) => 1,
            Self::Curve(curve) => curve.moments.len(),
        }
    }

    /// The terms of the number or its place, and of the bends.
    fn terms(&self, coefficients: &[f64]) -> Vec<Term> {
        match self {
            Self::Line(moments) => vec![moments.term(coefficients[0])],
            Self::Curve(curve) => {
                let raw = curve.raw_coefficients(coefficients);
                let moments = curve.moments.iter();
                moments
                    .zip(raw)
                    .map(|(moments, raw)| moments.raw_term(raw))
                    .collect()
            }
        }
    }
}

fn category(column: &Column, groups: &[(Group, Moments)], coefficients: &[f64]) -> Feature {
    let mut feature = CategoryFeature {
        name: column.name.clone(),
        levels: Vec::new(),
        other: None,
        missing: None,
        required: column.required,
    };
    for ((group, moments), coefficient) in groups.iter().zip(coefficients) {
        let term = moments.term(*coefficient);
        match group {
            Group::Level(level) => feature.levels.push(Level {
                level: level.clone(),
                term,
            }),
            Group::Other => feature.other = Some(term),
            Group::Missing => feature.missing = Some(term),
        }
    }
    Feature::Category(feature)
}

fn encode(column: &Column, data: &ColumnData, basis: Basis) -> Option<(Encoded, Vec<Vec<f64>>)> {
    match data {
        ColumnData::Number(cells) => encode_numbers(column, cells, basis),
        ColumnData::Text(cells) => encode_categories(column, cells),
        ColumnData::Date(_) | ColumnData::Flag(_) => None,
    }
}

fn encode_numbers(
    column: &Column,
    cells: &[f64],
    basis: Basis,
) -> Option<(Encoded, Vec<Vec<f64>>)> {
    let mut known: Vec<f64> = cells
        .iter()
        .copied()
        .filter(|cell| !cell.is_nan())
        .collect();
    if known.is_empty() {
        return None;
    }
    known.sort_by(f64::total_cmp);
    let imputation = order::median(&known);
    let imputed: Vec<f64> = cells
        .iter()
        .map(|cell| if cell.is_nan() { imputation } else { *cell })
        .collect();
    let (number, mut columns) = match basis {
        Basis::Linear => {
            let (moments, standardised) = standardise(&imputed)?;
            (Number::Line(moments), vec![standardised])
        }
        Basis::Spline => {
            let (curve, columns) = Curve::of(&known, &imputed)?;
            (Number::Curve(curve), columns)
        }
    };
    let n_missing = cells.len() - known.len();
    let missing = (basis == Basis::Spline && n_missing >= RARE_BELOW)
        .then(|| standardise(&indicator(cells, |cell| cell.is_nan())))
        .flatten();
    let missing = missing.map(|(moments, standardised)| {
        columns.push(standardised);
        moments
    });
    let encoded = Encoded::Numeric {
        column: column.clone(),
        imputation,
        number,
        missing,
    };
    Some((encoded, columns))
}

fn indicator<T>(cells: &[T], is: impl Fn(&T) -> bool) -> Vec<f64> {
    cells
        .iter()
        .map(|cell| f64::from(u8::from(is(cell))))
        .collect()
}

fn encode_categories(
    column: &Column,
    cells: &[Option<String>],
) -> Option<(Encoded, Vec<Vec<f64>>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in cells.iter().flatten() {
        *counts.entry(cell).or_default() += 1;
    }
    let own = frequent(&counts);
    let group = |cell: &Option<String>| match cell {
        None => Group::Missing,
        Some(text) if !own.contains(text.as_str()) => Group::Other,
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

/// The levels with an indicator of their own; of equally frequent ones the first by name.
fn frequent<'a>(counts: &BTreeMap<&'a str, usize>) -> HashSet<&'a str> {
    let mut levels: Vec<(&str, usize)> = counts
        .iter()
        .map(|(level, count)| (*level, *count))
        .filter(|(_, count)| *count >= RARE_BELOW)
        .collect();
    levels.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    levels.truncate(MAX_LEVELS);
    levels.into_iter().map(|(level, _)| level).collect()
}

/// Centres and scales to the population standard deviation; `None` for a column that does not vary.
fn standardise(cells: &[f64]) -> Option<(Moments, Vec<f64>)> {
    let first = *cells.first()?;
    if cells.iter().all(|cell| *cell == first) {
        return None;
    }
    let moments = Moments::of(cells);
    let scaled = cells
        .iter()
        .map(|cell| (cell - moments.mean) / moments.standard_deviation)
        .collect();
    Some((moments, scaled))
}
