//! Safe files: whatever is written is there whole, or not at all, also when the machine dies.
//!
//! Every write goes to a temporary file beside its target, is synced, renamed over the target, and
//! the folder is synced. The temporary files begin with [`TEMPORARY_PREFIX`]; one that is found
//! while holding the lock was left by a run that died.

use crate::faults::{self, Operation};
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How the name of every temporary file begins. The dot hides it from readers of folders.
pub const TEMPORARY_PREFIX: &str = ".risk-";

/// Writes a whole file.
///
/// # Errors
/// When the folder cannot be made, or writing, syncing or renaming fails; the old content stays.
pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(contents.as_ref())
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.commit()
}

/// Writes a whole file that every user of the machine may read, whatever the umask.
///
/// # Errors
/// As [`write()`].
pub fn write_for_everybody(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(contents.as_ref())
        .and_then(|()| {
            let temporary = file.writer.get_ref().file.as_file();
            temporary.set_permissions(fs::Permissions::from_mode(0o644))
        })
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.commit()
}

/// Writes a value as indented JSON with a newline at the end.
///
/// # Errors
/// As [`write()`].
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let mut text = serde_json::to_string_pretty(value)
        .with_context(|| format!("cannot express {} as JSON", path.display()))?;
    text.push('\n');
    write(path, text)
}

/// Reads a whole text file.
///
/// # Errors
/// When it cannot be read or is not UTF-8; the message names the path.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a whole file, `None` where it does not exist.
///
/// # Errors
/// When it exists and cannot be read.
pub fn read_if_exists(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Makes a folder and its parents.
///
/// # Errors
/// When it cannot be made.
pub fn create_folder(path: &Path) -> Result<()> {
    let make = || {
        if path.is_dir() {
            return Ok(());
        }
        faults::point(Operation::Folder, path)?;
        fs::create_dir_all(path)
    };
    make().with_context(|| format!("cannot create folder {}", path.display()))
}

/// Removes a file; nothing happens where there is none.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    match remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// A file that appears under its name only when it is committed.
pub struct AtomicFile {
    target: PathBuf,
    writer: BufWriter<Draft>,
}

/// The temporary file.
struct Draft {
    file: tempfile::NamedTempFile,
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Self { file } = self;
        let path = file.path().to_owned();
        faults::write(file, &path, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// So much is written at once: few files of this system are larger.
const BUFFER_BYTES: usize = 1 << 16;

impl AtomicFile {
    /// Opens a temporary file beside `target`, making the folder when it is missing.
    ///
    /// # Errors
    /// When the folder or the file cannot be made.
    pub fn create(target: &Path) -> Result<Self> {
        let folder = parent(target);
        create_folder(folder)?;
        let create = || {
            faults::point(Operation::Create, target)?;
            tempfile::Builder::new()
                .prefix(TEMPORARY_PREFIX)
                .suffix(".tmp")
                // Ordinary output files: the umask decides, as for any other program.
                .permissions(fs::Permissions::from_mode(0o666))
                .tempfile_in(folder)
        };
        let file =
            create().with_context(|| format!("cannot write in folder {}", folder.display()))?;
        Ok(Self {
            target: target.to_owned(),
            writer: BufWriter::with_capacity(BUFFER_BYTES, Draft { file }),
        })
    }

    /// Syncs the content and gives it its name.
    ///
    /// # Errors
    /// When syncing or renaming fails; what stood under the name before is still there.
    pub fn commit(self) -> Result<()> {
        self.sync()?.publish()
    }

    /// Syncs the content without giving it its name yet, so that several files can be made ready
    /// before the first of them is seen.
    ///
    /// # Errors
    /// When flushing or syncing fails.
    pub fn sync(self) -> Result<SyncedFile> {
        let Self { target, writer } = self;
        let write = || -> io::Result<tempfile::NamedTempFile> {
            let temporary = writer
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            faults::point(Operation::Sync, &target)?;
            temporary.file.as_file().sync_all()?;
            Ok(temporary.file)
        };
        let temporary = write().with_context(|| format!("cannot write {}", target.display()))?;
        Ok(SyncedFile { target, temporary })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A file whose content is safe on disk but which does not have its name yet.
pub struct SyncedFile {
    target: PathBuf,
    temporary: tempfile::NamedTempFile,
}

impl SyncedFile {
    /// Gives the file its name and syncs the folder.
    ///
    /// # Errors
    /// When renaming or syncing the folder fails.
    pub fn publish(self) -> Result<()> {
        faults::point(Operation::Rename, &self.target)
            .and_then(|()| {
                let persisted = self.temporary.persist(&self.target);
                persisted.map_err(|failed| failed.error)
            })
            .with_context(|| format!("cannot write {}", self.target.display()))?;
        sync_folder(parent(&self.target))
    }
}

/// Points the symbolic link `link` at `target` in one step, whether or not it existed.
///
/// # Errors
/// When the link cannot be made or renamed.
pub fn replace_symlink(link: &Path, target: &Path) -> Result<()> {
    let folder = parent(link);
    create_folder(folder)?;
    let name = link.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!("{TEMPORARY_PREFIX}link-{name}.tmp"));
    let make = || -> io::Result<()> {
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        faults::point(Operation::Link, &temporary)?;
        std::os::unix::fs::symlink(target, &temporary)?;
        rename(&temporary, link)
    };
    make().with_context(|| format!("cannot point {} at {}", link.display(), target.display()))?;
    sync_folder(folder)
}

/// Moves a finished folder to its final name and syncs the folder above.
///
/// # Errors
/// When renaming fails, for instance because the name is taken.
pub fn publish_folder(from: &Path, to: &Path) -> Result<()> {
    sync_folder(from)?;
    rename(from, to)
        .with_context(|| format!("cannot move {} to {}", from.display(), to.display()))?;
    sync_folder(parent(to))
}

/// Removes a folder: it loses its name in one step, and a removal that is cut short leaves only what
/// [`remove_leftovers`] takes away.
///
/// # Errors
/// When it cannot be renamed or removed.
pub fn remove_folder(path: &Path) -> Result<()> {
    let folder = parent(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!("{TEMPORARY_PREFIX}removed-{name}"));
    rename(path, &temporary)
        .and_then(|()| remove_tree(&temporary))
        .with_context(|| format!("cannot remove {}", path.display()))?;
    sync_folder(folder)
}

/// Removes what dead runs left in a folder: its temporary files and folders. Call it only while
/// holding the lock.
///
/// # Errors
/// When the folder cannot be listed or a leftover cannot be removed.
pub fn remove_leftovers(folder: &Path) -> Result<usize> {
    remove_contents(folder, |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(TEMPORARY_PREFIX)
    })
}

/// Removes those files and folders of a folder that are `doomed`; gives how many. One that is not there
/// holds none.
///
/// # Errors
/// When it cannot be listed or one of them cannot be removed.
pub(crate) fn remove_contents(folder: &Path, doomed: impl Fn(&Path) -> bool) -> Result<usize> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(0);
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        let path = entry.path();
        if !doomed(&path) {
            continue;
        }
        let remove = if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&path)
        } else {
            remove_file(&path)
        };
        remove.with_context(|| format!("cannot remove leftover {}", path.display()))?;
        removed += 1;
    }
    Ok(removed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place; callers sync the folder"
)]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    faults::point(Operation::Rename, to)?;
    fs::rename(from, to)
}

