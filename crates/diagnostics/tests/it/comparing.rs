//! Two files without a project: `--compare`.

use assert_cmd::Command;
use risk_core::schema::{Column, Kind, Role, Schema};
use serde_json::Value;
use std::fmt::Write as _;
use testkit::Project;

/// A table of 400 clients: `region` is new in the drifted one, `size` is shifted, `stays` is the same.
pub fn table(drifted: bool) -> String {
    let mut text = String::from("corporation,day,size,stays,region,note,risk,exited\n");
    for row in 0..400_u32 {
        // A fixed scatter; 7919 and 2654435761 have no common factor with the moduli.
        let scatter = (row * 7919 + u32::from(drifted) * 37) % 400;
        let size = f64::from(scatter) / 10.0 + if drifted { 8.0 } else { 0.0 };
        let stays = (row * 263) % 400;
        let region = ["north", "east", if drifted { "abroad" } else { "south" }][row as usize % 3];
        let risk = f64::from((scatter * 31 + 7) % 400) / 400.0;
        let exited =
            u32::from((row.wrapping_mul(2_654_435_761) >> 16) % 400 < (risk * 300.0) as u32);
        let day = 28 - row % 28;
        writeln!(
            text,
            "c{row},2026-06-{day:02},{size},{stays},{region},x,{risk},{exited}"
        )
        .unwrap();
    }
    text
}

pub fn compare(project: &Project, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnostics"));
    command
        .env_remove("RISK_CONFIG")
        .current_dir(project.root());
    command
        .args(["--compare", "before.csv", "--with", "after.csv"])
        .args(arguments);
    command
}

pub fn folder(before: &str, after: &str) -> Project {
    let project = Project::new();
    project.write("before.csv", before);
    project.write("after.csv", after);
    std::fs::remove_file(project.config()).unwrap();
    project
}

pub fn json(project: &Project, arguments: &[&str]) -> Value {
    let output = compare(project, arguments).arg("--json").output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {message}"))
}

const ROLES: [&str; 4] = ["--risk-column", "risk", "--time-column", "day"];

#[test]
fn two_files_are_compared_without_project_and_nothing_is_written() {
    let project = folder(&table(false), &table(true));
    let before = project.files("");
    let found = json(&project, &ROLES);
    assert_eq!(project.files(""), before);
    let features: Vec<&String> = found["features"].as_object().unwrap().keys().collect();
    assert_eq!(features, ["note", "region", "risk", "size", "stays"]);
    assert_eq!(found["alarms"], serde_json::json!(["size", "region"]));
    for key in [
        "alarm",
        "psi",
        "psi_threshold",
        "psi_evidently",
        "js_evidently",
        "js_nannyml",
        "wasserstein",
        "wasserstein_evidently",
        "hellinger_nannyml",
        "ks_statistic",
        "ks_p_value",
    ] {
        assert!(found["features"]["size"][key] != Value::Null, "{key}");
    }
    assert!(found["features"]["size"].get("chunks").is_none());
    assert_eq!(found["multivariate"]["components"], 2);
    let performance = &found["performance"];
    for metric in ["roc_auc", "f1", "accuracy", "precision", "recall"] {
        assert!(
            performance["estimated"][metric].is_f64() && performance["realized"][metric].is_f64()
        );
    }
    assert!(performance["calibrated"].is_boolean());
    assert_eq!(found["list_impact"]["k"], 200);
}

