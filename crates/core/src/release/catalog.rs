//! All releases of a production folder, and the candidate that waits for approval.

use super::{Release, base_name, current_name, read_manifest};
use crate::files::{self, TEMPORARY_PREFIX};
use crate::layout::Layout;
use crate::records::Manifest;
use anyhow::{Context, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// How every message about a current release that cannot be used begins.
const CURRENT_UNREADABLE: &str = "the release in force cannot be used";

/// A candidate that waits for `deployment --approve`.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// What it consists of; `deployed_at` is when it was made, and `previous_release` the release
    /// that it was compared with.
    pub manifest: Manifest,
}

/// The names of all releases, oldest first. They begin with the time at which they were made.
///
/// # Errors
/// When the folder cannot be listed.
pub fn names(layout: &Layout) -> Result<Vec<String>> {
    folders(&layout.releases())
}

/// The candidate that waits for approval.
///
/// # Errors
/// When the folder cannot be listed or the manifest of the candidate cannot be read.
pub fn waiting(layout: &Layout) -> Result<Option<Waiting>> {
    let Some(name) = waiting_name(layout)? else {
        return Ok(None);
    };
    let manifest = read_manifest(&layout.waiting().join(&name)).with_context(|| {
        format!("the candidate {name}, which waits for approval, cannot be used")
    })?;
    Ok(Some(Waiting { manifest }))
}

/// The name of the candidate that waits for approval, without reading it.
///
/// # Errors
/// When the folder cannot be listed.
pub fn waiting_name(layout: &Layout) -> Result<Option<String>> {
    Ok(folders(&layout.waiting())?.pop())
}

/// Removes the waiting candidates but one.
///
/// # Errors
/// When one cannot be removed.
pub fn remove_waiting(layout: &Layout, except: Option<&str>) -> Result<()> {
    for name in folders(&layout.waiting())? {
        if Some(name.as_str()) != except {
            files::remove_folder(&layout.waiting().join(name))?;
        }
    }
    Ok(())
}

/// The release before the current one: the one it took the place of, or, where that cannot be told,
/// the newest one of those made before. It need not be whole.
///
/// # Errors
/// When the releases cannot be listed.
pub fn previous(layout: &Layout) -> Result<Option<String>> {
    let Some(current) = current_name(layout)? else {
        return Ok(None);
    };
    let earlier = || -> Result<Option<String>> {
        Ok(names(layout)?.into_iter().rfind(|name| *name < current))
    };
    match read_manifest(&layout.releases().join(&current)) {
        Ok(manifest) => Ok(manifest.previous_release),
        Err(_) => earlier(),
    }
}

/// The known name that is most like a given one.
#[must_use]
pub fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let likeness = |known: &&String| strsim::jaro_winkler(known, name);
    known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .map(String::as_str)
}

/// What to do about a current release that cannot be used.
pub(super) fn way_out(layout: &Layout, folder: &Path) -> String {
    let broken = base_name(folder);
    let is_whole =
        |name: &String| *name != broken && Release::read(&layout.releases().join(name)).is_ok();
    let before = previous(layout).ok().flatten().filter(is_whole);
    let offered = before.or_else(|| names(layout).ok()?.into_iter().rfind(is_whole));
    match offered {
        Some(release) => format!(
            "{CURRENT_UNREADABLE}; restore its files, or put an earlier one back in force with \
             deployment --rollback {release}"
        ),
        None => format!(
            "{CURRENT_UNREADABLE} and there is no other one; restore its files, or deploy a new one \
             with deployment --force REASON"
        ),
    }
}

fn folders(parent: &Path) -> Result<Vec<String>> {
    let list = || format!("cannot list {}", parent.display());
    let entries = match fs::read_dir(parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(list)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.with_context(list)?.path();
        let name = base_name(&path);
        if path.is_dir() && !name.starts_with(TEMPORARY_PREFIX) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_has_a_nearest_one() {
        let known = [
            "20260701T060000Z-aa".to_owned(),
            "20260801T060000Z-bb".to_owned(),
        ];
        assert_eq!(nearest("20260801T06-bb", &known), Some(known[1].as_str()));
        assert_eq!(nearest("any", &[]), None);
    }
}
