//! `model`: how the risk model is fitted.

use super::contacted::ContactedLabels;
use super::probability::{CalibrationChoice, Threshold};
use schemars::JsonSchema;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// How the risk model is fitted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelConfig {
    /// The kind of model. Default "logistic".
    pub kind: ModelKind,
    /// How a number enters the model: "linear", "spline", or "auto", whichever predicts better in
    /// cross-validation. Default "auto".
    pub basis: BasisChoice,
    /// The ridge penalty on standardised features, at least 0, or "auto": what predicts best in
    /// cross-validation. Default "auto".
    pub l2: Penalty,
    /// How many parts the clients are dealt into for cross-validation. Default 5.
    #[schemars(range(min = 2, max = 50))]
    pub folds: u32,
    /// Deals other folds. Default 0.
    pub seed: u64,
    /// How the score becomes a risk: "none" (its sigmoid), "platt", "isotonic", or "auto", whichever
    /// predicts better in cross-validation for certain. Default "auto"; with basis and l2 both fixed
    /// that means "none".
    pub calibration: CalibrationChoice,
    /// The risk from which a client is predicted to leave: a number from 0 to 1, "f1" (the greatest F1
    /// in cross-validation) or "capacity" (that of the last client of the book who can be called).
    /// Default 0.5.
    pub threshold: Threshold,
    /// A new model is deployed only when it is certainly not worse than the deployed one by more
    /// than this, in log-loss a sample on newly labelled data. Default 0.005.
    #[schemars(range(min = 0))]
    pub tolerance: f64,
    /// What the labels of clients count that were called before these had settled: "leave_out" (not at
    /// all), "use" (in full), or a weight from 0 to 1. Default "leave_out".
    pub contacted_labels: ContactedLabels,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            kind: ModelKind::Logistic,
            basis: BasisChoice::Auto,
            l2: Penalty::Auto,
            folds: 5,
            seed: 0,
            calibration: CalibrationChoice::Auto,
            threshold: Threshold::Fixed(Threshold::USUAL),
            tolerance: 0.005,
            contacted_labels: ContactedLabels::LeaveOut,
        }
    }
}

impl ModelConfig {
    /// Fails on a value that the types let through.
    pub(super) fn check(&self) -> Result<(), String> {
        use super::check::in_range;
        if let Penalty::Fixed(l2) = self.l2 {
            in_range("model.l2", l2, 0.0, f64::MAX)?;
        }
        in_range("model.folds", f64::from(self.folds), 2.0, 50.0)?;
        in_range("model.tolerance", self.tolerance, 0.0, f64::MAX)?;
        in_range(
            "model.contacted_labels",
            self.contacted_labels.weight(),
            0.0,
            1.0,
        )?;
        match self.threshold {
            Threshold::Fixed(threshold) => in_range("model.threshold", threshold, 0.0, 1.0),
            Threshold::F1 | Threshold::Capacity => Ok(()),
        }
    }
}

/// The kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Logistic regression.
    Logistic,
}

/// How a number enters a fitted model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// As it is: one column for each number.
    Linear,
    /// Through a restricted cubic spline: a smooth curve for each number.
    Spline,
}

impl Basis {
    /// The name in the configuration and in the artefact.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Spline => "spline",
        }
    }
}

/// How a number is to enter the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BasisChoice {
    /// As it is: one column for each number.
    Linear,
    /// Through a restricted cubic spline: a smooth curve for each number.
    Spline,
    /// Whichever of the two predicts better in cross-validation.
    Auto,
}

/// The ridge penalty that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Penalty {
    /// What predicts best in cross-validation.
    Auto,
    /// This.
    Fixed(f64),
}

impl<'de> Deserialize<'de> for Penalty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PenaltyVisitor)
    }
}

struct PenaltyVisitor;

impl Visitor<'_> for PenaltyVisitor {
    type Value = Penalty;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a number or \"auto\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Penalty, E> {
        if text == "auto" {
            return Ok(Penalty::Auto);
        }
        Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Penalty, E> {
        Ok(Penalty::Fixed(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Penalty, E> {
        Ok(Penalty::Fixed(number as f64))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Penalty, E> {
        Ok(Penalty::Fixed(number as f64))
    }
}

impl JsonSchema for Penalty {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Penalty".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, { "type": "number", "minimum": 0 }] })
    }
}
