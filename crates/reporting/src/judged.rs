//! How the deployed model does on the test data: the stored score and the curve that belongs to it.

use anyhow::{Context, Result};
use dataset::{ModelInput, Table};
use risk_core::metrics::{
    ConfusionMatrix, Evaluation, ReliabilityBin, Rules, Scored, evaluate_under, reliability,
    roc_auc, roc_curve,
};
use risk_core::model::Model;

/// Seed of the intervals, where they have to be drawn anew.
const SEED: u64 = 0;

/// The figures of a model on the test data, and its ROC curve.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The figures: those stored with the release, or those of today where the test data has
    /// changed since.
    pub evaluation: Evaluation,
    /// False alarm rate and share found at each threshold; empty where only one class is there.
    pub curve: Vec<(f64, f64)>,
    /// The reliability curve on the test data of today.
    pub reliability: Vec<ReliabilityBin>,
    /// The figures stored with the release, where the test data has changed since.
    pub replaced: Option<Evaluation>,
}

/// Judges a model on the labelled rows of the test data; `capacity` clients can be contacted.
///
/// # Errors
/// When the data lacks a feature of the model, or has no labelled row.
pub fn judge(model: &Model, stored: &Evaluation, test: &Table, capacity: u64) -> Result<Judged> {
    let samples = Samples::new(model, test)?;
    let curve = roc_curve(&samples.risks, &samples.exited)
        .into_iter()
        .map(|(false_alarms, found, _)| (false_alarms, found))
        .collect();
    let scored = Scored {
        client_ids: &samples.client_ids,
        risks: &samples.risks,
        exited: &samples.exited,
    };
    let reliability = reliability(&scored).context("the test data")?;
    if samples.gave(stored) {
        return Ok(Judged {
            evaluation: stored.clone(),
            curve,
            reliability,
            replaced: None,
        });
    }
    let rules = Rules {
        threshold: model.threshold,
        capacity: Some(capacity),
        seed: SEED,
    };
    let evaluation = evaluate_under(&rules, &scored).context("the test data")?;
    Ok(Judged {
        evaluation,
        curve,
        reliability,
        replaced: Some(stored.clone()),
    })
}

/// The labelled samples of the test data with their risks.
struct Samples {
    client_ids: Vec<String>,
    risks: Vec<f64>,
    exited: Vec<bool>,
    threshold: f64,
}

impl Samples {
    fn new(model: &Model, test: &Table) -> Result<Self> {
        let input = ModelInput::new(model, test.schema())?;
        let labelled =
            (0..test.n_rows()).filter_map(|row| test.target(row).map(|exited| (row, exited)));
        let (rows, exited): (Vec<usize>, Vec<bool>) = labelled.unzip();
        let ids = rows.iter().map(|row| test.client_id(*row).to_owned());
        Ok(Self {
            client_ids: ids.collect(),
            risks: input.risks(&test.select(&rows)),
            exited,
            threshold: model.threshold,
        })
    }

    /// Whether a stored score is of these samples, as far as its figures can tell.
    fn gave(&self, stored: &Evaluation) -> bool {
        let area = roc_auc(&self.risks, &self.exited).ok();
        let same_area = match (area, stored.metrics.roc_auc.value) {
            (Some(area), Some(stored)) => (area - stored).abs() < 1e-9,
            (None, None) => true,
            _ => false,
        };
        same_area && self.confusion_matrix() == stored.confusion_matrix
    }

    fn confusion_matrix(&self) -> ConfusionMatrix {
        let mut counts = [[0; 2]; 2];
        for (risk, exited) in self.risks.iter().zip(&self.exited) {
            counts[usize::from(*exited)][usize::from(*risk >= self.threshold)] += 1;
        }
        ConfusionMatrix::from(counts)
    }
}
