//! The faults themselves; only compiled with the feature.

use super::Operation;
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

/// The error number of a full disk.
const ENOSPC: i32 = 28;

static PLAN: OnceLock<Plan> = OnceLock::new();
static PASSED: AtomicU64 = AtomicU64::new(0);

struct Plan {
    fault: Fault,
    log: Option<Mutex<File>>,
}

#[derive(Clone, Copy)]
enum Fault {
    /// Operations are only counted.
    None,
    /// The process stops at this operation, the first one being 1.
    Stop(u64),
    /// From this operation on there is no room.
    Full(u64),
}

/// Says what is to happen: `count`, `stop:N` or `full:N`; with `log`, every operation is a line of that
/// file.
///
/// # Errors
/// When the plan is not one of these, the log cannot be made, or there is a plan already.
pub fn arm(plan: &str, log: Option<&Path>) -> Result<()> {
    let fault = match plan.split_once(':') {
        None if plan == "count" => Fault::None,
        Some(("stop", number)) => Fault::Stop(number.parse()?),
        Some(("full", number)) => Fault::Full(number.parse()?),
        _ => bail!("{plan} is no plan: count, stop:N or full:N"),
    };
    let log = log
        .map(|path| File::create(path).with_context(|| path.display().to_string()))
        .transpose()?
        .map(Mutex::new);
    if PLAN.set(Plan { fault, log }).is_err() {
        bail!("there is a plan already");
    }
    Ok(())
}

/// Counts an operation and lets happen what is to happen at it, after `on_stop`.
pub(super) fn pass(operation: Operation, path: &Path, on_stop: impl FnOnce()) -> io::Result<()> {
    let Some(plan) = PLAN.get() else {
        return Ok(());
    };
    let number = PASSED.fetch_add(1, Ordering::SeqCst) + 1;
    if let Some(Ok(mut log)) = plan.log.as_ref().map(Mutex::lock) {
        let _ = writeln!(log, "{number} {operation:?} {}", path.display());
    }
    match plan.fault {
        Fault::Stop(at) if number == at => {
            on_stop();
            // Neither destructors nor buffers run, as under SIGKILL.
            std::process::abort()
        }
        Fault::Full(from) if number >= from && operation.takes_room() => {
            on_stop();
            Err(io::Error::from_raw_os_error(ENOSPC))
        }
        _ => Ok(()),
    }
}

impl Operation {
    fn takes_room(self) -> bool {
        !matches!(self, Self::Rename | Self::Remove | Self::Begin)
    }
}
