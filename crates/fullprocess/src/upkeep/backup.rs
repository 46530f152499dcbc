//! A backup: all that a restored project needs, while a run may be writing.
//!
//! Nothing is locked. The history is copied first and in one piece, then the files, each of which is
//! replaced whole by whoever writes it. So the copy is at worst that of a run that was killed after
//! the history was copied, and the next run does what is left, as after any kill.

use super::export::open;
use anyhow::{Context, Result, bail};
use risk_core::draft::{self, Draft};
use risk_core::error::timestamp;
use risk_core::{Failure, Run, files, hash, records, shell};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How the folder is called in which a backup is made, before its name.
const DRAFTS: &str = ".risk-backup-";

/// How often copying is begun again because a run replaced what was being copied.
const ATTEMPTS: usize = 20;

/// What was copied; kept beside the copies as `backup.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backup {
    /// Version of the record.
    pub format_version: u32,
    /// Where it is.
    pub folder: PathBuf,
    /// When it was begun, RFC 3339.
    pub created_at: String,
    /// Version of the program that made it.
    pub program_version: &'static str,
    /// SHA-256 of each file, by its path in the backup; of a symbolic link `-> ` and where it leads.
    pub files: BTreeMap<String, String>,
}

/// Whether a folder that is not there yet would lie in another one, whatever way its path takes.
fn lies_in(folder: &Path, source: &Path) -> bool {
    let Ok(source) = source.canonicalize() else {
        return false;
    };
    let there = folder.ancestors().find_map(|part| part.canonicalize().ok());
    there.is_some_and(|there| there.starts_with(source))
}

/// Copies the history, the compiled data and its parts, the model folder, the releases and the
/// configuration into a new folder, which appears when it is whole.
///
/// # Errors
/// [`Failure::Usage`] when the folder is there already or lies within what is copied;
/// [`Failure::InputMissing`] when there is no history; [`Failure::Locked`] when another process makes a
/// backup of this name; else when something cannot be read or written.
pub fn backup(run: &Run, config: &Path, folder: &Path) -> Result<Backup> {
    let folder = std::path::absolute(folder).context("the folder of the backup")?;
    let sources = [
        ("production", run.layout.production()),
        ("models", run.layout.model()),
        ("output", run.layout.output()),
    ];
    if folder.symlink_metadata().is_ok() {
        let folder = folder.display();
        bail!(Failure::Usage(format!(
            "{folder} is there already; name a new folder"
        )));
    }
    if let Some((_, source)) = sources.iter().find(|(_, source)| lies_in(&folder, source)) {
        bail!(Failure::Usage(format!(
            "the backup may not lie in {}, which it is of",
            source.display()
        )));
    }
    let parent = folder
        .parent()
        .context("the root is no place for a backup")?;
    draft::remove_dead(parent, DRAFTS)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let draft = Draft::begin(&parent.join(format!("{DRAFTS}{name}")))?;
    let copied = (0..ATTEMPTS).find_map(|_| {
        copy(run, config, &folder, &draft, &sources)
            .or_else(|error| {
                if vanished(&error) {
                    Ok(None)
                } else {
                    Err(error)
                }
            })
            .transpose()
    });
    let copied = copied.unwrap_or_else(|| bail!("the files change faster than they can be copied"));
    // What cannot be removed now is removed by the next backup into this folder.
    let published = copied.and_then(|backup| {
        files::write_json(&draft.path().join("backup.json"), &backup)?;
        Ok(backup)
    });
    match published {
        Ok(backup) => draft.publish(&folder).map(|()| backup),
        Err(error) => {
            draft.abandon();
            Err(error)
        }
    }
}

/// Copies everything; `None` where a run replaced parts or releases meanwhile, so that what was copied
/// may lack some.
fn copy(
    run: &Run,
    config: &Path,
    folder: &Path,
    draft: &Draft,
    sources: &[(&str, &Path)],
) -> Result<Option<Backup>> {
    draft.empty()?;
    let draft = draft.path();
    let output = draft.join("output");
    files::create_folder(&output)?;
    let history = output.join("history.sqlite");
    open(run)?.copy_to(&history)?;
    let index = files::read_if_exists(&run.layout.parts_index())?;
    let mut copied = BTreeMap::new();
    copied.insert("output/history.sqlite".to_owned(), digest(&history)?);
    for (name, source) in sources {
        copy_folder(source, &draft.join(name), name, &mut copied)?;
    }
    copy_file(
        config,
        &draft.join("config.json"),
        "config.json",
        &mut copied,
    )?;
    let current = draft.join("production/current");
    if index != files::read_if_exists(&run.layout.parts_index())?
        || (current.is_symlink() && !current.exists())
    {
        return Ok(None);
    }
    let backup = Backup {
        format_version: records::FORMAT_VERSION,
        folder: folder.to_owned(),
        created_at: timestamp(run.now),
        program_version: env!("CARGO_PKG_VERSION"),
        files: copied,
    };
    Ok(Some(backup))
}

/// Copies a folder but for locks, temporary files and the history.
fn copy_folder(
    from: &Path,
    to: &Path,
    name: &str,
    copied: &mut BTreeMap<String, String>,
) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.with_context(|| format!("cannot list {}", from.display()))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(
            entry
                .with_context(|| format!("cannot list {}", from.display()))?
                .path(),
        );
    }
    paths.sort();
    files::create_folder(to)?;
    for path in paths {
        let base = path.file_name().unwrap_or_default().to_string_lossy();
        if base.starts_with('.') || base.starts_with("history.sqlite") {
            continue;
        }
        let (target, name) = (to.join(base.as_ref()), format!("{name}/{base}"));
        let kind = path
            .symlink_metadata()
            .with_context(|| format!("cannot read {}", path.display()))?;
        if kind.is_symlink() {
            let leads = fs::read_link(&path)?;
            files::replace_symlink(&target, &leads)?;
            copied.insert(name, format!("-> {}", leads.display()));
        } else if kind.is_dir() {
            copy_folder(&path, &target, &name, copied)?;
        } else {
            copy_file(&path, &target, &name, copied)?;
        }
    }
    Ok(())
}

fn copy_file(
    from: &Path,
    to: &Path,
    name: &str,
    copied: &mut BTreeMap<String, String>,
) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    files::write(to, &bytes)?;
    copied.insert(name.to_owned(), hash::sha256_hex(&bytes));
    Ok(())
}

fn digest(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(hash::sha256_hex(bytes))
}

/// Whether something was not there any more when it was to be copied.
fn vanished(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<std::io::Error>();
        cause.is_some_and(|cause| cause.kind() == ErrorKind::NotFound)
    })
}

impl shell::Outcome for Backup {}

impl fmt::Display for Backup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, folder) = (self.files.len(), self.folder.display());
        writeln!(f, "{files} files copied to {folder}")
    }
}
