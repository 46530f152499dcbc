//! The failures that decide an exit code, and the mapping from any error to one.

use chrono::{DateTime, Utc};

/// Exit codes that cron jobs and scripts rely on.
pub mod exit {
    /// Done, or nothing to do.
    pub const DONE: u8 = 0;
    /// Failed.
    pub const FAILED: u8 = 1;
    /// Bad usage of the command line.
    pub const USAGE: u8 = 2;
    /// Input data was refused; the rest was done.
    pub const DATA_REFUSED: u8 = 65;
    /// A needed input is missing: no data, no model.
    pub const INPUT_MISSING: u8 = 66;
    /// Another run holds the lock.
    pub const LOCKED: u8 = 75;
    /// The configuration is bad or cannot be read.
    pub const CONFIGURATION: u8 = 78;
}

/// A failure whose kind the caller, and in the end the exit code, depends on.
///
/// Every other error ends with [`exit::FAILED`].
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong: what, where and what to do.
    #[error("{0}")]
    Configuration(String),
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// Something that has to be there first is not: what, where and what makes it.
    #[error("{0}")]
    InputMissing(String),
    /// Data that was handed in cannot be used.
    #[error("{0}")]
    DataRefused(String),
    /// Another run holds the lock.
    #[error("another run holds the lock {path}: process {pid}, started {started_at}")]
    Locked {
        /// The lock file.
        path: String,
        /// The process that holds it, as far as it could be read.
        pid: String,
        /// When that process took the lock.
        started_at: String,
    },
}

impl Failure {
    /// The exit code of this kind of failure.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_) => exit::CONFIGURATION,
            Self::Usage(_) => exit::USAGE,
            Self::InputMissing(_) => exit::INPUT_MISSING,
            Self::DataRefused(_) => exit::DATA_REFUSED,
            Self::Locked { .. } => exit::LOCKED,
        }
    }
}

/// The exit code of an error: that of the first [`Failure`] in its chain, else [`exit::FAILED`].
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .map_or(exit::FAILED, Failure::exit_code)
}

/// A time as it is written everywhere: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A time that was written by [`timestamp`]; `None` where the text is no time.
#[must_use]
pub fn recorded_time(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.to_utc())
}

/// How many days before `now` that was; `None` where there is no text or it is no time.
#[must_use]
pub fn age_days(now: DateTime<Utc>, then: Option<&str>) -> Option<f64> {
    Some((now - recorded_time(then?)?).num_seconds() as f64 / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_in_days() {
        let now = DateTime::UNIX_EPOCH + chrono::Days::new(3);
        assert_eq!(age_days(now, Some("1970-01-02T12:00:00Z")), Some(1.5));
        assert_eq!(age_days(now, Some("no time")), None);
        assert_eq!(age_days(now, None), None);
    }
    use anyhow::Context;

    #[test]
    fn the_exit_code_is_found_under_added_context() {
        let missing = anyhow::Error::new(Failure::InputMissing("no model".into()));
        let wrapped = Err::<(), _>(missing).context("scoring").unwrap_err();
        assert_eq!(exit_code(&wrapped), exit::INPUT_MISSING);
        assert_eq!(exit_code(&anyhow::anyhow!("anything else")), exit::FAILED);
    }
}
