//! Training: fits the risk model to the labelled samples of the compiled data.
//!
//! The fit is the optimum of the penalised likelihood or an error; the stored model is plain numbers,
//! so that what only applies it needs no solver. The same data and settings give the same bytes.

mod book;
pub mod calibrate;
mod candidates;
mod contacted;
mod encode;
pub mod gate;
mod input;
mod left_out;
mod outcome;
mod overlap;
mod recency;
pub mod reference;
mod samples;
mod select;
mod shared;
pub mod solver;
pub mod threshold;

pub use contacted::{Contacted, Touched};
pub use outcome::Outcome;
pub use overlap::overlapping;
pub use samples::Samples;
pub use select::{OutOfFold, Selected, out_of_fold, select};

use anyhow::{Context, Result};
use calibrate::calibrate;
use chrono::{DateTime, Utc};
use clap::Parser;
use dataset::{CompiledData, Table};
use encode::Encoding;
use risk_core::calibration::Calibration;
use risk_core::config::Threshold;
use risk_core::model::{ContactedData, FitRecord, Model, TrainingData};
use risk_core::recency::{Recency, RecentSamples};
use risk_core::records::{self, SampleId, TrainingRecord};
use risk_core::schema::Role;
use risk_core::shell::{Common, Program};
use risk_core::{Config, Run, files, hash};
use solver::FitError;
use std::time::Instant;

/// Fit the risk model to the compiled data
///
/// Reads finaldata.csv in the output folder and writes to the model folder: trainedmodel.json (the
/// model in plain numbers) and trainingrecord.json (which files and samples it was trained on).
///
/// How numbers enter the model and how strong its penalty is are chosen by cross-validation, unless
/// model.basis and model.l2 are set.
///
/// A sample whose label is missing, or is younger than dataset.horizon_days, is not trained on, nor one
/// whose client was called before its label had settled, unless model.contacted_labels says otherwise.
/// The same data and settings give the same model_id. The model is used only once deployment has put it
/// in force.
#[derive(Debug, Parser)]
#[command(name = "training", version)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        crate::run(run)
    }
}

/// Trains a model on all labelled samples of the compiled data and writes it to the model folder.
///
/// # Errors
/// [`risk_core::Failure::InputMissing`] when there is no compiled data, no label in it, or it was
/// compiled under other settings; else when the fit fails, with its cause, or the model cannot be
/// written.
pub fn run(run: &Run) -> Result<Outcome> {
    run_recent(run, Recency::All, None)
}

/// Trains a model on the labelled samples that a rule takes, and writes it to the model folder. `trained`
/// is that model where [`train`] has made it of the same data in this run already.
///
/// # Errors
/// As [`run()`].
pub fn run_recent(run: &Run, recency: Recency, trained: Option<Model>) -> Result<Outcome> {
    let started = Instant::now();
    let (compiled, table, known) = input::read(run)?;
    let samples = known.recent(recency);
    let model = match trained {
        Some(model) => model,
        None => train(run, &table, &known, recency)?,
    };
    tell_what_is_left_out(&model, &samples);
    files::write_json(
        &run.layout.reference(),
        &reference::profile(&model, &samples)?,
    )?;
    // The model comes last: a record without its model is seen not to belong to the one beside it.
    files::write_json(
        &run.layout.training_record(),
        &record(&model, compiled, &samples, &known),
    )?;
    files::write_json(&run.layout.trained_model(), &model)?;
    run.history()?.record_model(&model)?;
    Ok(Outcome::new(&model, started.elapsed().as_secs_f64()))
}

/// Fits the very model that [`run_recent`] writes: as [`fit_recent`] does, with the threshold at capacity
/// where that is asked for. `compiled` is the compiled data, `known` its labelled samples.
///
/// # Errors
/// As [`fit`]; and when the book cannot be read or lacks a feature of the model.
pub fn train(run: &Run, compiled: &Table, known: &Samples, recency: Recency) -> Result<Model> {
    let mut model = fit_recent(&run.config, known, recency, run.now)?;
    if run.config.model.threshold == Threshold::Capacity
        && let Some(threshold) = book::threshold_at_capacity(run, compiled, &model)?
    {
        model.threshold = threshold;
        model = model.sealed(run.now)?;
    }
    Ok(model)
}

/// Seconds that fitting a model to the compiled data takes, without writing anything.
///
/// # Errors
/// As [`run()`].
pub fn measure(run: &Run) -> Result<f64> {
    let (_, _, samples) = input::read(run)?;
    let started = Instant::now();
    fit(&run.config, &samples, run.now)?;
    Ok(started.elapsed().as_secs_f64())
}

/// Fits a model to those labelled samples that a rule takes; what it took is part of the model.
///
/// # Errors
/// As [`fit`].
pub fn fit_recent(
    config: &Config,
    known: &Samples,
    recency: Recency,
    now: DateTime<Utc>,
) -> Result<Model> {
    if recency == Recency::All {
        return fit(config, known, now);
    }
    let samples = known.recent(recency);
    let mut model = fit(config, &samples, now)?;
    model.data.recency = Some(RecentSamples {
        recency,
        n_known: known.exited.len() as u64,
        effective_samples: samples.effective(),
    });
    model.sealed(now)
}

