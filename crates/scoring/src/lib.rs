//! Scoring: what a model is worth on the labelled test data.
//!
//! Writes the bare F1 that scripts read, and all metrics with their intervals under the id of the
//! model, so that a score is never taken for that of another model. Besides, it answers what was
//! published about one client on a day.

mod as_of;

pub use as_of::{Answer, as_of};

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use clap::Parser;
use dataset::{FolderData, ModelInput, format_number, read_folder};
use risk_core::log::Counts;
use risk_core::metrics::{Estimate, Rules, Scored, evaluate_under};
use risk_core::model::Model;
use risk_core::records::Scores;
use risk_core::shell::{self, Common, Program};
use risk_core::{Failure, Run, files, release};
use serde::Serialize;
use std::fmt::{self, Display};

/// The seed of the bootstrap draws: the same model and data give the same intervals.
const SEED: u64 = 0;

/// Score the newly trained model on the labelled test data
///
/// Applies trainedmodel.json of the model folder to the labelled rows of every *.csv in the test
/// folder and writes to the model folder: latestscore.txt (the F1 alone, a bare number) and
/// scores.json (all metrics with their 95 % intervals, and the reliability curve: risks given against
/// shares that left, in ten groups of clients).
///
/// Rows that cannot be used are listed with their reasons, rows without a label are passed over. A
/// file that cannot be read as a whole ends the run with exit code 65 and nothing is written.
///
/// With --client it says instead what was published about one client on a day: risk and reasons,
/// model and release, and the data files, as they were then. Nothing is written.
#[derive(Debug, Parser)]
#[command(name = "scoring", version)]
pub struct Arguments {
    /// Score the deployed model instead and only print the result: no file is written
    #[arg(long)]
    deployed: bool,
    /// Say instead what was published about this client: its id as in the data; exit code 66 where it
    /// was not in the book
    #[arg(long, value_name = "ID", conflicts_with = "deployed")]
    client: Option<String>,
    /// With --client: as it was at the end of this day in UTC, as in 2026-07-01 [default: today]
    #[arg(long, value_name = "DATE", requires = "client", value_parser = parse_day)]
    as_of: Option<NaiveDate>,
    #[command(flatten)]
    common: Common,
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "expected a day as YYYY-MM-DD, such as 2026-07-01".to_owned())
}

/// What the program has to say.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Report {
    /// What a model is worth.
    Scored(Box<Outcome>),
    /// What was published about a client.
    AsOf(Box<Answer>),
}

impl shell::Outcome for Report {}

impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scored(outcome) => outcome.fmt(f),
            Self::AsOf(answer) => answer.fmt(f),
        }
    }
}

impl Program for Arguments {
    type Outcome = Report;

    fn common(&self) -> &Common {
        &self.common
    }

    fn writes(&self) -> bool {
        !self.deployed && self.client.is_none()
    }

    fn run(&self, run: &Run) -> Result<Report> {
        if let Some(client) = &self.client {
            return Ok(Report::AsOf(Box::new(as_of(run, client, self.as_of)?)));
        }
        let options = Options {
            deployed: self.deployed,
        };
        Ok(Report::Scored(Box::new(crate::run(run, &options)?)))
    }
}

/// Which model is scored.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The deployed model instead of the newly trained one; nothing is written then.
    pub deployed: bool,
}

/// Scores a model on the test data.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no model or no labelled test data;
/// [`Failure::DataRefused`] when a test file as a whole cannot be read.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    let model = if options.deployed {
        release::require_current(&run.layout)?.model
    } else {
        Model::read(&run.layout.trained_model())?
    };
    let outcome = score(run, &model)?;
    if !options.deployed {
        run.history()?.record_scores(&outcome.scores, run.now)?;
        // The score comes last: scripts that see a new one find its metrics beside it.
        files::write_json(&run.layout.scores(), &outcome.scores)?;
        let f1 = format_number(outcome.scores.evaluation.confusion_matrix.f1());
        files::write(&run.layout.latest_score(), format!("{f1}\n"))?;
    }
    Ok(outcome)
}

