//! A project folder: config.json and the data folders, in a temporary place, removed at the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::original;
use crate::sample::{self, Month, Scenario, Size};

/// A project folder of its own in a temporary folder, for one test.
#[derive(Debug)]
pub struct Project {
    /// Removes the folder when dropped.
    _folder: TempDir,
    root: PathBuf,
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

impl Project {
    /// `config.json` with the five required keys, and the empty folders `practicedata`,
    /// `sourcedata` and `testdata`.
    pub fn new() -> Project {
        let folder = TempDir::with_prefix("project-").expect("temporary folder");
        let root = folder
            .path()
            .canonicalize()
            .expect("path of the temporary folder");
        let project = Project {
            _folder: folder,
            root,
        };
        project.set_config(five_keys());
        for name in ["practicedata", "sourcedata", "testdata"] {
            fs::create_dir(project.path(name)).expect("data folder");
        }
        project
    }

    /// Small data of the original shape (`corporation`, `lastmonth_activity`,
    /// `lastyear_activity`, `number_of_employees`, `exited`; no dates) under the five-key config.
    ///
    /// * `practicedata/`: dataset1.csv and dataset2.csv, 36 rows with 10 exact duplicates, so 26
    ///   ([`crate::ORIGINAL_PRACTICE`], [`crate::ORIGINAL_PRACTICE_STATISTICS`]);
    /// * `sourcedata/`: dataset3.csv and dataset4.csv, 26 rows, none twice
    ///   ([`crate::ORIGINAL_SOURCE`]);
    /// * `testdata/`: testdata.csv, 5 rows, 3 of them exited.
    ///
    /// Each data folder also holds an empty file named `Icon` + carriage return. The classes
    /// overlap: no line separates them.
    pub fn original() -> Project {
        let project = Project::new();
        original::write(&project);
        project
    }

    /// A small project of the shipped shape: about 300 clients in three monthly snapshots with
    /// labels (January to March 2026) and one without (April), practice data, and a test set of
    /// 200 rows without a client in common. The config has the nine columns' `dataset` section.
    ///
    /// The labels of March are known from [`Project::PANEL_NOW`] on.
    pub fn panel() -> Project {
        let project = Project::new();
        for (name, text) in PANEL_FILES.iter() {
            project.write(name, text);
        }
        let mut config = five_keys();
        config["dataset"] = json!({
            "observed_at": "observed_at",
            "horizon_days": 90,
            "ignore": ["account_manager"],
            "contract_value": "annual_contract_value"
        });
        project.set_config(config);
        project
    }

    /// The earliest day, for `--now`, on which all labels of [`Project::panel`] are old enough.
    pub const PANEL_NOW: &str = "2026-07-01T06:00:00Z";

    /// Writes a further month, such as `2026-07` (the first possible), into `sourcedata` of a
    /// [`Project::panel`], and gives the names of the files. July brings the labels of April, and
    /// so on; they are old enough from the first day of the month after.
    pub fn deliver(&self, month: &str, scenario: Scenario) -> Vec<String> {
        let month: Month = month.parse().expect("a month");
        sample::deliver(&Size::SMALL, &self.path("sourcedata"), month, scenario)
            .expect("a delivery")
    }

    /// The project folder, an absolute path without symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the project folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, relative: &str, contents: impl AsRef<[u8]>) {
        let path = self.path(relative);
        let parent = path.parent().expect("a file below the project folder");
        fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
        fs::write(&path, contents).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// The text of a file.
    pub fn read(&self, relative: &str) -> String {
        let path = self.path(relative);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The JSON value in a file.
    pub fn read_json(&self, relative: &str) -> Value {
        serde_json::from_str(&self.read(relative))
            .unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// The path of `config.json`.
    pub fn config(&self) -> PathBuf {
        self.path("config.json")
    }

    /// Replaces `config.json`.
    pub fn set_config(&self, config: Value) {
        self.write("config.json", format!("{config:#}\n"));
    }

    /// Every file below a folder by its path relative to that folder, with its bytes; a symbolic
    /// link, to a file or a folder, has the bytes of `-> target` and is not followed. A folder
    /// that does not exist has no files. To check that nothing has changed.
    pub fn files(&self, relative: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let folder = self.path(relative);
        if folder.exists() {
            collect_files(&folder, "", &mut files);
        }
        files
    }
}

/// The data of [`Project::panel`], made once for all tests of a program.
static PANEL_FILES: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| sample::files(&Size::SMALL));

/// The five required keys of `config.json` with the values of the original.
fn five_keys() -> Value {
    json!({
        "input_folder_path": "sourcedata",
        "output_folder_path": "ingesteddata",
        "test_data_path": "testdata",
        "output_model_path": "models",
        "prod_deployment_path": "production_deployment"
    })
}

fn collect_files(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let entry = entry.expect("folder entry");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("file type");
        if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("symbolic link");
            files.insert(name, format!("-> {}", target.display()).into_bytes());
        } else if kind.is_dir() {
            collect_files(&entry.path(), &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read(entry.path()).expect("file"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_project_has_the_five_keys_and_empty_data_folders() {
        let project = Project::new();
        let config = project.read_json("config.json");
        assert_eq!(config.as_object().map(|keys| keys.len()), Some(5));
        assert_eq!(config["output_folder_path"], "ingesteddata");
        assert!(project.path("practicedata").is_dir());
        assert!(project.files("sourcedata").is_empty());
    }

    #[test]
    fn the_original_shape_has_an_icon_file_beside_the_data() {
        let project = Project::original();
        let names: Vec<String> = project.files("practicedata").into_keys().collect();
        assert_eq!(names, ["Icon\r", "dataset1.csv", "dataset2.csv"]);
        assert_eq!(project.read("testdata/testdata.csv").lines().count(), 6);
    }

    #[test]
    fn a_panel_has_the_shipped_shape_and_takes_further_months() {
        let project = Project::panel();
        let header = project.read("sourcedata/clients_2026-04.csv");
        assert_eq!(
            header.lines().next(),
            Some(sample::COLUMNS.join(",").as_str())
        );
        assert_eq!(project.files("sourcedata").len(), 4);
        assert_eq!(project.read("testdata/testdata.csv").lines().count(), 201);
        assert_eq!(
            project.read_json("config.json")["dataset"]["horizon_days"],
            90
        );
        let files = project.deliver("2026-07", Scenario::Labels);
        assert_eq!(files, ["clients_2026-07.csv", "labels_2026-04.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_listed_and_not_followed() {
        let project = Project::new();
        project.write("out/releases/1/model.json", "{}");
        std::os::unix::fs::symlink("releases/1", project.path("out/current")).unwrap();
        let files = project.files("out");
        assert_eq!(files["current"], b"-> releases/1");
        assert_eq!(files["releases/1/model.json"], b"{}");
        assert_eq!(files.len(), 2);
    }
}