/// Fits a model to labelled samples, with their weights where they have some, and with basis and penalty
/// chosen by cross-validation where the configuration says so.
///
/// # Errors
/// When there is no usable feature or the fit fails; the message names the cause.
pub fn fit(config: &Config, samples: &Samples, now: DateTime<Utc>) -> Result<Model> {
    let chosen = select(config, samples)?;
    let calibrated = calibrate(config, samples, &chosen)?;
    let mut model = fit_chosen(config, samples, &chosen, now)?;
    model.calibration = calibrated.mapping;
    model.calibration_choice = calibrated.record;
    model.recalibration = calibrated.recalibration;
    // That at capacity needs the book; it is set where there is one.
    if let Some(threshold) = calibrated.threshold {
        model.threshold = threshold;
    }
    model.sealed(now)
}

/// Fits a model with a basis and a penalty that were chosen before, without a calibration.
///
/// # Errors
/// As [`fit`].
pub fn fit_chosen(
    config: &Config,
    samples: &Samples,
    chosen: &Selected,
    now: DateTime<Utc>,
) -> Result<Model> {
    let settings = &config.model;
    let (encoding, design) = Encoding::of(&samples.table, chosen.basis)?;
    let fit = match &samples.weights {
        Some(weights) => solver::fit_weighted(&design, &samples.exited, weights, chosen.l2),
        None => solver::fit(&design, &samples.exited, chosen.l2),
    };
    let fit = fit
        .map_err(|error| explained(config, &encoding, error))
        .context("the model cannot be fitted")?;
    tracing::info!(
        newton_steps = fit.newton_steps,
        gradient_norm = fit.gradient_norm,
        log_loss = fit.log_loss,
        "fitted {} columns to {} samples",
        design.n_columns(),
        design.n_samples()
    );
    let (intercept, features) = encoding.features(fit.intercept, &fit.coefficients);
    let model = Model {
        format: String::new(),
        format_version: 0,
        model_id: String::new(),
        created_at: String::new(),
        kind: settings.kind,
        basis: chosen.basis,
        l2: chosen.l2,
        selection: chosen.selection.clone(),
        calibration: Calibration::None,
        calibration_choice: None,
        recalibration: None,
        threshold: settings.threshold.fixed_or_usual(),
        client_id: config.dataset.client_id.clone(),
        target: config.dataset.target.clone(),
        positive: config.dataset.positive.clone(),
        horizon_days: config.dataset.horizon_days,
        features,
        intercept,
        intercept_standardised: fit.intercept,
        data: training_data(samples),
        fit: FitRecord {
            solver: solver_of(&fit.start),
            converged: true,
            gradient_norm: fit.gradient_norm,
            newton_steps: u32::try_from(fit.newton_steps)?,
            log_loss: fit.log_loss,
        },
    };
    model.sealed(now)
}

/// The error with the name of its column, and with what may be wrong in the configuration.
fn explained(config: &Config, encoding: &Encoding, error: FitError) -> anyhow::Error {
    let dataset = &config.dataset;
    match (&error, &dataset.positive) {
        (FitError::OneClass { exited: false, .. }, Some(positive)) => {
            let cause = format!(
                "no cell of {} reads {positive:?}, the text that dataset.positive says means that the \
                 client left",
                dataset.target
            );
            anyhow::Error::new(error).context(cause)
        }
        _ => encoding.name_column(error),
    }
}

fn solver_of(start: &solver::Start) -> String {
    match start {
        solver::Start::Linfa { .. } => "linfa-logistic, then Newton steps on all samples".into(),
        solver::Start::Zeros { reason } => format!("Newton steps on all samples ({reason})"),
    }
}

fn tell_what_is_left_out(model: &Model, samples: &Samples) {
    for (name, reason) in left_out::left_out(model, &samples.table) {
        tracing::warn!("feature {name} is left out: {reason}");
    }
}

fn training_data(samples: &Samples) -> TrainingData {
    let table = &samples.table;
    let dates = || (0..table.n_rows()).filter_map(|row| table.observed_at(row));
    TrainingData {
        sha256: digest(table),
        n_samples: table.n_rows() as u64,
        n_positive: samples.exited.iter().filter(|exited| **exited).count() as u64,
        observed_from: dates().min(),
        observed_to: dates().max(),
        recency: None,
        contacted: samples.touched.as_deref().map(|touched| ContactedData {
            n_contacted: touched.samples.len() as u64,
            labels: touched.labels,
        }),
    }
}

/// The hash of all that a fit depends on; columns that are only carried do not count.
fn digest(table: &Table) -> String {
    let columns: Vec<_> = table
        .schema()
        .columns
        .iter()
        .zip(table.columns())
        .filter(|(column, _)| column.role != Role::Carried)
        .collect();
    let mut hasher = hash::Hasher::default();
    for (column, _) in &columns {
        hasher.update(format!("{}\u{1f}", column.name).as_bytes());
    }
    for row in 0..table.n_rows() {
        for (_, data) in &columns {
            hasher.update(data.cell(row).as_bytes());
            hasher.update(b"\x1f");
        }
    }
    hasher.finish()
}

fn record(
    model: &Model,
    compiled: CompiledData,
    samples: &Samples,
    known: &Samples,
) -> TrainingRecord {
    let trained_on = samples.ids();
    let is_left_out = |id: &SampleId| trained_on.binary_search(id).is_err();
    let mut left_out = known.ids();
    if let Some(touched) = &known.touched {
        left_out.extend(touched.left_out());
        left_out.sort_unstable();
    }
    TrainingRecord {
        format_version: records::FORMAT_VERSION,
        model_id: model.model_id.clone(),
        input_folder: compiled.input_folder,
        files: compiled.files,
        left_out: left_out.into_iter().filter(is_left_out).collect(),
        samples: trained_on,
    }
}
