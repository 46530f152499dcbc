//! The labelled samples that the champion was not fitted on, with its risks.

use super::Findings;
use super::known::Known;
use anyhow::Result;
use dataset::{ModelInput, Table};
use monitoring::evidence::Labelled;
use risk_core::history::History;
use risk_core::metrics::ConfusionMatrix;
use risk_core::model::Model;
use risk_core::records::SampleId;
use risk_core::release::Release;
use std::collections::HashSet;

/// The labelled samples that are not in the training record of the champion.
pub(super) struct Unseen {
    /// Their positions among all labelled samples.
    pub rows: Vec<usize>,
    /// Their names.
    pub ids: Vec<SampleId>,
    /// Whether each left.
    pub exited: Vec<bool>,
    /// The champion's risk of each.
    pub risks: Vec<f64>,
    /// Whether each has not been judged for this champion yet.
    pub is_new: Vec<bool>,
    /// What each counts as evidence: samples whose label windows overlap count once together, and labels of
    /// contacted clients as much as the configuration says.
    weights: Vec<f64>,
    /// Whether the label of each is of a contacted client.
    is_contacted: Vec<bool>,
    /// Samples not judged yet whose labels are left out because their clients were contacted.
    pub left_out: Vec<SampleId>,
    /// What is known of each of these.
    pub called: Vec<Labelled>,
}

impl Unseen {
    /// Finds them and predicts them.
    ///
    /// # Errors
    /// When the training record or the history cannot be read, or the data lacks a feature.
    pub fn find(champion: &Release, known: &Known, history: Option<&History>) -> Result<Self> {
        let trained: HashSet<SampleId> = champion.training_record()?.known().collect();
        let judged = match history {
            Some(history) => history.judged_samples(&champion.model.model_id)?,
            None => HashSet::new(),
        };
        let samples = &known.counted;
        let (rows, ids): (Vec<usize>, Vec<SampleId>) = (0..samples.exited.len())
            .map(|row| (row, samples.table.sample_id(row)))
            .filter(|(_, id)| !trained.contains(id))
            .unzip();
        let risks = |table: &Table| -> Result<Vec<f64>> {
            Ok(ModelInput::new(&champion.model, table.schema())?.risks(table))
        };
        let touched = samples.touched.as_deref();
        let is_contacted =
            |id: &SampleId| touched.is_some_and(|it| it.samples.binary_search(id).is_ok());
        let (left_out, called) = known
            .left_out_labels(&risks(&known.left_out.table)?)
            .filter(|(id, _)| !trained.contains(id) && !judged.contains(id))
            .unzip();
        let weight = |row: &usize| samples.weight(*row) / f64::from(known.shared[*row]);
        Ok(Self {
            weights: rows.iter().map(weight).collect(),
            is_contacted: ids.iter().map(is_contacted).collect(),
            left_out,
            called,
            risks: risks(&samples.table.select(&rows))?,
            exited: rows.iter().map(|row| samples.exited[*row]).collect(),
            is_new: ids.iter().map(|id| !judged.contains(id)).collect(),
            rows,
            ids,
        })
    }

    /// The positions, among these, of those not judged yet.
    pub fn new_ones(&self) -> Vec<usize> {
        (0..self.rows.len())
            .filter(|position| self.is_new[*position])
            .collect()
    }

    /// How a model does on some of them.
    pub fn findings(&self, chosen: &[usize], model: &Model, stored_f1: f64) -> Findings {
        let mut matrix = ConfusionMatrix::default();
        for position in chosen {
            let predicted = model.predicts_exit(self.risks[*position]);
            let count = match (self.exited[*position], predicted) {
                (true, true) => &mut matrix.true_positive,
                (true, false) => &mut matrix.false_negative,
                (false, true) => &mut matrix.false_positive,
                (false, false) => &mut matrix.true_negative,
            };
            *count += 1;
        }
        Findings {
            n_samples: chosen.len() as u64,
            n_positive: matrix.true_positive + matrix.false_negative,
            expected_positive: chosen.iter().map(|position| self.risks[*position]).sum(),
            n_contacted: self.n_contacted(chosen),
            f1: matrix.f1(),
            stored_f1,
        }
    }

    /// How many labels are of contacted clients: of those that are left out, and of some that count.
    fn n_contacted(&self, chosen: &[usize]) -> u64 {
        let counted = chosen
            .iter()
            .filter(|position| self.is_contacted[**position]);
        (counted.count() + self.left_out.len()) as u64
    }

    /// Some of them as evidence.
    pub fn labelled(&self, chosen: &[usize]) -> Vec<Labelled> {
        let sample = |position: &usize| Labelled {
            risk: self.risks[*position],
            exited: self.exited[*position],
            weight: self.weights[*position],
        };
        chosen.iter().map(sample).collect()
    }
}
