//! The test data, named as the service wants it.

use anyhow::{Context, Result, anyhow};
use risk_core::{Failure, Layout};
use std::fs;
use std::path::Path;

/// The CSV files of the test folder in name order, relative to the folder of the configuration
/// where they are below it. Hidden files are ignored.
pub fn paths(layout: &Layout, base: &Path) -> Result<Vec<String>> {
    let folder = layout.test();
    let missing = || {
        let folder = folder.display();
        Failure::InputMissing(format!("no CSV file with test data in folder {folder}"))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|_| missing())? {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && path.is_file() && path.extension().is_some_and(|end| end == "csv") {
            paths.push(name(&path, base)?);
        }
    }
    if paths.is_empty() {
        return Err(missing().into());
    }
    paths.sort();
    Ok(paths)
}

fn name(path: &Path, base: &Path) -> Result<String> {
    path.strip_prefix(base)
        .unwrap_or(path)
        .to_str()
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("the name {} is not UTF-8; rename the file", path.display()))
}
