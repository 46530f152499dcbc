//! The shell around every program: the shared options, logs, exit codes and the output rules.
//!
//! Standard output carries the result only. Messages, progress and logs go to standard error.
//! Without `--json` and `-v` a run with nothing to do prints nothing on either.

use crate::config::{self, Override};
use crate::error::{exit, exit_code};
use crate::progress::Progress;
use crate::run::Run;
use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{ArgAction, Args, Parser, ValueEnum};
use serde::Serialize;
use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// The options that every program has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The configuration file; its paths are relative to its own folder
    #[arg(
        long,
        value_name = "PATH",
        env = "RISK_CONFIG",
        default_value = "config.json"
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

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line of text for each entry.
    Text,
    /// One JSON object for each entry.
    Json,
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
}

/// A program: its arguments and what it does.
pub trait Program: Parser {
    /// What it has to say when it is done.
    type Outcome: Outcome;
    /// Whether it writes, and so takes the lock and keeps a history.
    const WRITES: bool = true;

    /// The shared options.
    fn common(&self) -> &Common;

    /// Whether it writes with these arguments.
    fn writes(&self) -> bool {
        Self::WRITES
    }

    /// Does the work.
    ///
    /// # Errors
    /// Whatever went wrong; a [`crate::Failure`] in the chain decides the exit code.
    fn run(&self, run: &Run) -> Result<Self::Outcome>;
}

/// Runs a program from the arguments of the process to its exit code.
#[must_use]
pub fn main<P: Program>() -> ExitCode {
    let program = P::parse();
    let common = program.common();
    if common.print_config_schema {
        return print(&format!("{:#}", config::json_schema()));
    }
    log_to_stderr(common);
    match execute(&program) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain::<P>(&error);
            ExitCode::from(exit_code(&error))
        }
    }
}

fn execute<P: Program>(program: &P) -> Result<u8> {
    let started = Instant::now();
    let common = program.common();
    let config = config::load(&common.config, &common.set)?;
    let now = common.now.unwrap_or_else(Utc::now);
    let name = P::command().get_name().to_owned();
    let mut run = if program.writes() {
        Run::writer(config, now, &name)?
    } else {
        Run::reader(config, now)
    };
    run.progress = Progress {
        shown: !common.quiet && !common.json,
    };
    let result = program.run(&run);
    if program.writes() {
        let (code, error) = match &result {
            Ok(outcome) => (outcome.exit_code(), None),
            Err(error) => (exit_code(error), Some(format!("{error:#}"))),
        };
        let elapsed_s = started.elapsed().as_secs_f64();
        // The work is done or has failed already; a full disk here must not hide that.
        if let Err(error) = run.history()?.finish_run(elapsed_s, code, error.as_deref()) {
            tracing::warn!("{error:#}");
        }
    }
    let outcome = result?;
    show(common, &outcome)?;
    Ok(outcome.exit_code())
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

fn complain<P: Program>(error: &anyhow::Error) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "{}: {error:#}", P::command().get_name());
}

fn log_to_stderr(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => tracing::Level::ERROR,
        (false, 0) => tracing::Level::WARN,
        (false, 1) => tracing::Level::INFO,
        (false, _) => tracing::Level::DEBUG,
    };
    let colour = std::io::IsTerminal::is_terminal(&std::io::stderr())
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(colour);
    // Fails only when a log is set up already, which then serves as well.
    let _ = match common.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
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
