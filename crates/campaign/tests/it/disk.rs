//! A disk without room, and one that cannot be written.

use crate::{LATER, NOW, WRITERS, assert_ends, full, kept, program, through_shell, with_a_month};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use testkit::{Project, Scenario};

/// Where mounting is not allowed, the test cannot be made; the checks of the project demand it.
fn may_mount() -> bool {
    let tried = Command::new("unshare")
        .args([
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o size=16k none /mnt",
        ])
        .output();
    let allowed = tried.is_ok_and(|output| output.status.success());
    let demanded = std::env::var_os("RISK_REQUIRE_SERVICES").is_some();
    assert!(allowed || !demanded, "a small tmpfs cannot be mounted");
    allowed
}

/// Runs `fullprocess` with the three folders it writes on a disk of this size, on which `small` lies
/// already; what stands there afterwards is in `after`.
fn on_a_small_disk(project: &Project, size: &str) -> std::process::Output {
    let script = format!(
        "mkdir -p small after && mount -t tmpfs -o size={size} none small && cp -a before/. small/ \
         && \"$0\" \"$@\"; code=$?; cp -a small/. after/; exit $code"
    );
    let command = program(project, "fullprocess", LATER, &["--offline"]);
    Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .arg(command.get_program())
        .args(command.get_args())
        .env("RISK_CAMPAIGN_PROGRAM", "fullprocess")
        .current_dir(project.root())
        .output()
        .unwrap()
}

#[test]
fn a_full_disk_ends_1_says_so_and_keeps_the_release_and_with_room_again_all_is_done() {
    if !may_mount() {
        return;
    }
    let project = Project::panel();
    let mut config = project.read_json("config.json");
    config["output_folder_path"] = "small/ingesteddata".into();
    config["output_model_path"] = "small/models".into();
    config["prod_deployment_path"] = "small/production".into();
    project.set_config(config);
    assert_ends(&full(&project, NOW), 0, &["bootstrap"]);
    fs::rename(project.path("small"), project.path("before")).unwrap();
    project.deliver("2026-07", Scenario::Labels);
    let used = Command::new("du")
        .args(["-sk", "before"])
        .current_dir(project.root())
        .output();
    let used: u64 = String::from_utf8(used.unwrap().stdout)
        .unwrap()
        .split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap();
    let release = |folder: &str| project.files(&format!("{folder}/production"));
    let before = release("before");
    for room_k in [40, 120] {
        let _ = fs::remove_dir_all(project.path("after"));
        let output = on_a_small_disk(&project, &format!("{}k", used + room_k));
        assert_ends(&output, 1, &[]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let is_clear = said.contains("No space left on device") || said.contains("disk is full");
        assert!(is_clear, "{said}");
        assert_eq!(release("after"), before);
    }
    let _ = fs::remove_dir_all(project.path("small"));
    fs::rename(project.path("after"), project.path("small")).unwrap();
    assert_ends(&full(&project, LATER), 0, &["newly labelled samples"]);
}

#[test]
fn a_limit_on_the_size_of_files_ends_1_and_keeps_everything() {
    let project = with_a_month();
    let before = project.files("production_deployment");
    // Blocks of 512 bytes; without the signal a write fails instead.
    let command = program(&project, "fullprocess", LATER, &["--offline"]);
    let output = through_shell("ulimit -f 24; trap '' XFSZ", &command)
        .output()
        .unwrap();
    assert_ends(&output, 1, &[]);
    assert_eq!(project.files("production_deployment"), before);
    assert_ends(&full(&project, LATER), 0, &["newly labelled samples"]);
}

#[test]
fn a_read_only_output_folder_ends_1_names_it_and_keeps_everything() {
    let project = with_a_month();
    let folder = project.path("ingesteddata");
    let mode = |bits| fs::set_permissions(&folder, fs::Permissions::from_mode(bits)).unwrap();
    fs::remove_file(folder.join(".lock")).unwrap();
    let before = kept(&project);
    mode(0o555);
    for (name, arguments) in WRITERS {
        let command = program(&project, name, LATER, arguments);
        let output = through_shell("true", &command).output().unwrap();
        assert_ends(&output, 1, &["ingesteddata/.lock", "Permission denied"]);
    }
    mode(0o755);
    assert_eq!(kept(&project), before);
    assert_ends(&full(&project, LATER), 0, &["newly labelled samples"]);
}

#[test]
fn a_read_only_folder_of_releases_keeps_the_release() {
    let project = with_a_month();
    let before = project.files("production_deployment");
    let folder = project.path("production_deployment");
    let mode = |bits| fs::set_permissions(&folder, fs::Permissions::from_mode(bits)).unwrap();
    mode(0o555);
    let command = program(&project, "deployment", LATER, &["--freeze", "2027-01-01"]);
    let output = through_shell("true", &command).output().unwrap();
    assert_ends(&output, 1, &["production_deployment", "Permission denied"]);
    mode(0o755);
    assert_eq!(project.files("production_deployment"), before);
}
