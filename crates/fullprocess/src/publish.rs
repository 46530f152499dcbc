//! Publishing: diagnostics, the list and the report, and the calls to the service.
//!
//! Each step is current for certain inputs, which the history keeps. A step is done again when its
//! inputs are others, when one of its files is gone, when a contact period has begun, and when it
//! failed before.

use crate::Options;
use crate::steps::Steps;
use anyhow::{Context, Result};
use dataset::read_compiled_record;
use diagnostics::dependencies::AskRegistry;
use risk_core::history::History;
use risk_core::{Config, Run, files, hash, release};
use std::path::{Path, PathBuf};

/// The name under which the history keeps for which inputs a step was last done: projects that share
/// an output folder (practice and production) are told apart by the folder the step writes to.
pub(crate) fn key(run: &Run, step: &str, folder: &Path) -> String {
    format!("{step} {}", run.config.relative(folder))
}

/// The diagnostics lie in the output folder, which practice and production may share; all else in
/// the model folder.
fn step_key(run: &Run, step: &str) -> String {
    let layout = &run.layout;
    key(
        run,
        step,
        if step == "diagnostics" {
            layout.output()
        } else {
            layout.model()
        },
    )
}

/// The name under which the history keeps how many targets are known: with a horizon that grows from
/// day to day, and the book changes with it.
pub(crate) fn labels(run: &Run) -> String {
    key(run, "labels", run.layout.production())
}

/// A publishing step: its name and the files it writes.
struct Publication {
    step: &'static str,
    files: Vec<PathBuf>,
}

fn publications(run: &Run) -> [Publication; 3] {
    let layout = &run.layout;
    [
        Publication {
            step: "diagnostics",
            files: vec![layout.diagnostics()],
        },
        Publication {
            step: "reporting",
            files: vec![
                layout.confusion_matrix(),
                layout.roc_curve(),
                layout.reliability_curve(),
                layout.report(),
                layout.contact_list(),
                layout.contact_spreadsheet(),
            ],
        },
        Publication {
            step: "apicalls",
            files: Vec::new(),
        },
    ]
}

/// The names of the publishing steps that are due.
pub(crate) fn due(run: &Run, history: &History) -> Result<Vec<&'static str>> {
    let inputs = inputs(run, history)?;
    let period_began = period_began(run, history)?;
    let mut due = Vec::new();
    for publication in publications(run) {
        let key = step_key(run, publication.step);
        let current = history.published(&key)?.as_deref() == Some(inputs.as_str());
        let whole = publication.files.iter().all(|file| file.is_file());
        if period_began || !current || !whole {
            due.push(publication.step);
        }
    }
    Ok(due)
}

/// Does the steps that are due. A failed one stays due.
pub(crate) fn publish(run: &Run, options: &Options, steps: &mut Steps<'_>) -> Result<()> {
    let due = due(run, run.history()?)?;
    let inputs = inputs(run, run.history()?)?;
    for step in due {
        let done = match step {
            "diagnostics" => steps.try_run(step, || diagnose(run, options)),
            "reporting" => {
                steps.try_run(step, || reporting::run(run, &reporting::Options::default()))
            }
            _ => call_the_service(run, steps),
        };
        if done {
            let key = step_key(run, step);
            run.history()?.set_published(&key, &inputs)?;
        }
    }
    Ok(())
}

fn diagnose(run: &Run, options: &Options) -> Result<diagnostics::Outcome> {
    let ask_registry = if options.offline {
        AskRegistry::Never
    } else {
        AskRegistry::WhenOld
    };
    let options = diagnostics::Options {
        ask_registry,
        ..diagnostics::Options::default()
    };
    diagnostics::run(run, &options)
}

fn call_the_service(run: &Run, steps: &mut Steps<'_>) -> bool {
    if !apicalls::is_up(&apicalls::ApiUrl::of(&run.config)) {
        steps.skip("apicalls", "the service is not running");
        return true;
    }
    steps.try_run("apicalls", || {
        apicalls::run(run, &apicalls::Options::default())
    })
}

/// A hash of all that the published files depend on, times aside.
fn inputs(run: &Run, history: &History) -> Result<String> {
    let compiled = read_compiled_record(&run.layout)?;
    let release = release::require_current(&run.layout)?;
    // What cannot be read is told by the step that needs it.
    let content = |path: &Path| content_of(path).unwrap_or_else(|_| "unreadable".into());
    let book = run.config.clients_path.as_deref().map(content);
    let inputs = serde_json::json!([
        env!("CARGO_PKG_VERSION"),
        compiled.sha256,
        release.id(),
        book,
        content(run.layout.test()),
        history.published(&labels(run))?,
        history.contacts_version(&dataset::input_folder_name(&run.layout))?,
        last_decision(run, history)?,
        settings(&run.config),
    ]);
    Ok(hash::sha256_hex(inputs.to_string()))
}

/// The last decision about the model, which the report gives.
fn last_decision(run: &Run, history: &History) -> Result<Option<String>> {
    let made = history.last_decision(&crate::health::project(run))?;
    Ok(made.map(|made| format!("{} {}", made.decision, made.reason)))
}

/// The settings that the published files depend on.
fn settings(config: &Config) -> String {
    let dataset = risk_core::config::DatasetConfig {
        settle_s: 0,
        ..config.dataset.clone()
    };
    let contacted_labels = config.model.contacted_labels;
    format!("{dataset:?} {:?} {contacted_labels:?}", config.contacts)
}

/// A hash of a file, or of all files of a folder.
pub(crate) fn content_of(path: &Path) -> Result<String> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    if !path.is_dir() {
        return Ok(hash::sha256_hex(read(path)?));
    }
    let list = || format!("cannot list {}", path.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).with_context(list)? {
        let file = entry.with_context(list)?.path();
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    let digests = files
        .iter()
        .map(|file| {
            Ok(format!(
                "{} {}\n",
                file.file_name().unwrap_or_default().to_string_lossy(),
                hash::sha256_hex(read(file)?)
            ))
        })
        .collect::<Result<String>>()?;
    Ok(hash::sha256_hex(digests))
}

/// Whether the published list has run out, or there is none.
fn period_began(run: &Run, history: &History) -> Result<bool> {
    let today = run.now.date_naive();
    let folder = run.config.relative(run.layout.model());
    let newest = history.contact_list_on(&folder, today)?;
    Ok(newest.is_none_or(|list| list.valid_to <= today))
}

/// The day on which the next list is due, `YYYY-MM-DD`; `None` without a list, or without a client
/// on it.
pub(crate) fn next_list(run: &Run) -> Result<Option<String>> {
    let Some(bytes) = files::read_if_exists(&run.layout.contact_list())? else {
        return Ok(None);
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let Some(Ok(first)) = reader.records().next() else {
        return Ok(None);
    };
    // The last cell of every row.
    Ok(first.get(first.len() - 1).map(str::to_owned))
}
