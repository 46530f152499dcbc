//! Which files a request may name: the CSV files of the configured data folders, and no others.
//!
//! What lies outside gives nothing away. A name that points outside as text is refused before any
//! file is looked at; one that leads outside through a link is answered like one that does not
//! exist.

use crate::problem::Problem;
use axum::http::StatusCode;
use risk_core::Config;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The folders (and the one file, where `clients_path` is one) in which a dataset may be.
#[derive(Debug)]
pub struct DataFolders {
    base: PathBuf,
    roots: Vec<PathBuf>,
}

impl DataFolders {
    /// The data folders of a project.
    pub fn new(config: &Config) -> Self {
        let mut roots = vec![
            config.input_folder_path.clone(),
            config.output_folder_path.clone(),
            config.test_data_path.clone(),
        ];
        roots.extend(config.clients_path.clone());
        Self {
            base: config.folder.clone(),
            roots,
        }
    }

    /// The file that `named` means, without links: relative to the folder of the configuration, or
    /// absolute.
    ///
    /// # Errors
    /// 403 for a name outside the data folders and for one that is not of a CSV file, 404 where no
    /// such file is inside them, 422 for a folder.
    pub fn resolve(&self, named: &str) -> Result<PathBuf, Problem> {
        let joined = self.base.join(named);
        let roots: Vec<PathBuf> = self
            .roots
            .iter()
            .filter_map(|root| root.canonicalize().ok())
            .collect();
        let textual = without_dots(&joined);
        let allowed = self.roots.iter().map(|root| without_dots(root));
        if !allowed
            .chain(roots.iter().cloned())
            .any(|root| textual.starts_with(root))
        {
            return Err(outside());
        }
        let absent = || not_found(named);
        let resolved = joined.canonicalize().map_err(|_| absent())?;
        if !roots.iter().any(|root| resolved.starts_with(root)) {
            return Err(absent());
        }
        let is_dataset = is_csv(&resolved) || roots.contains(&resolved);
        match fs::metadata(&resolved) {
            Ok(found) if found.is_dir() => Err(folder(named)),
            Ok(found) if found.is_file() && is_dataset => Ok(resolved),
            Ok(_) => Err(not_csv()),
            Err(_) => Err(absent()),
        }
    }
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "csv")
}

/// The path with `.` and `..` worked out as text.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

fn outside() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "dataset_path is not inside one of the configured data folders; name a file below \
         input_folder_path, output_folder_path, test_data_path or clients_path, relative to the \
         folder of the configuration file",
    )
}

fn not_csv() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "dataset_path does not name a CSV file (*.csv)",
    )
}

fn not_found(named: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        format!("there is no file {named} in the data folders"),
    )
}

fn folder(named: &str) -> Problem {
    Problem::unprocessable(format!("{named} is a folder; name one CSV file in it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_worked_out_as_text() {
        for (path, plain) in [
            ("/a/./b", "/a/b"),
            ("/a/b/../c", "/a/c"),
            ("/a/../../../c", "/c"),
            ("/a/b/..", "/a"),
        ] {
            assert_eq!(without_dots(Path::new(path)), Path::new(plain), "{path}");
        }
    }

    #[test]
    fn a_folder_whose_name_only_begins_alike_is_outside() {
        let folders = DataFolders {
            base: "/project".into(),
            roots: vec!["/project/test".into()],
        };
        assert_eq!(folders.resolve("test2/a.csv"), Err(outside()));
        assert_eq!(folders.resolve(""), Err(outside()));
        assert_eq!(folders.resolve("test/a.csv"), Err(not_found("test/a.csv")));
    }
}
