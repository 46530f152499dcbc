//! Running the program, and looking at what it says and writes.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Project, Ran};

/// Runs `ingestion` in a project.
pub fn ingest(project: &Project, arguments: &[&str]) -> Ran {
    Ran::of(env!("CARGO_BIN_EXE_ingestion"), project, arguments)
}

/// Runs it with `--json` to an exit code and gives its object.
pub fn ends(project: &Project, code: i32, arguments: &[&str]) -> Outcome {
    let ran = ingest(project, &[arguments, &["--json"]].concat());
    let ran = ran.ended(code);
    Outcome {
        json: ran.json(),
        err: ran.err,
    }
}

/// Runs it where nothing is refused.
pub fn done(project: &Project) -> Outcome {
    ends(project, 0, &[])
}

/// Runs it where a file is refused.
pub fn refused(project: &Project) -> Outcome {
    ends(project, 65, &[])
}

/// Fails unless a run has nothing to do and says nothing.
#[track_caller]
pub fn assert_silent(project: &Project) {
    let ran = ingest(project, &[]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
}

/// What `--json` printed.
#[derive(Debug)]
pub struct Outcome {
    /// The object.
    pub json: Value,
    /// Standard error.
    pub err: String,
}

impl Outcome {
    /// A count by its key.
    pub fn count(&self, key: &str) -> u64 {
        self.json[key]
            .as_u64()
            .unwrap_or_else(|| panic!("no count {key}: {}", self.json))
    }

    /// Everything but the time that the run took.
    pub fn without_times(mut self) -> Value {
        self.json.as_object_mut().unwrap().remove("elapsed_s");
        self.json
    }

    /// What it says about a file.
    #[track_caller]
    pub fn file(&self, name: &str) -> &Value {
        let files = self.json["files"].as_array().unwrap();
        let found = files.iter().find(|file| file["path"] == name);
        found.unwrap_or_else(|| panic!("no file {name}: {}", self.json))
    }

    /// The status of a file.
    #[track_caller]
    pub fn status(&self, name: &str) -> &str {
        self.file(name)["status"].as_str().unwrap()
    }

    /// The reason that is given for the status of a file.
    #[track_caller]
    pub fn reason(&self, name: &str) -> &str {
        self.file(name)["reason"].as_str().unwrap_or_default()
    }
}

/// A project with the five keys and a `dataset` section.
pub fn project_with(dataset: Value) -> Project {
    let project = Project::new();
    configure(&project, dataset);
    project
}

/// Replaces the `dataset` section.
pub fn configure(project: &Project, dataset: Value) {
    let mut config = project.read_json("config.json");
    config["dataset"] = dataset;
    project.set_config(config);
}

/// A project whose samples have dates.
pub fn dated_project() -> Project {
    project_with(json!({ "observed_at": "observed_at" }))
}

/// Writes a file of the input folder.
pub fn put(project: &Project, name: &str, contents: impl AsRef<[u8]>) {
    project.write(&format!("sourcedata/{name}"), contents);
}

/// Removes a file of the input folder.
pub fn remove(project: &Project, name: &str) {
    std::fs::remove_file(project.path(&format!("sourcedata/{name}"))).unwrap();
}

/// Renames a file of the input folder.
pub fn rename(project: &Project, from: &str, to: &str) {
    let folder = project.path("sourcedata");
    std::fs::rename(folder.join(from), folder.join(to)).unwrap();
}

/// The compiled data.
pub fn final_data(project: &Project) -> String {
    project.read("ingesteddata/finaldata.csv")
}

/// The rows that were not accepted: file, line, reasons, row.
pub fn rejected_rows(project: &Project) -> Vec<[String; 4]> {
    let text = project.read("ingesteddata/rejectedrows.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["file", "line", "reasons", "row"]
    );
    reader.deserialize().map(Result::unwrap).collect()
}

/// The output folder without the lock and the history, which every run that starts writes.
pub fn outputs(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = project.files("ingesteddata");
    files.retain(|name, _| name != ".lock" && !name.starts_with("history.sqlite"));
    files
}

/// `corporation,activity,exited` and rows.
pub fn table(rows: &[&str]) -> String {
    format!("corporation,activity,exited\n{}\n", rows.join("\n"))
}
