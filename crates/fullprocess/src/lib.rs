//! The whole pipeline in one run: ingest what is new, judge the deployed model on it, retrain and
//! deploy where that is warranted, publish the list and the report.
//!
//! The stages are called in-process. Deciding ([`mod@assess`]) only reads; what was decided is then done
//! step by step. A run that was killed leaves steps undone, and the next run does them.

pub mod assess;
mod conclusion;
pub mod decide;
mod dry_run;
mod guard;
pub mod health;
mod on_call;
mod outcome;
mod permit;
mod publish;
mod retrial;
mod status;
mod steps;
pub mod upkeep;

pub use outcome::{Decision, Outcome, Said, Step, StepStatus};
pub use status::Status;

use anyhow::Result;
use assess::{Assessment, assess, model_age_days};
use clap::{ArgGroup, Parser};
use conclusion::Conclusion;
use dataset::{Labels, read_compiled, read_compiled_record};
use decide::HeldBack;
use permit::permit;
use risk_core::config::MonitoringConfig;
use risk_core::history::History;
use risk_core::release::{self, Release, State};
use risk_core::shell::{Common, Ended, Program};
use risk_core::{Run, hash};
use std::path::PathBuf;
use steps::Steps;
use upkeep::Format;

/// Ingest what is new, judge the deployed model, retrain it where needed, deploy and publish
///
/// Meant for cron: with nothing new it prints nothing and exits 0. Without a deployed model it trains
/// and deploys the first one.
///
/// With one of --dry-run, --status, --backup, --export, --prune and --erase it does that instead.
#[derive(Debug, Parser)]
#[command(name = "fullprocess", version)]
#[command(group = ArgGroup::new("mode").multiple(false))]
pub struct Arguments {
    /// Say what a run would do and why, and change nothing
    #[arg(long, group = "mode")]
    dry_run: bool,
    /// Say on one screen how the project is doing, and change nothing; the exit code is 1 when
    /// something needs a person
    #[arg(long, group = "mode")]
    status: bool,
    /// Copy all that a restored project needs into a new folder, also while a run is writing: the
    /// history, the compiled data and its parts, the model folder, the releases, the configuration
    #[arg(long, value_name = "FOLDER", group = "mode")]
    backup: Option<PathBuf>,
    /// Print a table of the history; an unknown name lists them
    #[arg(long, value_name = "TABLE", group = "mode")]
    export: Option<String>,
    /// The form of --export
    #[arg(long, value_enum, default_value_t = Format::Csv, requires = "export")]
    format: Format,
    /// Remove from the history what is older than --keep-days and not needed for later decisions
    #[arg(long, group = "mode")]
    prune: bool,
    /// With --prune: days of history, lists and predictions that are kept
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = 730,
        requires = "prune",
        allow_negative_numbers = true
    )]
    keep_days: u32,
    /// Erase one client, by its id as in the data: its rows, predictions and lists, here and in all
    /// data to come; audited by a salted hash. Your own files are not touched but named
    #[arg(long, value_name = "CLIENT", group = "mode")]
    erase: Option<String>,
    /// Never ask the package registry for newer versions of the dependencies; otherwise it is asked
    /// when its last answer is over a day old, for at most 5 s
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    common: Common,
}

impl Program for Arguments {
    type Outcome = Said;
    const RECORDS_STEPS: bool = true;

    fn common(&self) -> &Common {
        &self.common
    }

    fn writes(&self) -> bool {
        !self.dry_run && !self.status && self.backup.is_none() && self.export.is_none()
    }

