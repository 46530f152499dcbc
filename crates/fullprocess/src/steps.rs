//! The steps of a run: timed, logged, and recorded in the history.

use crate::outcome::{Decision, Outcome, Step, StepStatus};
use anyhow::{Context, Result};
use risk_core::log::{self, Counts};
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
        let (status, reason, counts) = match &result {
            Ok(outcome) if outcome.did_nothing() => {
                (StepStatus::NothingToDo, None, outcome.counts())
            }
            Ok(outcome) => (StepStatus::Done, None, outcome.counts()),
            Err(error) => {
                let reason = Some(format!("{error:#}"));
                (StepStatus::Failed, reason, Counts::default())
            }
        };
        log::step(name, status.name(), started.elapsed(), counts);
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
        let (now, status) = (Instant::now(), StepStatus::Skipped);
        log::step(name, status.name(), now.elapsed(), Counts::default());
        self.note(name, status, Some(reason.to_owned()), now);
    }

    fn note(
        &mut self,
        name: &'static str,
        status: StepStatus,
        reason: Option<String>,
        started: Instant,
    ) {
        let elapsed_s = started.elapsed().as_secs_f64();
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

    /// The steps, in order.
    pub fn done(self) -> Vec<Step> {
        self.done
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

    /// What it dealt with.
    fn counts(&self) -> Counts;
}

impl<T: shell::Outcome> StepOutcome for T {
    fn did_nothing(&self) -> bool {
        self.is_silent()
    }

    fn counts(&self) -> Counts {
        shell::Outcome::counts(self)
    }
}

impl StepOutcome for crate::assess::Assessment {
    fn did_nothing(&self) -> bool {
        self.decision == Decision::NoNewData
    }

    fn counts(&self) -> Counts {
        Counts {
            samples: Some(self.n_unjudged()),
            ..Counts::default()
        }
    }
}
