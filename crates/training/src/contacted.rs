//! Which labels are of clients that were contacted before these had settled, and what they count.
//!
//! A client that was called may have stayed because of it: its label no longer says what happens by
//! itself, and a model fitted to it, or judged on it, takes the effect of the calls for low risk
//! (docs/MODEL.md).

use crate::Samples;
use anyhow::Result;
use contacts::{Contact, by_client, was_contacted};
use dataset::{Labels, Table, input_folder_name};
use risk_core::Run;
use risk_core::config::ContactedLabels;
use risk_core::history::{ContactRecord, History};
use risk_core::records::SampleId;
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of calls, to tell which labels they may have changed.
#[derive(Debug, Clone, Default)]
pub struct Contacted {
    calls: HashMap<String, Vec<Contact>>,
    horizon_days: Option<u32>,
}

/// The known samples whose labels a call may have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Touched {
    /// What these labels count.
    pub labels: ContactedLabels,
    /// The samples, in ascending order, those that were left out included.
    pub samples: Vec<SampleId>,
}

impl Contacted {
    /// Calls by client; labels settle so many days after the sample.
    #[must_use]
    pub fn new(calls: HashMap<String, Vec<Contact>>, horizon_days: Option<u32>) -> Self {
        Self {
            calls,
            horizon_days,
        }
    }

    /// The calls that a history knows of; none without one.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub fn read(run: &Run, history: Option<&History>) -> Result<Self> {
        let horizon_days = run.config.dataset.horizon_days;
        let records = match history {
            Some(history) => history.contacts(&input_folder_name(&run.layout))?,
            None => Vec::new(),
        };
        if horizon_days.is_none() && !records.is_empty() {
            tracing::info!(
                "{} calls are known, but no label is marked as touched by one: that takes \
                 dataset.observed_at and dataset.horizon_days",
                records.len()
            );
        }
        let calls = by_client(records.into_iter().map(ContactRecord::into_parts));
        Ok(Self::new(calls, horizon_days))
    }

    /// Whether a call may have changed the label of a row. Where samples have no dates or labels no
    /// horizon it cannot be told whether a call came before or after, and no row is marked.
    #[must_use]
    pub fn is_touched(&self, table: &Table, row: usize) -> bool {
        let (Some(horizon_days), Some(observed_at)) = (self.horizon_days, table.observed_at(row))
        else {
            return false;
        };
        self.calls
            .get(table.client_id(row))
            .is_some_and(|calls| was_contacted(observed_at, horizon_days, calls))
    }
}

impl Samples {
    /// The labelled samples of a table, with the labels of contacted clients left out or weighed as
    /// the configuration says.
    ///
    /// # Errors
    /// As [`Samples::labelled`]; when all labels are of contacted clients and these are left out; when
    /// the history cannot be read.
    pub fn known(run: &Run, table: &Table, history: Option<&History>) -> Result<Self> {
        let samples = Self::labelled(table, &Labels::new(&run.config, run.now))?;
        let contacted = Contacted::read(run, history)?;
        samples.counting(&contacted, run.config.model.contacted_labels)
    }

    /// The same samples, with the labels of contacted clients left out or weighed.
    ///
    /// # Errors
    /// [`risk_core::Failure::InputMissing`] when nothing is left.
    pub fn counting(self, contacted: &Contacted, labels: ContactedLabels) -> Result<Self> {
        let marks: Vec<bool> = (0..self.table.n_rows())
            .map(|row| contacted.is_touched(&self.table, row))
            .collect();
        if !marks.contains(&true) {
            return Ok(self);
        }
        let mut touched: Vec<SampleId> = (0..marks.len())
            .filter(|row| marks[*row])
            .map(|row| self.table.sample_id(row))
            .collect();
        touched.sort_unstable();
        let counted = match labels {
            ContactedLabels::Use => self,
            ContactedLabels::Weigh(weight) => {
                let factor = |touched: &bool| if *touched { weight } else { 1.0 };
                self.times(&marks.iter().map(factor).collect::<Vec<_>>())
            }
            ContactedLabels::LeaveOut => {
                let rows: Vec<usize> = (0..marks.len()).filter(|row| !marks[*row]).collect();
                self.select(&rows).require_any(touched.len())?
            }
        };
        Ok(Self {
            touched: Some(Arc::new(Touched {
                labels,
                samples: touched,
            })),
            ..counted
        })
    }
}

impl Touched {
    /// Those that are left out; none where they count.
    #[must_use]
    pub fn left_out(&self) -> &[SampleId] {
        match self.labels {
            ContactedLabels::LeaveOut => &self.samples,
            ContactedLabels::Use | ContactedLabels::Weigh(_) => &[],
        }
    }
}
