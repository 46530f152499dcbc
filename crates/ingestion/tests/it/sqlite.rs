//! Databases as inputs.

use crate::running::{assert_silent, done, final_data, ingest, put, refused, rejected_rows, table};
use rusqlite::Connection;
use serde_json::{Value, json};
use testkit::Project;

fn with_sources(sources: Value) -> Project {
    let project = Project::new();
    let mut config = project.read_json("config.json");
    config["sources"] = sources;
    project.set_config(config);
    project
}

fn execute(project: &Project, sql: &str) {
    let database = Connection::open(project.path("crm.db")).unwrap();
    database.execute_batch(sql).unwrap();
}

fn with_table() -> Project {
    let project = with_sources(json!([
        { "kind": "sqlite", "name": "crm", "path": "crm.db", "table": "clients" }
    ]));
    execute(
        &project,
        "CREATE TABLE clients (corporation TEXT, activity REAL, exited INTEGER);
         INSERT INTO clients VALUES ('acme', 7.0, 1), ('bolt', NULL, NULL);",
    );
    project
}

#[test]
fn a_table_is_read_like_a_file() {
    let project = with_table();
    let outcome = done(&project);
    assert_eq!(outcome.status("crm"), "new");
    assert_eq!(final_data(&project), table(&["acme,7,1", "bolt,,"]));
    assert_eq!(project.read("ingesteddata/ingestedfiles.txt"), "crm\n");
}

#[test]
fn an_unchanged_table_is_known_and_silent() {
    let project = with_table();
    done(&project);
    assert_silent(&project);
    assert_eq!(done(&project).status("crm"), "known");
}

#[test]
fn new_rows_come_in_with_the_next_run() {
    let project = with_table();
    done(&project);
    execute(&project, "INSERT INTO clients VALUES ('corv', 0.5, 0);");
    let outcome = done(&project);
    assert_eq!(
        (outcome.status("crm"), outcome.count("rows")),
        ("changed", 3)
    );
    assert_eq!(
        final_data(&project),
        table(&["acme,7,1", "bolt,,", "corv,0.5,0"])
    );
}

#[test]
fn a_query_may_rename_and_choose() {
    let project = with_sources(json!([{
        "kind": "sqlite", "name": "crm", "path": "crm.db",
        "query": "SELECT name AS corporation, n AS activity, gone AS exited FROM c WHERE n > 1",
    }]));
    execute(
        &project,
        "CREATE TABLE c (name, n, gone); INSERT INTO c VALUES ('acme', 7, 1), ('bolt', 1, 0);",
    );
    done(&project);
    assert_eq!(final_data(&project), table(&["acme,7,1"]));
}

#[test]
fn bad_rows_of_a_table_have_their_reasons() {
    let project = with_table();
    done(&project);
    execute(
        &project,
        "INSERT INTO clients VALUES ('corv', 'many', 7), (NULL, 9e999, 0);",
    );
    assert_eq!(done(&project).count("rejected_rows"), 2);
    let rows = rejected_rows(&project);
    let expected = "activity: \"many\" is not a number; exited: \"7\" is none of 0, 1, true, false, \
                    yes, no and missing";
    assert_eq!(rows[0], ["crm", "4", expected, "corv,many,7"]);
    let expected = "corporation is missing; activity: \"inf\" is infinite";
    assert_eq!(rows[1], ["crm", "5", expected, ",inf,0"]);
}

#[test]
fn tables_and_files_are_united_in_name_order() {
    let project = with_table();
    put(&project, "a.csv", table(&["corv,9,0"]));
    put(&project, "z.csv", table(&["acme,7,1", "dask,1,0"]));
    let outcome = done(&project);
    assert_eq!(outcome.count("duplicate_rows"), 1);
    assert_eq!(
        project.read("ingesteddata/ingestedfiles.txt"),
        "a.csv\ncrm\nz.csv\n"
    );
    let expected = table(&["corv,9,0", "acme,7,1", "bolt,,", "dask,1,0"]);
    assert_eq!(final_data(&project), expected);
}

/// Spoils the database by `spoil` after a first good run.
fn assert_refused(reason: &str, spoil: impl FnOnce(&Project)) {
    let project = with_table();
    done(&project);
    let before = final_data(&project);
    spoil(&project);
    put(&project, "z.csv", table(&["dask,1,0"]));
    let ran = ingest(&project, &[]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(ran.err.contains("crm is refused: "), "{ran:?}");
    assert!(ran.err.contains(reason), "{reason}: {ran:?}");
    assert_eq!(final_data(&project), format!("{before}dask,1,0\n"));
    assert_silent(&project);
}

#[test]
fn a_database_that_cannot_be_read_is_refused_and_its_rows_stay() {
    assert_refused("unable to open database file", |project| {
        std::fs::remove_file(project.path("crm.db")).unwrap();
    });
    assert_refused("no such table: clients", |project| {
        execute(project, "DROP TABLE clients;");
    });
    assert_refused("file is not a database", |project| {
        project.write("crm.db", "text".repeat(1000));
    });
    assert_refused("the column exited is missing", |project| {
        execute(project, "ALTER TABLE clients RENAME COLUMN exited TO gone;");
    });
    assert_refused("a header but no rows", |project| {
        execute(project, "DELETE FROM clients;");
    });
    assert_refused("not UTF-8", |project| {
        execute(
            project,
            "UPDATE clients SET corporation = CAST(x'4dfc' AS TEXT);",
        );
    });
}

#[test]
fn opening_a_database_that_is_not_there_makes_none() {
    let project = with_sources(json!([
        { "kind": "sqlite", "name": "crm", "path": "crm.db", "table": "clients" }
    ]));
    let outcome = refused(&project);
    let reason = outcome.reason("crm");
    assert!(
        reason.contains(project.path("crm.db").to_str().unwrap()),
        "{reason}"
    );
    assert!(!project.path("crm.db").exists());
}

#[test]
fn a_mistake_in_a_query_is_told() {
    let project = with_sources(json!([
        { "kind": "sqlite", "name": "crm", "path": "crm.db", "query": "SELEKT 1" }
    ]));
    execute(&project, "CREATE TABLE clients (corporation);");
    assert!(
        refused(&project)
            .reason("crm")
            .contains("near \"SELEKT\": syntax error")
    );
}

#[test]
fn a_query_cannot_change_the_database() {
    let project = with_sources(json!([
        { "kind": "sqlite", "name": "crm", "path": "crm.db", "query": "DELETE FROM clients RETURNING *" }
    ]));
    execute(
        &project,
        "CREATE TABLE clients (corporation, activity, exited); INSERT INTO clients VALUES (1, 2, 0);",
    );
    let outcome = refused(&project);
    assert!(outcome.reason("crm").contains("readonly"), "{outcome:?}");
    let database = Connection::open(project.path("crm.db")).unwrap();
    let rows: i64 = database
        .query_row("SELECT count(*) FROM clients", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 1);
}
