//! How well a training does on a table of your own: cross-validation by client.
//!
//! `cargo run --release -p training --example crossvalidate -- TABLE.csv --id COLUMN --target COLUMN`
//!
//! The clients are dealt into folds, those with and those without a positive label each evenly. For
//! every fold the whole training (basis, penalty, calibration, all as configured) runs on the clients
//! of the other folds and predicts those of this one. docs/BENCHMARK.md says what it found on public data.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program whose result is its output"
)]

mod folds;
mod outcome;
mod table;

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use clap::Parser;
use dataset::ModelInput;
use outcome::{Fold, Outcome};
use risk_core::config::Override;
use risk_core::{Config, files};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use table::Labelled;

/// Cross-validate a training on a table
#[derive(Debug, Parser)]
#[command(name = "crossvalidate")]
struct Arguments {
    /// The table, a CSV file with a header
    table: PathBuf,
    /// The column that identifies a client [default: every row is a client]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// The column that says whether the client left
    #[arg(long, value_name = "COLUMN")]
    target: String,
    /// The text of the target that means "left" [default: 1, true or yes]
    #[arg(long, value_name = "TEXT")]
    positive: Option<String>,
    /// A column to leave out; may be repeated
    #[arg(long, value_name = "COLUMN")]
    ignore: Vec<String>,
    /// Number of folds
    #[arg(long, default_value_t = 5, value_name = "N")]
    folds: usize,
    /// Seed of the deal into folds
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Any other setting, such as model.basis=linear; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Override>,
    /// Write fold, target and risk of every row to this CSV file
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let outcome = run(&arguments)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&outcome)?);
    } else {
        print!("{outcome}");
    }
    Ok(())
}

fn run(arguments: &Arguments) -> Result<Outcome> {
    let started = Instant::now();
    let config = configuration(arguments)?;
    let labelled = table::read(&arguments.table, arguments.id.as_deref(), &config)?;
    let dealt = folds::deal(
        &labelled.client_ids(),
        &labelled.samples.exited,
        arguments.folds,
        arguments.seed,
    );
    let mut risks = vec![0.0; dealt.len()];
    let mut folds = Vec::new();
    for fold in 0..arguments.folds {
        let judged = judge(&config, &labelled, &dealt, fold, &mut risks)
            .with_context(|| format!("fold {fold}"))?;
        folds.push(judged);
    }
    if let Some(path) = &arguments.predictions {
        write_predictions(path, &labelled, &dealt, &risks)?;
    }
    Ok(Outcome::new(folds, started.elapsed().as_secs_f64()))
}

fn configuration(arguments: &Arguments) -> Result<Config> {
    ensure!(arguments.folds > 1, "--folds must be at least 2");
    let text = |key: &str, value: &str| Override {
        key: format!("dataset.{key}"),
        value: serde_json::Value::from(value).to_string(),
    };
    let id = arguments.id.as_deref().unwrap_or(table::ROW_NUMBER);
    let mut settings = vec![text("client_id", id), text("target", &arguments.target)];
    settings.extend(arguments.positive.iter().map(|word| text("positive", word)));
    settings.push(Override {
        key: "dataset.ignore".into(),
        value: serde_json::to_string(&arguments.ignore)?,
    });
    settings.extend(arguments.set.iter().cloned());
    // There is no such file, so all else has its default.
    let nowhere = Path::new("crossvalidate/no-configuration.json");
    Ok(risk_core::config::load_or_default(nowhere, &settings)?)
}

/// Trains without the clients of a fold and judges the model on them.
fn judge(
    config: &Config,
    labelled: &Labelled,
    dealt: &[usize],
    fold: usize,
    risks: &mut [f64],
) -> Result<Fold> {
    let (held_out, rest): (Vec<usize>, Vec<usize>) =
        (0..dealt.len()).partition(|row| dealt[*row] == fold);
    ensure!(!held_out.is_empty(), "there are fewer clients than folds");
    let model = training::fit(config, &labelled.samples.select(&rest), Utc::now())?;
    let samples = labelled.samples.select(&held_out);
    let predicted = ModelInput::new(&model, samples.table.schema())?.risks(&samples.table);
    for (row, risk) in held_out.iter().zip(&predicted) {
        risks[*row] = *risk;
    }
    Fold::of(&model, &predicted, &samples.exited)
}

fn write_predictions(
    path: &Path,
    labelled: &Labelled,
    dealt: &[usize],
    risks: &[f64],
) -> Result<()> {
    let mut text = "row,fold,exited,risk\n".to_owned();
    for (index, row) in labelled.rows.iter().enumerate() {
        let exited = u8::from(labelled.samples.exited[index]);
        writeln!(text, "{row},{},{exited},{}", dealt[index], risks[index])?;
    }
    files::write(path, text)
}
