//! Tests of the data as a whole: what a reader of the files may rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::calendar::Month;
use super::draws::Draws;
use super::table::COLUMNS;
use super::truth::probability;
use super::world::{FIRST_MONTH, HORIZON_DAYS, Takeover, World};
use super::{Scenario, Size, deliver, files, next_month, shipped};

/// A size between the two used elsewhere: enough for tests of shares, quick enough to make.
const MIDDLE: Size = Size {
    seed: 5,
    clients: 800,
    labelled_months: 3,
    unlabelled_months: 3,
    test_rows: 200,
};

/// The shipped files, made once for all tests.
static SHIPPED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| files(&Size::SHIPPED));

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

fn names(text: &str) -> BTreeSet<&str> {
    rows(text).map(|row| row[0]).collect()
}

fn source_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    let files = SHIPPED
        .iter()
        .filter(|(path, _)| path.starts_with("sourcedata/"));
    files.map(|(path, text)| (path.as_str(), text.as_str()))
}

#[test]
fn the_files_in_the_project_are_what_ship_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in SHIPPED.iter() {
        let stored = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(stored == *text, "{path} differs: run `sampledata ship`");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let other_seed = Size {
        seed: Size::SMALL.seed + 1,
        ..Size::SMALL
    };
    assert_eq!(files(&Size::SMALL), files(&Size::SMALL));
    assert_ne!(files(&Size::SMALL), files(&other_seed));
    let truth = shipped::truth(&Size::SMALL, 5);
    assert_eq!(truth, shipped::truth(&Size::SMALL, 5));
    assert_eq!(truth.lines().count(), 201);
}

#[test]
fn every_row_has_the_nine_columns_and_a_client_only_once() {
    for (path, text) in SHIPPED.iter() {
        assert_eq!(
            text.lines().next(),
            Some(COLUMNS.join(",").as_str()),
            "{path}"
        );
        assert!(rows(text).all(|row| row.len() == 9), "{path}");
        assert_eq!(names(text).len(), rows(text).count(), "{path}");
        assert!(text.len() <= 1_400_000, "{path} has {} bytes", text.len());
    }
    assert_eq!(rows(&SHIPPED["testdata/testdata.csv"]).count(), 2_000);
}

#[test]
fn one_cell_in_a_hundred_is_missing_but_never_the_client_the_target_or_the_date() {
    let missing = |cell: &str| cell.is_empty() || cell == "NA";
    let text = &SHIPPED["sourcedata/clients_2026-01.csv"];
    let n_rows = rows(text).count() as f64;
    for (index, column) in COLUMNS.iter().enumerate() {
        let share = rows(text).filter(|row| missing(row[index])).count() as f64 / n_rows;
        match *column {
            "corporation" | "exited" | "observed_at" | "account_manager" => assert_eq!(share, 0.0),
            _ => assert!((0.006..0.014).contains(&share), "{column}: {share}"),
        }
    }
    assert!(text.contains(",NA,") && text.contains(",,"));
}

#[test]
fn source_practice_and_test_data_have_no_client_in_common() {
    let source: BTreeSet<&str> = source_files().flat_map(|(_, text)| names(text)).collect();
    let practice: BTreeSet<&str> = ["practicedata/dataset1.csv", "practicedata/dataset2.csv"]
        .iter()
        .flat_map(|path| names(&SHIPPED[*path]))
        .collect();
    let test = names(&SHIPPED["testdata/testdata.csv"]);
    assert!(source.is_disjoint(&practice) && source.is_disjoint(&test));
    assert!(practice.is_disjoint(&test));
}

#[test]
fn the_practice_files_share_rows() {
    let lines = |path: &str| -> BTreeSet<&str> { SHIPPED[path].lines().skip(1).collect() };
    let (first, second) = (
        lines("practicedata/dataset1.csv"),
        lines("practicedata/dataset2.csv"),
    );
    assert_eq!((first.len(), second.len()), (30, 30));
    assert_eq!(first.intersection(&second).count(), 12);
    let left = first
        .union(&second)
        .filter(|line| line.contains(",1,2026-01-31,"))
        .count();
    assert_eq!(left, 14);
}

