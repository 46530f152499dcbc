//! The forms that a CSV file may have.

use crate::running::{done, final_data, put, table};
use testkit::Project;

/// The compiled data of one file.
fn compiled(contents: impl AsRef<[u8]>) -> String {
    let project = Project::new();
    put(&project, "a.csv", contents);
    let outcome = done(&project);
    assert_eq!(outcome.count("rejected_rows"), 0, "{outcome:?}");
    final_data(&project)
}

const EXPECTED: &str = "corporation,activity,exited\nacme,7,1\nbolt,0.5,0\n";

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    assert_eq!(compiled(format!("\u{feff}{EXPECTED}")), EXPECTED);
    let quoted = EXPECTED.replacen("corporation", "\u{feff}\"corporation\"", 1);
    assert_eq!(compiled(quoted), EXPECTED);
}

#[test]
fn any_line_end_serves_and_the_last_one_may_be_missing() {
    for ends in ["\r\n", "\r", "\n\n"] {
        assert_eq!(compiled(EXPECTED.replace('\n', ends)), EXPECTED, "{ends:?}");
    }
    assert_eq!(compiled(EXPECTED.trim_end()), EXPECTED);
}

#[test]
fn quotes_around_cells_are_no_part_of_them() {
    let quoted =
        "\"corporation\",\"activity\",\"exited\"\n\"acme\",\"7\",\"1\"\n\"bolt\",\"0.5\",\"0\"\n";
    assert_eq!(compiled(quoted), EXPECTED);
}

#[test]
fn quoted_commas_quotes_and_line_ends_are_kept() {
    let text = table(&[
        "\"Acme, Inc\",7,1",
        "\"say \"\"hi\"\"\",8,0",
        "\"two\nlines\",9,0",
    ]);
    assert_eq!(compiled(&text), text);
}

#[test]
fn numbers_are_written_in_their_shortest_form() {
    let rows = [
        "a,7.0,1",
        "b,+7.50,0",
        "c,1e3,0",
        "d,-0.0,0",
        "e,007,0",
        "f, 8 ,0",
    ];
    let expected = ["a,7,1", "b,7.5,0", "c,1000,0", "d,0,0", "e,7,0", "f,8,0"];
    assert_eq!(compiled(table(&rows)), table(&expected));
}

#[test]
fn every_word_for_a_missing_cell_is_written_as_an_empty_one() {
    let rows = [
        "a,NA,1",
        "b,nan,0",
        "c,NULL,NaN",
        "d,  ,null",
        "e,,na",
        "f,1,",
    ];
    let expected = ["a,,1", "b,,0", "c,,", "d,,", "e,,", "f,1,"];
    assert_eq!(compiled(table(&rows)), table(&expected));
}

#[test]
fn the_order_of_the_columns_does_not_matter() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(
        &project,
        "b.csv",
        "exited,corporation,activity\n0,bolt,0.5\n1,acme,7.0\n",
    );
    let outcome = done(&project);
    assert_eq!(final_data(&project), EXPECTED);
    assert_eq!(outcome.count("duplicate_rows"), 1);
}

#[test]
fn further_columns_are_ignored_and_named() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    put(&project, "b.csv", table(&["bolt,0.5,0"]));
    done(&project);
    put(
        &project,
        "c.csv",
        "colour,corporation,activity,exited,size\nred,corv,1,0,9\n",
    );
    let outcome = done(&project);
    let ignored = &outcome.file("c.csv")["ignored_columns"];
    assert_eq!(*ignored, serde_json::json!(["colour", "size"]));
    assert_eq!(final_data(&project), format!("{EXPECTED}corv,1,0\n"));
    let text = crate::running::ingest(&project, &["-v"]).out;
    assert!(text.contains("ignored columns: colour, size"), "{text}");
}

#[test]
fn endings_count_in_any_case() {
    let project = Project::new();
    put(&project, "A.CSV", table(&["acme,7,1"]));
    assert_eq!(done(&project).count("rows"), 1);
}
