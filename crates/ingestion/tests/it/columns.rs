//! The schema that is found at the first ingestion.

use crate::running::{
    Outcome, assert_silent, configure, done, final_data, ingest, put, refused, rejected_rows, table,
};
use serde_json::{Value, json};
use testkit::Project;

fn header(project: &Project) -> String {
    final_data(project).lines().next().unwrap().to_owned()
}

const WIDE: &str = "corporation,activity,size,exited\nacme,7,3,1\n";

#[test]
fn the_columns_of_most_files_win() {
    let project = Project::new();
    put(&project, "a.csv", WIDE);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    put(&project, "c.csv", "exited,activity,corporation\n0,9,corv\n");
    let outcome = done(&project);
    assert_eq!(header(&project), "corporation,activity,exited");
    assert_eq!(
        outcome.file("a.csv")["ignored_columns"],
        serde_json::json!(["size"])
    );
    assert_eq!(outcome.count("rows"), 3);
}

#[test]
fn on_a_tie_the_columns_of_the_first_file_win() {
    let project = Project::new();
    put(&project, "a.csv", WIDE);
    put(&project, "b.csv", table(&["bolt,8,0"]));
    let outcome = refused(&project);
    assert_eq!(header(&project), "corporation,activity,size,exited");
    assert_eq!(outcome.reason("b.csv"), "the column size is missing");
}

#[test]
fn files_without_id_or_target_have_no_say() {
    let project = Project::new();
    put(&project, "a.csv", "colour,exited\nred,1\n");
    put(&project, "b.csv", "colour,exited\nblue,1\n");
    put(&project, "c.csv", table(&["corv,9,0"]));
    let outcome = refused(&project);
    assert_eq!(header(&project), "corporation,activity,exited");
    assert_eq!(
        outcome.reason("a.csv"),
        "the columns corporation, activity are missing"
    );
}

#[test]
fn the_columns_stay_whatever_later_files_have() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    for name in ["b.csv", "c.csv", "d.csv"] {
        put(&project, name, format!("{WIDE}{name},1,1,0\n"));
    }
    assert_eq!(done(&project).count("rows"), 4);
    assert_eq!(header(&project), "corporation,activity,exited");
}

#[test]
fn a_later_file_that_lacks_a_column_is_refused() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    put(&project, "b.csv", "corporation,exited\nbolt,0\n");
    assert_eq!(
        refused(&project).reason("b.csv"),
        "the column activity is missing"
    );
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
}

/// A file of 40 rows, some of them with a text for activity.
fn with_texts(texts: usize) -> Project {
    let rows: Vec<String> = (0..40)
        .map(|row| {
            let activity = if row < texts {
                "low".into()
            } else {
                (row % 7).to_string()
            };
            format!("client {row},{activity},0")
        })
        .collect();
    let project = Project::new();
    put(
        &project,
        "a.csv",
        table(&rows.iter().map(String::as_str).collect::<Vec<_>>()),
    );
    project
}

#[test]
fn a_column_with_95_percent_numbers_is_numeric_and_its_texts_are_bad_rows() {
    let project = with_texts(2);
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("rejected_rows")),
        (38, 2)
    );
    let expected = [
        "a.csv",
        "2",
        "activity: \"low\" is not a number",
        "client 0,low,0",
    ];
    assert_eq!(rejected_rows(&project)[0], expected);
}

#[test]
fn a_column_with_fewer_numbers_holds_categories() {
    let project = with_texts(3);
    assert_eq!(done(&project).count("rows"), 40);
}

#[test]
fn text_in_a_numeric_column_of_a_later_file_is_a_bad_row() {
    let project = with_texts(0);
    done(&project);
    put(&project, "b.csv", table(&["new,low,0", "newer,1,0"]));
    let outcome = done(&project);
    assert_eq!(
        (outcome.count("rows"), outcome.count("rejected_rows")),
        (41, 1)
    );
}

/// 20 clients with a row number, a name each, and a size.
fn with_names() -> Project {
    let rows: String = (1..=20)
        .map(|row| format!("{row},client {row},Name {row},{},{}\n", row * row, row % 2))
        .collect();
    let project = Project::new();
    put(
        &project,
        "a.csv",
        format!("row,corporation,surname,size,exited\n{rows}"),
    );
    project
}

fn roles(project: &Project) -> Vec<(String, String)> {
    let schema = project.read_json("ingesteddata/schema.json");
    let columns = schema["schema"]["columns"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let pair = |column: &Value| (text(&column["name"]), text(&column["role"]));
    columns.iter().map(pair).collect()
}

#[test]
fn names_and_row_numbers_are_kept_but_are_no_features_and_a_message_says_so() {
    let project = with_names();
    let ran = ingest(&project, &[]);
    assert_eq!(ran.code, 0);
    for message in [
        "column row is kept but is no feature: integers that count up",
        "column surname is kept but is no feature: 20 distinct texts for 20 clients",
    ] {
        assert!(ran.err.contains(message), "{}", ran.err);
    }
    let expected = [
        ("row", "carried"),
        ("corporation", "client_id"),
        ("surname", "carried"),
        ("size", "feature"),
        ("exited", "target"),
    ];
    assert_eq!(
        roles(&project),
        expected.map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert!(final_data(&project).contains("\n3,client 3,Name 3,9,1\n"));
}

#[test]
fn the_message_about_columns_comes_once() {
    let project = with_names();
    ingest(&project, &[]);
    put(
        &project,
        "b.csv",
        "row,corporation,surname,size,exited\n1,x,y,2,0\n",
    );
    assert_eq!(ingest(&project, &[]).err, "");
}

#[test]
fn a_file_with_other_separators_is_told_apart_from_one_with_other_columns() {
    let reason = |text: &str| -> String {
        let project = Project::new();
        put(&project, "a.csv", text);
        let outcome: Outcome = refused(&project);
        outcome.reason("a.csv").to_owned()
    };
    let semicolons = reason("corporation;activity;exited\nacme;7;1\n");
    assert!(
        semicolons.contains("separated by ';', not by a comma"),
        "{semicolons}"
    );
    let others = reason("customerID,Churn\nacme,Yes\n");
    for part in [
        "the columns corporation, exited are missing",
        "the file has customerID, Churn",
        "dataset.client_id and dataset.target in the configuration say which columns they are",
    ] {
        assert!(others.contains(part), "{others}");
    }
}

#[test]
fn a_misspelt_name_among_the_ignored_columns_is_told_of_once() {
    let project = with_names();
    configure(&project, json!({ "ignore": ["siez", "surname"] }));
    let ran = ingest(&project, &[]);
    assert_eq!(ran.code, 0);
    let message = "dataset.ignore names the column siez, which the data does not have; it has row, \
                   corporation, surname, size, exited";
    assert!(ran.err.contains(message), "{}", ran.err);
    assert!(!ran.err.contains("names the column surname"), "{}", ran.err);
    assert_silent(&project);
}
