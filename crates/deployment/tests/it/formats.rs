//! Releases of the versions of this program that were given out.

use risk_core::model::Value;
use risk_core::release::Release;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A release as version 0.1 of this program wrote it.
fn released() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/release-v1")
}

/// A copy of it in which a text was replaced in a file.
fn edited(name: &str, from: &str, to: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(released()).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    folder
}

#[test]
fn a_release_of_format_1_is_read_whole_and_predicts_as_it_did() {
    let release = Release::read(&released()).unwrap();
    assert_eq!(release.id(), "20260701T060000Z-06df7963561d04b4");
    assert_eq!(release.manifest.previous_release, None);
    assert_eq!(release.manifest.force_reason, None);
    assert_eq!(release.ingested_files().unwrap(), ["a.csv", "b.csv"]);
    let record = release.training_record().unwrap();
    assert_eq!((record.samples.len(), record.files.len()), (80, 2));
    assert_eq!(record.input_folder, "../sourcedata");
    let f1 = release.scores.evaluation.confusion_matrix.f1();
    assert!((f1 - 0.733_333_333_333_333_3).abs() < 1e-15, "{f1}");
    // 1 / (1 + exp(-z)) of the artefact's intercept and coefficients, reckoned apart from this
    // program (Python 3, double precision).
    for (values, expected) in [
        (
            [Value::Number(30.0), Value::Text("Energy")],
            0.5495863903653608,
        ),
        (
            [Value::Number(55.5), Value::Text("Never seen")],
            0.3029537308050363,
        ),
        ([Value::Missing, Value::Missing], 0.39349597148146115),
    ] {
        let risk = release.model.risk(&values);
        assert!((risk - expected).abs() < 1e-12, "{risk} is not {expected}");
    }
}

#[test]
fn a_newer_manifest_model_score_or_record_is_refused_with_what_to_do() {
    let folder = edited(
        "manifest.json",
        "\"format_version\": 1",
        "\"format_version\": 9",
    );
    let message = format!("{:#}", Release::read(folder.path()).unwrap_err());
    assert!(
        message.contains("manifest.json: written by a newer version of this system (format 9"),
        "{message}"
    );
    assert!(message.contains("update the program"), "{message}");
}

#[test]
fn a_truncated_or_edited_file_is_refused_by_name() {
    for (name, from, to) in [
        (
            "trainedmodel.json",
            "\"threshold\": 0.5",
            "\"threshold\": 0.1",
        ),
        ("trainingrecord.json", "../sourcedata", "../practicedata"),
        ("latestscore.txt", "0.7", "0.9"),
        ("ingestedfiles.txt", "b.csv\n", ""),
        ("scores.json", "\n}", ""),
    ] {
        let folder = edited(name, from, to);
        let message = format!("{:#}", Release::read(folder.path()).unwrap_err());
        let expected = format!("{name} is not what was deployed: its checksum differs");
        assert!(message.contains(&expected), "{message}");
    }
}
