//! What a deployment leaves in the production folder.

use crate::project::ready;
use crate::running::{deploy, deployed, releases};
use risk_core::hash::sha256_hex;
use risk_core::release::Release;
use serde_json::json;

const SOURCES: [(&str, &str); 5] = [
    ("trainedmodel.json", "models"),
    ("latestscore.txt", "models"),
    ("scores.json", "models"),
    ("trainingrecord.json", "models"),
    ("ingestedfiles.txt", "ingesteddata"),
];

#[test]
fn the_contract_names_lead_through_current_to_the_one_release() {
    let project = ready();
    let release = deployed(&project, &[])["release"]
        .as_str()
        .unwrap()
        .to_owned();
    let files = project.files("production_deployment");
    let link = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    assert_eq!(link("current"), format!("-> releases/{release}"));
    for name in ["trainedmodel.json", "latestscore.txt", "ingestedfiles.txt"] {
        assert_eq!(link(name), format!("-> current/{name}"));
    }
    assert_eq!(releases(&project), [release]);
    // Four links, the files of the release with its reference, its manifest, the state.
    assert_eq!(
        files.len(),
        4 + SOURCES.len() + 1 + 1 + 1,
        "{:?}",
        files.keys()
    );
}

#[test]
fn what_is_read_under_the_contract_names_is_what_was_made() {
    let project = ready();
    deployed(&project, &[]);
    for (name, folder) in SOURCES {
        let made = project.read(&format!("{folder}/{name}"));
        assert_eq!(
            project.read(&format!("production_deployment/current/{name}")),
            made
        );
    }
    let score = project.read("production_deployment/latestscore.txt");
    assert!(score.trim().parse::<f64>().unwrap() > 0.0);
    assert_eq!(
        project.read("production_deployment/ingestedfiles.txt"),
        "a.csv\nb.csv\n"
    );
}

#[test]
fn the_manifest_has_the_checksum_of_every_file() {
    let project = ready();
    let outcome = deployed(&project, &[]);
    let manifest = project.read_json("production_deployment/current/manifest.json");
    assert_eq!(manifest["release"], outcome["release"]);
    assert_eq!(manifest["model_id"], outcome["model_id"]);
    assert_eq!(manifest["deployed_at"], "2026-07-02T06:00:00Z");
    assert_eq!(manifest["previous_release"], json!(null));
    let mut checksums = json!({});
    for (name, folder) in SOURCES {
        checksums[name] = sha256_hex(project.read(&format!("{folder}/{name}"))).into();
    }
    checksums["reference.json"] = sha256_hex(project.read("models/reference.json")).into();
    assert_eq!(manifest["files"], checksums);
}

#[test]
fn the_release_reads_back() {
    let project = ready();
    let outcome = deployed(&project, &[]);
    let release = Release::read(&project.path("production_deployment/current")).unwrap();
    assert_eq!(release.id(), outcome["release"]);
    assert_eq!(release.model.model_id, release.scores.model_id);
    assert_eq!(release.ingested_files().unwrap(), ["a.csv", "b.csv"]);
    assert_eq!(release.training_record().unwrap().samples.len(), 60);
}

#[test]
fn the_object_has_the_keys_that_scripts_rely_on() {
    let project = ready();
    let outcome = deployed(&project, &[]);
    let model_id = project.read_json("models/trainedmodel.json")["model_id"].clone();
    let release = format!("20260702T060000Z-{}", model_id.as_str().unwrap());
    let expected = json!({
        "deployed": true, "release": release, "model_id": model_id, "previous_model_id": null,
    });
    assert_eq!(outcome, expected);
}

#[test]
fn without_json_the_result_is_told_in_words() {
    let ran = deploy(&ready(), &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.ends_with(", the first one\n"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn plain_files_of_the_contract_names_give_way() {
    let project = ready();
    project.write(
        "production_deployment/trainedmodel.json",
        "of another system",
    );
    deployed(&project, &[]);
    let model = project.read("models/trainedmodel.json");
    assert_eq!(
        project.read("production_deployment/trainedmodel.json"),
        model
    );
}
