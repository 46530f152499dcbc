//! Each request answers from the release that is current then.

use crate::support::{Api, TEST_DATA, deploy, model, point_current_at, project};
use chrono::DateTime;
use testkit::Project;

#[test]
fn without_a_release_the_answer_says_how_to_get_one() {
    let project = Project::new();
    let api = Api::start(&project);
    for answer in [api.get("/scoring"), api.post("text/csv", TEST_DATA)] {
        let detail = answer.problem(503);
        assert!(detail.contains("run fullprocess"), "{detail}");
    }
    deploy(&project, "1", &model());
    api.get("/scoring").json();
}

#[test]
fn a_new_release_is_picked_up_without_a_restart() {
    let project = project();
    let api = Api::start(&project);
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "1");
    let mut other = model();
    other.l2 = 2.0;
    let other = other.sealed(DateTime::UNIX_EPOCH).unwrap();
    deploy(&project, "2", &other);
    let answer = api.post("text/csv", TEST_DATA).json();
    assert_eq!(answer["release"], "2");
    assert_eq!(answer["model_id"], other.model_id);
    assert_eq!(api.get("/scoring").json()["model_id"], other.model_id);
    point_current_at(&project, "1");
    assert_eq!(api.post("text/csv", TEST_DATA).json()["release"], "1");
}

#[test]
fn a_broken_release_is_named_and_the_next_good_one_answers() {
    let project = project();
    let api = Api::start(&project);
    api.get("/scoring").json();
    deploy(&project, "2", &model());
    project.write("production_deployment/releases/2/scores.json", "{}");
    let detail = api.get("/scoring").problem(503);
    assert!(detail.contains("release 2 cannot be used"), "{detail}");
    assert!(!detail.contains('/'), "{detail}");
    deploy(&project, "3", &model());
    api.get("/scoring").json();
    point_current_at(&project, "nowhere");
    api.get("/scoring").problem(503);
}