    fn run(&self, run: &Run) -> Result<Said> {
        let options = Options {
            offline: self.offline,
        };
        Ok(if self.status {
            Said::Status(Box::new(status::status(run)))
        } else if self.dry_run {
            Said::Run(dry_run::dry_run(run)?)
        } else if let Some(folder) = &self.backup {
            Said::Backup(upkeep::backup(run, &self.common.config, folder)?)
        } else if let Some(table) = &self.export {
            Said::Export(upkeep::export(run, table, self.format)?)
        } else if self.prune {
            Said::Pruning(upkeep::prune(run, self.keep_days)?)
        } else if let Some(client) = &self.erase {
            Said::Erasure(upkeep::erase(run, client, &options)?)
        } else {
            Said::Run(crate::run(run, &options)?)
        })
    }

    fn after(&self, ended: &Ended<'_, Said>) {
        // Looking after what is kept says nothing about how the pipeline is doing.
        if self.writes() && !self.prune && self.erase.is_none() {
            on_call::after(self, ended);
        }
    }
}

/// How a run of the whole pipeline is to be done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether the package registry is never asked.
    pub offline: bool,
}

/// Runs the whole pipeline.
///
/// # Errors
/// When the input folder or the test data is missing, or a step up to the deployment fails. A
/// publishing step that fails is part of the outcome: it never undoes a deployment, and the next run
/// does it again.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    run.history()?.set_project(&health::project(run))?;
    conclusion::finish(run)?;
    let mut steps = Steps::new(run);
    let ingested = steps.run("ingestion", || {
        ingestion::run(run, &ingestion::Options::default())
    })?;
    let refused: Vec<String> = ingested
        .newly_refused()
        .map(|file| file.path.clone())
        .collect();
    if ingested.rows == 0 {
        return nothing_accepted(steps, refused);
    }
    let assessment = decide(run, &mut steps)?;
    publish::publish(run, options, &mut steps)?;
    Ok(steps.finish(assessment.decision, assessment.reason, refused))
}

fn nothing_accepted(steps: Steps<'_>, refused: Vec<String>) -> Result<Outcome> {
    if refused.is_empty() {
        return Err(risk_core::Failure::InputMissing(
            "no file of the input folder could be accepted yet; run ingestion -v to see why".into(),
        )
        .into());
    }
    let nothing = Assessment::nothing_accepted();
    Ok(steps.finish(nothing.decision, nothing.reason, refused))
}

/// Decides about the model and does what was decided.
fn decide(run: &Run, steps: &mut Steps<'_>) -> Result<Assessment> {
    let champion = release::current(&run.layout)?;
    let history = run.history()?;
    let known = LastJudgement::read(run, champion.as_ref(), history)?;
    if known == LastJudgement::IsCurrent {
        return Ok(Assessment::nothing_new());
    }
    let mut assessment = steps.run("judgement", || {
        let (_, table) = read_compiled(&run.layout)?;
        let labels = Labels::new(&run.config, run.now);
        let ripe = (0..table.n_rows())
            .filter(|row| labels.is_known(&table, *row))
            .count();
        history.set_published(&publish::labels(run), &ripe.to_string())?;
        let found = assess(run, champion.as_ref(), &table, Some(history))?;
        Ok(known.sift(permit(run, &table, found, Some(history))?))
    })?;
    if assessment.makes_a_model() {
        make_a_model(run, steps, champion.as_ref(), &mut assessment)?;
    }
    Conclusion::of(run, champion.as_ref(), &assessment)?.record(run)?;
    Ok(assessment)
}

/// Trains and scores a model, and deploys it or lets it wait for approval, unless it fails grossly.
fn make_a_model(
    run: &Run,
    steps: &mut Steps<'_>,
    champion: Option<&Release>,
    assessment: &mut Assessment,
) -> Result<()> {
    let recency = assessment.recency();
    let trained = assessment.challenger.take().map(|model| *model);
    steps.run("training", || training::run_recent(run, recency, trained))?;
    let scored = steps.run("scoring", || {
        scoring::run(run, &scoring::Options::default())
    })?;
    if guard::stops(&scored.scores.evaluation, assessment) {
        return Ok(());
    }
    if assessment.held_back == Some(HeldBack::ForApproval) {
        let held = steps.run("deployment", || deployment::hold(run))?;
        let how = format!(" deployment --approve {} puts it in force.", held.release);
        assessment.reason.push_str(&how);
        return Ok(());
    }
    let options = deployment::Options {
        was_compared: true,
        ..deployment::Options::default()
    };
    Conclusion::of(run, champion, assessment)?.note(run)?;
    steps.run("deployment", || deployment::run(run, &options))?;
    Ok(())
}

