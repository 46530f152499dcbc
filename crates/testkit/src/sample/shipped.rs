//! The data that comes with the project: practice, source and test files.

use std::collections::BTreeMap;
use std::ops::Range;

use super::calendar::Month;
use super::draws::Draws;
use super::names::NAMES;
use super::table::{self, Style};
use super::truth::probability;
use super::world::{FIRST_MONTH, Plan, Sample, World};

/// Which data to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Clients in each snapshot, about.
    pub clients: usize,
    /// Snapshots whose labels are known.
    pub labelled_months: i32,
    /// Later snapshots, without labels.
    pub unlabelled_months: i32,
    /// Rows of the test data.
    pub test_rows: usize,
}

impl Size {
    /// The data in the project's folders.
    pub const SHIPPED: Size = Size {
        seed: 2026,
        clients: 10_000,
        labelled_months: 3,
        unlabelled_months: 3,
        test_rows: 2_000,
    };

    /// A small panel for tests.
    pub const SMALL: Size = Size {
        seed: 7,
        clients: 300,
        labelled_months: 3,
        unlabelled_months: 1,
        test_rows: 200,
    };

    /// The last month with a snapshot.
    pub fn last_month(&self) -> Month {
        FIRST_MONTH.plus(self.labelled_months + self.unlabelled_months - 1)
    }

    /// The first month whose labels the data does not know.
    pub(super) fn first_unlabelled_month(&self) -> Month {
        FIRST_MONTH.plus(self.labelled_months)
    }

    /// Clients of a book that is taken over.
    pub(super) fn takeover_clients(&self) -> usize {
        self.clients * 2 / 5
    }

    /// The panel of the source files, before anything that later months bring.
    pub(super) fn source_plan(&self) -> Plan {
        self.plan(SOURCE_SERIALS, self.clients)
    }

    fn plan(&self, serials: Range<u64>, clients: usize) -> Plan {
        Plan {
            seed: self.seed,
            clients,
            serials,
            rival_from: None,
            takeovers: Vec::new(),
        }
    }
}

/// Numbers of clients, and so names, by where they appear.
const SOURCE_SERIALS: Range<u64> = 0..50_000;
const TEST_SERIALS: Range<u64> = 50_000..64_000;
const PRACTICE_SERIALS: Range<u64> = 64_000..66_000;
pub(super) const TAKEOVER_SERIALS: Range<u64> = 66_000..NAMES;

/// Months whose labels the shipped data knows reach this far.
const LABEL_MONTHS: i32 = 4;

/// All shipped files by path.
pub fn files(size: &Size) -> BTreeMap<String, String> {
    let mut files = source_files(size);
    files.extend(practice_files(size));
    files.insert("testdata/testdata.csv".to_owned(), test_file(size));
    files
}

fn source_files(size: &Size) -> BTreeMap<String, String> {
    let last = size.last_month();
    let labels_end = FIRST_MONTH.plus(size.labelled_months - 1 + LABEL_MONTHS);
    let world = World::simulate(&size.source_plan(), last.max(labels_end));
    let months = 0..size.labelled_months + size.unlabelled_months;
    months
        .map(|index| {
            let month = FIRST_MONTH.plus(index);
            let style = if index < size.labelled_months {
                Style::LABELLED
            } else {
                Style::UNLABELLED
            };
            let name = format!("sourcedata/clients_{month}.csv");
            (name, table::csv(world.snapshot(month), style))
        })
        .collect()
}

/// Distinct rows of the practice data, how many of them of clients that left, and how many are in
/// both files.
const PRACTICE_ROWS: usize = 48;
const PRACTICE_LEAVERS: usize = 14;
const PRACTICE_SHARED: usize = 12;

fn practice_files(size: &Size) -> BTreeMap<String, String> {
    let world = World::simulate(
        &size.plan(PRACTICE_SERIALS, 150),
        FIRST_MONTH.plus(LABEL_MONTHS),
    );
    let (left, stayed): (Vec<Sample>, Vec<Sample>) =
        world.snapshot(FIRST_MONTH).partition(Sample::exited);
    let mut rows: Vec<Sample> = left.into_iter().take(PRACTICE_LEAVERS).collect();
    rows.extend(stayed.into_iter().take(PRACTICE_ROWS - PRACTICE_LEAVERS));
    rows.sort_by_key(|sample| sample.client.serial);
    let half = (PRACTICE_ROWS + PRACTICE_SHARED) / 2;
    let first = rows[..half].iter().copied();
    let second = rows[PRACTICE_ROWS - half..].iter().copied();
    BTreeMap::from([
        (
            "practicedata/dataset1.csv".to_owned(),
            table::csv(first, Style::LABELLED),
        ),
        (
            "practicedata/dataset2.csv".to_owned(),
            table::csv(second, Style::LABELLED),
        ),
    ])
}

fn test_file(size: &Size) -> String {
    let world = test_world(size);
    table::csv(test_samples(&world, size), Style::LABELLED)
}

fn test_world(size: &Size) -> World {
    let plan = size.plan(TEST_SERIALS, size.test_rows * 3 / 2 + 50);
    World::simulate(&plan, FIRST_MONTH.plus(2 + LABEL_MONTHS))
}

/// One row a client, each from one of the first three months, in the order of the names.
fn test_samples<'a>(world: &'a World, size: &Size) -> Vec<Sample<'a>> {
    let mut samples = Vec::new();
    for month in (0..3).map(|index| FIRST_MONTH.plus(index)) {
        for sample in world.snapshot(month) {
            let mut draws = Draws::new(size.seed ^ 0x7465_7374, sample.client.serial);
            if draws.below(3) as i32 == month.since(FIRST_MONTH) {
                samples.push((draws.word(), sample));
            }
        }
    }
    samples.sort_by_key(|(order, _)| *order);
    assert!(
        samples.len() >= size.test_rows,
        "the test panel is too small"
    );
    samples
        .into_iter()
        .map(|(_, sample)| sample)
        .take(size.test_rows)
        .collect()
}

/// The true probability of every row of the test data, as CSV text. A missing cell is no obstacle:
/// the probability is that of the number behind it.
pub fn truth(size: &Size, paths: usize) -> String {
    let world = test_world(size);
    let mut samples = test_samples(&world, size);
    samples.sort_by_key(Sample::name);
    let mut text = "corporation,observed_at,true_probability\n".to_owned();
    for sample in samples {
        let mut draws = Draws::new(size.seed ^ 0x74_7275_7468, sample.client.serial);
        let p = probability(&sample.state, sample.month, paths, &mut draws);
        text += &format!("{},{},{p:.6}\n", sample.name(), sample.month.last_date());
    }
    text
}
