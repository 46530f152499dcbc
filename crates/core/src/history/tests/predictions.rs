//! Published books, and what the service handed out.

use super::*;

/// Publishes a book of two clients.
pub(super) fn publish(history: &History, day: u32, model_id: &str, risks: [f64; 2]) {
    let files = [
        IngestedFile {
            name: "a.csv".into(),
            sha256: "aa".into(),
        },
        IngestedFile {
            name: "b.csv".into(),
            sha256: format!("b{model_id}"),
        },
    ];
    let published_at = NaiveDate::from_ymd_opt(2026, 7, day)
        .and_then(|day| day.and_hms_opt(6, 0, 0))
        .unwrap()
        .and_utc();
    let book = PublishedBook {
        published_at,
        model_folder: "models",
        list_id: "list",
        release: "r1",
        model_id,
        threshold: 0.5,
        input_folder: "../sourcedata",
        files: &files,
    };
    let reasons = ["activity 3 (typical 73)".to_owned()];
    let predictions = [("Acme", 0, 1), ("Bolt", 1, 2)].map(|(client, place, rank)| Prediction {
        client,
        observed_at: NaiveDate::from_ymd_opt(2026, 6, 30),
        rank,
        risk: risks[place],
        score: -risks[place],
        contract_value: (place == 0).then_some(12.5),
        reasons: &reasons[..place],
        file: Some(place),
        line: (place == 1).then_some(7),
        cells: None,
    });
    history.record_predictions(&book, &predictions).unwrap();
}

pub(super) fn rows_of(history: &History, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    history
        .read(|connection| connection.query_row(&sql, [], |row| row.get(0)))
        .unwrap()
}

#[test]
fn what_was_published_then_is_found_and_unchanged_predictions_are_stored_once() {
    let (_folder, history) = history();
    publish(&history, 1, "m1", [0.7, 0.2]);
    publish(&history, 3, "m1", [0.7, 0.3]);
    publish(&history, 5, "m2", [0.1, 0.3]);
    let as_of = |day| {
        let day = NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
        history.prediction_as_of("models", "Bolt", day).unwrap()
    };
    let (book, bolt) = as_of(4).unwrap();
    assert_eq!(
        (book.model_id.as_str(), book.n_clients, bolt.risk),
        ("m1", 2, 0.3)
    );
    assert_eq!(as_of(2).unwrap().1.risk, 0.2);
    let (book, bolt) = as_of(5).unwrap();
    assert_eq!(book.model_id, "m2");
    assert_eq!(bolt.reasons, ["activity 3 (typical 73)"; 1]);
    assert_eq!(
        (bolt.file.unwrap().sha256.as_str(), bolt.line),
        ("bm2", Some(7))
    );
    let files = history.files_of(&book).unwrap();
    assert_eq!(files[1].sha256, "bm2");
    let before = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
    assert_eq!(history.book_as_of("models", before).unwrap(), None);
    assert_eq!(
        history
            .book_as_of("practicemodels", before.succ_opt().unwrap())
            .unwrap(),
        None
    );
    assert_eq!(history.predictions_of("models", "Acme").unwrap().len(), 3);
    assert_eq!(
        rows_of(&history, "client_predictions"),
        5,
        "Acme did not change once"
    );
    assert_eq!(rows_of(&history, "predictions"), 6);
    assert_eq!(
        (
            rows_of(&history, "data_sets"),
            rows_of(&history, "data_files")
        ),
        (2, 3)
    );
}

