//! One run of one program: its configuration, its clock, and where it records what it did.

use crate::config::Config;
use crate::files;
use crate::history::History;
use crate::layout::Layout;
use crate::lock::Lock;
use crate::progress::Progress;
use crate::release;
use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};

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
