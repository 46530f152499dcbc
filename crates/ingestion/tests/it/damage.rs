//! Damaged Parquet files.

use crate::parquet::TYPES;
use crate::running::{Outcome, assert_silent, done, ingest, put, refused, table};
use testkit::Project;

/// Ingests damaged files beside a good one, and checks that it ends without a panic and that the
/// good file comes in.
#[track_caller]
fn ingest_damaged(files: impl Iterator<Item = Vec<u8>>) -> Outcome {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    for (number, bytes) in files.enumerate() {
        put(&project, &format!("{number}.parquet"), bytes);
    }
    // Without the columns of the damaged files: their say is not tested here.
    let features = r#"dataset.features=[{"name":"activity","kind":"numeric"}]"#;
    let ran = ingest(&project, &["--json", "--set", features]);
    assert!(ran.code == 0 || ran.code == 65, "{ran:?}");
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    let json = serde_json::from_str(&ran.out).unwrap();
    let outcome = Outcome { json, err: ran.err };
    assert_eq!(outcome.status("a.csv"), "new");
    outcome
}

fn with_flipped((place, bits): (usize, u8)) -> Vec<u8> {
    let mut bytes = TYPES.to_vec();
    bytes[place] ^= bits;
    bytes
}

fn is_refused_as_unreadable(outcome: &Outcome, number: usize) -> bool {
    outcome
        .reason(&format!("{number}.parquet"))
        .starts_with("cannot be read as Parquet")
}

#[test]
fn a_truncated_parquet_file_is_refused() {
    let lengths = [
        0,
        3,
        4,
        8,
        100,
        TYPES.len() / 2,
        TYPES.len() - 9,
        TYPES.len() - 1,
    ];
    let outcome = ingest_damaged(lengths.iter().map(|length| TYPES[..*length].to_vec()));
    for (number, length) in lengths.iter().enumerate() {
        assert!(is_refused_as_unreadable(&outcome, number), "{length} bytes");
    }
}

#[test]
fn a_parquet_file_with_a_flipped_bit_never_ends_in_a_panic() {
    // Fixed places all over the file, more of them at its end, where the description is. What is
    // damaged inside a cell cannot be told from data, so some of these are accepted.
    let all_over = (4..TYPES.len()).step_by(TYPES.len() / 60);
    let in_the_description = (TYPES.len() - 5000..TYPES.len()).step_by(97);
    let places = all_over.chain(in_the_description);
    ingest_damaged(places.map(|place| with_flipped((place, 1 << (place % 8)))));
}

/// A byte of the fixture and the bits of it on which the reader panics.
const PANICS: [(usize, u8); 3] = [(1368, 64), (1370, 8), (2915, 4)];

#[test]
fn a_parquet_file_on_which_the_reader_panics_is_refused() {
    let outcome = ingest_damaged(PANICS.into_iter().map(with_flipped));
    for number in 0..PANICS.len() {
        assert_eq!(
            outcome.reason(&format!("{number}.parquet")),
            "cannot be read as Parquet: the file is damaged"
        );
    }
}

/// A damaged count, for which the reader asks for 2 EiB of memory.
const ENDS_THE_PROGRAM: (usize, u8) = (193, 1);

#[test]
fn a_file_on_which_runs_die_is_refused_by_the_third() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "b.parquet", with_flipped(ENDS_THE_PROGRAM));
    for _ in 0..2 {
        assert_eq!(ingest(&project, &[]).code, testkit::Ran::KILLED);
    }
    let outcome = refused(&project);
    assert!(
        outcome
            .reason("b.parquet")
            .starts_with("2 runs died while reading it")
    );
    assert_eq!(outcome.count("rows"), 1);
    assert_silent(&project);
    put(&project, "b.parquet", TYPES);
    assert_eq!(done(&project).status("b.parquet"), "new");
}

#[test]
fn text_with_the_name_of_a_parquet_file_is_refused() {
    let outcome = ingest_damaged([table(&["bolt,8,0"]).into_bytes()].into_iter());
    assert!(is_refused_as_unreadable(&outcome, 0), "{outcome:?}");
}
