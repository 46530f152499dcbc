//! What a training has to say.

use risk_core::calibration::CalibrationRecord;
use risk_core::config::{Basis, ContactedLabels};
use risk_core::log::Counts;
use risk_core::model::{Feature, Model, Selection};
use risk_core::shell;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::{self, Display};

/// The outcome of a training.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The model.
    pub model_id: String,
    /// Labelled samples it was fitted on.
    pub n_samples: u64,
    /// How many of them left.
    pub n_positive: u64,
    /// How many of all known labels are of clients that were called before these had settled.
    pub n_contacted: u64,
    /// What these count; none where there is none.
    pub contacted_labels: Option<ContactedLabels>,
    /// The features, in order.
    pub features: Vec<String>,
    /// How numbers enter the model.
    pub basis: Basis,
    /// The ridge penalty.
    pub l2: f64,
    /// How these two were chosen; none where the configuration fixes both.
    pub selection: Option<Selection>,
    /// How the score becomes a risk: "none", "platt" or "isotonic".
    pub calibration: &'static str,
    /// How that was chosen; none where nothing was to be chosen.
    pub calibration_choice: Option<CalibrationRecord>,
    /// The risk from which a client is predicted to leave.
    pub threshold: f64,
    /// Coefficients by name: the column for a number, on its raw scale in the linear basis, and
    /// `column=level` for a category.
    pub coefficients: Map<String, Value>,
    /// The log-odds at zero of every column.
    pub intercept: f64,
    /// Whether the fit is the optimum; always true, anything else is an error.
    pub converged: bool,
    /// Seconds the training took.
    pub elapsed_s: f64,
}

impl Outcome {
    pub(crate) fn new(model: &Model, elapsed_s: f64) -> Self {
        let coefficients = model.features.iter().flat_map(Feature::coefficients);
        Self {
            model_id: model.model_id.clone(),
            n_samples: model.data.n_samples,
            n_positive: model.data.n_positive,
            n_contacted: model.data.contacted.map_or(0, |found| found.n_contacted),
            contacted_labels: model.data.contacted.map(|found| found.labels),
            features: model
                .features
                .iter()
                .map(|feature| feature.name().to_owned())
                .collect(),
            basis: model.basis,
            l2: model.l2,
            selection: model.selection.clone(),
            calibration: model.calibration.name(),
            calibration_choice: model.calibration_choice.clone(),
            threshold: model.threshold,
            coefficients: coefficients
                .map(|(name, value)| (name, value.into()))
                .collect(),
            intercept: model.intercept,
            converged: model.fit.converged,
            elapsed_s,
        }
    }
}

impl shell::Outcome for Outcome {
    fn counts(&self) -> Counts {
        Counts {
            samples: Some(self.n_samples),
            ..Counts::default()
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = 100.0 * self.n_positive as f64 / self.n_samples as f64;
        writeln!(
            f,
            "model {} fitted on {} samples, {} of them left ({percent:.1} %)",
            self.model_id, self.n_samples, self.n_positive
        )?;
        if let Some(labels) = self.contacted_labels {
            writeln!(f, "  {}", contacted_in_words(self.n_contacted, labels))?;
        }
        match &self.selection {
            Some(selection) => writeln!(f, "  {}", selection.reason)?,
            None => writeln!(
                f,
                "  {} with l2 {}, as configured",
                self.basis.name(),
                self.l2
            )?,
        }
        if let Some(choice) = &self.calibration_choice {
            writeln!(f, "  {}", choice.reason)?;
        }
        writeln!(
            f,
            "  predicted to leave from a risk of {}",
            dataset::format_number(self.threshold)
        )?;
        writeln!(f, "  change of the log-odds of leaving for one unit:")?;
        for (name, value) in &self.coefficients {
            writeln!(f, "  {:>14.6e}  {name}", value.as_f64().unwrap_or(f64::NAN))?;
        }
        writeln!(f, "  {:>14.6e}  (intercept)", self.intercept)
    }
}

/// What was done about the labels of contacted clients.
fn contacted_in_words(count: u64, labels: ContactedLabels) -> String {
    let counts = match labels {
        ContactedLabels::LeaveOut => "are left out".to_owned(),
        ContactedLabels::Use => "count like all others".to_owned(),
        ContactedLabels::Weigh(weight) => format!("count {weight} each"),
    };
    format!("{count} labels of clients that were called before these had settled {counts}")
}
