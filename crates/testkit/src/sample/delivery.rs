//! Further months: what arrives in the input folder after the shipped data.
//!
//! The file `.deliveries` in that folder records which scenario each month was written with, so
//! that later months go on from it. Its name begins with a dot: no data.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use super::calendar::Month;
use super::shipped::{Size, TAKEOVER_SERIALS};
use super::table::{self, Style};
use super::world::{Plan, Takeover, World};

/// What a further month brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// The snapshot of the month, and the labels that have become known for the month three
    /// months earlier: the same relation, the same mix of clients.
    Labels,
    /// A copy of the newest snapshot under another name.
    NothingNew,
    /// As `labels`, and a book of small clients in troubled industries is taken over. Their rows
    /// come with the labels too. Who leaves still depends on the row as before.
    MixShift,
    /// As `labels`, but from this month on a rival courts the most active clients: who leaves
    /// depends on the row in another way.
    ConceptDrift,
    /// As `labels`, but the contract values of the snapshot are in thousands.
    UnitError,
}

/// The last month that can be written. From then on a label could reach beyond the month that
/// brings it: 90 days after the end of January are the first of May.
const LAST_MONTH: Month = Month::new(2027, 3);

/// A label is known three months later.
const LABEL_DELAY_MONTHS: i32 = 3;

const RECORD: &str = ".deliveries";

/// Writes a month's files into `folder` and gives their names.
///
/// # Errors
///
/// When the month has no place after the shipped data, when a later one has been written before,
/// or when the folder cannot be read and written.
pub fn deliver(
    size: &Size,
    folder: &Path,
    month: Month,
    scenario: Scenario,
) -> Result<Vec<String>> {
    let first = first_month(size);
    ensure!(
        first <= month,
        "{month} is too early: {first} is the first month after the data"
    );
    ensure!(
        month <= LAST_MONTH,
        "{month} is too late: {LAST_MONTH} is the last possible month"
    );
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let files = if scenario == Scenario::NothingNew {
        copy_of_newest(size, folder, month)?
    } else {
        let mut record = read_record(folder)?;
        if let Some((later, _)) = record.range(month.plus(1)..).next() {
            bail!("{later} has been written before {month}: write the months in order");
        }
        record.insert(month, scenario);
        let files = month_files(size, &record, month, scenario);
        write_record(folder, &record)?;
        files
    };
    for (name, text) in &files {
        fs::write(folder.join(name), text).with_context(|| name.clone())?;
    }
    Ok(files.into_keys().collect())
}

/// The month to be written next into `folder`: the one after its newest snapshot.
///
/// # Errors
///
/// When the folder is there and cannot be read.
pub fn next_month(size: &Size, folder: &Path) -> Result<Month> {
    let newest = if folder.exists() {
        newest_snapshot(folder)?
    } else {
        None
    };
    Ok(newest.map_or(first_month(size), |month| {
        month.plus(1).max(first_month(size))
    }))
}

fn first_month(size: &Size) -> Month {
    size.first_unlabelled_month().plus(LABEL_DELAY_MONTHS)
}

fn newest_snapshot(folder: &Path) -> Result<Option<Month>> {
    let mut newest = None;
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name();
        let month = name.to_str().and_then(|name| {
            name.strip_prefix("clients_")?
                .strip_suffix(".csv")?
                .parse::<Month>()
                .ok()
        });
        newest = newest.max(month);
    }
    Ok(newest)
}

fn copy_of_newest(size: &Size, folder: &Path, month: Month) -> Result<BTreeMap<String, String>> {
    let text = match newest_snapshot(folder)? {
        Some(newest) => {
            let path = folder.join(snapshot_name(newest));
            fs::read_to_string(&path).with_context(|| path.display().to_string())?
        }
        None => {
            let newest = size.last_month();
            let world = World::simulate(&size.source_plan(), newest);
            table::csv(world.snapshot(newest), Style::UNLABELLED)
        }
    };
    Ok(BTreeMap::from([(format!("resent_{month}.csv"), text)]))
}

fn snapshot_name(month: Month) -> String {
    format!("clients_{month}.csv")
}

fn month_files(
    size: &Size,
    record: &BTreeMap<Month, Scenario>,
    month: Month,
    scenario: Scenario,
) -> BTreeMap<String, String> {
    let labelled = month.plus(-LABEL_DELAY_MONTHS);
    let world = World::simulate(&plan(size, record), month);
    let style = Style {
        labelled: false,
        value_in_thousands: scenario == Scenario::UnitError,
    };
    BTreeMap::from([
        (
            snapshot_name(month),
            table::csv(world.snapshot(month), style),
        ),
        (
            format!("labels_{labelled}.csv"),
            table::csv(world.samples(labelled, month), Style::LABELLED),
        ),
    ])
}

/// The panel with everything that has happened in the recorded months.
fn plan(size: &Size, record: &BTreeMap<Month, Scenario>) -> Plan {
    let months_of = |wanted: Scenario| {
        record
            .iter()
            .filter(move |(_, scenario)| **scenario == wanted)
            .map(|(month, _)| *month)
    };
    let clients = size.takeover_clients();
    let takeovers = months_of(Scenario::MixShift)
        .zip(TAKEOVER_SERIALS.step_by(clients))
        .map(|(month, first_serial)| Takeover {
            month,
            clients,
            first_serial,
        })
        .collect();
    let rival_from = months_of(Scenario::ConceptDrift).next();
    Plan {
        rival_from,
        takeovers,
        ..size.source_plan()
    }
}

fn read_record(folder: &Path) -> Result<BTreeMap<Month, Scenario>> {
    let path = folder.join(RECORD);
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let parse = |line: &str| {
        let (month, scenario) = line.split_once(' ')?;
        Some((
            month.parse().ok()?,
            Scenario::from_str(scenario, false).ok()?,
        ))
    };
    text.lines()
        .map(|line| parse(line).with_context(|| format!("{}: '{line}'", path.display())))
        .collect()
}

fn write_record(folder: &Path, record: &BTreeMap<Month, Scenario>) -> Result<()> {
    let mut text = String::new();
    for (month, scenario) in record {
        let name = scenario
            .to_possible_value()
            .map(|value| value.get_name().to_owned());
        text += &format!("{month} {}\n", name.unwrap_or_default());
    }
    let path = folder.join(RECORD);
    fs::write(&path, text).with_context(|| path.display().to_string())
}
