//! The shell around every program: the shared options, logs, exit codes and the output rules.
//!
//! Standard output carries the result only. Messages, progress and logs go to standard error.
//! Without `--json` and `-v` a run with nothing to do prints nothing on either.

use crate::config::{self, Config, Override};
use crate::error::{Failure, exit, exit_code};
use crate::log::{self, Counts};
use crate::progress::Progress;
use crate::run::Run;
use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{ArgAction, Args, Parser};
use serde::Serialize;
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

pub use crate::log::LogFormat;

/// The options that every program has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The configuration file; its paths are relative to its own folder
    #[arg(
        long,
        value_name = "PATH",
        env = "RISK_CONFIG",
        default_value = config::DEFAULT_FILE
    )]
    pub config: PathBuf,
    /// Replace one key of the configuration, by its dotted path: a JSON value or bare text; may be
    /// repeated, such as --set model.l2=0.5
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<Override>,
    /// Take this as the time of the run, in RFC 3339, such as 2026-07-01T06:00:00Z
    /// [default: the clock]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<DateTime<Utc>>,
    /// Go on although the last run has a later time: its clock was wrong. Otherwise a run by the clock
    /// that is more than a day behind the last one does nothing and ends with 1
    #[arg(long)]
    pub earlier: bool,
    /// Print the result as one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// The form of the log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Print neither results nor warnings nor progress, only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Log every step on standard error; -vv logs details
    #[arg(short, long, action = ArgAction::Count)]
    pub verbose: u8,
    /// Print the JSON Schema of the configuration file and exit
    #[arg(long)]
    pub print_config_schema: bool,
}

fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| format!("{error}; expected RFC 3339, such as 2026-07-01T06:00:00Z"))
}

/// What a program has to say when it is done: data for `--json`, text for people.
pub trait Outcome: Serialize + Display {
    /// The exit code; 0 unless part of the input was refused.
    fn exit_code(&self) -> u8 {
        exit::DONE
    }

    /// Whether there was nothing to do, so that nothing is printed unless it is asked for.
    fn is_silent(&self) -> bool {
        false
    }

    /// What it dealt with, for the log.
    fn counts(&self) -> Counts {
        Counts::default()
    }
}

/// How a run ended, for what is done after it.
pub struct Ended<'a, O> {
    /// The time of the run.
    pub now: DateTime<Utc>,
    /// The configuration; `None` where it is wrong.
    pub config: Option<&'a Config>,
    /// The number of the run in the history; `None` where it did not get so far.
    pub run: Option<i64>,
    /// How long it took.
    pub elapsed: Duration,
    /// What it gave.
    pub result: Result<&'a O, &'a anyhow::Error>,
}

/// A program: its arguments and what it does.
pub trait Program: Parser {
    /// What it has to say when it is done.
    type Outcome: Outcome;
    /// Whether it writes, and so takes the lock and keeps a history.
    const WRITES: bool = true;
    /// Whether it records its steps itself; else the run counts as one step of its name.
    const RECORDS_STEPS: bool = false;

    /// The shared options.
    fn common(&self) -> &Common;

    /// Whether it writes with these arguments.
    fn writes(&self) -> bool {
        Self::WRITES
    }

    /// Whether it works without the default configuration file too, on default settings.
    fn needs_no_project(&self) -> bool {
        false
    }

    /// Does the work.
    ///
    /// # Errors
    /// Whatever went wrong; a [`crate::Failure`] in the chain decides the exit code.
    fn run(&self, run: &Run) -> Result<Self::Outcome>;

