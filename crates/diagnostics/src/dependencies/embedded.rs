//! What the running program was built from: its lock file and the manifests of its crates.

use anyhow::{Context, Result, anyhow};
use cargo_lock::{Lockfile, Package};
use risk_core::hash;
use risk_core::history::Build;
use semver::Version;
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::Table;

const LOCK: &str = include_str!("../../../../Cargo.lock");
const WORKSPACE: &str = include_str!("../../../../Cargo.toml");

/// The manifests of all crates but those that only tests use. The lock file alone would not do: it
/// does not tell a normal dependency from one of the tests.
const MANIFESTS: [&str; 16] = [
    include_str!("../../../alerts/Cargo.toml"),
    include_str!("../../../api/Cargo.toml"),
    include_str!("../../../apicalls/Cargo.toml"),
    include_str!("../../../compile/Cargo.toml"),
    include_str!("../../../contacts/Cargo.toml"),
    include_str!("../../../core/Cargo.toml"),
    include_str!("../../../dataset/Cargo.toml"),
    include_str!("../../../deployment/Cargo.toml"),
    include_str!("../../Cargo.toml"),
    include_str!("../../../fullprocess/Cargo.toml"),
    include_str!("../../../ingestion/Cargo.toml"),
    include_str!("../../../metrics/Cargo.toml"),
    include_str!("../../../monitoring/Cargo.toml"),
    include_str!("../../../reporting/Cargo.toml"),
    include_str!("../../../scoring/Cargo.toml"),
    include_str!("../../../training/Cargo.toml"),
];

/// A package that a crate of the workspace depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectPackage {
    /// Its name.
    pub name: String,
    /// Its version in the lock file.
    pub installed: Version,
    /// Whether it comes from the default registry.
    pub is_from_registry: bool,
}

/// The direct dependencies of the running program, in the order of their names.
///
/// # Errors
/// When the embedded files do not belong together, which a test rules out.
pub fn direct_packages() -> Result<Vec<DirectPackage>> {
    find_direct_packages(LOCK, WORKSPACE, &MANIFESTS)
}

/// The build of the running program, as the history keeps it.
pub fn build(packages: &[DirectPackage]) -> Build {
    let packages = packages
        .iter()
        .map(|package| (package.name.clone(), package.installed.to_string()));
    Build {
        lock_sha256: hash::sha256_hex(LOCK),
        packages: packages.collect(),
    }
}