#[test]
fn chunks_are_in_the_order_of_time_and_the_references_come_first() {
    let project = folder(&table(false), &table(true));
    let found = json(&project, &[&ROLES[..], &["--chunk-size", "150"]].concat());
    for list in [
        &found["features"]["size"]["chunks"],
        &found["features"]["region"]["chunks"],
        &found["features"]["risk"]["chunks"],
        &found["multivariate"]["chunks"],
        &found["performance"]["chunks"],
    ] {
        let list = list.as_array().unwrap();
        let periods: Vec<&str> = list
            .iter()
            .map(|chunk| chunk["period"].as_str().unwrap())
            .collect();
        assert_eq!(
            periods,
            [
                "reference",
                "reference",
                "reference",
                "analysis",
                "analysis",
                "analysis"
            ]
        );
        assert_eq!(
            (&list[0]["rows"], &list[2]["rows"]),
            (&150.into(), &100.into())
        );
        assert_eq!(
            (&list[0]["start"], &list[2]["end"]),
            (&"2026-06-01".into(), &"2026-06-28".into())
        );
    }
    let metric = &found["performance"]["chunks"][3]["f1"];
    for key in ["estimate", "low", "high", "realized"] {
        assert!(metric[key].is_f64(), "{key}");
    }
    assert!(metric["alert"].is_boolean());
    assert!(
        found["features"]["size"]["chunks"][3]["alarm"]
            .as_bool()
            .unwrap()
    );
}

#[test]
fn chunks_are_cut_by_the_calendar_too() {
    let project = folder(&table(false), &table(true));
    let found = json(
        &project,
        &[&ROLES[..], &["--chunk-period", "week"]].concat(),
    );
    // 1 June 2026 is a Monday; 28 days are four weeks.
    for list in [
        &found["features"]["size"]["chunks"],
        &found["features"]["region"]["chunks"],
        &found["multivariate"]["chunks"],
        &found["performance"]["chunks"],
    ] {
        let list = list.as_array().unwrap();
        assert_eq!(list.len(), 8);
        assert_eq!(
            (&list[5]["period"], &list[5]["start"], &list[5]["end"]),
            (
                &"analysis".into(),
                &"2026-06-08".into(),
                &"2026-06-14".into()
            )
        );
    }
    let refused = |arguments: &[&str], code: i32, part: &str| {
        let output = compare(&project, arguments).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(part), "{message}");
    };
    refused(&["--chunk-period", "week"], 2, "--time-column");
    let numbers = ["--chunk-period", "day", "--time-column", "size"];
    refused(&numbers, 65, "the column size holds numbers");
    let both = ["--chunk-period", "day", "--chunk-size", "9"];
    refused(&both, 2, "cannot be used with");
}

#[test]
fn a_single_chunk_of_the_reference_makes_no_limits_and_raises_no_alert() {
    let project = folder(&table(false), &table(true));
    for cut in [["--chunk-size", "100000"], ["--chunk-period", "month"]] {
        let found = json(&project, &[&ROLES[..], &cut].concat());
        let (joint, performance) = (&found["multivariate"], &found["performance"]);
        assert!(joint["lower_limit"].is_null() && joint["upper_limit"].is_null());
        for (metric, limit) in performance["lower_limits"].as_object().unwrap() {
            assert!(limit.is_null(), "{metric}");
            assert_eq!(performance["chunks"][1][metric]["alert"], false, "{metric}");
        }
        assert_eq!(joint["chunks"][1]["alert"], false);
        for reason in [&joint["limits_reason"], &performance["limits_reason"]] {
            let reason = reason.as_str().unwrap();
            assert!(reason.contains("one chunk of 400 rows") && reason.contains(cut[0]));
        }
        let output = compare(&project, &[&ROLES[..], &cut].concat())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("no limits, and so no alerts: the reference is one chunk"),
            "{text}"
        );
    }
    let two = json(&project, &[&ROLES[..], &["--chunk-size", "200"]].concat());
    assert!(two["multivariate"]["lower_limit"].is_f64());
    assert!(two["multivariate"]["limits_reason"].is_null());
    assert!(two["performance"]["lower_limits"]["accuracy"].is_f64());
    assert!(two["performance"]["limits_reason"].is_null());
}

#[test]
fn a_metric_that_few_chunks_define_has_no_limit_and_that_is_said() {
    let project = folder(
        "size,risk,exited\n1,.9,1\n2,.1,0\n3,.2,0\n4,.1,0\n",
        "size,risk\n1,.4\n",
    );
    let sized = ["--risk-column", "risk", "--chunk-size", "2"];
    let performance = &json(&project, &sized)["performance"];
    assert!(performance["lower_limits"]["accuracy"].is_f64());
    assert!(performance["lower_limits"]["f1"].is_null());
    let reason = performance["limits_reason"].as_str().unwrap();
    assert!(
        reason.contains("no ROC AUC, F1, precision, recall"),
        "{reason}"
    );
}

