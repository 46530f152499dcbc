//! The original's five keys and the shape of its data.

use crate::{full, run, said};
use serde_json::{Value, json};
use testkit::Project;

const NOW: &str = "2026-07-01T06:00:00Z";
const PRACTICE: [&str; 4] = [
    "--set",
    "input_folder_path=practicedata",
    "--set",
    "output_model_path=practicemodels",
];

#[test]
fn practice_is_deployed_then_production_is_judged_then_there_is_silence() {
    let project = Project::original();
    let first = full(&project, NOW, &PRACTICE, 0);
    assert_eq!(first["decision"], "bootstrap");
    let stored: f64 = project
        .read("production_deployment/latestscore.txt")
        .trim()
        .parse()
        .unwrap();
    assert_eq!(
        project.read("production_deployment/ingestedfiles.txt"),
        "dataset1.csv\ndataset2.csv\n"
    );

    let second = full(&project, NOW, &[], 0);
    let f1 = f1_of_the_deployed_model(&project);
    assert_eq!(second["decision"], "no_drift", "{second}");
    assert!(
        second["reason"]
            .as_str()
            .unwrap()
            .contains(&format!("{stored:.3} when it was deployed")),
        "{second}"
    );
    assert!(
        second["reason"]
            .as_str()
            .unwrap()
            .contains(&format!("{f1:.3}")),
        "{second}"
    );
    assert_eq!(second["release"], first["release"]);

    let third = run(&project, "fullprocess", &["--now", NOW]);
    assert!(
        third.status.success() && third.stdout.is_empty() && third.stderr.is_empty(),
        "{}",
        said(&third)
    );
    assert_eq!(full(&project, NOW, &[], 0)["decision"], "no_new_data");
}

#[test]
fn the_original_rule_compares_the_f1_and_does_not_call_26_rows_drift() {
    let project = Project::original();
    let raw = ["--set", "monitoring.drift_test=raw"];
    full(&project, NOW, &[PRACTICE.as_slice(), &raw].concat(), 0);
    let stored: f64 = project
        .read("production_deployment/latestscore.txt")
        .trim()
        .parse()
        .unwrap();
    let second = full(&project, NOW, &raw, 0);
    let f1 = f1_of_the_deployed_model(&project);
    let expected = if f1 < stored {
        "too_few_to_decide"
    } else {
        "no_drift"
    };
    assert_eq!(
        second["decision"], expected,
        "{f1} against {stored}: {second}"
    );
    assert!(
        second["reason"]
            .as_str()
            .unwrap()
            .contains(&format!("{f1:.3}")),
        "{second}"
    );
}

/// An independent F1 of the deployed coefficients on the compiled production data.
fn f1_of_the_deployed_model(project: &Project) -> f64 {
    let model = project.read_json("production_deployment/trainedmodel.json");
    let features: Vec<&Value> = model["features"].as_array().unwrap().iter().collect();
    let (mut hits, mut misses) = (0.0, 0.0);
    for line in project.read("ingesteddata/finaldata.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let score: f64 = features
            .iter()
            .zip(&cells[1..4])
            .map(|(feature, cell)| {
                feature["coefficient"].as_f64().unwrap() * cell.parse::<f64>().unwrap()
            })
            .sum();
        let predicted = score + model["intercept"].as_f64().unwrap() >= 0.0;
        match (predicted, cells[4] == "1") {
            (true, true) => hits += 1.0,
            (false, false) => {}
            _ => misses += 1.0,
        }
    }
    2.0 * hits / (2.0 * hits + misses)
}

#[test]
fn the_same_files_are_never_judged_again_and_never_force_a_retraining() {
    let project = Project::original();
    full(&project, NOW, &PRACTICE, 0);
    let judged = full(&project, NOW, &[], 0);
    let model = project.read("production_deployment/trainedmodel.json");
    for day in 2..6 {
        let outcome = full(&project, &format!("2026-07-0{day}T06:00:00Z"), &[], 0);
        assert_eq!(outcome["decision"], "no_new_data", "{outcome}");
    }
    assert_eq!(
        project.read("production_deployment/trainedmodel.json"),
        model
    );
    assert_ne!(judged["decision"], "challenger_deployed");
}

#[test]
fn practice_and_production_alternate_without_disturbing_each_other() {
    let project = Project::original();
    let deployed = ["--set", "prod_deployment_path=practicemodels/deployed"];
    let practice = [PRACTICE.as_slice(), &deployed].concat();
    full(&project, NOW, &practice, 0);
    full(&project, NOW, &[], 0);
    let published = || {
        let mut files = project.files("models");
        // It tells of the last run, which is another one.
        files.remove("risk.prom");
        files
    };
    let production = published();
    for arguments in [practice.as_slice(), &[], &practice, &[]] {
        let outcome = full(&project, NOW, arguments, 0);
        assert_eq!(outcome["decision"], "no_new_data", "{outcome}");
    }
    assert_eq!(published(), production);
}

#[test]
fn every_output_of_the_contract_is_there_and_readable() {
    let project = Project::original();
    full(&project, NOW, &[], 0);
    for file in [
        "ingesteddata/finaldata.csv",
        "ingesteddata/ingestedfiles.txt",
        "ingesteddata/rejectedrows.csv",
        "ingesteddata/diagnostics.json",
        "ingesteddata/history.sqlite",
        "models/trainedmodel.json",
        "models/latestscore.txt",
        "models/scores.json",
        "models/confusionmatrix.png",
        "models/report.html",
        "models/contactlist.csv",
        "production_deployment/trainedmodel.json",
        "production_deployment/latestscore.txt",
        "production_deployment/ingestedfiles.txt",
    ] {
        assert!(
            std::fs::metadata(project.path(file)).unwrap().len() > 0,
            "{file}"
        );
    }
    let diagnostics = project.read_json("ingesteddata/diagnostics.json");
    let columns = diagnostics["summary"].as_array().unwrap();
    assert_eq!(columns.len(), 5);
    // All its rows were trained on, so there is nothing that could have drifted from them.
    assert_eq!(diagnostics["drift"]["alarm"], json!(null));
    assert!(diagnostics["drift"]["reason"].is_string());
}

#[test]
fn a_new_contact_period_publishes_again_and_the_days_before_it_are_silent() {
    let project = Project::original();
    full(&project, NOW, &[], 0);
    let list = project.read("models/contactlist.csv");
    let sixth_day = run(&project, "fullprocess", &["--now", "2026-07-07T23:00:00Z"]);
    assert!(
        sixth_day.status.success() && sixth_day.stdout.is_empty(),
        "{}",
        said(&sixth_day)
    );
    assert_eq!(project.read("models/contactlist.csv"), list);
    let next = full(&project, "2026-07-08T00:10:00Z", &[], 0);
    assert_eq!(next["decision"], "no_new_data");
    assert_eq!(crate::steps(&next)["reporting"], "done");
    assert!(
        project
            .read("models/contactlist.csv")
            .contains("2026-07-08,2026-07-15")
    );
}
