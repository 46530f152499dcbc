//! The stored model: a logistic regression in plain numbers, and how it turns a client into a risk.
//!
//! Applying a model needs no solver. The artefact is JSON with a format version; its id is taken
//! from its content, so that an edited or truncated artefact is noticed when it is read.

use crate::config::{Basis, ModelKind};
use crate::error::{Failure, timestamp};
use crate::schema::{Column, Kind, Role, Schema};
use crate::{files, hash};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the artefact that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;
/// What the artefact says it is.
const FORMAT: &str = "risk-model";

/// A fitted risk model.
///
/// The log-odds of leaving are `intercept + Σ coefficient · x` on the raw scale of the features, or
/// equally `intercept_standardised + Σ coefficient · (x - mean)`.
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
    /// The log-odds at zero of every feature on the raw scale.
    pub intercept: f64,
    /// The log-odds at the mean of every feature.
    pub intercept_standardised: f64,
    /// The samples the model was fitted on.
    pub data: TrainingData,
    /// How the fit went.
    pub fit: FitRecord,
}

/// The samples a model was fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingData {
    /// SHA-256 of the samples: ids, dates, features and targets.
    pub sha256: String,
    /// How many samples.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// The earliest date of a sample, where samples have dates.
    pub observed_from: Option<chrono::NaiveDate>,
    /// The latest date of a sample, where samples have dates.
    pub observed_to: Option<chrono::NaiveDate>,
}

/// How a fit went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitRecord {
    /// The programs that made the fit.
    pub solver: String,
    /// Whether the norm of the gradient passed the test; a model that did not is never stored.
    pub converged: bool,
    /// The Euclidean norm of the gradient of the objective at the fit.
    pub gradient_norm: f64,
    /// Newton steps over all samples after the solver's start.
    pub newton_steps: u32,
    /// Mean log-loss on the training samples, nats.
    pub log_loss: f64,
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

/// A numeric feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumericFeature {
    /// The column.
    pub name: String,
    /// What stands for a missing value: the median of the training samples.
    pub imputation: f64,
    /// Its share of the log-odds.
    #[serde(flatten)]
    pub term: Term,
    /// The smallest accepted value.
    pub min: Option<f64>,
    /// The largest accepted value.
    pub max: Option<f64>,
    /// Whether a missing value is refused.
    pub required: bool,
}

/// A category feature: one indicator for each level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryFeature {
    /// The column.
    pub name: String,
    /// The levels with an indicator of their own, in order of their names.
    pub levels: Vec<Level>,
    /// The indicator of all other levels: those too rare in training and those never seen.
    pub other: Option<Term>,
    /// The indicator of a missing value.
    pub missing: Option<Term>,
    /// Whether a missing value is refused.
    pub required: bool,
}

