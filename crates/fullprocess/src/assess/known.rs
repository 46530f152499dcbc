//! The labelled samples, those that count and those of called clients that do not.

use anyhow::Result;
use monitoring::evidence::Labelled;
use risk_core::Config;
use risk_core::config::ContactedLabels;
use risk_core::records::SampleId;
use training::{Contacted, Samples, overlapping};

/// All samples with a known label.
pub(super) struct Known {
    /// Those that count, with what each counts.
    pub counted: Samples,
    /// For each of these, how many samples of its client tell of the same event, itself included.
    pub shared: Vec<u32>,
    /// Those that are left out, because their clients were called before the label had settled.
    pub left_out: Samples,
    /// As `shared`, for these.
    pub shared_of_left_out: Vec<u32>,
}

impl Known {
    /// Tells them apart as the configuration says.
    ///
    /// # Errors
    /// [`risk_core::Failure::InputMissing`] when none of them counts.
    pub fn new(config: &Config, samples: Samples, contacted: &Contacted) -> Result<Self> {
        let labels = config.model.contacted_labels;
        let shared = overlapping(&samples.table, config.dataset.horizon_days);
        let is_left_out = |row: &usize| {
            labels == ContactedLabels::LeaveOut && contacted.is_touched(&samples.table, *row)
        };
        let (out, counted): (Vec<usize>, Vec<usize>) =
            (0..samples.exited.len()).partition(is_left_out);
        let of = |rows: &[usize]| rows.iter().map(|row| shared[*row]).collect();
        Ok(Self {
            left_out: samples.select(&out),
            shared_of_left_out: of(&out),
            shared: of(&counted),
            counted: samples.counting(contacted, labels)?,
        })
    }

    /// The samples that are left out as evidence, given the champion's risk of each.
    pub fn left_out_labels(&self, risks: &[f64]) -> impl Iterator<Item = (SampleId, Labelled)> {
        let Samples { table, exited, .. } = &self.left_out;
        let known = risks.iter().zip(exited).zip(&self.shared_of_left_out);
        known.enumerate().map(|(row, ((risk, exited), shared))| {
            let labelled = Labelled {
                risk: *risk,
                exited: *exited,
                weight: 1.0 / f64::from(*shared),
            };
            (table.sample_id(row), labelled)
        })
    }
}
