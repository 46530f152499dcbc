//! Categories, missing values and features that say nothing.

use crate::compiled::{project, uniform};
use crate::running::{train, trained};
use risk_core::model::{Model, Value};
use std::fmt::Write;
use testkit::Project;

/// 120 clients: a number that is missing in every tenth row, and an industry with two frequent
/// levels, nine rows of rare ones, and, where asked for, twelve missing.
fn clients(industry_missing: bool) -> String {
    let mut text = "corporation,employees,industry,exited\n".to_owned();
    for row in 0..120_u64 {
        let employees = match row % 10 {
            9 => String::new(),
            _ => (row % 7 * 10).to_string(),
        };
        let industry = match row {
            0..5 => "Mining",
            5..9 => "Fishing",
            9..21 if industry_missing => "",
            _ if row % 2 == 0 => "Energy",
            _ => "Retail",
        };
        let chance = if industry == "Energy" { 0.6 } else { 0.3 };
        let exited = u8::from(uniform(7, row) < chance);
        writeln!(text, "client {row},{employees},{industry},{exited}").unwrap();
    }
    text
}

fn model(project: &Project) -> Model {
    Model::read(&project.path("models/trainedmodel.json")).unwrap()
}

#[test]
fn rare_levels_share_an_indicator_and_missing_values_have_their_own() {
    let outcome = trained(&project(&clients(true)), &[]);
    let names: Vec<_> = outcome["coefficients"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    let expected = [
        "employees",
        "industry=Energy",
        "industry=Retail",
        "industry=(other)",
        "industry=(missing)",
    ];
    assert_eq!(names, expected);
}

#[test]
fn unseen_levels_count_as_the_rare_ones() {
    let project = project(&clients(true));
    trained(&project, &[]);
    let risk = |level| model(&project).risk(&[Value::Number(10.0), level]);
    assert_eq!(risk(Value::Text("Shipping")), risk(Value::Text("Mining")));
    assert_ne!(risk(Value::Text("Shipping")), risk(Value::Missing));
    assert!(risk(Value::Text("Energy")) > risk(Value::Text("Retail")));
}

#[test]
fn a_missing_category_counts_as_the_rare_ones_where_training_saw_none_missing() {
    let project = project(&clients(false));
    trained(&project, &[]);
    let risk = |level| model(&project).risk(&[Value::Number(10.0), level]);
    assert_eq!(risk(Value::Missing), risk(Value::Text("Mining")));
}

#[test]
fn a_missing_number_counts_as_the_median() {
    let project = project(&clients(true));
    trained(&project, &[]);
    let stored = project.read_json("models/trainedmodel.json");
    // 108 known numbers: 0 to 60 in steps of ten, the middle two of which are 30.
    assert_eq!(stored["features"][0]["imputation"], 30.0);
    let risk = |number| model(&project).risk(&[number, Value::Text("Energy")]);
    assert_eq!(risk(Value::Missing), risk(Value::Number(30.0)));
}

#[test]
fn a_feature_that_never_varies_or_is_a_copy_is_left_out_and_named() {
    let header = "corporation,country,currency,empty,activity,cents,exited\n";
    let row = |row: u64| {
        let exited = u8::from(uniform(5, row) < 0.4);
        let activity = row * 37 % 101;
        format!(
            "client {row},Norway,1,,{activity},{}00,{exited}\n",
            activity
        )
    };
    let project = project(&(header.to_owned() + &(0..60).map(row).collect::<String>()));
    let ran = train(&project, &["--json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for (name, reason) in [
        ("country", "it is the same for every training sample"),
        ("currency", "it is the same for every training sample"),
        ("empty", "it has no value in any training sample"),
        ("cents", "it says the same as activity"),
    ] {
        let message = format!("feature {name} is left out: {reason}");
        assert!(ran.err.contains(&message), "{}", ran.err);
    }
    assert!(!ran.err.contains("feature activity"), "{}", ran.err);
    let outcome: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(outcome["features"], serde_json::json!(["activity"]));
}

#[test]
fn a_feature_that_varies_only_among_unlabelled_samples_is_left_out() {
    let header = "corporation,country,activity,exited\n";
    let row = |row: u64| match row {
        0..5 => format!("client {row},Sweden,{row},\n"),
        _ => format!(
            "client {row},Norway,{},{}\n",
            row * 37 % 101,
            u8::from(uniform(5, row) < 0.4)
        ),
    };
    let project = project(&(header.to_owned() + &(0..60).map(row).collect::<String>()));
    let ran = train(&project, &[]);
    assert!(
        ran.err.contains("feature country is left out"),
        "{}",
        ran.err
    );
}

#[test]
fn an_indicator_that_others_predict_is_named_where_there_is_no_penalty() {
    let project = project(&clients(true));
    let ran = train(&project, &["--set", "model.l2=0"]);
    assert_eq!(ran.code, 1);
    let message = "column 4 is industry=(missing): column 4 is a linear combination";
    assert!(ran.err.contains(message), "{}", ran.err);
}

#[test]
fn of_very_many_levels_the_most_frequent_have_indicators() {
    // Levels 0 to 59 with 11 samples each, one of them with 2 more.
    let row = |row: u64| {
        let level = if row < 660 { row % 60 } else { 59 };
        let exited = u8::from(uniform(5, row) < 0.4);
        format!(
            "client {row},{},level {level:02},{exited}\n",
            row * 37 % 101
        )
    };
    let rows: String = (0..662).map(row).collect();
    let outcome = trained(
        &project(&format!("corporation,activity,city,exited\n{rows}")),
        &[],
    );
    let coefficients = outcome["coefficients"].as_object().unwrap();
    let names: Vec<&String> = coefficients
        .keys()
        .filter(|name| name.starts_with("city="))
        .collect();
    assert_eq!(names.len(), 51);
    for name in [
        "city=level 00",
        "city=level 48",
        "city=level 59",
        "city=(other)",
    ] {
        assert!(coefficients.contains_key(name), "{name} {names:?}");
    }
    assert!(!coefficients.contains_key("city=level 49"), "{names:?}");
}
