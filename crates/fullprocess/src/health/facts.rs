//! The single facts about a project.

use super::Health;
use crate::publish;
use anyhow::{Context, Result};
use reporting::diagnosed;
use risk_core::error::{age_days, exit, timestamp};
use risk_core::history::{History, RecordedDecision, RecordedRun, is_asked_for};
use risk_core::{Run, release};
use serde::Serialize;

/// The release in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeployedRelease {
    /// Its name.
    pub id: String,
    /// The model in it.
    pub model_id: String,
    /// When that was trained.
    pub trained_at: String,
    /// When the release was deployed.
    pub deployed_at: String,
    /// How long ago the model was trained.
    pub model_age_days: Option<f64>,
    /// The F1 on the test data.
    pub f1: f64,
}

/// A run that has begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RanOnce {
    /// Its number in the history; `None` where it did not get so far.
    pub run: Option<i64>,
    /// The time of the run.
    pub started_at: String,
    /// Its exit code; `None` while it is at work, or when it was killed.
    pub exit_code: Option<u8>,
    /// What failed: steps, or nothing where the run failed as a whole.
    pub failed_steps: Vec<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A run that is at work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkingRun {
    /// Its process.
    pub pid: u32,
    /// The time of the run.
    pub started_at: String,
}

/// A decision about the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decided {
    /// The run that made it.
    pub run: i64,
    /// When.
    pub decided_at: String,
    /// Its name.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// What asked for a new model: `model_drift`, `list_impact` or `age`.
    pub cause: Option<String>,
}

impl Decided {
    /// Whether a new model was asked for though the deployed one was not found to fit worse.
    pub(super) fn is_asked_for(&self) -> bool {
        is_asked_for(self.cause.as_deref())
    }
}

/// A publishing step that is still to be done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PendingStep {
    /// The step.
    pub name: String,
    /// Whether it failed in the last run.
    pub failed: bool,
}

/// A file that is refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedFile {
    /// Its base name.
    pub path: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Why.
    pub reason: String,
}

/// What the newest diagnostics warn of, where they are about the release in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alarms {
    /// When they were made.
    pub created_at: String,
    /// The release they are about.
    pub release: String,
    /// How many samples were judged for drift.
    pub new_samples: u64,
    /// The columns that have drifted; `risk` is the score of the model.
    pub drifted: Vec<String>,
    /// How many names of the list the drift changes, and of how many.
    pub list_change: Option<(u64, u64)>,
    /// Why the estimate of performance is no longer to be believed.
    pub withdrawn: Option<String>,
}

/// A message that has not arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undelivered {
    /// What it is about.
    pub cause: String,
    /// The channel it goes out by.
    pub channel: String,
    /// How often that was tried.
    pub attempts: i64,
    /// Why it last failed.
    pub error: Option<String>,
}

impl RanOnce {
    pub(super) fn of(history: &History, found: RecordedRun) -> Result<Self> {
        let steps = history.failed_steps(found.run)?;
        let reasons: Vec<&str> = steps
            .iter()
            .filter_map(|step| step.reason.as_deref())
            .collect();
        let error = found
            .error
            .or_else(|| Some(reasons.join("; ")).filter(|reasons| !reasons.is_empty()));
        Ok(Self {
            run: Some(found.run),
            started_at: found.started_at,
            exit_code: found.exit_code,
            failed_steps: steps.into_iter().map(|step| step.name).collect(),
            error,
        })
    }

    /// Whether it failed. A file that was refused is no failure of the run.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.exit_code
            .is_some_and(|code| code != exit::DONE && code != exit::DATA_REFUSED)
    }
}

impl From<RecordedDecision> for Decided {
    fn from(found: RecordedDecision) -> Self {
        let RecordedDecision {
            run,
            decided_at,
            decision,
            reason,
            cause,
            ..
        } = found;
        Self {
            run,
            decided_at,
            decision,
            reason,
            cause,
        }
    }
}

