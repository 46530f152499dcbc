//! How a project is doing: gathered from the files and the history, without changing anything.
//!
//! The same facts make the screen of `--status`, the causes that people are told of, and the metrics
//! for node_exporter.

mod causes;
mod facts;
mod metrics;

pub(crate) use causes::failed_run;
pub use facts::{
    Alarms, Decided, DeployedRelease, PendingStep, RanOnce, RefusedFile, Undelivered, WorkingRun,
};
pub(crate) use metrics::{EndedRun, last_success_in, metrics};

use alerts::Cause;
use risk_core::Run;
use risk_core::error::age_days;
use risk_core::history::{History, Which};
use serde::Serialize;

/// The program whose runs count.
pub(crate) const COMMAND: &str = "fullprocess";

/// How a project is doing. Times are RFC 3339, ages in days.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Health {
    /// Whether nothing needs a person.
    pub healthy: bool,
    /// What does, in sentences.
    pub reasons: Vec<String>,
    /// The release in force.
    pub release: Option<DeployedRelease>,
    /// The run that is at work now.
    pub at_work: Option<WorkingRun>,
    /// The last run.
    pub last_run: Option<RanOnce>,
    /// The last run that did all there was to do.
    pub last_success: Option<RanOnce>,
    /// The last run that failed.
    pub last_failure: Option<RanOnce>,
    /// The last decision about the model, but for those that too little was known for.
    pub decision: Option<Decided>,
    /// Publishing steps that are still to be done.
    pub pending_steps: Vec<PendingStep>,
    /// The release that waits for `deployment --approve`.
    pub waiting: Option<String>,
    /// Until when the release in force stays, where changes are frozen.
    pub frozen_until: Option<String>,
    /// Files of the input folder that are refused.
    pub refused_files: Vec<RefusedFile>,
    /// What the newest diagnostics of the release in force warn of.
    pub alarms: Option<Alarms>,
    /// When a file with new content was last accepted.
    pub data_arrived_at: Option<String>,
    /// How long ago that is.
    pub data_age_days: Option<f64>,
    /// The day on which the next list is due, YYYY-MM-DD.
    pub next_list: Option<String>,
    /// Messages that have not arrived.
    pub undelivered: Vec<Undelivered>,
    #[serde(skip)]
    causes: Vec<Cause>,
}

impl Health {
    /// What people are told of.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }
}

/// Gathers how the project is doing. What cannot be read is a reason by itself. `ended` is how a
/// run has just ended, which the history may not have been able to record.
pub(crate) fn examine(run: &Run, history: Option<&History>, ended: Option<RanOnce>) -> Health {
    let mut health = Health::default();
    let mut troubles = Vec::new();
    match facts::release(run) {
        Ok(release) => health.release = release,
        Err(error) => troubles.push(format!("{error:#}.")),
    }
    if let Err(error) = facts::held_back(run, &mut health) {
        troubles.push(format!("{error:#}."));
    }
    match facts::refused_files(run) {
        Ok(files) => health.refused_files = files,
        Err(error) => troubles.push(format!("{error:#}.")),
    }
    let release = health.release.as_ref().map(|release| release.id.as_str());
    match facts::alarms(run, release) {
        Ok(alarms) => health.alarms = alarms,
        Err(error) => troubles.push(format!("{error:#}.")),
    }
    health.next_list = crate::publish::next_list(run).unwrap_or_default();
    if let Some(history) = history
        && let Err(error) = recall(run, history, &mut health)
    {
        troubles.push(format!("{error:#}."));
    }
    // What the history has not got is known of the run that has just ended.
    if let Some(ended) = ended
        && !health
            .last_run
            .as_ref()
            .is_some_and(|last| last.run == ended.run && last.exit_code.is_some())
    {
        health.last_run = Some(ended);
    }
    let causes = causes::causes(run, &health);
    troubles.extend(causes::reasons(run, &health, &causes));
    health.healthy = troubles.is_empty();
    health.reasons = troubles;
    health.causes = causes;
    health
}

/// What the history knows.
fn recall(run: &Run, history: &History, health: &mut Health) -> anyhow::Result<()> {
    let project = project(run);
    let find = |which| -> anyhow::Result<Option<RanOnce>> {
        let found = history.find_run(COMMAND, &project, which)?;
        found.map(|found| RanOnce::of(history, found)).transpose()
    };
    health.last_run = find(Which::Last)?;
    health.last_success = find(Which::LastSuccess)?;
    health.last_failure = find(Which::LastFailure)?;
    health.at_work = facts::at_work(run, health.last_run.as_ref());
    health.decision = history.last_decision(&project)?.map(Decided::from);
    health.data_arrived_at = history.data_arrived_at(&dataset::input_folder_name(&run.layout))?;
    health.data_age_days = age_days(run.now, health.data_arrived_at.as_deref());
    health.pending_steps = facts::pending_steps(run, history, health)?;
    health.undelivered = facts::undelivered(history, &project)?;
    Ok(())
}

/// The project: its folder of releases, relative to the configuration.
pub(crate) fn project(run: &Run) -> String {
    let folder = run.layout.production();
    let relative = folder.strip_prefix(&run.config.folder).unwrap_or(folder);
    relative.display().to_string()
}