#[test]
fn a_reference_that_shows_no_sampling_error_gives_no_bands() {
    let cases = [
        ("size,risk,exited\n1,.7,1\n", "one row"),
        ("size,risk,exited\n1,.7,0\n2,.1,0\n3,.2,0\n", "one class"),
    ];
    for (before, part) in cases {
        let project = folder(before, "size,risk\n1,.4\n2,.9\n");
        let found = json(&project, &["--risk-column", "risk"]);
        let performance = &found["performance"];
        for (metric, band) in performance["bands"].as_object().unwrap() {
            assert!(
                band["low"].is_null() && band["high"].is_null(),
                "{metric}: {band}"
            );
        }
        assert!(performance["estimated"]["accuracy"].is_f64());
        assert!(performance["bands_reason"].as_str().unwrap().contains(part));
        let output = compare(&project, &["--risk-column", "risk"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("about the bands: ") && !text.contains("- to -"),
            "{text}"
        );
    }
}

#[test]
fn a_band_of_no_width_is_said_to_be_no_certainty() {
    let before = "size,risk,exited\n1,.7,1\n2,.1,0\n3,.2,0\n4,.6,1\n";
    let project = folder(before, "size,risk\n1,.4\n2,.9\n");
    let perfect = &json(&project, &["--risk-column", "risk"])["performance"];
    let reason = perfect["bands_reason"].as_str().unwrap();
    assert!(
        reason.contains("accuracy") && perfect["bands"]["accuracy"]["low"].is_f64(),
        "{reason}"
    );
    let project = folder(&table(false), &table(true));
    let usual = &json(&project, &["--risk-column", "risk"])["performance"];
    assert!(usual["bands_reason"].is_null(), "{usual}");
}

#[test]
fn no_figure_is_a_negative_zero() {
    let before = "size,risk,exited\n1,.7,1\n2,.1,0\n3,.2,0\n4,.6,1\n";
    for after in ["size,risk\n2,.4\n", "size,risk\n2,NA\n", "size,risk\n2,0\n"] {
        let project = folder(before, after);
        for details in ["-v", "--json"] {
            let roles = ["--risk-column", "risk", "--chunk-size", "2", details];
            let output = compare(&project, &roles).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success() && text.contains("f1") | text.contains("F1"));
            assert!(!text.contains("-0.0") && !text.contains("-0 "), "{text}");
        }
    }
}

#[test]
fn what_keeps_performance_from_being_estimated_is_said() {
    let wrong = table(true).replacen("abroad,x,0", "abroad,x,3", 1);
    let project = folder(&table(false), &wrong);
    let found = json(&project, &["--risk-column", "risk"]);
    assert!(found["performance"].is_null());
    let reason = found["performance_reason"].as_str().unwrap();
    assert!(
        reason.contains("outside 0 to 1: 3") && reason.contains("after.csv"),
        "{reason}"
    );
    let output = compare(&project, &[]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("not estimated: no --risk-column"), "{text}");
}

#[test]
fn a_parquet_file_is_compared_like_the_csv_file_of_the_same_rows() {
    let project = folder(&table(false), &table(true));
    let by_csv = json(&project, &ROLES);
    let path = project.path("after.csv");
    let rows = project.read("after.csv");
    std::fs::remove_file(&path).unwrap();
    write_parquet(&project, &rows);
    let mut command = Command::new(env!("CARGO_BIN_EXE_diagnostics"));
    command
        .env_remove("RISK_CONFIG")
        .current_dir(project.root());
    command.args([
        "--compare",
        "before.csv",
        "--with",
        "after.parquet",
        "--json",
    ]);
    let output = command.args(ROLES).output().unwrap();
    let by_parquet: Value = serde_json::from_slice(&output.stdout).unwrap();
    for key in ["features", "multivariate", "performance", "list_impact"] {
        assert_eq!(by_parquet[key], by_csv[key], "{key}");
    }
}