pub(super) fn release(run: &Run) -> Result<Option<DeployedRelease>> {
    let release = release::current(&run.layout)?;
    Ok(release.map(|release| DeployedRelease {
        id: release.id().to_owned(),
        model_id: release.model.model_id.clone(),
        trained_at: release.model.created_at.clone(),
        deployed_at: release.manifest.deployed_at.clone(),
        model_age_days: age_days(run.now, Some(&release.model.created_at)),
        f1: release.scores.evaluation.confusion_matrix.f1(),
    }))
}

/// What waits for approval, and whether changes are frozen.
pub(super) fn held_back(run: &Run, health: &mut Health) -> Result<()> {
    let waiting = release::waiting(&run.layout)?;
    health.waiting = waiting.map(|waiting| waiting.manifest.release);
    let frozen_until = release::State::read(&run.layout)?.frozen_until(run.now);
    health.frozen_until = frozen_until.map(timestamp);
    Ok(())
}

pub(super) fn refused_files(run: &Run) -> Result<Vec<RefusedFile>> {
    let refused = ingestion::refused_files(&run.layout)?;
    let file = |file: ingestion::RefusedFile| RefusedFile {
        path: file.name,
        sha256: file.sha256,
        reason: file.reason,
    };
    Ok(refused.into_iter().map(file).collect())
}

/// What the newest diagnostics warn of. Diagnostics of an earlier release say nothing about this one.
pub(super) fn alarms(run: &Run, release: Option<&str>) -> Result<Option<Alarms>> {
    let path = run.layout.diagnostics();
    let Some(found) = diagnosed::read(&path)? else {
        return Ok(None);
    };
    let lacks = |key: &str| format!("{} has no {key}; run diagnostics", path.display());
    let drift = found.drift.unwrap_or_default();
    let estimated = found.performance.and_then(|found| found.estimated);
    let alarms = Alarms {
        created_at: found.created_at.with_context(|| lacks("created_at"))?,
        release: found.release.with_context(|| lacks("release"))?,
        new_samples: drift.new_samples,
        drifted: drift.alarms,
        list_change: drift
            .list_impact
            .map(|impact| (impact.enters.len() as u64, impact.k)),
        withdrawn: estimated.and_then(|estimated| estimated.withdrawn),
    };
    let warns = !alarms.drifted.is_empty() || alarms.withdrawn.is_some();
    Ok(Some(alarms).filter(|alarms| warns && release == Some(&alarms.release)))
}

/// The run that holds the lock, where the last one has not ended and its process is alive. Trying
/// the lock would tell for sure, but could make a run that begins at this moment give up.
pub(super) fn at_work(run: &Run, last: Option<&RanOnce>) -> Option<WorkingRun> {
    last.filter(|last| last.exit_code.is_none())?;
    let text = std::fs::read_to_string(run.layout.lock()).ok()?;
    let mut words = text.split_whitespace();
    let pid: u32 = words.next()?.parse().ok()?;
    let started_at = words.next()?.to_owned();
    let is_alive = std::path::Path::new(&format!("/proc/{pid}")).exists();
    is_alive.then_some(WorkingRun { pid, started_at })
}

/// Nothing is pending before the first deployment.
pub(super) fn pending_steps(
    run: &Run,
    history: &History,
    health: &Health,
) -> Result<Vec<PendingStep>> {
    if health.release.is_none() {
        return Ok(Vec::new());
    }
    let last = health.last_run.as_ref();
    let failed = |name: &str| last.is_some_and(|last| last.failed_steps.iter().any(|s| s == name));
    let due = publish::due(run, history)?.into_iter();
    Ok(due
        .map(|name| PendingStep {
            name: name.to_owned(),
            failed: failed(name),
        })
        .collect())
}

pub(super) fn undelivered(history: &History, project: &str) -> Result<Vec<Undelivered>> {
    let pending = history.pending_deliveries(project)?.into_iter();
    Ok(pending
        .map(|pending| Undelivered {
            cause: pending.cause,
            channel: pending.channel,
            attempts: pending.attempts,
            error: pending.error,
        })
        .collect())
}
