//! Data of the original shape under the original configuration.

use crate::running::{assert_silent, done, final_data, ingest};
use testkit::{ORIGINAL_PRACTICE, ORIGINAL_SOURCE, OriginalCounts, Project};

const PRACTICE: [&str; 2] = ["--set", "input_folder_path=practicedata"];

fn counts(project: &Project, arguments: &[&str]) -> OriginalCounts {
    let outcome = crate::running::ends(project, 0, arguments);
    let count = |key| outcome.count(key) as usize;
    assert_eq!((count("updated_rows"), count("rejected_rows")), (0, 0));
    OriginalCounts {
        rows_read: count("rows_read"),
        duplicate_rows: count("duplicate_rows"),
        rows: count("rows"),
        n_positive: final_data(project)
            .lines()
            .filter(|line| line.ends_with(",1"))
            .count(),
    }
}

#[test]
fn five_keys_are_enough_for_the_original_data() {
    let project = Project::original();
    assert_eq!(counts(&project, &PRACTICE), ORIGINAL_PRACTICE);
    assert_eq!(counts(&project, &[]), ORIGINAL_SOURCE);
}

#[test]
fn the_record_names_the_accepted_files_one_a_line() {
    let project = Project::original();
    done(&project);
    let record = project.read("ingesteddata/ingestedfiles.txt");
    assert_eq!(record, "dataset3.csv\ndataset4.csv\n");
}

#[test]
fn the_compiled_data_is_the_union_with_a_header_and_without_an_index() {
    let project = Project::original();
    done(&project);
    let third = project.read("sourcedata/dataset3.csv");
    let fourth = project.read("sourcedata/dataset4.csv");
    let (_, rows_of_the_fourth) = fourth.split_once('\n').unwrap();
    assert_eq!(final_data(&project), format!("{third}{rows_of_the_fourth}"));
    assert_eq!(
        project.read("ingesteddata/rejectedrows.csv"),
        "file,line,reasons,row\n"
    );
}

#[test]
fn icon_files_hidden_files_and_other_endings_are_ignored() {
    let project = Project::original();
    for name in [".hidden.csv", "notes.txt", "dataset5.csv.bak", "csv"] {
        project.write(&format!("sourcedata/{name}"), "no data");
    }
    let outcome = done(&project);
    assert_eq!(outcome.json["files"].as_array().unwrap().len(), 2);
    assert_eq!(outcome.count("rows"), 26);
}

#[test]
fn a_second_run_is_silent() {
    let project = Project::original();
    let first = ingest(&project, &[]);
    assert_eq!(first.code, 0);
    assert!(
        first.out.starts_with("26 samples from 26 rows"),
        "{first:?}"
    );
    assert_eq!(first.err, "");
    assert_silent(&project);
}

#[test]
fn quiet_says_nothing_even_when_there_is_something_to_do() {
    let project = Project::original();
    let ran = ingest(&project, &["--quiet"]);
    assert_eq!(
        (ran.code, ran.out, ran.err),
        (0, String::new(), String::new())
    );
}

#[test]
fn verbose_shows_the_outcome_when_there_is_nothing_to_do() {
    let project = Project::original();
    done(&project);
    assert!(ingest(&project, &["-v"]).out.starts_with("26 samples"));
}

#[test]
fn json_always_prints_its_object_and_a_repeated_run_gives_the_same_counts() {
    let project = Project::original();
    let first = done(&project);
    for key in [
        "rows_read",
        "duplicate_rows",
        "updated_rows",
        "rejected_rows",
        "erased_rows",
        "unlabelled_rows",
        "rows",
    ] {
        assert!(first.json[key].is_u64(), "{key}: {}", first.json);
    }
    assert!(first.json["elapsed_s"].is_f64());
    let (second, third) = (done(&project), done(&project));
    for key in ["rows_read", "duplicate_rows", "rows"] {
        assert_eq!(second.count(key), first.count(key), "{key}");
    }
    assert_eq!(second.without_times(), third.without_times());
}

#[test]
fn each_file_is_described_with_the_keys_that_scripts_rely_on() {
    let project = Project::original();
    let outcome = done(&project);
    let file = outcome.file("dataset3.csv");
    let keys: Vec<&String> = file.as_object().unwrap().keys().collect();
    let expected = [
        "path",
        "sha256",
        "rows",
        "rejected_rows",
        "status",
        "reason",
        "ignored_columns",
    ];
    assert_eq!(keys, expected);
    assert_eq!(
        (&file["rows"], &file["status"]),
        (&12.into(), &"new".into())
    );
    assert!(file["reason"].is_null());
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn practice_and_production_alternate_over_one_output_folder_and_never_mix() {
    let project = Project::original();
    assert_eq!(counts(&project, &PRACTICE), ORIGINAL_PRACTICE);
    let practice = final_data(&project);
    assert_eq!(counts(&project, &[]), ORIGINAL_SOURCE);
    let source = final_data(&project);
    for (arguments, expected, other) in [
        (&PRACTICE[..], &practice, &source),
        (&[], &source, &practice),
    ] {
        counts(&project, arguments);
        assert_eq!(final_data(&project), *expected);
        assert_ne!(expected, other);
        let names = project.read("ingesteddata/ingestedfiles.txt");
        assert_eq!(names.lines().count(), 2);
        assert_eq!(names.contains("dataset1.csv"), !arguments.is_empty());
    }
}

#[test]
fn compiled_files_that_were_removed_or_edited_are_written_again() {
    let project = Project::original();
    done(&project);
    let whole = project.files("ingesteddata");
    project.write("ingesteddata/finaldata.csv", "edited");
    std::fs::remove_file(project.path("ingesteddata/ingestedfiles.txt")).unwrap();
    assert_eq!(done(&project).count("rows"), 26);
    for name in ["finaldata.csv", "ingestedfiles.txt"] {
        assert_eq!(project.files("ingesteddata")[name], whole[name], "{name}");
    }
    assert_silent(&project);
}

#[test]
fn the_program_works_from_any_current_folder() {
    let project = Project::original();
    let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_ingestion"))
        .current_dir("/")
        .env("RISK_CONFIG", project.config())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(project.path("ingesteddata/finaldata.csv").is_file());
}
