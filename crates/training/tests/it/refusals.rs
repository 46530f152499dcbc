//! What cannot be trained on: the exit code, the message, and that the model folder stays as it was.

use crate::compiled::{compile, csv, drawn, project};
use crate::running::{assert_refused, trained};
use testkit::Project;

fn good() -> Project {
    project(&csv(&drawn(1, 60)))
}

#[test]
fn without_compiled_data_an_input_is_missing() {
    assert_refused(&Project::new(), &[], 66, "no compiled data at ");
    let project = good();
    std::fs::remove_file(project.path("ingesteddata/finaldata.csv")).unwrap();
    assert_refused(&project, &[], 66, "finaldata.csv; run ingestion");
}

#[test]
fn compiled_data_without_rows_is_a_missing_input() {
    let project = good();
    compile(&project, "corporation,activity,complaints,exited\n");
    assert_refused(&project, &[], 66, "has no rows; put data into ");
}

#[test]
fn compiled_data_of_another_folder_is_a_missing_input() {
    let project = good();
    trained(&project, &[]);
    let message = "is of ../sourcedata, not of ../practicedata; run ingestion";
    assert_refused(
        &project,
        &["--set", "input_folder_path=practicedata"],
        66,
        message,
    );
}

#[test]
fn edited_compiled_data_is_an_error() {
    let project = good();
    trained(&project, &[]);
    let edited = project.read("ingesteddata/finaldata.csv") + "another,1,1,1\n";
    project.write("ingesteddata/finaldata.csv", edited);
    assert_refused(
        &project,
        &[],
        1,
        "finaldata.csv is not what ingestion wrote; run ingestion again",
    );
}

#[test]
fn compiled_data_of_a_newer_version_is_an_error() {
    let project = good();
    let newer = project.read("ingesteddata/schema.json").replacen(
        "\"format_version\":1",
        "\"format_version\":2",
        1,
    );
    project.write("ingesteddata/schema.json", newer);
    assert_refused(
        &project,
        &[],
        1,
        "written by a newer version of this system",
    );
}

#[test]
fn data_that_was_compiled_under_another_dataset_section_is_not_trained_on() {
    let project = good();
    trained(&project, &[]);
    for setting in [
        "dataset.client_id=activity",
        "dataset.observed_at=activity",
        "dataset.ignore=[\"activity\"]",
        "dataset.positive=gone",
        "dataset.features=[{\"name\":\"activity\",\"kind\":\"numeric\"}]",
    ] {
        let message =
            "was compiled under another dataset section of the configuration; run ingestion";
        assert_refused(&project, &["--set", setting], 66, message);
    }
}

#[test]
fn a_column_that_the_data_does_not_have_is_a_mistake_of_the_configuration() {
    let project = good();
    let message = "dataset.target names the column churn, which the data does not have";
    assert_refused(&project, &["--set", "dataset.target=churn"], 78, message);
}

#[test]
fn data_without_a_feature_that_varies_is_an_error() {
    let project = project("corporation,activity,exited\na,7,0\nb,7,1\n");
    assert_refused(
        &project,
        &[],
        1,
        "there is no feature that varies among the training samples",
    );
}

#[test]
fn numbers_that_cannot_be_standardised_are_named() {
    let row = |row: u64| {
        let number = if row.is_multiple_of(3) {
            "1e-200"
        } else {
            "2e-200"
        };
        format!("client {row},{row},{number},{}\n", row % 2)
    };
    let rows: String = (0..20).map(row).collect();
    let project = project(&format!("corporation,activity,volume,exited\n{rows}"));
    assert_refused(&project, &[], 1, "feature volume cannot be standardised");
}

#[test]
fn one_absurd_number_is_a_bad_row_and_the_rest_is_trained_on() {
    let row = |row: u64| {
        let number = if row == 7 {
            "1e300".into()
        } else {
            format!("{}", row * row % 31)
        };
        format!(
            "client {row},{row},{number},{}\n",
            u8::from(row.is_multiple_of(3))
        )
    };
    let rows: String = (0..60).map(row).collect();
    let project = project(&format!("corporation,activity,volume,exited\n{rows}"));
    let outcome = trained(&project, &[]);
    assert_eq!(outcome["n_samples"], 59, "{outcome}");
}

#[test]
fn separated_classes_without_penalty_are_an_error_that_says_what_to_do() {
    let row = |row: u64| format!("client {row},{row},{}\n", u8::from(row >= 10));
    let rows: String = (0..20).map(row).collect();
    let project = project(&format!("corporation,activity,exited\n{rows}"));
    assert_refused(&project, &["--set", "model.l2=0"], 1, "set l2 above 0");
    trained(&project, &["--set", "model.l2=0.1"]);
}
