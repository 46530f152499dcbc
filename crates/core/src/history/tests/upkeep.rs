//! Copies, killed runs, and the erasure of a client.

use super::predictions::{publish, rows_of};
use super::*;

#[test]
fn readers_and_a_copy_see_whole_runs_while_a_writer_writes() {
    let (folder, history) = history();
    let path = history.path.clone();
    let reader = std::thread::spawn(move || {
        let mut seen = 0;
        while seen < 200 {
            let history = History::open_to_read(&path).unwrap().unwrap();
            let runs = rows_of(&history, "runs");
            assert!(runs >= seen, "{runs} after {seen}");
            // One transaction has written both, and one query reads both.
            let sql =
                "SELECT (SELECT count(*) FROM books) * 2 - (SELECT count(*) FROM predictions)";
            let difference: i64 = history
                .read(|connection| connection.query_row(sql, [], |row| row.get(0)))
                .unwrap();
            assert_eq!(difference, 0);
            seen = runs;
        }
    });
    for number in 0..200 {
        history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
        if number % 10 == 0 {
            publish(&history, 1, "m1", [0.5, number as f64]);
            let copy = folder.path().join(format!("copy{number}.sqlite"));
            let reader = History::open_to_read(&history.path).unwrap().unwrap();
            reader.copy_to(&copy).unwrap();
            let copy = History::open(&copy).unwrap();
            assert_eq!(rows_of(&copy, "runs"), number + 2);
        }
        history.finish_run(0.1, 0, None).unwrap();
    }
    reader.join().unwrap();
}

#[test]
fn a_run_that_was_killed_is_told_from_one_that_failed() {
    let (_folder, history) = history();
    history.begin_run("next", DateTime::UNIX_EPOCH).unwrap();
    history.finish_run(1.0, 1, Some("no data")).unwrap();
    history.begin_run("last", DateTime::UNIX_EPOCH).unwrap();
    let export = history.export("runs").unwrap().unwrap();
    let errors: Vec<String> = export.rows.iter().map(|row| row[5].to_string()).collect();
    assert!(errors[0].contains("killed"), "{errors:?}");
    assert_eq!(errors[1..], ["no data", ""]);
}

#[test]
fn an_erased_client_is_gone_from_every_table_and_from_the_bytes() {
    let (folder, history) = history();
    publish(&history, 1, "m1", [0.7, 0.2]);
    publish(&history, 2, "m1", [0.7, 0.3]);
    let reason = "observed_at: \"Bolt\" is not a date";
    history
        .record_step("ingestion", "failed", 0.1, Some(reason))
        .unwrap();
    let samples = [SampleId(7)];
    let judgement = Judgement {
        model_id: "m1",
        drift_test: "raw",
        samples: &samples,
        left_out: &[],
        n_positive: 1,
        drift: false,
        evidence: None,
        figures: 0.5,
    };
    history
        .record_judgement(&judgement, DateTime::UNIX_EPOCH)
        .unwrap();
    decisions::decide(&history, 1, &["Acme", "Bolt"]);
    assert!(history.names_client("Bolt").unwrap());
    let removed = history
        .erase_client("Bolt", &[SampleId(7), SampleId(8)])
        .unwrap();
    let expected = [
        ("book_entries", 2),
        ("client_predictions", 2),
        ("clients", 1),
        ("decision_clients", 2),
        ("judged_samples", 1),
        ("steps", 1),
    ];
    assert_eq!(
        removed.into_iter().collect::<Vec<_>>(),
        expected.map(|(t, n)| (t.to_owned(), n))
    );
    history.compact().unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"Bolt"));
    }
    assert!(history.names_client("Acme").unwrap());
    assert_eq!(rows_of(&history, "predictions"), 2);
}

/// A column that may name clients must be known to the erasure.
#[test]
fn only_one_column_names_clients() {
    let (_folder, history) = history();
    let sql = "SELECT tables.name || '.' || columns.name FROM sqlite_schema AS tables
               JOIN pragma_table_info(tables.name) AS columns
               WHERE tables.type = 'table' AND columns.type = 'TEXT'
               AND (columns.name LIKE '%client%' OR columns.name LIKE '%corporation%'
               OR tables.name LIKE '%client%' AND columns.name = 'name')";
    let found: Vec<String> = history
        .read(|connection| {
            let mut query = connection.prepare(sql)?;
            query.query_map([], |row| row.get(0))?.collect()
        })
        .unwrap();
    assert_eq!(found, ["clients.name", "erasures.client_hash"]);
}
