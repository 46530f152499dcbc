//! What `--compare` refuses, and what it names so that nothing is overlooked.

use crate::comparing::{compare, folder, json, table};
use assert_cmd::Command;

#[test]
fn what_cannot_be_compared_says_why() {
    let project = folder(&table(false), &table(true));
    let refused = |arguments: &[&str], code: i32, part: &str| {
        let output = compare(&project, arguments).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{message}");
        assert!(message.contains(part), "{message}");
    };
    refused(
        &["--risk-column", "rsk"],
        65,
        "does not have; it has corporation",
    );
    refused(
        &["--time-column", "region"],
        65,
        "neither a number nor a date",
    );
    refused(&["--target", "region"], 65, "is no target");
    refused(&["--chunk-size", "0"], 2, "0 is not in");
    refused(&["--chunk-size", "-5"], 2, "-5 is not in");
    refused(&["--chunk-size", "many"], 2, "invalid value 'many'");
    refused(
        &["--risk-column", "region"],
        65,
        "before.csv: 400 of 400 cells of the column region hold text",
    );
    let same = "name the same column, risk";
    refused(&["--risk-column", "risk", "--target", "risk"], 2, same);
    refused(&["--risk-column", "risk", "--time-column", "risk"], 2, same);
    refused(
        &["--risk-column", "exited"],
        2,
        "--risk-column and dataset.target name the same column",
    );
    refused(
        &["--target", "corporation"],
        2,
        "--target and dataset.client_id name the same column",
    );
    project.write("after.csv", "x,y\n1,2\n");
    refused(&[], 65, "after.csv has none of the features of before.csv");
    project.write("after.csv", "");
    refused(&[], 65, "after.csv: the file is empty");
    std::fs::remove_file(project.path("after.csv")).unwrap();
    refused(&[], 66, "no file at after.csv");
}

#[test]
fn a_cell_that_cannot_be_used_is_named_by_its_line_in_the_file() {
    // The first client takes two lines, so the fourth row is on line 6.
    let rows = |cells: [&str; 3]| {
        let [day, risk, exited] = cells;
        let head = "name,size,day,risk,exited\r\n\"a\r\nb\",1,2026-01-01,.1,0\r\n";
        let more = "c,2,2026-01-02,.2,1\r\nd,3,2026-01-03,.3,0\r\n";
        format!("{head}{more}e,4,{day},{risk},{exited}\r\n")
    };
    let cases = [
        (["soon", ".4", "1"], "line 6, column day"),
        (["2026-01-04", ".4", "maybe"], "line 6, column exited"),
        (["2026-01-04", "4", "1"], "4 in line 6 of after.csv"),
    ];
    for (cells, part) in cases {
        let project = folder(&rows(["2026-01-04", ".4", "1"]), &rows(cells));
        let roles = ["--risk-column", "risk", "--time-column", "day"];
        let output = compare(&project, &roles).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

#[test]
fn columns_that_nobody_judges_are_named() {
    let project = folder(
        "x1,x2,x3\n1,2,3\n4,5,7\n",
        "x1,x2,x_3,x9\n1,2,3,4\n4,5,7,8\n",
    );
    let settings = [
        "--set",
        r#"dataset.ignore=["x9","x_33"]"#,
        "--set",
        "dataset.client_id=klient",
    ];
    let found = json(&project, &settings);
    assert_eq!(found["missing_columns"], serde_json::json!(["x3"]));
    assert_eq!(found["ignored_columns"], serde_json::json!(["x_3"]));
    assert_eq!(found["unknown_columns"][0]["column"], "klient");
    let misspelt =
        serde_json::json!({"setting": "dataset.ignore", "column": "x_33", "nearest": "x_3"});
    assert_eq!(found["unknown_columns"][1], misspelt);
    let output = compare(&project, &settings).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("x3: the column is missing in the analysis"),
        "{text}"
    );
    assert!(
        text.contains("x_3: only the analysis has this column"),
        "{text}"
    );
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(
        warned.contains("dataset.ignore names the column x_33")
            && warned.contains("the nearest is x_3"),
        "{warned}"
    );
    let usual = json(&project, &[]);
    assert_eq!(usual["ignored_columns"], serde_json::json!(["x_3", "x9"]));
    assert_eq!(usual["unknown_columns"], serde_json::json!([]));
}

#[test]
fn a_day_of_another_form_is_refused_with_the_form() {
    let project = folder("a\n1\n", "a\n1\n");
    for arguments in [
        ["--since", "foo", "", ""],
        ["--why", "c", "--from", "1.7.26"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diagnostics"));
        let arguments = arguments
            .into_iter()
            .filter(|argument| !argument.is_empty());
        let output = command
            .current_dir(project.root())
            .args(arguments)
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains("expected YYYY-MM-DD"), "{message}");
    }
}