fn remove_file(path: &Path) -> io::Result<()> {
    faults::point(Operation::Remove, path)?;
    fs::remove_file(path)
}

/// Removes a folder and all that is in it.
///
/// # Errors
/// When it is not there or cannot be removed; part of it may be gone then.
pub(crate) fn remove_tree(path: &Path) -> io::Result<()> {
    faults::point(Operation::Remove, path)?;
    fs::remove_dir_all(path)
}

fn sync_folder(folder: &Path) -> Result<()> {
    faults::point(Operation::Sync, folder)
        .and_then(|()| File::open(folder))
        .and_then(|folder| folder.sync_all())
        .with_context(|| format!("cannot sync folder {}", folder.display()))
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_no_temporary_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/file.txt");
        write(&path, "one").unwrap();
        write(&path, "two").unwrap();
        assert_eq!(read_text(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_uncommitted_file_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.txt");
        write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(read_text(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_is_replaced_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("current");
        replace_symlink(&link, Path::new("a")).unwrap();
        replace_symlink(&link, Path::new("b")).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("b"));
    }

    #[test]
    fn leftovers_go_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("kept.txt"), "").unwrap();
        write(&folder.path().join(".gitignore"), "").unwrap();
        File::create(folder.path().join(".risk-abc.tmp")).unwrap();
        fs::create_dir_all(folder.path().join(".risk-folder/inner")).unwrap();
        assert_eq!(remove_leftovers(folder.path()).unwrap(), 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
