//! One run of one program: its configuration, its clock, and where it records what it did.

use crate::config::Config;
use crate::error::timestamp;
use crate::files;
use crate::history::History;
use crate::layout::Layout;
use crate::lock::Lock;
use crate::progress::Progress;
use crate::release;
use anyhow::{Result, anyhow, bail};
use chrono::{DateTime, TimeDelta, Utc};

/// The name under which the history keeps the time of the last run that went by the clock.
const CLOCK: &str = "clock";

/// What a stage needs to work: configuration, layout, clock, progress and, for a writer, the lock
/// and the history.
pub struct Run {
    /// The configuration.
    pub config: Config,
    /// Where every file is.
    pub layout: Layout,
    /// The time of the run. Every date comes from it.
    pub now: DateTime<Utc>,
    /// Whether people see progress.
    pub progress: Progress,
    writer: Option<Writer>,
}

struct Writer {
    history: History,
    _lock: Lock,
}

impl Run {
    /// A run that only reads: no lock, no history.
    #[must_use]
    pub fn reader(config: Config, now: DateTime<Utc>) -> Self {
        let layout = config.layout();
        Self {
            config,
            layout,
            now,
            progress: Progress::default(),
            writer: None,
        }
    }

    /// A run that writes: takes the lock, removes what dead runs left, opens the history and
    /// records the start of `command` there.
    ///
    /// # Errors
    /// [`crate::Failure::Locked`] when another run holds the lock; else when the output folder or
    /// the history cannot be used.
    pub fn writer(config: Config, now: DateTime<Utc>, command: &str) -> Result<Self> {
        Self::begin(config, now, command, |_| Ok(()))
    }

    /// The same at the time of the clock, which must not have gone back since the last run that went by
    /// it. Releases, lists and evidence are ordered by time: what a run with a wrong clock does cannot be
    /// told from what came before.
    ///
    /// # Errors
    /// As [`Run::writer`]; and when the last such run has a time more than a day later than `now`, unless
    /// that is `accepted`.
    pub fn writer_by_the_clock(
        config: Config,
        now: DateTime<Utc>,
        command: &str,
        accepted: bool,
    ) -> Result<Self> {
        let run = Self::begin(config, now, command, |history| {
            let last = history.published(CLOCK)?;
            match last.and_then(|last| last.parse().ok()) {
                Some(last) if !accepted && jumped_back(last, now) => bail!(
                    "the clock says {}, but the last run was at {}; nothing is done; set the clock \
                     right or, if it was wrong then, go on from this time with --earlier, once",
                    timestamp(now),
                    timestamp(last)
                ),
                _ => Ok(()),
            }
        })?;
        run.history()?.set_published(CLOCK, &timestamp(now))?;
        Ok(run)
    }

    fn begin(
        config: Config,
        now: DateTime<Utc>,
        command: &str,
        check: impl FnOnce(&History) -> Result<()>,
    ) -> Result<Self> {
        let mut run = Self::reader(config, now);
        let lock = Lock::acquire(&run.layout.lock(), now)?;
        for folder in [
            run.layout.output(),
            run.layout.model(),
            run.layout.production(),
            &run.layout.parts(),
            &run.layout.releases(),
        ] {
            files::remove_leftovers(folder)?;
        }
        let history = History::open(&run.layout.history())?;
        check(&history)?;
        history.begin_run(command, now)?;
        release::recover(&run.config, &run.layout, &history, now)?;
        run.writer = Some(Writer {
            history,
            _lock: lock,
        });
        Ok(run)
    }

    /// The number of the run in the history; `None` where it only reads.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.writer.as_ref().map(|writer| writer.history.run())
    }

    /// The history.
    ///
    /// # Errors
    /// When this run only reads.
    pub fn history(&self) -> Result<&History> {
        let writer = self.writer.as_ref();
        writer
            .map(|writer| &writer.history)
            .ok_or_else(|| anyhow!("this run does not write"))
    }
}

/// An hour or a time zone more or less is no jump.
fn jumped_back(last: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    last - now > TimeDelta::days(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_day_back_is_a_jump() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = at("2026-07-02T06:00:00Z");
        for (now, expected) in [
            ("2026-07-03T06:00:00Z", false),
            ("2026-07-01T06:00:00Z", false),
            ("2026-07-01T05:59:59Z", true),
            ("1970-01-01T00:00:00Z", true),
        ] {
            assert_eq!(jumped_back(last, at(now)), expected, "{now}");
        }
    }
}
