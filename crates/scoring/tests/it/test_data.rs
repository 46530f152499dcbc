//! Test data that is good in part or not at all.

use crate::project::{HEADER, data, project};
use crate::running::{assert_refused, score, scored};
use serde_json::json;

#[test]
fn every_csv_of_the_folder_counts_and_other_files_do_not() {
    let project = project();
    let together = scored(&project, &[]);
    project.write("testdata/testdata.csv", data(200..230));
    project.write("testdata/further.csv", data(230..280));
    project.write("testdata/.hidden.csv", data(0..100));
    project.write("testdata/notes.txt", "nothing");
    project.write("testdata/Icon\r", "");
    let apart = scored(&project, &[]);
    assert_eq!(apart["metrics"], together["metrics"]);
    assert_eq!(apart["files"], json!(["further.csv", "testdata.csv"]));
}

#[test]
fn columns_may_stand_in_any_order_beside_others() {
    let project = project();
    let expected = scored(&project, &[]);
    let reorder = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        format!("{},x,{},{},{}\n", cells[3], cells[2], cells[0], cells[1])
    };
    let reordered: String = data(200..280).lines().map(reorder).collect();
    project.write("testdata/testdata.csv", reordered);
    assert_eq!(scored(&project, &[]), expected);
}

#[test]
fn bad_rows_are_listed_with_every_reason_and_the_others_count() {
    let project = project();
    let good = scored(&project, &[]);
    let bad = data(200..280) + "x,many,Retail,2\n,5,Energy,1\nshort\n";
    project.write("testdata/testdata.csv", bad);
    let outcome = scored(&project, &[]);
    assert_eq!(outcome["metrics"], good["metrics"]);
    let rows = outcome["rejected_rows"].as_array().unwrap();
    let lines: Vec<_> = rows
        .iter()
        .map(|row| row["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [82, 83, 84]);
    assert_eq!(rows[0]["file"], "testdata.csv");
    assert_eq!(rows[0]["reasons"].as_array().unwrap().len(), 2);
    let ran = score(&project, &[]);
    let line = "not used: testdata.csv line 83: corporation is missing";
    assert!(ran.out.contains(line), "{}", ran.out);
}

#[test]
fn rows_without_a_label_are_passed_over() {
    let project = project();
    let expected = scored(&project, &[]);
    project.write(
        "testdata/testdata.csv",
        data(200..280) + "x,5,Energy,\ny,5,Energy,NA\n",
    );
    assert_eq!(scored(&project, &[]), expected);
}

#[test]
fn without_test_data_an_input_is_missing() {
    let project = project();
    std::fs::remove_file(project.path("testdata/testdata.csv")).unwrap();
    assert_refused(&project, &[], 66, "no CSV file in folder ");
    std::fs::remove_dir(project.path("testdata")).unwrap();
    assert_refused(&project, &[], 66, "no CSV file in folder ");
}

#[test]
fn without_a_labelled_row_an_input_is_missing_and_bad_rows_are_told() {
    let project = project();
    scored(&project, &[]);
    project.write("testdata/testdata.csv", format!("{HEADER}x,5,Energy,\n"));
    assert_refused(&project, &[], 66, "no labelled row in the test data of ");
    project.write(
        "testdata/testdata.csv",
        format!("{HEADER}x,5,Energy,soon\n"),
    );
    let message = "1 row cannot be used, the first is testdata.csv line 2: exited: \"soon\"";
    assert_refused(&project, &[], 66, message);
}

#[test]
fn a_file_that_cannot_be_read_is_refused_and_nothing_changes() {
    let project = project();
    scored(&project, &[]);
    for (content, message) in [
        (&b""[..], "testdata.csv: the file is empty"),
        (
            b"corporation,activity,exited\na,1,0\n",
            "testdata.csv: the column industry is missing",
        ),
        (
            b"corporation,activity,industry\na,1,x\n",
            "testdata.csv: the column exited is missing",
        ),
        (
            b"corporation,activity,industry,exited\na,1,\"x,0\n",
            "a quoted cell is not closed",
        ),
        (
            b"corporation,activity,industry,exited\na,1,\xff,0\n",
            "UTF-8",
        ),
    ] {
        project.write("testdata/testdata.csv", content);
        assert_refused(&project, &[], 65, message);
    }
}
