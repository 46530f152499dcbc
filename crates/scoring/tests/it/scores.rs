//! The figures, against a calculation of the test's own.

use crate::project::{HEADER, drawn, project};
use crate::running::{score, scored};
use serde_json::{Value, json};
use testkit::Project;

/// Risks and labels of the test data, from the numbers of the stored artefact.
fn risks(project: &Project) -> Vec<(f64, bool)> {
    let model = project.read_json("models/trainedmodel.json");
    let number = |value: &Value| value.as_f64().unwrap();
    let [activity, industry] = [&model["features"][0], &model["features"][1]];
    let of_level = |name: &str| {
        let mut levels = industry["levels"].as_array().unwrap().iter();
        number(&levels.find(|level| level["level"] == name).unwrap()["coefficient"])
    };
    let risk = |client| {
        let (number_of, level, exited) = drawn(client);
        let log_odds = number(&model["intercept"])
            + number(&activity["coefficient"]) * number_of
            + of_level(level);
        (1.0 / (1.0 + (-log_odds).exp()), exited)
    };
    (200..280).map(risk).collect()
}

/// Counts as the confusion matrix has them.
fn counts(risks: &[(f64, bool)], threshold: f64) -> [[usize; 2]; 2] {
    let count = |left: bool, predicted: bool| {
        let is =
            |(risk, exited): &&(f64, bool)| *exited == left && (*risk >= threshold) == predicted;
        risks.iter().filter(is).count()
    };
    [false, true].map(|left| [count(left, false), count(left, true)])
}

fn f1([[_, fp], [fn_, tp]]: [[usize; 2]; 2]) -> f64 {
    2.0 * tp as f64 / (2 * tp + fp + fn_) as f64
}

#[track_caller]
fn assert_close(value: &Value, expected: f64) {
    let value = value.as_f64().unwrap();
    assert!(
        (value - expected).abs() < 1e-12,
        "{value} is not {expected}"
    );
}

#[test]
fn the_f1_is_a_bare_number_and_the_one_of_the_metrics_and_of_the_test() {
    let project = project();
    let outcome = scored(&project, &[]);
    let matrix = counts(&risks(&project), 0.5);
    assert!(
        matrix.iter().flatten().all(|count| *count > 0),
        "{matrix:?}"
    );
    assert_eq!(outcome["confusion_matrix"], json!(matrix));
    let text = project.read("models/latestscore.txt");
    let bare: f64 = text.strip_suffix('\n').unwrap().parse().unwrap();
    assert_eq!(bare, f1(matrix));
    assert_eq!(outcome["metrics"]["f1"]["value"], bare);
    assert_eq!(
        project.read_json("models/scores.json")["metrics"]["f1"]["value"],
        bare
    );
}

#[test]
fn the_other_figures_are_those_of_their_definitions() {
    let project = project();
    let outcome = scored(&project, &[]);
    let risks = risks(&project);
    let [[tn, fp], [fn_, tp]] = counts(&risks, 0.5).map(|row| row.map(|count| count as f64));
    let metric = |name: &str| &outcome["metrics"][name]["value"];
    assert_close(metric("precision"), tp / (tp + fp));
    assert_close(metric("recall"), tp / (tp + fn_));
    assert_close(metric("accuracy"), (tp + tn) / 80.0);
    let loss = |(risk, exited): &(f64, bool)| -(if *exited { *risk } else { 1.0 - risk }).ln();
    assert_close(
        metric("log_loss"),
        risks.iter().map(loss).sum::<f64>() / 80.0,
    );
    let square = |(risk, exited): &(f64, bool)| (risk - f64::from(u8::from(*exited))).powi(2);
    assert_close(
        metric("brier"),
        risks.iter().map(square).sum::<f64>() / 80.0,
    );
    let (left, stayed): (Vec<(f64, bool)>, Vec<_>) =
        risks.iter().copied().partition(|(_, exited)| *exited);
    let order = |left: f64, stayed: f64| match left.total_cmp(&stayed) {
        std::cmp::Ordering::Less => 0.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Greater => 1.0,
    };
    let pairs = left
        .iter()
        .flat_map(|a| stayed.iter().map(|b| order(a.0, b.0)));
    assert_close(
        metric("roc_auc"),
        pairs.sum::<f64>() / (left.len() * stayed.len()) as f64,
    );
}

#[test]
fn the_object_has_the_keys_that_scripts_rely_on() {
    let project = project();
    let outcome = scored(&project, &[]);
    let model = project.read_json("models/trainedmodel.json");
    assert_eq!(outcome["model_id"], model["model_id"]);
    assert_eq!(outcome["n_samples"], 80);
    assert_eq!(outcome["threshold"], 0.5);
    let metrics = outcome["metrics"].as_object().unwrap();
    let names: Vec<_> = metrics.keys().collect();
    let expected = [
        "f1",
        "precision",
        "recall",
        "accuracy",
        "roc_auc",
        "average_precision",
        "log_loss",
        "brier",
        "ece",
        "lift_at_10_percent",
        "precision_at_capacity",
    ];
    assert_eq!(names, expected);
    assert_eq!(outcome["capacity"], 200);
    let reliability = outcome["reliability"].as_array().unwrap();
    assert_eq!(reliability.len(), 10);
    for bin in reliability {
        let keys: Vec<_> = bin.as_object().unwrap().keys().collect();
        let expected = ["n_samples", "mean_risk", "observed_rate", "low", "high"];
        assert_eq!(keys, expected);
        assert_eq!(bin["n_samples"], 8);
    }
    for (name, metric) in metrics {
        let [value, low, high] = ["value", "low", "high"].map(|key| metric[key].as_f64().unwrap());
        assert!(low <= value && value <= high, "{name}: {metric}");
    }
    assert_eq!(outcome["files"], json!(["testdata.csv"]));
    assert_eq!(outcome["rejected_rows"], json!([]));
}

#[test]
fn scoring_again_gives_the_same_bytes() {
    let project = project();
    let first = scored(&project, &[]);
    let files = project.files("models");
    assert_eq!(scored(&project, &["--now", "2027-01-01T00:00:00Z"]), first);
    assert_eq!(project.files("models"), files);
}

#[test]
fn where_one_class_is_missing_the_figures_say_why_they_have_no_value() {
    let project = project();
    project.write(
        "testdata/testdata.csv",
        format!("{HEADER}a,99,Retail,0\nb,98,Retail,0\n"),
    );
    let outcome = scored(&project, &[]);
    assert_eq!(project.read("models/latestscore.txt"), "0\n");
    assert_eq!(outcome["metrics"]["roc_auc"]["value"], json!(null));
    assert!(outcome["metrics"]["roc_auc"]["reason"].is_string());
    let reason = outcome["decides_nothing"].as_str().unwrap();
    assert!(reason.contains("decide nothing"), "{reason}");
    let ran = score(&project, &[]);
    assert!(ran.out.contains("not defined: "), "{}", ran.out);
    assert!(ran.out.contains(reason), "{}", ran.out);
}

#[test]
fn without_json_the_result_is_told_in_words() {
    let project = project();
    let ran = score(&project, &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.contains(" on 80 test rows, "), "{}", ran.out);
    let [[tn, fp], _] = counts(&risks(&project), 0.5);
    let row: Vec<&str> = ran
        .out
        .lines()
        .find(|line| line.starts_with("  stayed"))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(row, ["stayed", &tn.to_string(), &fp.to_string()]);
    let quiet = score(&project, &["-q"]);
    assert_eq!(
        (quiet.code, quiet.out.as_str(), quiet.err.as_str()),
        (0, "", "")
    );
}
