//! After a run: people are told what needs them, whoever waits for the heartbeat gets it, and the
//! metrics are written. The lock is free by then and the exit code settled, so that nothing here can
//! hold up or fail a run, and all that is sent together has one limit of time.
//!
//! What was told is kept in the history. Where that cannot be used, it is kept in a file.

mod channels;
mod memory;
mod outbox;
mod send;

use crate::Arguments;
use crate::health::{self, EndedRun, Health, RanOnce};
use crate::outcome::{Said, StepStatus};
use alerts::{Address, Cause, Channel, Kind, Message, Sender, plan};
use anyhow::Result;
use chrono::TimeDelta;
use memory::Memory;
use risk_core::config;
use risk_core::error::{exit, timestamp};
use risk_core::history::History;
use risk_core::lock::Lock;
use risk_core::shell::{Common, Ended, Outcome as _};
use risk_core::{Config, Failure, Run, files};
use send::{Outgoing, send};
use std::path::Path;

/// Does what is to be done after a run. Nothing that fails here changes the exit code.
pub(crate) fn after(arguments: &Arguments, ended: &Ended<'_, Said>) {
    let code = match &ended.result {
        Ok(said) => said.exit_code(),
        Err(error) => risk_core::error::exit_code(error),
    };
    // Another run is at work, and will do all this.
    if code == exit::LOCKED {
        return;
    }
    let done = match ended.config {
        Some(config) => After::new(config, &arguments.common, ended, code).finish(),
        None => after_bad_configuration(&arguments.common, ended, code),
    };
    if let Err(error) = done {
        tracing::warn!("{error:#}");
    }
}

/// A run that has ended.
struct After<'a> {
    run: Run,
    ended: &'a Ended<'a, Said>,
    code: u8,
    history: Option<History>,
    memory: Memory,
    sender: Sender,
}

impl<'a> After<'a> {
    fn new(config: &Config, common: &Common, ended: &'a Ended<'a, Said>, code: u8) -> Self {
        let run = Run::reader(config.clone(), ended.now);
        let history = ended.run.and_then(|number| reopen(&run, number).ok());
        Self {
            ended,
            code,
            history,
            memory: Memory::of(&common.config, Some(&run.layout)),
            sender: sender(&common.config),
            run,
        }
    }

    fn finish(&self) -> Result<()> {
        // Two runs never tell the same: what one is at, the other leaves to it.
        let lock = Lock::acquire(&self.run.layout.alerts_lock(), self.run.now);
        let health = self.examine();
        let written = self.write_metrics(&health);
        if lock.as_ref().is_err_and(is_locked) {
            return written;
        }
        let alerts = &self.run.config.alerts;
        let is_silent = matches!(&self.ended.result, Ok(said) if said.is_silent());
        let channels = channels::of(alerts, &self.run.config.folder, is_silent);
        let heartbeat = channels::heartbeat(alerts, self.code, is_silent);
        match &self.history {
            Some(history) => self.tell(history, &health, &channels, heartbeat)?,
            None => tell_without_history(
                self.ended,
                health.causes(),
                &channels,
                &Memoirs {
                    memory: &self.memory,
                    sender: &self.sender,
                    cooldown_minutes: alerts.cooldown_minutes,
                },
            ),
        }
        written
    }

    fn examine(&self) -> Health {
        let just_ended = just_ended(self.ended, self.code);
        health::examine(&self.run, self.history.as_ref(), Some(just_ended))
    }

    fn tell(
        &self,
        history: &History,
        health: &Health,
        channels: &[Channel],
        heartbeat: Option<Address>,
    ) -> Result<()> {
        let told = outbox::update(&self.run, history, health.causes(), channels)?;
        self.memory.forget();
        // A run with nothing to do says it itself, once for each message.
        let is_age = |cause: &&&Cause| matches!(cause.kind, Kind::StaleData | Kind::StaleModel);
        for cause in told.iter().filter(is_age) {
            tracing::warn!("{}", cause.what);
        }
        let outgoing = outbox::pending(&self.run, history, channels, &self.sender)?;
        let fared = send(channels, &outgoing, heartbeat);
        outbox::record(&self.run, history, &outgoing, &fared)?;
        if outgoing.is_empty() {
            return Ok(());
        }
        self.write_metrics(&self.examine())
    }