/// One level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The text.
    pub level: String,
    /// Its share of the log-odds.
    #[serde(flatten)]
    pub term: Term,
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
            Self::Numeric(feature) => feature.term.contribution(match value {
                Value::Number(number) => number,
                _ => feature.imputation,
            }),
            Self::Category(feature) => feature.contribution(value),
        }
    }

    /// The coefficients on the raw scale, by name: the column for a number, `column=level` for a
    /// category.
    #[must_use]
    pub fn coefficients(&self) -> Vec<(String, f64)> {
        match self {
            Self::Numeric(feature) => vec![(feature.name.clone(), feature.term.coefficient)],
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

impl CategoryFeature {
    /// The indicators with their names; those of other levels and of missing values are called
    /// `(other)` and `(missing)`.
    pub fn named_terms(&self) -> impl Iterator<Item = (&str, &Term)> {
        let levels = self
            .levels
            .iter()
            .map(|level| (level.level.as_str(), &level.term));
        let other = self.other.iter().map(|term| ("(other)", term));
        let missing = self.missing.iter().map(|term| ("(missing)", term));
        levels.chain(other).chain(missing)
    }

    fn contribution(&self, value: Value<'_>) -> f64 {
        let baseline: f64 = self
            .named_terms()
            .map(|(_, term)| term.contribution(0.0))
            .sum();
        baseline + self.indicator(value).map_or(0.0, |term| term.coefficient)
    }

    /// A missing value falls back to the other levels where training saw none missing.
    fn indicator(&self, value: Value<'_>) -> Option<&Term> {
        let Value::Text(text) = value else {
            return self.missing.as_ref().or(self.other.as_ref());
        };
        match self
            .levels
            .binary_search_by(|level| level.level.as_str().cmp(text))
        {
            Ok(index) => Some(&self.levels[index].term),
            Err(_) => self.other.as_ref(),
        }
    }
}

impl Model {
    /// The log-odds of leaving for values in the order of [`Model::features`].
    #[must_use]
    pub fn log_odds(&self, values: &[Value<'_>]) -> f64 {
        self.intercept_standardised + self.contributions(values).iter().sum::<f64>()
    }

    /// The risk: the probability of leaving, between 0 and 1.
    #[must_use]
    pub fn risk(&self, values: &[Value<'_>]) -> f64 {
        sigmoid(self.log_odds(values))
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

    /// Gives the model its id and time of creation.
    ///
    /// # Errors
    /// When a number of the model is not finite.
    pub fn sealed(mut self, now: DateTime<Utc>) -> Result<Self> {
        FORMAT.clone_into(&mut self.format);
        self.format_version = FORMAT_VERSION;
        self.created_at = timestamp(now);
        self.model_id = self.content_id()?;
        Ok(self)
    }

    /// Reads and checks an artefact.
    ///
    /// # Errors
    /// [`Failure::InputMissing`] when there is none; else when it cannot be read, is of a newer
    /// version, or is not what was written under its id.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = files::read_if_exists(path)?.ok_or_else(|| {
            Failure::InputMissing(format!("no model at {}; run training", path.display()))
        })?;
        Self::parse(&bytes).with_context(|| path.display().to_string())
    }

    /// Parses and checks the bytes of an artefact.
    ///
    /// # Errors
    /// As [`Model::read`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        crate::records::check_version(bytes, FORMAT_VERSION)?;
        let model: Self = serde_json::from_slice(bytes).context("not a model of this system")?;
        if model.format != FORMAT {
            bail!(
                "not a model of this system: its format is {:?}",
                model.format
            );
        }
        let content_id = model.content_id()?;
        if content_id != model.model_id {
            bail!(
                "the model was changed after it was written: its content has the id {content_id}, \
                 it says {}; train or deploy again",
                model.model_id
            );
        }
        Ok(model)
    }

    fn content_id(&self) -> Result<String> {
        let mut value = serde_json::to_value(self).context("cannot express the model as JSON")?;
        if let Some(object) = value.as_object_mut() {
            object.shift_remove("model_id");
            object.shift_remove("created_at");
        }
        Ok(hash::sha256_hex(value.to_string())[..16].to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn term(mean: f64, standard_deviation: f64, coefficient: f64) -> Term {
        let standardised_coefficient = coefficient * standard_deviation;
        Term {
            mean,
            standard_deviation,
            coefficient,
            standardised_coefficient,
        }
    }

    fn model() -> Model {
        let level = |name: &str, share: f64, coefficient| Level {
            level: name.into(),
            term: term(share, (share * (1.0 - share)).sqrt(), coefficient),
        };
        let activity = NumericFeature {
            name: "activity".into(),
            imputation: 10.0,
            term: term(20.0, 5.0, -0.1),
            min: None,
            max: None,
            required: false,
        };
        let industry = CategoryFeature {
            name: "industry".into(),
            levels: vec![level("Energy", 0.25, 0.5), level("Retail", 0.5, -0.5)],
            other: Some(term(0.25, 0.4, 1.0)),
            missing: None,
            required: false,
        };
        Model {
            format: String::new(),
            format_version: 0,
            model_id: String::new(),
            created_at: String::new(),
            kind: ModelKind::Logistic,
            basis: Basis::Linear,
            l2: 1.0,
            threshold: 0.5,
            client_id: "corporation".into(),
            target: "exited".into(),
            positive: None,
            horizon_days: None,
            features: vec![Feature::Numeric(activity), Feature::Category(industry)],
            intercept: 1.0,
            intercept_standardised: 1.0 - 0.1 * 20.0 + 0.5 * 0.25 - 0.5 * 0.5 + 0.25,
            data: TrainingData {
                sha256: String::new(),
                n_samples: 4,
                n_positive: 2,
                observed_from: None,
                observed_to: None,
            },
            fit: FitRecord {
                solver: "none".into(),
                converged: true,
                gradient_norm: 0.0,
                newton_steps: 0,
                log_loss: 0.5,
            },
        }
        .sealed(DateTime::UNIX_EPOCH)
        .unwrap()
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    #[test]
    fn log_odds_equal_the_raw_scale_sum() {
        let model = model();
        close(
            model.log_odds(&[Value::Number(30.0), Value::Text("Energy")]),
            1.0 - 3.0 + 0.5,
        );
        close(
            model.log_odds(&[Value::Number(0.0), Value::Text("Retail")]),
            1.0 - 0.5,
        );
    }

    #[test]
    fn missing_numbers_are_imputed_and_unseen_levels_count_as_other() {
        let model = model();
        close(
            model.log_odds(&[Value::Missing, Value::Text("Mining")]),
            1.0 - 1.0 + 1.0,
        );
        close(
            model.log_odds(&[Value::Missing, Value::Missing]),
            1.0 - 1.0 + 1.0,
        );
    }

    #[test]
    fn the_id_is_that_of_the_content_and_not_of_the_time() {
        let model = model();
        let later = model.clone().sealed(Utc::now()).unwrap();
        assert_eq!(later.model_id, model.model_id);
        assert_eq!(model.model_id.len(), 16);
        let mut other = model.clone();
        other.l2 = 2.0;
        assert_ne!(
            other.sealed(DateTime::UNIX_EPOCH).unwrap().model_id,
            model.model_id
        );
    }

    #[test]
    fn an_edited_a_truncated_and_a_newer_artefact_are_refused() {
        let text = serde_json::to_string_pretty(&model()).unwrap();
        assert_eq!(Model::parse(text.as_bytes()).unwrap(), model());
        let edited = text.replace("\"threshold\": 0.5", "\"threshold\": 0.1");
        let message = format!("{:#}", Model::parse(edited.as_bytes()).unwrap_err());
        assert!(
            message.contains("changed after it was written"),
            "{message}"
        );
        assert!(Model::parse(&text.as_bytes()[..text.len() / 2]).is_err());
        let newer = text.replace("\"format_version\": 1", "\"format_version\": 2");
        let message = format!("{:#}", Model::parse(newer.as_bytes()).unwrap_err());
        assert!(message.contains("newer version"), "{message}");
    }

    #[test]
    fn a_model_that_is_not_there_is_a_missing_input() {
        let error = Model::read(Path::new("/nowhere/trainedmodel.json")).unwrap_err();
        assert_eq!(crate::error::exit_code(&error), 66);
    }

    #[test]
    fn the_sigmoid_is_finite_at_both_ends() {
        assert_eq!(sigmoid(-1000.0), 0.0);
        assert_eq!(sigmoid(1000.0), 1.0);
        close(sigmoid(0.3) + sigmoid(-0.3), 1.0);
    }
}