#[test]
fn predictions_are_handed_out_on_the_day_they_were_published_first() {
    let (_folder, history) = history();
    publish(&history, 1, "m1", [0.9, 0.1]);
    publish(&history, 8, "m1", [0.9, 0.2]);
    publish(&history, 15, "m2", [0.8, 0.3]);
    let found: Vec<_> = history
        .predictions_handed_out("models")
        .unwrap()
        .into_iter()
        .map(|found| {
            (
                found.model_id,
                found.client,
                found.published_on.to_string(),
                found.risk,
            )
        })
        .collect();
    let expected = [
        ("m1", "Acme", "2026-07-01", 0.9),
        ("m1", "Bolt", "2026-07-01", 0.1),
        ("m1", "Bolt", "2026-07-08", 0.2),
        ("m2", "Acme", "2026-07-15", 0.8),
        ("m2", "Bolt", "2026-07-15", 0.3),
    ]
    .map(|(model, client, day, risk)| (model.to_owned(), client.to_owned(), day.to_owned(), risk));
    assert_eq!(found, expected);
    assert!(history.predictions_handed_out("other").unwrap().is_empty());
    let day = NaiveDate::from_ymd_opt(2026, 7, 9).unwrap();
    let book = history.book_as_of("models", day).unwrap().unwrap();
    let members: Vec<_> = history
        .members_of(&book)
        .unwrap()
        .into_iter()
        .map(|member| (member.client, member.risk))
        .collect();
    assert_eq!(
        members,
        [("Acme".to_owned(), 0.9), ("Bolt".to_owned(), 0.2)]
    );
}

/// Keeps an answer of the service about one client.
fn hand_out(history: &History, day: u32, client: &str, risk: f64) {
    let date = |day| NaiveDate::from_ymd_opt(2026, 7, day);
    let batch = Batch {
        handed_out_at: date(day)
            .unwrap()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc(),
        model_folder: "models",
        release: "r1",
        model_id: "m1",
        threshold: 0.5,
    };
    let prediction = Prediction {
        client,
        observed_at: NaiveDate::from_ymd_opt(2026, 6, 30),
        rank: 0,
        risk,
        score: -risk,
        contract_value: None,
        reasons: &[],
        file: None,
        line: None,
        cells: Some(r#"{"activity":3}"#.into()),
    };
    let twice = [prediction.clone(), prediction];
    assert!(History::keep_batch(&history.path, &batch, &twice).unwrap());
}

#[test]
fn what_the_service_hands_out_is_kept_while_a_run_writes_and_is_no_list() {
    let (folder, history) = history();
    publish(&history, 8, "m1", [0.9, 0.1]);
    hand_out(&history, 3, "Cora", 0.4);
    hand_out(&history, 9, "Cora", 0.4);
    let found = history.predictions_handed_out("models").unwrap();
    let cora: Vec<_> = found
        .iter()
        .filter(|found| found.client == "Cora")
        .collect();
    assert_eq!(
        (cora.len(), found.len()),
        (1, 3),
        "the same said again is kept once"
    );
    assert_eq!(cora[0].published_on.to_string(), "2026-07-03");
    assert_eq!(rows_of(&history, "batch_predictions"), 2);
    let day = NaiveDate::from_ymd_opt(2026, 7, 9).unwrap();
    assert_eq!(
        history.prediction_as_of("models", "Cora", day).unwrap(),
        None
    );
    let missing = folder.path().join("none.sqlite");
    let batch = Batch {
        handed_out_at: DateTime::UNIX_EPOCH,
        model_folder: "models",
        release: "r1",
        model_id: "m1",
        threshold: 0.5,
    };
    assert!(!History::keep_batch(&missing, &batch, &[]).unwrap());
    assert!(!missing.exists());
}

#[test]
fn what_the_service_handed_out_is_pruned_and_erased_like_a_list() {
    let (_folder, history) = history();
    publish(&history, 8, "m1", [0.9, 0.1]);
    hand_out(&history, 3, "Cora", 0.4);
    hand_out(&history, 9, "Bolt", 0.1);
    let before = NaiveDate::from_ymd_opt(2026, 7, 5).unwrap();
    let before = before.and_time(chrono::NaiveTime::MIN).and_utc();
    let removed = history.prune(before, &Kept::default(), before).unwrap();
    assert_eq!((removed["batches"], removed["batch_entries"]), (1, 1));
    assert!(!history.names_client("Cora").unwrap());
    assert_eq!(rows_of(&history, "batches"), 1);
    let removed = history.erase_client("Bolt", &[]).unwrap();
    assert_eq!(
        (removed["batch_entries"], removed["client_predictions"]),
        (1, 2)
    );
    assert_eq!(rows_of(&history, "batch_predictions"), 0);
}