/// As ingestion keeps an accepted file.
fn write_parquet(project: &Project, rows: &str) {
    let raw = dataset::RawTable::from_csv(rows.as_bytes().to_vec()).unwrap();
    let column = |name: &str, role, kind| Column::new(name, role, kind);
    let schema = Schema::new(vec![
        column("corporation", Role::ClientId, Kind::Category),
        column("day", Role::ObservedAt, Kind::Category),
        column("size", Role::Feature, Kind::Numeric),
        column("stays", Role::Feature, Kind::Numeric),
        column("region", Role::Feature, Kind::Category),
        column("note", Role::Feature, Kind::Category),
        column("risk", Role::Feature, Kind::Numeric),
        column("exited", Role::Target, Kind::Category),
    ]);
    let checked = dataset::check(&raw, &schema, true).unwrap();
    compile::write_part(&project.path("after.parquet"), &checked.table).unwrap();
}

#[test]
fn a_column_of_dates_is_no_feature() {
    let project = folder(&table(false), &table(true));
    let found = json(&project, &["--risk-column", "risk"]);
    assert!(found["features"].get("day").is_none(), "{found}");
    let left_out = found["left_out"].as_array().unwrap();
    assert!(left_out.iter().any(|left| left["column"] == "day"));
}

#[test]
fn the_list_has_the_length_that_is_configured() {
    let project = folder(&table(false), &table(true));
    let capacity = ["--set", "contacts.capacity=25"];
    let found = json(&project, &[&ROLES[..], &capacity].concat());
    assert_eq!(found["list_impact"]["k"], 25);
    assert_eq!(found["performance"]["expected_leavers"]["k"], 25);
}

#[test]
fn an_alarm_ends_with_1_only_where_that_is_asked_for() {
    let drifted = folder(&table(false), &table(true));
    compare(&drifted, &[]).assert().code(0);
    compare(&drifted, &["--fail-on-alarm"]).assert().code(1);
    let same = folder(&table(false), &table(false));
    compare(&same, &["--fail-on-alarm"]).assert().code(0);
}

#[test]
fn the_configuration_is_honoured_where_there_is_one() {
    let project = folder(&table(false), &table(true));
    let ignoring = json(&project, &["--set", r#"dataset.ignore=["size","region"]"#]);
    assert_eq!(ignoring["alarm"], false);
    assert!(ignoring["features"].get("size").is_none() && ignoring["performance"].is_null());
    let renamed = json(&project, &["--set", "dataset.client_id=stays"]);
    assert!(renamed["features"].get("stays").is_none());
    assert!(
        renamed["left_out"][0]["column"] == "corporation",
        "{}",
        renamed["left_out"]
    );
    let deaf = json(
        &project,
        &[
            "--set",
            "monitoring.psi_floor=50",
            "--set",
            "monitoring.ks_floor=1",
        ],
    );
    assert_eq!(deaf["alarm"], false);
    compare(&project, &["--config", "other.json"])
        .assert()
        .code(78);
}

#[test]
fn people_read_what_alarms_how_large_it_is_and_what_it_does_to_the_list() {
    let project = folder(&table(false), &table(true));
    let output = compare(&project, &ROLES).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "drift in 2 of 5 columns",
        "false alarms a year",
        "size: large change: median",
        "abroad 0.0 % before, 33.2 % now",
        "of the 200 clients with the highest risks",
        "cannot see that clients of the same kind",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert!(!text.contains("hellinger"));
    let output = compare(&project, &["-v"]).output().unwrap();
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("hellinger")
    );
}

#[test]
fn empty_constant_and_missing_columns_are_judged_without_an_error() {
    let before = "a,b,c,d\n".to_owned() + &"1,,5,x\n2,,5,y\n".repeat(100);
    let after = "a,b,c\n".to_owned() + &",x,5\n,y,6\n".repeat(100);
    let found = json(&folder(&before, &after), &[]);
    assert_eq!(found["alarms"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(found["missing_columns"], serde_json::json!(["d"]));
    assert!(found["features"]["a"]["ks_statistic"].is_null());
    let one = json(&folder("a\n1\n", "a\n2\n"), &["--chunk-size", "10"]);
    assert_eq!(one["alarm"], false);
}
