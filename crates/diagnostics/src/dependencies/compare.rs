//! How an installed version stands to the published ones.

use super::Status;
use super::registry::Published;
use semver::{Version, VersionReq};

/// How an installed version stands to the newest ones.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The newest version that cargo would take.
    pub latest_compatible: Option<Version>,
    /// The newest version.
    pub latest: Option<Version>,
    /// The standing.
    pub status: Status,
    /// Why it is not known, or what else should be known.
    pub reason: Option<String>,
}

impl Verdict {
    /// Not known, for a reason.
    pub fn unknown(reason: &str) -> Self {
        Self {
            latest_compatible: None,
            latest: None,
            status: Status::Unknown,
            reason: Some(reason.to_owned()),
        }
    }
}

/// Compares a version with the published ones by cargo's rules: one is compatible when the caret
/// requirement of the installed version takes it, and to be had when it does not need a newer Rust.
/// Withdrawn versions and pre-releases do not count.
pub fn compare(installed: &Version, published: &[Published], rust_version: &str) -> Verdict {
    let newer = || {
        published.iter().filter(|candidate| {
            let version = &candidate.version;
            !candidate.yanked && version.pre.is_empty() && version > installed
        })
    };
    let compatible = newest(newer().filter(|candidate| {
        is_compatible(installed, &candidate.version) && runs_on(candidate, rust_version)
    }));
    let latest = newest(newer());
    let status = match (compatible, latest) {
        (Some(_), _) => Status::CompatibleUpdate,
        (None, Some(latest)) if !is_compatible(installed, &latest.version) => Status::MajorUpdate,
        (None, _) => Status::UpToDate,
    };
    let version =
        |found: Option<&Published>| found.map_or(installed, |found| &found.version).clone();
    Verdict {
        latest_compatible: Some(version(compatible)),
        latest: Some(version(latest)),
        status,
        reason: remarks(installed, published, latest, rust_version),
    }
}

fn newest<'p>(versions: impl Iterator<Item = &'p Published>) -> Option<&'p Published> {
    versions.max_by(|a, b| a.version.cmp(&b.version))
}

/// What else should be known: that the installed version was withdrawn, that the newest one cannot
/// be had yet.
fn remarks(
    installed: &Version,
    published: &[Published],
    latest: Option<&Published>,
    rust_version: &str,
) -> Option<String> {
    let withdrawn = published
        .iter()
        .any(|candidate| candidate.yanked && candidate.version == *installed)
        .then(|| format!("{installed} was withdrawn from the registry"));
    let too_new = latest
        .filter(|latest| !runs_on(latest, rust_version))
        .and_then(|latest| {
            let needed = latest.rust_version.as_ref()?;
            Some(format!("{} needs Rust {needed}", latest.version))
        });
    join(withdrawn, too_new)
}

/// Whether cargo would take `version` where `installed` is.
fn is_compatible(installed: &Version, version: &Version) -> bool {
    VersionReq::parse(&format!("^{installed}")).is_ok_and(|caret| caret.matches(version))
}

/// Whether a version says that it works with this Rust version, such as 1.95. What cannot be
/// compared is taken to work.
fn runs_on(candidate: &Published, rust_version: &str) -> bool {
    let needed = candidate.rust_version.as_ref();
    let needed = needed.and_then(|text| VersionReq::parse(&format!(">={text}")).ok());
    let ours =
        Version::parse(rust_version).or_else(|_| Version::parse(&format!("{rust_version}.0")));
    match (needed, ours) {
        (Some(needed), Ok(ours)) => needed.matches(&ours),
        _ => true,
    }
}

/// Two remarks as one.
pub fn join(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}; {second}")),
        (first, second) => first.or(second),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1.2.3`, `1.2.3 yanked` or `1.2.3 rust 1.99`.
    fn published(texts: &[&str]) -> Vec<Published> {
        let parse = |text: &&str| {
            let (version, rest) = text.split_once(' ').unwrap_or((text, ""));
            Published {
                version: version.parse().unwrap(),
                yanked: rest == "yanked",
                rust_version: rest.strip_prefix("rust ").map(str::to_owned),
            }
        };
        texts.iter().map(parse).collect()
    }

    #[test]
    fn versions_are_compared_by_the_rules_of_cargo() {
        use Status::{CompatibleUpdate, MajorUpdate, UpToDate};
        #[rustfmt::skip]
        let table: [(&str, &[&str], &str, &str, Status); 15] = [
            ("1.2.3", &["1.2.3", "1.2.2", "0.9.0"], "1.2.3", "1.2.3", UpToDate),
            ("1.2.3", &["1.2.3", "1.10.0", "1.9.0"], "1.10.0", "1.10.0", CompatibleUpdate),
            ("1.2.3", &["1.2.3", "2.0.0"], "1.2.3", "2.0.0", MajorUpdate),
            ("1.2.3", &["1.2.4", "2.0.0"], "1.2.4", "2.0.0", CompatibleUpdate),
            ("0.8.1", &["0.8.1", "0.9.0"], "0.8.1", "0.9.0", MajorUpdate),
            ("0.8.1", &["0.8.2", "0.9.0"], "0.8.2", "0.9.0", CompatibleUpdate),
            ("0.0.3", &["0.0.4"], "0.0.3", "0.0.4", MajorUpdate),
            ("1.2.3", &["1.2.4-rc.1", "2.0.0-beta"], "1.2.3", "1.2.3", UpToDate),
            ("1.2.3-rc.1", &["1.2.3-rc.2", "1.2.3"], "1.2.3", "1.2.3", CompatibleUpdate),
            ("1.2.3", &["1.2.4 yanked", "2.0.0 yanked"], "1.2.3", "1.2.3", UpToDate),
            ("1.2.3", &["1.2.4 rust 1.99"], "1.2.3", "1.2.4", UpToDate),
            ("1.2.3", &["1.2.4 rust 1.95", "1.2.5 rust 1.95.1"], "1.2.4", "1.2.5", CompatibleUpdate),
            ("1.2.3", &["1.2.4 rust soon"], "1.2.4", "1.2.4", CompatibleUpdate),
            ("1.2.3+a", &["1.2.3+a", "1.2.4+a"], "1.2.4+a", "1.2.4+a", CompatibleUpdate),
            ("1.2.3", &[], "1.2.3", "1.2.3", UpToDate),
        ];
        for (installed, versions, compatible, latest, status) in table {
            let verdict = compare(&installed.parse().unwrap(), &published(versions), "1.95");
            let found = (
                verdict.latest_compatible.unwrap().to_string(),
                verdict.latest.unwrap().to_string(),
                verdict.status,
            );
            let expected = (compatible.to_owned(), latest.to_owned(), status);
            assert_eq!(found, expected, "{installed} {versions:?}");
        }
    }

    #[test]
    fn a_withdrawn_version_and_one_for_a_newer_rust_are_remarked_on() {
        let table: [(&[&str], Option<&str>); 4] = [
            (&["1.2.3", "1.2.4"], None),
            (
                &["1.2.3 yanked"],
                Some("1.2.3 was withdrawn from the registry"),
            ),
            (&["2.0.0 rust 1.99"], Some("2.0.0 needs Rust 1.99")),
            (
                &["1.2.3 yanked", "2.0.0 rust 1.99"],
                Some("1.2.3 was withdrawn from the registry; 2.0.0 needs Rust 1.99"),
            ),
        ];
        for (versions, expected) in table {
            let verdict = compare(&"1.2.3".parse().unwrap(), &published(versions), "1.95");
            assert_eq!(verdict.reason.as_deref(), expected, "{versions:?}");
        }
    }
}
