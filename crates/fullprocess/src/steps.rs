//! The steps of a run: timed, logged, and recorded in the history.

use crate::outcome::{Decision, Outcome, Step, StepStatus};
use anyhow::{Context, Result};
use risk_core::{Run, release, shell};
use std::time::Instant;

/// The steps done so far.
pub(crate) struct Steps<'r> {
    run: &'r Run,
    started: Instant,
    done: Vec<Step>,
}

impl<'r> Steps<'r> {
    pub fn new(run: &'r Run) -> Self {
        Self {
            run,
            started: Instant::now(),
            done: Vec::new(),
        }
    }

    /// Does a step that everything after it needs.
    ///
    /// # Errors
    /// When the step fails.
    pub fn run<T: StepOutcome>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let started = Instant::now();
        let result = work();
        let (status, reason) = match &result {
            Ok(outcome) if outcome.did_nothing() => (StepStatus::NothingToDo, None),
            Ok(_) => (StepStatus::Done, None),
            Err(error) => (StepStatus::Failed, Some(format!("{error:#}"))),
        };
        self.note(name, status, reason, started);
        result.with_context(|| format!("{name} failed"))
    }

    /// Does a step that nothing else depends on: its failure is noted and the run goes on.
    pub fn try_run<T: StepOutcome>(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<T>,
    ) -> bool {
        match self.run(name, work) {
            Ok(_) => true,
            Err(error) => {
                tracing::error!("{error:#}; the next run tries again");
                false
            }
        }
    }

    /// Notes a step that does not apply now.
    pub fn skip(&mut self, name: &'static str, reason: &str) {
        self.note(
            name,
            StepStatus::Skipped,
            Some(reason.to_owned()),
            Instant::now(),
        );
    }

    fn note(
        &mut self,
        name: &'static str,
        status: StepStatus,
        reason: Option<String>,
        started: Instant,
    ) {
        let elapsed_s = started.elapsed().as_secs_f64();
        tracing::info!(step = name, status = status.name(), elapsed_s, "step");
        if status != StepStatus::NothingToDo {
            let recorded = self.run.history().and_then(|history| {
                history.record_step(name, status.name(), elapsed_s, reason.as_deref())
            });
            if let Err(error) = recorded {
                tracing::warn!("{error:#}");
            }
        }
        self.done.push(Step {
            name,
            status,
            reason,
            elapsed_s,
        });
    }

    /// The outcome of the run.
    pub fn finish(self, decision: Decision, reason: String, refused_files: Vec<String>) -> Outcome {
        let current = release::current(&self.run.layout).ok().flatten();
        Outcome {
            decision,
            reason,
            release: current.map(|release| release.id().to_owned()),
            steps: self.done,
            refused_files,
            dry_run: false,
            elapsed_s: self.started.elapsed().as_secs_f64(),
        }
    }
}

/// What a step gives: whether there was anything to do.
pub(crate) trait StepOutcome {
    /// Whether there was nothing to do.
    fn did_nothing(&self) -> bool;
}

impl<T: shell::Outcome> StepOutcome for T {
    fn did_nothing(&self) -> bool {
        self.is_silent()
    }
}

impl StepOutcome for crate::assess::Assessment {
    fn did_nothing(&self) -> bool {
        self.decision == Decision::NoNewData
    }
}
