//! Tests of the history as a whole.

use super::*;
use crate::records::SampleId;
use chrono::DateTime;
use std::collections::HashSet;

fn history() -> (tempfile::TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(&folder.path().join("history.sqlite")).unwrap();
    history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
    (folder, history)
}

#[test]
fn samples_are_judged_once_for_each_champion() {
    let (_folder, history) = history();
    let samples = [SampleId(1), SampleId(u64::MAX)];
    let judgement = Judgement {
        model_id: "a",
        drift_test: "raw",
        samples: &samples,
        n_positive: 1,
        drift: false,
        figures: 0.5,
    };
    history
        .record_judgement(&judgement, DateTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(history.judged_samples("a").unwrap(), HashSet::from(samples));
    assert!(history.judged_samples("b").unwrap().is_empty());
}

#[test]
fn a_reader_sees_committed_runs_while_the_writer_is_open() {
    let (folder, history) = history();
    history.finish_run(1.5, 0, None).unwrap();
    let reader = Connection::open_with_flags(
        folder.path().join("history.sqlite"),
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    )
    .unwrap();
    let code: i64 = reader
        .query_row("SELECT exit_code FROM runs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(code, 0);
}

#[test]
fn garbage_and_newer_databases_are_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    crate::files::write(
        &path,
        "this is no database at all, but long enough to be read",
    )
    .unwrap();
    let message = format!("{:#}", History::open(&path).err().unwrap());
    assert!(
        message.contains("history.sqlite") && message.contains("move it away"),
        "{message}"
    );
    std::fs::remove_file(&path).unwrap();
    drop(History::open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let message = format!("{:#}", History::open(&path).err().unwrap());
    assert!(message.contains("newer version"), "{message}");
}

#[test]
fn a_publication_is_current_only_for_its_inputs() {
    let (_folder, history) = history();
    assert_eq!(history.published("report").unwrap(), None);
    history.set_published("report", "inputs 1").unwrap();
    history.set_published("report", "inputs 2").unwrap();
    assert_eq!(
        history.published("report").unwrap().as_deref(),
        Some("inputs 2")
    );
}

/// Databases that released versions of this program wrote, by version.
const RELEASED: [(u32, &[u8]); 1] = [(1, include_bytes!("fixtures/v1.sqlite"))];

fn version_of(path: &Path) -> u32 {
    let connection = Connection::open(path).unwrap();
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

/// A copy of a released database in a folder of its own.
fn released(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    crate::files::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn a_database_of_every_released_version_is_opened_and_loses_nothing() {
    let (_folder, new) = history();
    let newest = version_of(&new.path);
    for (version, bytes) in RELEASED {
        let (_folder, path) = released(bytes);
        assert_eq!(version_of(&path), version);
        let history = History::open(&path).unwrap();
        assert_eq!(version_of(&path), newest);
        assert_eq!(
            history.judged_samples("719d2c1addc30606").unwrap().len(),
            120
        );
        assert!(history.published("reporting models").unwrap().is_some());
        history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
        let run: i64 = history.run.get();
        assert_eq!(run, 3, "the two runs of the database stay");
    }
}

#[test]
fn the_schema_of_a_migrated_database_is_that_of_a_new_one() {
    let schema = |path: &Path| -> Vec<(String, String)> {
        let connection = Connection::open(path).unwrap();
        let mut query = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    };
    let (_folder, new) = history();
    for (_, bytes) in RELEASED {
        let (_folder, path) = released(bytes);
        drop(History::open(&path).unwrap());
        assert_eq!(schema(&path), schema(&new.path));
    }
}

#[test]
fn a_reader_alone_leaves_no_file_behind() {
    let (folder, history) = history();
    drop(history);
    let path = folder.path().join("history.sqlite");
    let reader = History::open_to_read(&path).unwrap().unwrap();
    assert_eq!(reader.published("report").unwrap(), None);
    assert!(reader.begin_run("test", DateTime::UNIX_EPOCH).is_err());
    drop(reader);
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["history.sqlite"]);
}
