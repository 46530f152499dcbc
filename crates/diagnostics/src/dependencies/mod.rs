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
#[cfg(test)]
mod test_server;

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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use risk_core::history::Build;
    use risk_core::{config, hash};
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use test_server::serve;
    use testkit::Project;

    fn writer(project: &Project) -> Run {
        let config = config::load(&project.config(), &[]).unwrap();
        let now: DateTime<Utc> = "2026-07-01T06:00:00Z".parse().unwrap();
        Run::writer(config, now, "diagnostics").unwrap()
    }

    /// A registry with this answer to everything, and how often it was asked.
    fn registry(status: u16, body: &'static str) -> (Registry, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let address = serve(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            (status, body.to_owned())
        });
        let registry = Registry {
            base_url: format!("http://{address}"),
            limit: Duration::from_secs(60),
        };
        (registry, asked)
    }

    const VERSION_999: &str = "{\"vers\":\"999.0.0\"}";

    fn statuses(rows: &[Dependency]) -> Vec<Status> {
        let mut statuses: Vec<Status> = rows.iter().map(|row| row.status).collect();
        statuses.dedup();
        statuses
    }

    #[test]
    fn an_answer_serves_for_a_day_and_offline_for_ever() {
        let project = Project::new();
        let mut run = writer(&project);
        let (registry, asked) = registry(200, VERSION_999);
        let rows = report(&run, AskRegistry::Never, &registry).unwrap();
        assert_eq!(statuses(&rows), [Status::Unknown]);
        assert_eq!(asked.load(Ordering::Relaxed), 0);

        let rows = report(&run, AskRegistry::WhenOld, &registry).unwrap();
        assert_eq!(statuses(&rows), [Status::MajorUpdate]);
        assert_eq!(asked.load(Ordering::Relaxed), rows.len());

        run.now += TimeDelta::hours(23);
        assert_eq!(report(&run, AskRegistry::WhenOld, &registry).unwrap(), rows);
        run.now += TimeDelta::days(30);
        assert_eq!(report(&run, AskRegistry::Never, &registry).unwrap(), rows);
        assert_eq!(asked.load(Ordering::Relaxed), rows.len());

        let later = report(&run, AskRegistry::WhenOld, &registry).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2 * rows.len());
        assert_eq!(later[0].checked_at.as_deref(), Some("2026-08-01T05:00:00Z"));
    }

    #[test]
    fn a_registry_that_fails_is_not_asked_again_within_a_day_unless_by_hand() {
        let project = Project::new();
        let run = writer(&project);
        let (broken, asked) = registry(500, "");
        let rows = report(&run, AskRegistry::WhenOld, &broken).unwrap();
        assert_eq!(statuses(&rows), [Status::Unknown]);
        assert_eq!(
            rows[0].reason.as_deref(),
            Some("the registry answered with status 500")
        );
        report(&run, AskRegistry::WhenOld, &broken).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), rows.len());

        let (mended, _) = registry(200, VERSION_999);
        let rows = report(&run, AskRegistry::Always, &mended).unwrap();
        assert_eq!(statuses(&rows), [Status::MajorUpdate]);
        let rows = report(&run, AskRegistry::Always, &broken).unwrap();
        assert_eq!(statuses(&rows), [Status::MajorUpdate]);
        let reason = rows[0].reason.as_deref().unwrap();
        assert!(
            reason.contains("status 500; this is its answer of"),
            "{reason}"
        );
    }

    #[test]
    fn a_build_is_compared_with_the_one_before_it() {
        let project = Project::new();
        let run = writer(&project);
        let registry = Registry::default();
        let before = Build {
            lock_sha256: hash::sha256_hex("another lock file"),
            packages: BTreeMap::from(["a-gone", "csv"].map(|name| (name.into(), "0.1.0".into()))),
        };
        run.history()
            .unwrap()
            .record_build(&before, run.now)
            .unwrap();
        for _ in 0..2 {
            let rows = report(&run, AskRegistry::Never, &registry).unwrap();
            let row = |name: &str| rows.iter().find(|row| row.package == name).unwrap();
            assert_eq!(row("a-gone").change, Some(Change::Removed));
            assert_eq!(row("csv").change, Some(Change::Updated));
            assert_eq!(row("csv").previous.as_deref(), Some("0.1.0"));
            assert_eq!(row("polars").change, Some(Change::Added));
        }
    }
}
