//! Labelled samples, with what each counts.

use crate::Touched;
use anyhow::{Result, bail};
use dataset::{Labels, Table};
use risk_core::Failure;
use risk_core::records::SampleId;
use std::sync::Arc;

/// Labelled samples.
pub struct Samples {
    /// Their rows.
    pub table: Table,
    /// Whether each client left.
    pub exited: Vec<bool>,
    /// What each counts, above 0; all alike where there are none.
    pub weights: Option<Vec<f64>>,
    /// Which of all known samples are of contacted clients, and what their labels count; none where
    /// none is.
    pub touched: Option<Arc<Touched>>,
}

impl Samples {
    /// Samples that all count alike.
    #[must_use]
    pub fn new(table: Table, exited: Vec<bool>) -> Self {
        Self {
            table,
            exited,
            weights: None,
            touched: None,
        }
    }

    /// The samples of a table that have a label.
    ///
    /// # Errors
    /// [`Failure::InputMissing`] when there is none.
    pub fn labelled(table: &Table, labels: &Labels) -> Result<Self> {
        let (rows, exited) = labels.labelled(table);
        if rows.is_empty() {
            bail!(Failure::InputMissing(format!(
                "none of the {} samples has a label that may be trained on yet",
                table.n_rows()
            )));
        }
        Ok(Self::new(table.select(&rows), exited))
    }

    /// Just these samples, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let exited = rows.iter().map(|row| self.exited[*row]).collect();
        let of_rows = |weights: &Vec<f64>| rows.iter().map(|row| weights[*row]).collect();
        Self {
            table: self.table.select(rows),
            exited,
            weights: self.weights.as_ref().map(of_rows),
            touched: self.touched.clone(),
        }
    }

    /// Fails where there is none because all labels are of contacted clients.
    pub(crate) fn require_any(self, n_contacted: usize) -> Result<Self> {
        if self.exited.is_empty() {
            bail!(Failure::InputMissing(format!(
                "all {n_contacted} labels are of clients that were called before these had settled, and \
                 model.contacted_labels leaves such out; set it to \"use\" to train on them"
            )));
        }
        Ok(self)
    }

    /// What a sample counts.
    #[must_use]
    pub fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The same samples, each counting so many times as much.
    #[must_use]
    pub fn times(self, factors: &[f64]) -> Self {
        let weigh = |(row, factor): (usize, &f64)| self.weight(row) * factor;
        let weights = factors.iter().enumerate().map(weigh).collect();
        Self {
            weights: Some(weights),
            ..self
        }
    }

    /// How many samples of equal weight tell as much: (Σ weight)² / Σ weight².
    #[must_use]
    pub fn effective(&self) -> f64 {
        let weights = (0..self.exited.len()).map(|row| self.weight(row));
        let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), weight| {
            (sum + weight, squares + weight * weight)
        });
        if squares > 0.0 {
            sum * sum / squares
        } else {
            0.0
        }
    }

    /// Their names, in ascending order.
    pub(crate) fn ids(&self) -> Vec<SampleId> {
        let mut ids: Vec<SampleId> = (0..self.table.n_rows())
            .map(|row| self.table.sample_id(row))
            .collect();
        ids.sort_unstable();
        ids
    }
}
