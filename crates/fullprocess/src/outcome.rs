//! What a run of the whole pipeline has to say.

use crate::status::Status;
use crate::upkeep::{Backup, Erasure, Export, Pruning};
use risk_core::error::exit;
use risk_core::log::Counts;
use risk_core::shell;
use serde::Serialize;
use std::fmt::{self, Display};

/// What was decided about the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The first model was trained and deployed.
    Bootstrap,
    /// Nothing new to judge the model on.
    NoNewData,
    /// The model still holds.
    NoDrift,
    /// Too few newly labelled samples to tell.
    TooFewToDecide,
    /// The model has drifted, and a new one was tried and is worse.
    ChallengerRejected,
    /// The model has drifted, and a new one took its place.
    ChallengerDeployed,
    /// The model has drifted, and it cannot be told whether a new one is better.
    Degraded,
}

impl Decision {
    /// The name in JSON and in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::NoNewData => "no_new_data",
            Self::NoDrift => "no_drift",
            Self::TooFewToDecide => "too_few_to_decide",
            Self::ChallengerRejected => "challenger_rejected",
            Self::ChallengerDeployed => "challenger_deployed",
            Self::Degraded => "degraded",
        }
    }

    /// Whether a newly trained model is deployed.
    #[must_use]
    pub fn deploys(self) -> bool {
        matches!(self, Self::Bootstrap | Self::ChallengerDeployed)
    }
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It was done.
    Done,
    /// There was nothing to do.
    NothingToDo,
    /// It does not apply now; `reason` says why.
    Skipped,
    /// It failed; the next run does it again.
    Failed,
    /// A dry run: it would be done.
    WouldRun,
}

impl StepStatus {
    /// The name in JSON and in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NothingToDo => "nothing_to_do",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::WouldRun => "would_run",
        }
    }
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The stage.
    pub name: &'static str,
    /// What became of it.
    pub status: StepStatus,
    /// Why it was skipped or failed, or would be done.
    pub reason: Option<String>,
    /// Seconds it took.
    pub elapsed_s: f64,
}

/// What the program has to say.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Said {
    /// What a run did, or would do.
    Run(Outcome),
    /// How the project is doing.
    Status(Box<Status>),
    /// What was copied.
    Backup(Backup),
    /// A table of the history.
    Export(Export),
    /// What was pruned.
    Pruning(Pruning),
    /// What was erased.
    Erasure(Erasure),
}

impl shell::Outcome for Said {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Run(outcome) => outcome.exit_code(),
            Self::Status(status) => status.exit_code(),
            Self::Erasure(erasure) => erasure.exit_code(),
            Self::Backup(_) | Self::Export(_) | Self::Pruning(_) => exit::DONE,
        }
    }

    fn is_silent(&self) -> bool {
        matches!(self, Self::Run(outcome) if outcome.is_silent())
    }

    fn counts(&self) -> Counts {
        match self {
            Self::Run(outcome) => outcome.counts(),
            _ => Counts::default(),
        }
    }
}

impl Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(outcome) => outcome.fmt(f),
            Self::Status(status) => status.fmt(f),
            Self::Backup(backup) => backup.fmt(f),
            Self::Export(export) => export.fmt(f),
            Self::Pruning(pruning) => pruning.fmt(f),
            Self::Erasure(erasure) => erasure.fmt(f),
        }
    }
}

/// The outcome of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What was decided about the model.
    pub decision: Decision,
    /// Why, in sentences for a manager.
    pub reason: String,
    /// The release in force.
    pub release: Option<String>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Files that were refused in this run.
    pub refused_files: Vec<String>,
    /// Whether nothing was done because it was only asked what would be.
    pub dry_run: bool,
    /// Seconds the run took.
    pub elapsed_s: f64,
}

impl shell::Outcome for Outcome {
    fn exit_code(&self) -> u8 {
        if self
            .steps
            .iter()
            .any(|step| step.status == StepStatus::Failed)
        {
            exit::FAILED
        } else if self.refused_files.is_empty() {
            exit::DONE
        } else {
            exit::DATA_REFUSED
        }
    }

    fn is_silent(&self) -> bool {
        let idle = |step: &Step| step.status == StepStatus::NothingToDo;
        !self.dry_run && self.refused_files.is_empty() && self.steps.iter().all(idle)
    }

    fn counts(&self) -> Counts {
        let idle = |step: &&Step| step.status != StepStatus::NothingToDo;
        Counts {
            steps: Some(self.steps.iter().filter(idle).count() as u64),
            refused_files: Some(self.refused_files.len() as u64),
            ..Counts::default()
        }
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let would = if self.dry_run { "would decide " } else { "" };
        writeln!(f, "{would}{}: {}", self.decision.name(), self.reason)?;
        for step in &self.steps {
            write!(
                f,
                "  {:<12} {:<13} {:>7.3} s",
                step.name,
                step.status.name(),
                step.elapsed_s
            )?;
            match &step.reason {
                Some(reason) => writeln!(f, "  {reason}")?,
                None => writeln!(f)?,
            }
        }
        if !self.refused_files.is_empty() {
            writeln!(f, "  refused: {}", self.refused_files.join(", "))?;
        }
        match &self.release {
            Some(release) => writeln!(f, "release in force: {release}"),
            None => writeln!(f, "no release is in force"),
        }
    }
}