/// The crates of the workspace themselves are left out. Where crates depend on different versions
/// of one package, the oldest counts: it is the one to be updated.
fn find_direct_packages(
    lock: &str,
    workspace: &str,
    manifests: &[&str],
) -> Result<Vec<DirectPackage>> {
    let lock = Lockfile::from_str(lock).context("the embedded lock file")?;
    let workspace: Table = workspace.parse().context("the embedded workspace")?;
    let mut found = BTreeMap::new();
    for manifest in manifests {
        let manifest: Table = manifest.parse().context("an embedded manifest")?;
        let member = crate_name(&manifest)?;
        for name in normal_dependencies(&manifest, &workspace) {
            let package = locked(&lock, member, &name)?;
            if let Some(source) = &package.source {
                let direct = DirectPackage {
                    name: name.clone(),
                    installed: package.version.clone(),
                    is_from_registry: source.is_default_registry(),
                };
                let oldest = found.entry(name).or_insert_with(|| direct.clone());
                if direct.installed < oldest.installed {
                    *oldest = direct;
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

fn crate_name(manifest: &Table) -> Result<&str> {
    manifest
        .get("package")
        .and_then(|package| package.get("name")?.as_str())
        .ok_or_else(|| anyhow!("an embedded manifest has no package name"))
}

/// The names of the packages under `[dependencies]`, also those for some platforms only.
fn normal_dependencies(manifest: &Table, workspace: &Table) -> Vec<String> {
    let shared = workspace
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies")?.as_table());
    let platforms = manifest.get("target").and_then(|target| target.as_table());
    let platforms = platforms.into_iter().flat_map(Table::values);
    let sections = manifest
        .get("dependencies")
        .into_iter()
        .chain(platforms.filter_map(|platform| platform.get("dependencies")))
        .filter_map(|section| section.as_table());
    sections
        .flatten()
        .map(|(key, entry)| {
            let shared = shared.and_then(|shared| shared.get(key));
            let renamed = |entry: &toml::Value| Some(entry.get("package")?.as_str()?.to_owned());
            renamed(entry)
                .or_else(|| shared.and_then(renamed))
                .unwrap_or_else(|| key.clone())
        })
        .collect()
}

/// The package that a crate of the workspace means by a name: of several versions in the lock file
/// the one that this crate depends on.
fn locked<'l>(lock: &'l Lockfile, member: &str, name: &str) -> Result<&'l Package> {
    let dependency = lock
        .packages
        .iter()
        .find(|package| package.source.is_none() && package.name.as_str() == member)
        .and_then(|package| {
            let mut dependencies = package.dependencies.iter();
            dependencies.find(|dependency| dependency.name.as_str() == name)
        });
    dependency
        .and_then(|dependency| {
            let mut packages = lock.packages.iter();
            packages.find(|package| dependency.matches(package))
        })
        .ok_or_else(|| anyhow!("the embedded lock file has no {name} for {member}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    const SMALL_LOCK: &str = r#"
version = 4

[[package]]
name = "ours"
version = "0.1.0"
dependencies = ["everywhere", "random 0.10.1", "tests-only", "theirs", "windows-only"]

[[package]]
name = "theirs"
version = "0.2.0"
dependencies = ["random 0.8.5"]

[[package]]
name = "everywhere"
version = "1.2.3"
source = "git+https://example.org/everywhere#0123456789012345678901234567890123456789"

[[package]]
name = "random"
version = "0.8.5"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "random"
version = "0.10.1"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "tests-only"
version = "3.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[[package]]
name = "windows-only"
version = "4.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
"#;
    const SMALL_WORKSPACE: &str = r#"
[workspace.dependencies]
rand = { package = "random", version = "0.10" }
"#;
    const OURS: &str = r#"
[package]
name = "ours"
[dependencies]
theirs.workspace = true
rand.workspace = true
all = { package = "everywhere", git = "https://example.org/everywhere" }
[target.'cfg(windows)'.dependencies]
windows-only = "4"
[dev-dependencies]
tests-only = "3"
"#;
    const THEIRS: &str = "[package]\nname = \"theirs\"\n[dependencies]\nrandom = \"0.8\"\n";

    fn found(manifests: &[&str]) -> Vec<(String, String, bool)> {
        find_direct_packages(SMALL_LOCK, SMALL_WORKSPACE, manifests)
            .unwrap()
            .into_iter()
            .map(|package| {
                (
                    package.name,
                    package.installed.to_string(),
                    package.is_from_registry,
                )
            })
            .collect()
    }

    fn expected(rows: &[(&str, &str, bool)]) -> Vec<(String, String, bool)> {
        rows.iter()
            .map(|(name, version, registry)| ((*name).into(), (*version).into(), *registry))
            .collect()
    }

    #[test]
    fn a_crate_has_the_version_that_it_depends_on_and_no_tool_of_its_tests() {
        let everywhere = ("everywhere", "1.2.3", false);
        let windows = ("windows-only", "4.0.0", true);
        assert_eq!(
            found(&[OURS]),
            expected(&[everywhere, ("random", "0.10.1", true), windows])
        );
        assert_eq!(
            found(&[OURS, THEIRS]),
            expected(&[everywhere, ("random", "0.8.5", true), windows])
        );
    }

    #[test]
    fn a_manifest_that_does_not_belong_to_the_lock_file_is_an_error() {
        let manifest = OURS.replace("windows-only =", "unheard-of =");
        let error = find_direct_packages(SMALL_LOCK, SMALL_WORKSPACE, &[&manifest]).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("no unheard-of for ours"), "{message}");
    }

    #[test]
    fn every_crate_of_the_workspace_is_embedded_but_those_for_tests() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                std::fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).ok()
            })
            .map(|text| crate_name(&text.parse().unwrap()).unwrap().to_owned())
            .filter(|name| !["campaign", "testkit"].contains(&name.as_str()))
            .collect();
        let embedded: BTreeSet<String> = MANIFESTS
            .iter()
            .map(|text| crate_name(&text.parse().unwrap()).unwrap().to_owned())
            .collect();
        assert_eq!(embedded, on_disk);
    }

    #[test]
    fn the_embedded_files_list_what_the_program_is_built_with_and_nothing_of_the_tests() {
        let packages = direct_packages().unwrap();
        let names: BTreeSet<&str> = packages.iter().map(|package| &*package.name).collect();
        for name in ["polars", "linfa", "axum", "plotters", "rusqlite", "ureq"] {
            assert!(names.contains(name), "{name} is missing");
        }
        for name in ["assert_cmd", "proptest", "insta", "testkit", "risk-core"] {
            assert!(!names.contains(name), "{name} does not belong here");
        }
        let random = packages.iter().find(|package| package.name == "rand");
        assert_eq!(random.unwrap().installed.minor, 10);
        assert!(packages.iter().all(|package| package.is_from_registry));
        assert_eq!(build(&packages).packages.len(), packages.len());
    }
}