/// What any model is worth on the test data; nothing is written.
///
/// # Errors
/// As [`run()`].
pub fn score(run: &Run, model: &Model) -> Result<Outcome> {
    let data = read_folder(run.layout.test(), &model.schema(true))?;
    let (rows, exited): (Vec<usize>, Vec<bool>) = (0..data.table.n_rows())
        .filter_map(|row| data.table.target(row).map(|exited| (row, exited)))
        .unzip();
    if rows.is_empty() {
        bail!(Failure::InputMissing(nothing_to_score(run, &data)));
    }
    let table = data.table.select(&rows);
    let risks = ModelInput::new(model, table.schema())?.risks(&table);
    let client_ids: Vec<String> = (0..table.n_rows())
        .map(|row| table.client_id(row).to_owned())
        .collect();
    let scored = Scored {
        client_ids: &client_ids,
        risks: &risks,
        exited: &exited,
    };
    tracing::info!(
        model = model.model_id,
        samples = scored.risks.len(),
        "predicted the test data"
    );
    let rules = Rules {
        threshold: model.threshold,
        capacity: Some(run.config.contacts.capacity.into()),
        seed: SEED,
    };
    let evaluation = evaluate_under(&rules, &scored).context("scoring the test data")?;
    Ok(Outcome {
        scores: Scores {
            model_id: model.model_id.clone(),
            evaluation,
        },
        rejected_rows: rejected(&data),
        files: data.files,
    })
}

fn nothing_to_score(run: &Run, data: &FolderData) -> String {
    let message = format!(
        "no labelled row in the test data of {}",
        run.layout.test().display()
    );
    match data.rejected.first() {
        Some((file, row)) => format!(
            "{message}; {} cannot be used, the first is {file} line {}: {}",
            match data.rejected.len() {
                1 => "1 row".to_owned(),
                rows => format!("{rows} rows"),
            },
            row.line,
            row.reasons.join("; ")
        ),
        None => message,
    }
}

fn rejected(data: &FolderData) -> Vec<RejectedRow> {
    let rows = data.rejected.iter().map(|(file, row)| RejectedRow {
        file: file.clone(),
        line: row.line,
        reasons: row.reasons.clone(),
    });
    rows.collect()
}

/// A row of the test data that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RejectedRow {
    /// Base name of its file.
    pub file: String,
    /// The line it begins on.
    pub line: u64,
    /// Every reason.
    pub reasons: Vec<String>,
}

/// The outcome of a scoring.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The model and its metrics.
    #[serde(flatten)]
    pub scores: Scores,
    /// The test files.
    pub files: Vec<String>,
    /// Rows of them that could not be used.
    pub rejected_rows: Vec<RejectedRow>,
}

impl shell::Outcome for Outcome {
    fn counts(&self) -> Counts {
        Counts {
            files: Some(self.files.len() as u64),
            samples: Some(self.scores.evaluation.n_samples),
            rejected_rows: Some(self.rejected_rows.len() as u64),
            ..Counts::default()
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evaluation = &self.scores.evaluation;
        let matrix = &evaluation.confusion_matrix;
        writeln!(
            f,
            "model {} on {} test rows, {} of them left",
            self.scores.model_id, evaluation.n_samples, evaluation.n_positive
        )?;
        if let Some(reason) = &evaluation.decides_nothing {
            writeln!(f, "  {reason}")?;
        }
        for (name, estimate) in evaluation.metrics.named() {
            writeln!(f, "  {name:<21} {}", describe(estimate))?;
        }
        if let Some(bin) = evaluation.reliability.last() {
            writeln!(f, "  {}", bin.describe())?;
        }
        writeln!(
            f,
            "  predicted:            stayed     left   (left: risk >= {})",
            evaluation.threshold
        )?;
        writeln!(
            f,
            "  stayed           {:>11} {:>8}",
            matrix.true_negative, matrix.false_positive
        )?;
        writeln!(
            f,
            "  left             {:>11} {:>8}",
            matrix.false_negative, matrix.true_positive
        )?;
        for row in &self.rejected_rows {
            writeln!(
                f,
                "  not used: {} line {}: {}",
                row.file,
                row.line,
                row.reasons.join("; ")
            )?;
        }
        Ok(())
    }
}

fn describe(estimate: &Estimate) -> String {
    match (estimate.value, estimate.low, estimate.high) {
        (Some(value), Some(low), Some(high)) => format!("{value:.4}  [{low:.4}, {high:.4}]"),
        (Some(value), ..) => format!("{value:.4}"),
        _ => format!(
            "not defined: {}",
            estimate.reason.as_deref().unwrap_or("no reason known")
        ),
    }
}
