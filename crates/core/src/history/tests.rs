//! Tests of the history as a whole.

mod decisions;
mod predictions;
mod upkeep;

use super::*;
use crate::records::{IngestedFile, SampleId};
use chrono::{DateTime, NaiveDate};
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
        left_out: &[],
        n_positive: 1,
        drift: false,
        figures: 0.5,
        evidence: None,
    };
    history
        .record_judgement(&judgement, DateTime::UNIX_EPOCH)
        .unwrap();
    assert_eq!(history.judged_samples("a").unwrap(), HashSet::from(samples));
    assert!(history.judged_samples("b").unwrap().is_empty());
}

#[test]
fn evidence_is_kept_with_its_judgement_and_begins_anew_when_a_release_is_put_back() {
    let (_folder, history) = history();
    let put_in_force = |event| {
        let entry = ReleaseEntry {
            release: Some("r1"),
            model_id: Some("a"),
            ..ReleaseEntry::new("production", event)
        };
        history
            .record_release_event(&entry, DateTime::UNIX_EPOCH)
            .unwrap();
    };
    put_in_force(ReleaseEvent::Deployed);
    assert_eq!(history.evidence("r1").unwrap(), None);
    for (sample, log_ratio, drift) in [(1, -0.5, false), (2, 5.0, true)] {
        let state = format!("state {sample}");
        let judgement = Judgement {
            model_id: "a",
            drift_test: "evidence",
            samples: &[SampleId(sample)],
            left_out: &[],
            n_positive: 0,
            drift,
            figures: serde_json::json!({ "findings": { "f1": 0.25 * sample as f64 } }),
            evidence: Some(EvidenceEntry {
                release: "r1",
                log_ratio,
                state: &state,
            }),
        };
        history
            .record_judgement(&judgement, DateTime::UNIX_EPOCH)
            .unwrap();
    }
    let gathered = history.evidence("r1").unwrap().unwrap();
    assert_eq!(gathered.state, "state 2");
    let looks: Vec<_> = gathered
        .looks
        .iter()
        .map(|look| (look.log_ratio, look.drift))
        .collect();
    assert_eq!(looks, [(-0.5, false), (5.0, true)]);
    let since = history
        .samples_judged_since("a", gathered.looks[1].judgement)
        .unwrap();
    assert_eq!(since, HashSet::from([SampleId(2)]));
    assert_eq!(history.judged_f1s("a").unwrap(), [0.25, 0.5]);
    assert_eq!(history.evidence("r2").unwrap(), None);
    put_in_force(ReleaseEvent::RolledBack);
    assert_eq!(history.evidence("r1").unwrap(), None);
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

/// Databases that released versions of this program wrote, by version; how the later ones were made is
/// in `crates/campaign/tests/it/kept`.
const RELEASED: [(u32, &[u8]); 3] = [
    (1, include_bytes!("fixtures/v1.sqlite")),
    (
        8,
        include_bytes!("../../../campaign/tests/kept/history-8/output/history.sqlite"),
    ),
    (
        9,
        include_bytes!("../../../campaign/tests/kept/history-9/output/history.sqlite"),
    ),
];

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
fn a_database_of_every_released_version_is_opened_and_goes_on() {
    let (_folder, new) = history();
    let newest = version_of(&new.path);
    for (version, bytes) in RELEASED {
        let (_folder, path) = released(bytes);
        assert_eq!(version_of(&path), version);
        let history = History::open(&path).unwrap();
        assert_eq!(version_of(&path), newest);
        let runs = history.export("runs").unwrap().unwrap().rows.len();
        assert!(history.published("reporting models").unwrap().is_some());
        history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(
            history.run.get(),
            runs as i64 + 1,
            "the runs of before stay"
        );
    }
}

#[test]
fn what_a_database_of_version_1_says_was_judged_stays_judged() {
    let (_, bytes) = RELEASED[0];
    let (_folder, path) = released(bytes);
    let history = History::open(&path).unwrap();
    let judged = history.judged_samples("719d2c1addc30606").unwrap();
    assert_eq!(judged.len(), 120);
    history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(history.run.get(), 3, "the two runs of the database stay");
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

#[test]
fn a_reader_of_an_older_database_says_what_to_do() {
    let (_folder, path) = released(RELEASED[0].1);
    let message = format!("{:#}", History::open_to_read(&path).err().unwrap());
    assert!(message.contains("fullprocess, once"), "{message}");
    drop(History::open(&path).unwrap());
    assert!(History::open_to_read(&path).unwrap().is_some());
}

#[test]
fn a_message_is_delivered_until_it_arrives_and_ends_with_its_cause() {
    let (_folder, history) = history();
    let at = |minutes| DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes);
    let alert = NewAlert {
        project: "p",
        kind: "stale_data",
        cause: "stale_data",
        occurrence: "1",
        message: "no new data",
    };
    history
        .raise_alert(&alert, &["webhook", "command"], at(0))
        .unwrap();
    let pending = history.pending_deliveries("p").unwrap();
    assert_eq!(pending.len(), 2);
    assert!(history.pending_deliveries("other").unwrap().is_empty());
    let number = pending[0].alert;
    history
        .record_delivery((number, "webhook"), Some("gone"), at(1))
        .unwrap();
    assert_eq!(history.open_alerts("p").unwrap()[0].told_at, None);
    history
        .record_delivery((number, "command"), None, at(2))
        .unwrap();
    let left = history.pending_deliveries("p").unwrap();
    assert_eq!((left.len(), left[0].attempts), (1, 1));
    assert_eq!(left[0].error.as_deref(), Some("gone"));
    assert_eq!(
        history.open_alerts("p").unwrap()[0].told_at.as_deref(),
        Some("1970-01-01T00:02:00Z")
    );
    // A newer message about the same cause replaces what has not arrived.
    history.raise_alert(&alert, &["webhook"], at(3)).unwrap();
    assert_eq!(history.pending_deliveries("p").unwrap().len(), 1);
    history
        .hold_alert_back(
            &NewAlert {
                occurrence: "2",
                ..alert
            },
            at(4),
        )
        .unwrap();
    assert_eq!(history.open_alerts("p").unwrap().len(), 3);
    history.end_alert("p", "stale_data", at(5)).unwrap();
    assert!(history.open_alerts("p").unwrap().is_empty());
    assert!(
        history.pending_deliveries("p").unwrap()[0]
            .ended_at
            .is_some()
    );
}

#[test]
fn the_runs_of_a_project_are_found_by_how_they_ended() {
    let (_folder, history) = history();
    for (project, code) in [("p", 0), ("p", 1), ("other", 66), ("p", 65)] {
        history
            .begin_run("fullprocess", DateTime::UNIX_EPOCH)
            .unwrap();
        history.set_project(project).unwrap();
        history.finish_run(0.5, code, None).unwrap();
    }
    let code = |which| {
        let found = history.find_run("fullprocess", "p", which).unwrap();
        found.map(|found| (found.run, found.exit_code))
    };
    assert_eq!(code(Which::Last), Some((5, Some(65))));
    assert_eq!(code(Which::LastSuccess), Some((5, Some(65))));
    assert_eq!(code(Which::LastFailure), Some((3, Some(1))));
    assert_eq!(
        history.find_run("training", "p", Which::Last).unwrap(),
        None
    );
}

#[test]
fn figures_replace_themselves_and_are_read_from_a_day_on() {
    let (_folder, history) = history();
    let figure = |at: &str, value| FigureAt {
        figure: "psi.activity".into(),
        at: at.into(),
        model_id: "m".into(),
        value,
        low: None,
        high: None,
    };
    let figures = [
        figure("2026-07-01T06:00:00Z", 0.5),
        figure("2026-08-01T06:00:00Z", 0.25),
    ];
    history.record_figures("production", &figures).unwrap();
    history
        .record_figures("production", &[figure("2026-08-01T06:00:00Z", 0.125)])
        .unwrap();
    history.record_timing("training", 1.5).unwrap();
    let since = |day: &str| {
        let found = history
            .figures_since("production", day.parse().unwrap())
            .unwrap();
        let named = found.into_iter().map(|found| (found.figure, found.value));
        named.collect::<Vec<_>>()
    };
    assert_eq!(since("2026-08-01"), [("psi.activity".to_owned(), 0.125)]);
    let all = [
        ("psi.activity", 0.5),
        ("psi.activity", 0.125),
        ("timing_s.training", 1.5),
    ];
    assert_eq!(
        since("1970-01-01"),
        all.map(|(name, value)| (name.to_owned(), value))
    );
    let elsewhere = history.figures_since("other", "2026-07-01".parse().unwrap());
    assert!(elsewhere.unwrap().is_empty());
}