    fn write_metrics(&self, health: &Health) -> Result<()> {
        let path = self.run.layout.health_metrics();
        let before = files::read_if_exists(&path)
            .ok()
            .flatten()
            .unwrap_or_default();
        let ended = EndedRun {
            exit_code: self.code,
            elapsed_s: self.ended.elapsed.as_secs_f64(),
            last_success_s: health::last_success_in(&String::from_utf8_lossy(&before)),
        };
        files::write_for_everybody(&path, health::metrics(&self.run, health, &ended))
    }
}

/// What is needed to tell people without a history.
struct Memoirs<'a> {
    memory: &'a Memory,
    sender: &'a Sender,
    cooldown_minutes: u32,
}

/// Tells that the run failed; all else is known to the history only. What does not arrive is not
/// remembered, and so told by the next run.
fn tell_without_history(
    ended: &Ended<'_, Said>,
    causes: &[Cause],
    channels: &[Channel],
    memoirs: &Memoirs<'_>,
) {
    let failed: Vec<Cause> = causes
        .iter()
        .filter(|cause| cause.kind == Kind::FailedRun)
        .cloned()
        .collect();
    let cooldown = TimeDelta::minutes(memoirs.cooldown_minutes.into());
    let told = memoirs.memory.told();
    let plan = plan(&failed, &told, cooldown, ended.now);
    let causes: Vec<&Cause> = plan
        .tell
        .iter()
        .map(|position| &failed[*position])
        .collect();
    let about = |cause: &Cause, channel: &Channel| Outgoing {
        alert: None,
        channel: channel.name(),
        attempts: 0,
        message: Message::about(cause, ended.run, timestamp(ended.now), memoirs.sender),
    };
    let outgoing: Vec<Outgoing> = causes
        .iter()
        .flat_map(|cause| channels.iter().map(move |channel| about(cause, channel)))
        .collect();
    let fared = send(channels, &outgoing, None);
    for (position, result) in &fared {
        send::log(&outgoing[*position], result);
    }
    if fared.iter().any(|(_, result)| result.is_ok()) {
        memoirs.memory.keep(&causes, ended.now);
    }
}

/// The configuration is wrong; perhaps what it says of alerts is not.
fn after_bad_configuration(common: &Common, ended: &Ended<'_, Said>, code: u8) -> Result<()> {
    let Some(alerts) = config::alerts_of(&common.config, &common.set) else {
        return Ok(());
    };
    let folder = common.config.parent().unwrap_or(Path::new("."));
    let just_ended = just_ended(ended, code);
    let memoirs = Memoirs {
        memory: &Memory::of(&common.config, None),
        sender: &sender(&common.config),
        cooldown_minutes: alerts.cooldown_minutes,
    };
    let causes: Vec<Cause> = health::failed_run(&just_ended).into_iter().collect();
    let channels = channels::of(&alerts, folder, false);
    tell_without_history(ended, &causes, &channels, &memoirs);
    Ok(())
}

fn reopen(run: &Run, number: i64) -> Result<History> {
    let history = History::open(&run.layout.history())?;
    history.resume_run(number);
    Ok(history)
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Failure::Locked { .. }))
}

fn just_ended(ended: &Ended<'_, Said>, code: u8) -> RanOnce {
    let failed_steps = match &ended.result {
        Ok(Said::Run(outcome)) => outcome
            .steps
            .iter()
            .filter(|step| step.status == StepStatus::Failed)
            .map(|step| step.name.to_owned())
            .collect(),
        _ => Vec::new(),
    };
    RanOnce {
        run: ended.run,
        started_at: timestamp(ended.now),
        exit_code: Some(code),
        failed_steps,
        error: ended
            .result
            .as_ref()
            .err()
            .map(|error| format!("{error:#}")),
    }
}

/// Which machine and which configuration a message comes from.
fn sender(config: &Path) -> Sender {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname");
    let config = std::path::absolute(config).unwrap_or_else(|_| config.to_owned());
    Sender {
        host: host.map_or("unknown host".into(), |host| host.trim().to_owned()),
        config: config.display().to_string(),
    }
}