    /// What is done after the run, however it ended: the lock is free, the result is printed, the
    /// exit code is settled. For what may take its time, such as telling people.
    fn after(&self, _ended: &Ended<'_, Self::Outcome>) {}
}

/// Runs a program from the arguments of the process to its exit code.
#[must_use]
pub fn main<P: Program>() -> ExitCode {
    let started = Instant::now();
    let program = P::parse();
    let common = program.common();
    #[cfg(feature = "fault-injection")]
    if let Err(error) = arm() {
        complain::<P>(common, &error);
        return ExitCode::from(exit::USAGE);
    }
    if common.print_config_schema {
        return print(&format!("{:#}", config::json_schema()));
    }
    log::to_stderr(common.log_format, level(common));
    let now = common.now.unwrap_or_else(Utc::now);
    let (config, (run, result)) = match load(&program) {
        Ok(config) => {
            let ended = execute(&program, config.clone(), now, started);
            (Some(config), ended)
        }
        Err(failure) => (None, (None, Err(failure.into()))),
    };
    let result = result.and_then(|outcome| show(common, &outcome).map(|()| outcome));
    let code = match &result {
        Ok(outcome) => outcome.exit_code(),
        Err(error) => {
            complain::<P>(common, error);
            exit_code(error)
        }
    };
    let _span = run.map(|number| tracing::error_span!("run", id = number).entered());
    program.after(&Ended {
        now,
        config: config.as_ref(),
        run,
        elapsed: started.elapsed(),
        result: result.as_ref(),
    });
    ExitCode::from(code)
}

/// The faults that the environment asks for.
#[cfg(feature = "fault-injection")]
fn arm() -> Result<()> {
    let Some(plan) = environment("RISK_FAULT") else {
        return Ok(());
    };
    let log = environment("RISK_FAULT_LOG").map(PathBuf::from);
    crate::faults::arm(&plan, log.as_deref())
}

fn load<P: Program>(program: &P) -> Result<Config, Failure> {
    let common = program.common();
    if program.needs_no_project() && common.config.as_os_str() == config::DEFAULT_FILE {
        config::load_or_default(&common.config, &common.set)
    } else {
        config::load(&common.config, &common.set)
    }
}

/// The number of the run, where it has got one, and what it gave. The lock is free afterwards.
fn execute<P: Program>(
    program: &P,
    config: Config,
    now: DateTime<Utc>,
    started: Instant,
) -> (Option<i64>, Result<P::Outcome>) {
    let common = program.common();
    let name = P::command().get_name().to_owned();
    let run = match (program.writes(), common.now) {
        (false, _) => Ok(Run::reader(config, now)),
        (true, Some(_)) => Run::writer(config, now, &name),
        (true, None) => Run::writer_by_the_clock(config, now, &name, common.earlier),
    };
    let mut run = match run {
        Ok(run) => run,
        Err(error) => return (None, Err(error)),
    };
    run.progress = Progress {
        shown: !common.quiet && !common.json,
    };
    let Some(number) = run.number() else {
        return (None, program.run(&run));
    };
    // Every line of the log carries the number under which the history knows the run.
    let _span = tracing::error_span!("run", id = number).entered();
    let result = program.run(&run);
    let step = (!P::RECORDS_STEPS).then_some(name.as_str());
    finish(&run, &name, step, started.elapsed(), &result);
    (Some(number), result)
}

/// Logs and records how a run ended, as a step too where it is one.
fn finish<O: Outcome>(
    run: &Run,
    name: &str,
    step: Option<&str>,
    elapsed: Duration,
    result: &Result<O>,
) {
    let (code, error, status, counts) = match result {
        Ok(outcome) => {
            let code = outcome.exit_code();
            let status = match code {
                exit::FAILED => "failed",
                _ if outcome.is_silent() => "nothing_to_do",
                _ => "done",
            };
            (code, None, status, outcome.counts())
        }
        Err(error) => {
            let text = format!("{error:#}");
            (exit_code(error), Some(text), "failed", Counts::default())
        }
    };
    log::step(name, status, elapsed, counts);
    let elapsed_s = elapsed.as_secs_f64();
    let recorded = run.history().and_then(|history| {
        if let Some(step) = step.filter(|_| status != "nothing_to_do") {
            history.record_step(step, status, elapsed_s, error.as_deref())?;
        }
        history.finish_run(elapsed_s, code, error.as_deref())
    });
    // The work is done or has failed already; a full disk here must not hide that.
    if let Err(error) = recorded {
        tracing::warn!("{error:#}");
    }
}

/// A variable of the environment; `None` where it is not set, empty, or no text. Only programs look
/// at the environment, and only through here.
#[must_use]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.trim().is_empty())
}

fn show(common: &Common, outcome: &impl Outcome) -> Result<()> {
    if common.json {
        print(&serde_json::to_string_pretty(outcome)?);
    } else if !common.quiet && (!outcome.is_silent() || common.verbose > 0) {
        print(&outcome.to_string());
    }
    Ok(())
}

/// A reader that has gone away, as in `| head`, is no failure of ours.
fn print(text: &str) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.trim_end().as_bytes())
        .and_then(|()| stdout.write_all(b"\n"));
    ExitCode::from(exit::DONE)
}

fn complain<P: Program>(common: &Common, error: &anyhow::Error) {
    if common.log_format == LogFormat::Json {
        tracing::error!("{error:#}");
        return;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{}: {error:#}", P::command().get_name());
}

fn level(common: &Common) -> tracing::Level {
    match (common.quiet, common.verbose) {
        (true, _) => tracing::Level::ERROR,
        (false, 0) => tracing::Level::WARN,
        (false, 1) => tracing::Level::INFO,
        (false, _) => tracing::Level::DEBUG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_a_zone() {
        assert!(parse_time("2026-07-01T06:00:00+02:00").is_ok());
        let message = parse_time("2026-07-01").unwrap_err();
        assert!(message.contains("RFC 3339"), "{message}");
    }
}