/// The month of each client's last snapshot tells when it left.
#[test]
fn labels_agree_with_who_is_in_later_snapshots() {
    let months: Vec<Month> = FIRST_MONTH.to(Size::SHIPPED.last_month()).collect();
    let present: Vec<BTreeSet<&str>> = source_files().map(|(_, text)| names(text)).collect();
    for (index, (_, text)) in source_files().take(3).enumerate() {
        let horizon = months[index].last_day() + HORIZON_DAYS;
        for row in rows(text) {
            let later = (index + 1..6).filter(|later| !present[*later].contains(row[0]));
            match (row[4], later.map(|later| months[later].last_day()).min()) {
                ("0", Some(first_absence)) => assert!(first_absence > horizon, "{row:?}"),
                ("1", gone) => assert!(gone.is_some_and(|day| day <= horizon + 31), "{row:?}"),
                (label, _) => assert_eq!(label, "0", "{row:?}"),
            }
        }
    }
    assert!(
        source_files()
            .skip(3)
            .all(|(_, text)| rows(text).all(|row| row[4].is_empty()))
    );
}

#[test]
fn who_has_left_never_returns() {
    let present: Vec<BTreeSet<&str>> = source_files().map(|(_, text)| names(text)).collect();
    for index in 2..6 {
        let before: BTreeSet<&str> = present[..index - 1].iter().flatten().copied().collect();
        let returned = present[index]
            .intersection(&before)
            .find(|name| !present[index - 1].contains(*name));
        assert_eq!(returned, None);
    }
}

#[test]
fn between_one_in_seven_and_one_in_five_leaves_within_the_horizon() {
    for (path, text) in source_files().take(3) {
        let left = rows(text).filter(|row| row[4] == "1").count() as f64;
        let share = left / rows(text).count() as f64;
        assert!((0.14..0.20).contains(&share), "{path}: {share}");
    }
}

/// Sum of label minus true probability over its standard deviation: near 0 while who leaves
/// depends on the row as before.
fn calibration_z(world: &World, month: Month, delivered: Month) -> f64 {
    let (mut sum, mut variance) = (0.0, 0.0);
    for sample in world.samples(month, delivered) {
        let mut draws = Draws::new(1, sample.client.serial);
        let p = probability(&sample.state, month, 12, &mut draws);
        sum += f64::from(u8::from(sample.exited())) - p;
        variance += p * (1.0 - p);
    }
    sum / variance.sqrt()
}

#[test]
fn the_true_probabilities_hold_for_the_mix_shift_but_not_for_the_concept_drift() {
    let (april, july) = (Month::new(2026, 4), Month::new(2026, 7));
    let usual = MIDDLE.source_plan();
    let (clients, first_serial) = (MIDDLE.takeover_clients(), shipped::TAKEOVER_SERIALS.start);
    let takeovers = vec![Takeover {
        month: july,
        clients,
        first_serial,
    }];
    let shifted = super::world::Plan {
        takeovers,
        ..usual.clone()
    };
    let drifted = super::world::Plan {
        rival_from: Some(july),
        ..usual.clone()
    };
    let z = |plan| calibration_z(&World::simulate(plan, july), april, july);
    assert!(z(&usual).abs() < 3.0, "{}", z(&usual));
    assert!(z(&shifted).abs() < 3.0, "{}", z(&shifted));
    assert!(z(&drifted) > 5.0, "{}", z(&drifted));
}

/// A folder for the deliveries of one test.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sourcedata");
    (folder, path)
}

fn delivered(size: &Size, scenario: Scenario) -> (String, String) {
    let (_keep, folder) = folder();
    deliver(size, &folder, Month::new(2026, 7), scenario).unwrap();
    let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
    (read("clients_2026-07.csv"), read("labels_2026-04.csv"))
}

#[test]
fn a_month_brings_its_snapshot_and_the_labels_of_three_months_before() {
    let (snapshot, labels) = delivered(&Size::SMALL, Scenario::Labels);
    assert!(rows(&snapshot).all(|row| row[4].is_empty() && row[5] == "2026-07-31"));
    assert!(rows(&labels).all(|row| !row[4].is_empty() && row[5] == "2026-04-30"));
    let april = files(&Size::SMALL)["sourcedata/clients_2026-04.csv"].clone();
    let without_label = |text: &str| -> Vec<String> {
        let blank = |line: &str| {
            line.replacen(",0,2026", ",,2026", 1)
                .replacen(",1,2026", ",,2026", 1)
        };
        text.lines().map(blank).collect()
    };
    assert_eq!(
        without_label(&labels),
        without_label(&april),
        "the rows change in nothing else"
    );
    let still_there = names(&snapshot);
    let wrong = rows(&labels).find(|row| row[4] == "1" && still_there.contains(row[0]));
    assert_eq!(wrong, None);
}

