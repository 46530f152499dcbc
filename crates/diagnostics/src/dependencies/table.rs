//! The rows of the table, decided from what is installed, what the registry said and what was
//! there before.

use super::answers::Answer;
use super::compare::{Verdict, compare, join};
use super::embedded::DirectPackage;
use super::{Change, Dependency, Status};
use risk_core::history::Build;
use std::collections::BTreeMap;

/// The Rust version that this workspace asks for.
const RUST_VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

/// One row for each package, and one for each that is no longer used, in the order of their names.
pub fn rows(
    packages: &[DirectPackage],
    answers: &BTreeMap<String, Answer>,
    previous: Option<&Build>,
) -> Vec<Dependency> {
    let mut rows: Vec<Dependency> = packages
        .iter()
        .map(|package| row(package, answers.get(&package.name), previous))
        .collect();
    let before = previous.into_iter().flat_map(|build| &build.packages);
    let gone = before.filter(|(name, _)| packages.iter().all(|package| package.name != **name));
    rows.extend(gone.map(|(name, version)| removed(name, version)));
    rows.sort_by(|a, b| a.package.cmp(&b.package));
    rows
}

fn row(package: &DirectPackage, answer: Option<&Answer>, previous: Option<&Build>) -> Dependency {
    let (change, before) = change(package, previous);
    let verdict = verdict(package, answer);
    Dependency {
        package: package.name.clone(),
        installed: Some(package.installed.clone()),
        latest_compatible: verdict.latest_compatible,
        latest: verdict.latest,
        status: verdict.status,
        reason: verdict.reason,
        change,
        previous: before,
        checked_at: answer.and_then(|answer| answer.checked_at.clone()),
    }
}

fn removed(name: &str, version: &str) -> Dependency {
    Dependency {
        package: name.to_owned(),
        installed: None,
        latest_compatible: None,
        latest: None,
        status: Status::Unknown,
        reason: Some("no longer used".to_owned()),
        change: Some(Change::Removed),
        previous: Some(version.to_owned()),
        checked_at: None,
    }
}

/// What became of a package since the previous build, and its version there where that is another.
fn change(package: &DirectPackage, previous: Option<&Build>) -> (Option<Change>, Option<String>) {
    let Some(previous) = previous else {
        return (None, None);
    };
    match previous.packages.get(&package.name) {
        None => (Some(Change::Added), None),
        Some(version) if *version == package.installed.to_string() => (None, None),
        Some(version) => (Some(Change::Updated), Some(version.clone())),
    }
}

fn verdict(package: &DirectPackage, answer: Option<&Answer>) -> Verdict {
    if !package.is_from_registry {
        return Verdict::unknown("not from the package registry");
    }
    let Some(answer) = answer else {
        return Verdict::unknown("the registry has not been asked");
    };
    let Some(checked_at) = &answer.checked_at else {
        return Verdict::unknown(answer.failure.as_deref().unwrap_or("no answer is stored"));
    };
    let mut verdict = compare(&package.installed, &answer.published, RUST_VERSION);
    let older = answer.failure.as_ref();
    let older = older.map(|failure| format!("{failure}; this is its answer of {checked_at}"));
    verdict.reason = join(verdict.reason, older);
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dependencies::registry::Published;

    fn package(name: &str, installed: &str) -> DirectPackage {
        DirectPackage {
            name: name.to_owned(),
            installed: installed.parse().unwrap(),
            is_from_registry: true,
        }
    }

    fn answer(versions: &[&str], checked_at: Option<&str>, failure: Option<&str>) -> Answer {
        Answer {
            published: versions.iter().map(published).collect(),
            checked_at: checked_at.map(str::to_owned),
            failure: failure.map(str::to_owned),
        }
    }

    fn published(version: &&str) -> Published {
        Published {
            version: version.parse().unwrap(),
            yanked: false,
            rust_version: None,
        }
    }

    #[test]
    fn what_is_not_known_says_why() {
        let ours = package("ours", "1.0.0");
        let elsewhere = DirectPackage {
            is_from_registry: false,
            ..ours.clone()
        };
        let failed = answer(&[], None, Some("no route"));
        let table = [
            (&elsewhere, Some(&failed), "not from the package registry"),
            (&ours, None, "the registry has not been asked"),
            (&ours, Some(&failed), "no route"),
        ];
        for (package, answer, reason) in table {
            assert_eq!(verdict(package, answer), Verdict::unknown(reason));
        }
    }

    #[test]
    fn an_older_answer_serves_and_says_why_there_is_no_newer_one() {
        let answer = answer(&["1.0.1"], Some("2026-07-01T00:00:00Z"), Some("no route"));
        let answers = BTreeMap::from([("ours".to_owned(), answer)]);
        let rows = rows(&[package("ours", "1.0.0")], &answers, None);
        assert_eq!(rows[0].status, Status::CompatibleUpdate);
        assert_eq!(rows[0].checked_at.as_deref(), Some("2026-07-01T00:00:00Z"));
        assert_eq!(
            rows[0].reason.as_deref(),
            Some("no route; this is its answer of 2026-07-01T00:00:00Z")
        );
    }

    #[test]
    fn what_a_new_build_added_updated_and_removed_is_told() {
        let packages = ["added", "kept", "updated"].map(|name| package(name, "1.0.0"));
        let before = [("gone", "0.3.0"), ("kept", "1.0.0"), ("updated", "0.9.0")];
        let before = Build {
            lock_sha256: String::new(),
            packages: before
                .map(|(name, version)| (name.into(), version.into()))
                .into(),
        };
        let told = |previous: Option<&Build>| -> Vec<(String, Option<Change>, Option<String>)> {
            rows(&packages, &BTreeMap::new(), previous)
                .into_iter()
                .map(|row| (row.package, row.change, row.previous))
                .collect()
        };
        let row = |name: &str, change, previous: Option<&str>| {
            (name.to_owned(), change, previous.map(str::to_owned))
        };
        assert_eq!(
            told(Some(&before)),
            [
                row("added", Some(Change::Added), None),
                row("gone", Some(Change::Removed), Some("0.3.0")),
                row("kept", None, None),
                row("updated", Some(Change::Updated), Some("0.9.0")),
            ]
        );
        assert_eq!(
            told(None),
            ["added", "kept", "updated"].map(|name| row(name, None, None))
        );
    }
}