/// The name under which the history keeps for which inputs the champion was last judged.
fn judgement(run: &Run) -> String {
    publish::key(run, "judgement", run.layout.production())
}

/// Marks a judgement that a freeze kept from being acted on.
const FROZEN: &str = "frozen";
/// Marks a judgement for which the age of the champion asked for a new model.
const AGED: &str = "aged";

/// What is known of the judgement before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastJudgement {
    /// Nothing has changed since.
    IsCurrent,
    /// Only days have passed, on which labels may have ripened; so many samples were unjudged then.
    OnlyDaysPassed(u64),
    /// Data, release or settings are others, a freeze has ended, the champion has become too old, or
    /// there was no judgement.
    IsOutdated,
}

impl LastJudgement {
    /// Looks the last judgement of the champion up.
    pub fn read(run: &Run, champion: Option<&Release>, history: &History) -> Result<Self> {
        let (Some(champion), Some(last)) = (champion, history.published(&judgement(run))?) else {
            return Ok(Self::IsOutdated);
        };
        let mut words = last.split(' ');
        let inputs = judgement_inputs(run)?;
        if words.next() != Some(&inputs) || words.next() != Some(champion.id()) {
            return Ok(Self::IsOutdated);
        }
        let same_day = words.next() == Some(&day(run));
        let unjudged = words
            .next()
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        let marks: Vec<&str> = words.collect();
        if marks.contains(&FROZEN) && State::read(&run.layout)?.frozen_until(run.now).is_none() {
            return Ok(Self::IsOutdated);
        }
        let retrain_after_days = run.config.monitoring.retrain_after_days;
        if decide::is_aged(retrain_after_days, model_age_days(run, champion))
            && !marks.contains(&AGED)
        {
            return Ok(Self::IsOutdated);
        }
        Ok(if same_day {
            Self::IsCurrent
        } else {
            Self::OnlyDaysPassed(unjudged)
        })
    }

    /// Nothing new is found where only days have passed and no further label has ripened.
    pub fn sift(self, found: Assessment) -> Assessment {
        let undecided = found.judged.is_empty() && !found.decision.deploys();
        match self {
            Self::OnlyDaysPassed(unjudged) if undecided && found.n_unjudged() == unjudged => {
                Assessment::nothing_new_but(&found)
            }
            _ => found,
        }
    }
}

/// With a horizon labels ripen from day to day.
fn day(run: &Run) -> String {
    let today = run
        .config
        .dataset
        .horizon_days
        .map(|_| run.now.date_naive().to_string());
    today.unwrap_or_else(|| "undated".into())
}

/// All that a judgement depends on besides the release and the day.
fn judgement_inputs(run: &Run) -> Result<String> {
    let compiled = read_compiled_record(&run.layout)?;
    let config = &run.config;
    // Ages and windows are watched, not judged.
    let monitoring = MonitoringConfig {
        label_window_days: None,
        max_data_age_days: None,
        max_model_age_days: None,
        ..config.monitoring.clone()
    };
    let mut inputs = vec![
        compiled.sha256,
        format!("{monitoring:?} {:?}", config.model),
    ];
    // What drift does to the list depends on what is listed, and of whom.
    if monitoring.retrain_on_list_impact.is_some() {
        inputs.push(config.contacts.capacity.to_string());
        let clients = config.clients_path.as_deref();
        inputs.extend(clients.map(|path| publish::content_of(path).unwrap_or_default()));
    }
    let inputs = serde_json::json!(inputs);
    Ok(hash::sha256_hex(inputs.to_string()))
}