#[test]
fn the_mix_shift_adds_rows_to_the_labels_and_to_the_snapshot() {
    let usual = delivered(&Size::SMALL, Scenario::Labels);
    let shifted = delivered(&Size::SMALL, Scenario::MixShift);
    let added = names(&shifted.1).difference(&names(&usual.1)).count();
    assert_eq!(added, Size::SMALL.takeover_clients());
    assert!(names(&usual.0).is_subset(&names(&shifted.0)));
    let staying = rows(&shifted.1)
        .filter(|row| !names(&usual.1).contains(row[0]) && row[4] == "0")
        .filter(|row| !names(&shifted.0).contains(row[0]));
    assert!(
        staying.count() <= 2,
        "at most those who left after the horizon"
    );
}

#[test]
fn the_concept_drift_lets_active_clients_leave() {
    let size = Size {
        clients: 2_000,
        ..MIDDLE
    };
    let share = |text: &str| {
        let active: Vec<_> = rows(text)
            .filter(|row| {
                row[2]
                    .parse::<f64>()
                    .is_ok_and(|activity| activity > 2_000.0)
            })
            .collect();
        active.iter().filter(|row| row[4] == "1").count() as f64 / active.len() as f64
    };
    let usual = share(&delivered(&size, Scenario::Labels).1);
    let drifted = share(&delivered(&size, Scenario::ConceptDrift).1);
    assert!(usual < 0.10 && drifted > 0.35, "{usual} {drifted}");
}

#[test]
fn the_unit_error_is_in_one_column_of_the_snapshot_only() {
    let usual = delivered(&Size::SMALL, Scenario::Labels);
    let wrong = delivered(&Size::SMALL, Scenario::UnitError);
    assert_eq!(usual.1, wrong.1);
    for (usual, wrong) in rows(&usual.0).zip(rows(&wrong.0)) {
        assert_eq!((&usual[..7], usual[8]), (&wrong[..7], wrong[8]));
        if let Ok(value) = usual[7].parse::<f64>() {
            assert_eq!(wrong[7].parse::<f64>().unwrap() * 1_000.0, value);
        }
    }
}

#[test]
fn nothing_new_copies_the_newest_snapshot() {
    let (_keep, folder) = folder();
    let size = &Size::SMALL;
    deliver(size, &folder, Month::new(2026, 7), Scenario::Labels).unwrap();
    let august = next_month(size, &folder).unwrap();
    assert_eq!(august, Month::new(2026, 8));
    let written = deliver(size, &folder, august, Scenario::NothingNew).unwrap();
    assert_eq!(written, ["resent_2026-08.csv"]);
    let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("resent_2026-08.csv"), read("clients_2026-07.csv"));
    assert_eq!(next_month(size, &folder).unwrap(), august);
}

#[test]
fn later_months_go_on_from_what_was_delivered_before() {
    let (_keep, folder) = folder();
    let write = |month, scenario| deliver(&Size::SMALL, &folder, month, scenario);
    let read = |name| std::fs::read_to_string(folder.join(name)).unwrap();
    let (july, august) = (Month::new(2026, 7), Month::new(2026, 8));
    write(july, Scenario::MixShift).unwrap();
    let before = read("clients_2026-07.csv");
    write(august, Scenario::ConceptDrift).unwrap();
    assert_eq!(
        read(".deliveries"),
        "2026-07 mix-shift\n2026-08 concept-drift\n"
    );
    let (july_clients, august_clients) = (before, read("clients_2026-08.csv"));
    let stayed = names(&august_clients)
        .intersection(&names(&july_clients))
        .count();
    assert!(stayed > 200, "{stayed}");
    let error = write(july, Scenario::Labels).unwrap_err().to_string();
    assert_eq!(
        error,
        "2026-08 has been written before 2026-07: write the months in order"
    );
    write(august, Scenario::Labels).unwrap();
    assert_eq!(read(".deliveries"), "2026-07 mix-shift\n2026-08 labels\n");
}

#[test]
fn months_without_a_place_are_refused() {
    let (_keep, folder) = folder();
    let write = |month| {
        deliver(&Size::SMALL, &folder, month, Scenario::Labels)
            .unwrap_err()
            .to_string()
    };
    assert!(write(Month::new(2026, 6)).contains("2026-07 is the first month after the data"));
    assert!(write(Month::new(2027, 4)).contains("2027-03 is the last possible month"));
}
