//! The stored model: a logistic regression in plain numbers, and how it turns a client into a risk.
//!
//! Applying a model needs no solver. The artefact is JSON with a format version; its id is taken
//! from its content, so that an edited or truncated artefact is noticed when it is read.

mod artefact;
mod category;
mod numeric;
mod spline;
#[cfg(test)]
mod tests;

pub use artefact::{
    Candidate, ContactedData, FORMAT_VERSION, FitRecord, Margin, Selection, TrainingData,
    Validation,
};
pub use category::{CategoryFeature, Level};
pub use numeric::NumericFeature;
pub use spline::{Spline, signed_log};

use crate::calibration::{Calibration, CalibrationRecord, Recalibration};
use crate::config::{Basis, ModelKind};
use crate::schema::{Column, Kind, Role, Schema};
use serde::{Deserialize, Serialize};

/// A fitted risk model.
///
/// The log-odds of leaving are `intercept + Σ coefficient · x` over the columns of the features, or
/// equally `intercept_standardised + Σ coefficient · (x - mean)`. In the linear basis the column of a
/// number is the number itself; see [`NumericFeature`] and [`CategoryFeature`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Always "risk-model".
    pub format: String,
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// 16 hexadecimal digits of the SHA-256 of the artefact without `model_id` and `created_at`.
    pub model_id: String,
    /// When it was trained, RFC 3339.
    pub created_at: String,
    /// The kind of model.
    pub kind: ModelKind,
    /// How numbers enter the model.
    pub basis: Basis,
    /// The ridge penalty on the standardised features.
    pub l2: f64,
    /// How basis and penalty were chosen; none where the configuration fixes both, and in format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// How the log-odds become a risk.
    #[serde(default, skip_serializing_if = "Calibration::is_none")]
    pub calibration: Calibration,
    /// How the calibration was chosen; none where nothing was to be chosen, and in format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration_choice: Option<CalibrationRecord>,
    /// How far the calibrated risks may be off by what the training samples tell; none where nothing
    /// was cross-validated, and in format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalibration: Option<Recalibration>,
    /// The risk from which a client is predicted to leave.
    pub threshold: f64,
    /// The name of the id column.
    pub client_id: String,
    /// The name of the target column.
    pub target: String,
    /// The text of the target that means "left", besides 1, true and yes.
    pub positive: Option<String>,
    /// The target is about this many days after the date of a sample.
    pub horizon_days: Option<u32>,
    /// The features, in order.
    pub features: Vec<Feature>,
    /// The log-odds at zero of every column.
    pub intercept: f64,
    /// The log-odds at the mean of every column.
    pub intercept_standardised: f64,
    /// The samples the model was fitted on.
    pub data: TrainingData,
    /// How the fit went.
    pub fit: FitRecord,
}

/// One feature: how it is imputed, encoded and weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Feature {
    /// A number.
    Numeric(NumericFeature),
    /// A category.
    Category(CategoryFeature),
}

/// One column of the design: its moments in training and its coefficient on both scales.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Mean over the training samples.
    pub mean: f64,
    /// Population standard deviation over the training samples.
    pub standard_deviation: f64,
    /// Change of the log-odds for one unit.
    pub coefficient: f64,
    /// Change of the log-odds for one standard deviation.
    pub standardised_coefficient: f64,
}

impl Term {
    /// The log-odds that a value adds to those at the mean.
    #[must_use]
    pub fn contribution(&self, value: f64) -> f64 {
        self.coefficient * (value - self.mean)
    }
}

/// The value of one feature of one client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A finite number.
    Number(f64),
    /// The name of a category.
    Text(&'a str),
    /// Not known.
    Missing,
}

impl Feature {
    /// The column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Numeric(feature) => &feature.name,
            Self::Category(feature) => &feature.name,
        }
    }

    /// Whether it is a number or a category.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numeric(_) => Kind::Numeric,
            Self::Category(_) => Kind::Category,
        }
    }

    /// The log-odds that a value adds to those of the mean client. A number where a category
    /// belongs, or the reverse, counts as missing.
    #[must_use]
    pub fn contribution(&self, value: Value<'_>) -> f64 {
        match self {
            Self::Numeric(feature) => feature.contribution(value),
            Self::Category(feature) => feature.contribution(value),
        }
    }

    /// The coefficients by name: those of [`NumericFeature::named_terms`] for a number, `column=level`
    /// for a category.
    #[must_use]
    pub fn coefficients(&self) -> Vec<(String, f64)> {
        match self {
            Self::Numeric(feature) => feature
                .named_terms()
                .into_iter()
                .map(|(name, term)| (name, term.coefficient))
                .collect(),
            Self::Category(feature) => feature
                .named_terms()
                .map(|(level, term)| (format!("{}={level}", feature.name), term.coefficient))
                .collect(),
        }
    }

    fn column(&self) -> Column {
        match self {
            Self::Numeric(feature) => Column {
                min: feature.min,
                max: feature.max,
                required: feature.required,
                ..Column::new(&feature.name, Role::Feature, Kind::Numeric)
            },
            Self::Category(feature) => Column {
                required: feature.required,
                ..Column::new(&feature.name, Role::Feature, Kind::Category)
            },
        }
    }
}

impl Model {
    /// The score: the log-odds of leaving before calibration, for values in the order of
    /// [`Model::features`].
    #[must_use]
    pub fn log_odds(&self, values: &[Value<'_>]) -> f64 {
        self.intercept_standardised + self.contributions(values).iter().sum::<f64>()
    }

    /// The risk: the calibrated probability of leaving, between 0 and 1, both excluded. It never falls
    /// as the score rises.
    #[must_use]
    pub fn risk(&self, values: &[Value<'_>]) -> f64 {
        self.calibration.risk(self.log_odds(values))
    }

    /// By how much the risk rises for one unit of the score, at a score.
    #[must_use]
    pub fn risk_slope(&self, score: f64) -> f64 {
        let risk = self.calibration.risk(score);
        risk * (1.0 - risk) * self.calibration.slope(score)
    }

    /// The log-odds that each feature adds to those of the mean client, in the order of
    /// [`Model::features`]; with `intercept_standardised` they sum to [`Model::log_odds`].
    #[must_use]
    pub fn contributions(&self, values: &[Value<'_>]) -> Vec<f64> {
        self.features
            .iter()
            .zip(
                values
                    .iter()
                    .copied()
                    .chain(std::iter::repeat(Value::Missing)),
            )
            .map(|(feature, value)| feature.contribution(value))
            .collect()
    }

    /// Whether a risk is predicted to mean leaving.
    #[must_use]
    pub fn predicts_exit(&self, risk: f64) -> bool {
        risk >= self.threshold
    }

    /// The columns that a table must have for this model: the id, the features and, where asked
    /// for, the target.
    #[must_use]
    pub fn schema(&self, with_target: bool) -> Schema {
        let mut columns = vec![Column::new(&self.client_id, Role::ClientId, Kind::Category)];
        if with_target {
            columns.push(Column::new(&self.target, Role::Target, Kind::Category));
        }
        columns.extend(self.features.iter().map(Feature::column));
        Schema {
            positive: self.positive.clone(),
            ..Schema::new(columns)
        }
    }
}

/// 1 / (1 + exp(-x)), accurate at both ends.
#[must_use]
pub fn sigmoid(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}
