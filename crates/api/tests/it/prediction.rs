//! POST /prediction: the three ways to give clients, and what is said of bad ones.

use crate::support::{Api, TEST_DATA, deploy, expected_risks, model, project};
use serde_json::{Value, json};

#[track_caller]
fn assert_is_the_test_data(answer: &Value) {
    assert_eq!(answer["model_id"], model().model_id);
    assert_eq!(answer["release"], "1");
    assert_eq!(answer["rejected"], json!([]));
    let [a, b, c] = expected_risks();
    assert_eq!(
        answer["predictions"],
        json!([
            {"corporation": "acme", "risk": a, "exited": 1},
            {"corporation": "blue", "risk": b, "exited": 0},
            {"corporation": "cora", "risk": c, "exited": 0},
        ])
    );
}

#[test]
fn a_dataset_a_list_of_clients_and_csv_give_the_same_predictions() {
    let project = project();
    let api = Api::start(&project);
    assert_is_the_test_data(&api.dataset("testdata/testdata.csv").json());
    let absolute = project.path("testdata/testdata.csv");
    assert_is_the_test_data(&api.dataset(absolute.to_str().unwrap()).json());
    assert_is_the_test_data(&api.post("text/csv; charset=utf-8", TEST_DATA).json());
    let clients = json!({"clients": [
        {"corporation": "acme", "activity": 0, "industry": "Retail", "exited": 0},
        {"corporation": "blue", "activity": "40", "industry": "Energy", "unknown": {}},
        {"corporation": "cora", "activity": null, "industry": null},
    ]});
    assert_is_the_test_data(&api.predict(&clients).json());
}

#[test]
fn the_target_is_never_required() {
    let project = project();
    let api = Api::start(&project);
    let csv = "industry,corporation,activity\nRetail,acme,0\nEnergy,blue,40\n,cora,NA\n";
    assert_is_the_test_data(&api.post("text/csv", csv).json());
    project.write("sourcedata/new.csv", csv);
    assert_is_the_test_data(&api.dataset("sourcedata/new.csv").json());
}

#[test]
fn bad_rows_are_named_by_their_position_with_every_reason() {
    let project = project();
    let api = Api::start(&project);
    let csv = "corporation,activity,industry\na,-1,x\nb,1,x\n,many,x\nc,2\nd,3,x\n";
    let answer = api.post("text/csv", csv).json();
    let ids: Vec<&Value> = answer["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["corporation"])
        .collect();
    assert_eq!(ids, ["b", "d"]);
    assert_eq!(
        answer["rejected"],
        json!([
            {"index": 0, "reasons": ["activity: -1 is below the minimum 0"]},
            {"index": 2, "reasons": ["corporation is missing", "activity: \"many\" is not a number"]},
            {"index": 3, "reasons": ["expected 3 fields, found 2"]},
        ])
    );
}

#[test]
fn bad_clients_are_named_by_their_position_with_every_reason() {
    let project = project();
    let api = Api::start(&project);
    let answer = api.predict(&json!({"clients": [
        {"activity": 1, "industry": "x"},
        {"corporation": null, "activity": 1, "industry": null},
        "acme",
        {"corporation": "a", "activity": true},
        {"corporation": "b", "activity": [1], "industry": "x"},
        {"corporation": 7, "activity": 1e-3, "industry": "x"},
    ]}));
    let answer = answer.json();
    assert_eq!(answer["predictions"].as_array().unwrap().len(), 1);
    assert_eq!(answer["predictions"][0]["corporation"], "7");
    assert_eq!(
        answer["rejected"],
        json!([
            {"index": 0, "reasons": ["corporation is missing"]},
            {"index": 1, "reasons": ["corporation is missing"]},
            {"index": 2, "reasons": ["expected an object, found a text"]},
            {"index": 3, "reasons": [
                "industry is not given; give null where it is not known",
                "activity: \"true\" is not a number",
            ]},
            {"index": 4, "reasons": [
                "activity: expected a number, a text, true, false or null, found a list",
            ]},
        ])
    );
}

#[test]
fn no_clients_give_no_predictions() {
    let project = project();
    let answer = Api::start(&project).predict(&json!({"clients": []})).json();
    assert_eq!(answer["predictions"], json!([]));
    assert_eq!(answer["rejected"], json!([]));
}

#[test]
fn the_key_is_corporation_whatever_the_id_column_is_called() {
    let project = project();
    let mut model = model();
    model.client_id = "client".into();
    deploy(
        &project,
        "2",
        &model.sealed(chrono::DateTime::UNIX_EPOCH).unwrap(),
    );
    let api = Api::start(&project);
    let answer = api.post("text/csv", "client,activity,industry\nacme,0,Retail\n");
    assert_eq!(answer.json()["predictions"][0]["corporation"], "acme");
}

#[test]
fn the_threshold_of_the_model_decides_who_is_predicted_to_exit() {
    let project = project();
    let mut model = model();
    model.threshold = 0.05;
    deploy(
        &project,
        "2",
        &model.sealed(chrono::DateTime::UNIX_EPOCH).unwrap(),
    );
    let answer = Api::start(&project).post("text/csv", TEST_DATA).json();
    for row in answer["predictions"].as_array().unwrap() {
        assert_eq!(row["exited"], 1, "{row}");
    }
}

#[test]
fn many_requests_at_once_are_all_answered() {
    let project = project();
    let api = Api::start(&project);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_is_the_test_data(&api.dataset("testdata/testdata.csv").json());
                    assert_eq!(api.get("/scoring").status, 200);
                }
            });
        }
    });
}
