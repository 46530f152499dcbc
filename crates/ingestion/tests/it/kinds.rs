//! What the configuration says about columns: listed features, other names, spellings of the target.

use crate::running::{
    configure, done, ends, final_data, ingest, project_with, put, refused, rejected_rows, table,
};
use serde_json::{Value, json};
use testkit::Project;

fn listed(features: Value) -> Project {
    project_with(json!({ "features": features }))
}

#[test]
fn listed_features_are_the_only_columns_that_are_needed() {
    let project = listed(json!([{ "name": "activity", "kind": "numeric" }]));
    put(
        &project,
        "a.csv",
        "corporation,size,activity,exited\nacme,3,7,1\n",
    );
    let outcome = done(&project);
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
    assert_eq!(outcome.file("a.csv")["ignored_columns"], json!(["size"]));
}

#[test]
fn a_listed_kind_overrides_what_the_data_looks_like() {
    let project = listed(json!([{ "name": "activity", "kind": "category" }]));
    put(&project, "a.csv", table(&["acme,7.0,1"]));
    done(&project);
    assert_eq!(final_data(&project), table(&["acme,7.0,1"]));
}

#[test]
fn bounds_and_required_cells_make_bad_rows_with_their_reasons() {
    let project = listed(json!([
        { "name": "activity", "kind": "numeric", "min": 0, "max": 10, "required": true }
    ]));
    let rows = ["a,-1,1", "b,10.5,0", "c,,0", "d,0,0", "e,10,0"];
    put(&project, "a.csv", table(&rows));
    done(&project);
    let reasons: Vec<String> = rejected_rows(&project)
        .into_iter()
        .map(|[_, _, reasons, _]| reasons)
        .collect();
    let expected = [
        "activity: -1 is below the minimum 0",
        "activity: 10.5 is above the maximum 10",
        "activity is missing",
    ];
    assert_eq!(reasons, expected);
    assert_eq!(final_data(&project), table(&["d,0,0", "e,10,0"]));
}

#[test]
fn a_listed_feature_that_the_files_lack_refuses_them() {
    let project = listed(json!([{ "name": "size", "kind": "numeric" }]));
    put(&project, "a.csv", table(&["acme,7,1"]));
    assert_eq!(
        refused(&project).reason("a.csv"),
        "the column size is missing"
    );
}

#[test]
fn a_listed_feature_must_not_be_the_target_or_the_id() {
    for (name, key) in [("exited", "target"), ("corporation", "client_id")] {
        let project = listed(json!([{ "name": name, "kind": "category" }]));
        put(&project, "a.csv", table(&["acme,7,1"]));
        let ran = ingest(&project, &[]);
        assert_eq!(ran.code, 78, "{ran:?}");
        assert!(
            ran.err.contains(&format!("which is the dataset.{key}")),
            "{ran:?}"
        );
    }
}

#[test]
fn an_ignored_column_is_kept_but_is_no_feature() {
    let project = project_with(json!({ "ignore": ["activity"] }));
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
    let schema = project.read_json("ingesteddata/schema.json");
    assert_eq!(schema["schema"]["columns"][1]["role"], "carried");
}

#[test]
fn a_changed_configuration_is_taken_up_without_new_data() {
    let project = Project::new();
    put(&project, "a.csv", table(&["acme,7,1"]));
    done(&project);
    configure(&project, json!({ "ignore": ["activity"] }));
    done(&project);
    let schema = project.read_json("ingesteddata/schema.json");
    assert_eq!(schema["schema"]["columns"][1]["role"], "carried");
}

#[test]
fn columns_may_have_other_names() {
    let project = Project::new();
    put(
        &project,
        "a.csv",
        "id,tenure,Churn\nacme,7,Yes\nbolt,8,No\n",
    );
    let names = [
        "--set",
        "dataset.client_id=id",
        "--set",
        "dataset.target=Churn",
    ];
    ends(&project, 0, &names);
    assert_eq!(
        final_data(&project),
        "id,tenure,Churn\nacme,7,1\nbolt,8,0\n"
    );
}

#[test]
fn a_configured_column_that_the_data_lacks_is_a_configuration_error() {
    for key in ["observed_at", "contract_value"] {
        let project = project_with(json!({ key: "signed_on" }));
        put(&project, "a.csv", table(&["acme,7,1"]));
        let ran = ingest(&project, &[]);
        assert_eq!(ran.code, 78, "{ran:?}");
        let message = format!("dataset.{key} names the column signed_on");
        assert!(ran.err.contains(&message), "{ran:?}");
    }
}

#[test]
fn the_target_may_be_spelt_in_many_ways() {
    let project = Project::new();
    let cells = [
        "1", "true", "YES", "1.0", "0", "False", "no", "0.0", "", "NA", "null",
    ];
    let rows: Vec<String> = (0..cells.len())
        .map(|at| format!("c{at},{at},{}", cells[at]))
        .collect();
    put(
        &project,
        "a.csv",
        table(&rows.iter().map(String::as_str).collect::<Vec<_>>()),
    );
    let outcome = done(&project);
    let targets: Vec<String> = final_data(&project)
        .lines()
        .skip(1)
        .map(|line| line.rsplit_once(',').unwrap().1.to_owned())
        .collect();
    assert_eq!(
        targets,
        ["1", "1", "1", "1", "0", "0", "0", "0", "", "", ""]
    );
    assert_eq!(outcome.count("unlabelled_rows"), 3);
}

#[test]
fn another_text_may_mean_exited_and_every_other_one_means_stayed() {
    let project = project_with(json!({ "positive": "Gone" }));
    put(
        &project,
        "a.csv",
        table(&["a,1,gone", "b,2,here", "c,3,1", "d,4,"]),
    );
    done(&project);
    assert_eq!(
        final_data(&project),
        table(&["a,1,1", "b,2,0", "c,3,0", "d,4,"])
    );
}

#[test]
fn another_positive_text_later_is_applied_to_the_files_that_are_there() {
    let project = project_with(json!({ "positive": "Gone" }));
    put(&project, "a.csv", table(&["a,1,gone", "b,2,here"]));
    done(&project);
    configure(&project, json!({ "positive": "here" }));
    done(&project);
    assert_eq!(final_data(&project), table(&["a,1,0", "b,2,1"]));
}

#[test]
fn a_target_in_other_words_is_refused_with_the_key_that_helps() {
    let project = Project::new();
    let rows: Vec<String> = (0..30)
        .map(|row| format!("c{row},{row},{}", ["Stayed", "Churned"][row % 2]))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    put(&project, "a.csv", table(&rows));
    let outcome = ends(&project, 65, &[]);
    let hint = "dataset.positive may say which other text means that the client left";
    assert!(outcome.reason("a.csv").ends_with(hint), "{outcome:?}");
}
