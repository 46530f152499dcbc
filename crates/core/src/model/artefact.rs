//! The artefact on disk: what else it records, its id, and how it is read and checked.

use super::{Feature, Model, NumericFeature};
use crate::config::{Basis, ContactedLabels};
use crate::error::{Failure, timestamp};
use crate::{files, hash};
use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the artefact that this program writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 2;
/// What the artefact says it is.
const FORMAT: &str = "risk-model";

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
    /// Which of the known samples these are, where they are not all, or do not count alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<crate::recency::RecentSamples>,
    /// What was done about labels of contacted clients, where some of the known ones are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacted: Option<ContactedData>,
}

/// Labels of clients that were called before these had settled.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactedData {
    /// How many of the known labels.
    pub n_contacted: u64,
    /// What they count.
    pub labels: ContactedLabels,
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

/// How basis and penalty were chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// How the samples were split.
    pub validation: Validation,
    /// How many folds were predicted.
    pub folds: u32,
    /// Which deal of the clients.
    pub seed: u64,
    /// How many samples took part.
    pub n_samples: u64,
    /// How many of them were predicted by models that were fitted without their clients.
    pub n_validated: u64,
    /// Everything that was tried, in order.
    pub candidates: Vec<Candidate>,
    /// What was chosen against the best of the other basis, where that was tried.
    pub margin: Option<Margin>,
    /// The choice in one sentence.
    pub reason: String,
}

/// How samples are split for validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validation {
    /// They were not: there are too few.
    None,
    /// Each fold is predicted by a model fitted on the clients of the other folds.
    ByClient,
    /// As by client, and the model is fitted on samples whose labels were known before the date of
    /// those it predicts.
    ForwardInTime,
}

/// A basis and a penalty that were tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// How numbers enter the model.
    pub basis: Basis,
    /// The ridge penalty on all samples; where a fold has fewer, it weighs as much against each.
    pub l2: f64,
    /// Mean log-loss of the validated samples, nats; none where a fold could not be fitted.
    pub log_loss: Option<f64>,
    /// Its standard error, with clients as the unit.
    pub standard_error: Option<f64>,
}

/// The chosen candidate against the best of the other basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margin {
    /// The other basis.
    pub basis: Basis,
    /// Its best penalty.
    pub l2: f64,
    /// Its log-loss minus that of the chosen candidate, paired by sample, nats; below 0 where the
    /// other is better, but not by more than a standard error.
    pub log_loss_difference: f64,
    /// The standard error of the difference, with clients as the unit.
    pub standard_error: f64,
}

impl Model {
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
        model.calibration.check()?;
        for feature in &model.features {
            if let Feature::Numeric(numeric) = feature {
                check(numeric).with_context(|| format!("feature {}", numeric.name))?;
            }
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

/// Fails on a spline that cannot be evaluated.
fn check(feature: &NumericFeature) -> Result<()> {
    let Some(spline) = &feature.spline else {
        if !feature.bends.is_empty() {
            bail!("there are bends without knots");
        }
        return Ok(());
    };
    let ascend = spline.knots.windows(2).all(|pair| pair[0] < pair[1]);
    if spline.knots.len() < 2 || !ascend {
        bail!("the knots must be at least two and ascend");
    }
    if spline.n_bends() != feature.bends.len() {
        bail!(
            "{} knots need {} bends",
            spline.knots.len(),
            spline.n_bends()
        );
    }
    if spline
        .log_scale
        .is_some_and(|scale| scale.is_nan() || scale <= 0.0)
    {
        bail!("the scale of the logarithm must be above 0");
    }
    Ok(())
}
