//! The dependency table: which version of each direct dependency the running program was built
//! with, which are the newest ones, and what the last new build changed.
//!
//! "Direct" are the packages that the crates of this workspace name as normal dependencies; those
//! of tests and of build scripts are left out. What is installed comes from the lock file that is
//! embedded in the program, so it is true of the program that runs and needs neither cargo nor
//! sources. What is newest comes from the registry, which is asked as seldom as [`AskRegistry`]
//! says and never waited for longer than its limit.

mod answers;
mod compare;
mod embedded;
mod registry;
mod table;

pub use registry::Registry;

use anyhow::Result;
use risk_core::Run;
use semver::Version;
use serde::Serialize;

/// When the registry is asked for the newest versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskRegistry {
    /// For every package.
    Always,
    /// For packages it was not asked about within a day, whether it answered or not.
    WhenOld,
    /// Never; stored answers are used.
    Never,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The name of the package.
    pub package: String,
    /// The version in the program; `None` for a package that is no longer used.
    pub installed: Option<Version>,
    /// The newest version that cargo would take for the installed one, given the Rust version that
    /// this workspace asks for.
    pub latest_compatible: Option<Version>,
    /// The newest version, pre-releases and withdrawn versions aside.
    pub latest: Option<Version>,
    /// How the installed version stands to the newest ones.
    pub status: Status,
    /// Why the status is not known, or what else should be known about it.
    pub reason: Option<String>,
    /// What became of the package since the build of the previous run.
    pub change: Option<Change>,
    /// The version in the build of the previous run, where that is another.
    pub previous: Option<String>,
    /// When the registry gave the answer this row is based on, RFC 3339.
    pub checked_at: Option<String>,
}

/// How an installed version stands to the newest ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is nothing newer to be had.
    UpToDate,
    /// There is a newer version that needs no change of ours; there may be an incompatible one too.
    CompatibleUpdate,
    /// All newer versions are incompatible.
    MajorUpdate,
    /// Not known.
    Unknown,
}

/// What became of a dependency since the build of the previous run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It has another version.
    Updated,
    /// It is no longer used.
    Removed,
}

/// The table of the running program, in the order of the names. Records the build and the answers
/// of the registry in the history.
///
/// A registry that does not answer is no error: its rows say so.
///
/// # Errors
/// When the history cannot be read or written.
pub fn report(run: &Run, ask: AskRegistry, registry: &Registry) -> Result<Vec<Dependency>> {
    let packages = embedded::direct_packages()?;
    let build = embedded::build(&packages);
    let previous = run.history()?.record_build(&build, run.now)?;
    let answers = answers::current(run, &packages, ask, registry)?;
    Ok(table::rows(&packages, &answers, previous.as_ref()))
}
