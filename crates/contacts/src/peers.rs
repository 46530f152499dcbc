//! What is usual: for the whole book, and for the clients that are like a client.
//!
//! Clients are grouped by one numeric feature, in equal parts of the book: up to fifty, so that the
//! largest clients, whom a list by value is full of, are not compared with much smaller ones. The
//! feature is the one that says how large a client is, where there is such a column; else the one that
//! most of the others go along with. Where nothing goes along with anything, or the book is small,
//! everybody is compared with the whole book.

use crate::names::{is_size, readable_name};

/// The groups that a large book is divided into.
const MOST_GROUPS: usize = 50;
/// Clients that each of that many groups needs, so that its median says more than that of a larger group.
const USUAL_IN_GROUP: usize = 150;
/// The groups that a smaller book is divided into.
const FEW_GROUPS: usize = 5;
/// Clients that each of these needs, so that its median means something.
const LEAST_IN_GROUP: usize = 30;
/// Mean absolute rank correlation with the other numbers from which a feature makes the groups.
const LEAST_CORRELATION: f64 = 0.3;
/// The same for a feature that says how large a client is.
const LEAST_FOR_SIZE: f64 = 0.1;
/// Rows that the correlations are taken from; more would only cost time.
const MOST_ROWS: usize = 5000;

/// The value of one feature of one client.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// A finite number.
    Number(f64),
    /// The name of a category.
    Text(&'a str),
    /// Not known.
    Missing,
}

/// What is usual in a book.
#[derive(Debug, Clone, PartialEq)]
pub struct Peers {
    /// The features, as people say them.
    pub(crate) names: Vec<String>,
    /// Whether all known values of a feature are 0 or 1.
    pub(crate) is_flag: Vec<bool>,
    /// Whether all known values of a feature can be years.
    pub(crate) is_year: Vec<bool>,
    grouping: Option<Grouping>,
    /// For each group, the median of each feature; `None` for categories.
    medians: Vec<Vec<Option<f64>>>,
    overall: Vec<Option<f64>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Grouping {
    feature: usize,
    /// The first value of each group but the first, ascending.
    edges: Vec<f64>,
    words: String,
}

impl Peers {
    /// From the rows of a book, each with one cell for every column.
    #[must_use]
    pub fn of(columns: &[&str], rows: &[Vec<Cell<'_>>]) -> Self {
        let numbers: Vec<Option<Vec<f64>>> = (0..columns.len())
            .map(|feature| numbers(rows, feature))
            .collect();
        let grouping = grouping(columns, &numbers, rows.len());
        let overall: Vec<Option<f64>> = numbers
            .iter()
            .map(|column| median(column.iter().flatten().copied()))
            .collect();
        let mut peers = Self {
            names: columns.iter().map(|name| readable_name(name)).collect(),
            is_flag: numbers
                .iter()
                .map(|column| is_flag(column.as_deref()))
                .collect(),
            is_year: numbers
                .iter()
                .map(|column| is_year(column.as_deref()))
                .collect(),
            grouping,
            medians: Vec::new(),
            overall,
        };
        peers.medians = (0..peers.n_groups())
            .map(|group| peers.medians_of(group, &numbers, rows))
            .collect();
        peers
    }

    /// How many groups there are; 1 where everybody is compared with the whole book.
    #[must_use]
    pub fn n_groups(&self) -> usize {
        self.grouping
            .as_ref()
            .map_or(1, |found| found.edges.len() + 1)
    }

    /// The group of a client; one of whom the grouping feature is not known is in the middle one.
    #[must_use]
    pub fn group_of(&self, cells: &[Cell<'_>]) -> usize {
        let Some(grouping) = &self.grouping else {
            return 0;
        };
        match cells.get(grouping.feature) {
            Some(Cell::Number(number)) => grouping.edges.partition_point(|edge| edge <= number),
            _ => self.n_groups() / 2,
        }
    }

    /// The numbers of the typical client of a group: the medians of its members, and of the whole
    /// book for the feature that makes the groups. `None` for categories, which have no middle.
    #[must_use]
    pub fn typical(&self, group: usize) -> &[Option<f64>] {
        self.medians.get(group).map_or(&self.overall, Vec::as_slice)
    }

    /// With whom a client is compared in a feature, in words that follow "usual" or "what is usual".
    pub(crate) fn compared_with(&self, feature: usize) -> String {
        match &self.grouping {
            Some(grouping) if grouping.feature != feature => grouping.words.clone(),
            _ => "among all clients".into(),
        }
    }

    fn medians_of(
        &self,
        group: usize,
        numbers: &[Option<Vec<f64>>],
        rows: &[Vec<Cell<'_>>],
    ) -> Vec<Option<f64>> {
        let members: Vec<usize> = (0..rows.len())
            .filter(|row| self.group_of(&rows[*row]) == group)
            .collect();
        let own = |feature: usize, column: &Vec<f64>| {
            let of_all = self
                .grouping
                .as_ref()
                .is_some_and(|found| found.feature == feature);
            let found = median(members.iter().map(|row| column[*row]));
            if of_all { None } else { found }
        };
        numbers
            .iter()
            .enumerate()
            .map(|(feature, column)| {
                let column = column.as_ref()?;
                own(feature, column).or(self.overall[feature])
            })
            .collect()
    }
}

/// The numbers of a feature, `NaN` where missing; `None` where it is a category or nothing is known.
fn numbers(rows: &[Vec<Cell<'_>>], feature: usize) -> Option<Vec<f64>> {
    let number = |row: &Vec<Cell<'_>>| match row.get(feature) {
        Some(Cell::Number(number)) => Some(*number),
        Some(Cell::Text(_)) => None,
        _ => Some(f64::NAN),
    };
    let numbers: Option<Vec<f64>> = rows.iter().map(number).collect();
    numbers.filter(|numbers| numbers.iter().any(|number| number.is_finite()))
}

fn is_flag(numbers: Option<&[f64]>) -> bool {
    numbers.is_some_and(|numbers| {
        let mut known = numbers.iter().filter(|number| number.is_finite());
        known.all(|number| *number == 0.0 || *number == 1.0)
    })
}

/// Whether there are numbers and all known ones are whole and between 1800 and 2200.
fn is_year(numbers: Option<&[f64]>) -> bool {
    let mut known = (numbers.unwrap_or_default().iter())
        .filter(|number| number.is_finite())
        .peekable();
    known.peek().is_some()
        && known.all(|number| number.fract() == 0.0 && (1800.0..=2200.0).contains(number))
}

fn median(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    crate::value::median_value(numbers)
}

/// How many groups a book is divided into.
fn n_groups(n_clients: usize) -> usize {
    let few = FEW_GROUPS.min(n_clients / LEAST_IN_GROUP);
    few.max(MOST_GROUPS.min(n_clients / USUAL_IN_GROUP))
}

fn grouping(columns: &[&str], numbers: &[Option<Vec<f64>>], n_rows: usize) -> Option<Grouping> {
    let n_groups = n_groups(n_rows);
    if n_groups < 2 {
        return None;
    }
    let step = n_rows.div_ceil(MOST_ROWS);
    let ranks: Vec<Option<Vec<f64>>> = numbers
        .iter()
        .map(|column| column.as_ref().map(|column| ranks(column, step)))
        .collect();
    let strength = |feature: usize| {
        let own = ranks[feature].as_ref()?;
        let others = (0..ranks.len()).filter(|other| *other != feature);
        let found: Vec<f64> = others
            .filter_map(|other| Some(correlation(own, ranks[other].as_ref()?).abs()))
            .collect();
        (!found.is_empty()).then(|| found.iter().sum::<f64>() / found.len() as f64)
    };
    // A size first, then the strongest; of equals the first.
    let mut best: Option<(bool, f64, usize)> = None;
    for (feature, column) in columns.iter().enumerate() {
        let Some(found) = strength(feature) else {
            continue;
        };
        let size = is_size(column);
        let least = if size {
            LEAST_FOR_SIZE
        } else {
            LEAST_CORRELATION
        };
        if found >= least && best.is_none_or(|(was, best, _)| (size, found) > (was, best)) {
            best = Some((size, found, feature));
        }
    }
    let (size, _, feature) = best?;
    let edges = edges(numbers[feature].as_ref()?, n_groups);
    let words = if size {
        "for a client of its size".to_owned()
    } else {
        format!("for clients of similar {}", readable_name(columns[feature]))
    };
    (!edges.is_empty()).then_some(Grouping {
        feature,
        edges,
        words,
    })
}

/// The values at which the groups begin, each once; values that many clients share stay together.
fn edges(numbers: &[f64], n_groups: usize) -> Vec<f64> {
    let mut known: Vec<f64> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
    known.sort_by(f64::total_cmp);
    let Some(smallest) = known.first().copied() else {
        return Vec::new();
    };
    let mut edges: Vec<f64> = (1..n_groups)
        .map(|group| known[group * known.len() / n_groups])
        .filter(|edge| *edge > smallest)
        .collect();
    edges.dedup();
    edges
}

/// Mean ranks of every `step`-th number; `NaN` where missing.
fn ranks(numbers: &[f64], step: usize) -> Vec<f64> {
    let sample: Vec<f64> = numbers.iter().copied().step_by(step).collect();
    let mut order: Vec<usize> = (0..sample.len())
        .filter(|i| sample[*i].is_finite())
        .collect();
    order.sort_by(|a, b| sample[*a].total_cmp(&sample[*b]));
    let mut ranks = vec![f64::NAN; sample.len()];
    let mut start = 0;
    while start < order.len() {
        let tied = order[start..]
            .iter()
            .take_while(|index| sample[**index] == sample[order[start]])
            .count();
        for index in &order[start..start + tied] {
            ranks[*index] = start as f64 + tied as f64 / 2.0;
        }
        start += tied;
    }
    ranks
}

/// Pearson's correlation over the rows where both are known; 0 where one does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> = a
        .iter()
        .copied()
        .zip(b.iter().copied())
        .filter(|(a, b)| a.is_finite() && b.is_finite())
        .collect();
    let n = pairs.len().max(1) as f64;
    let mean = pairs
        .iter()
        .fold((0.0, 0.0), |sum, (a, b)| (sum.0 + a / n, sum.1 + b / n));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean.0, b - mean.1);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    if aa > 0.0 && bb > 0.0 {
        ab / (aa * bb).sqrt()
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(n: usize) -> Vec<Vec<Cell<'static>>> {
        // Activity goes along with size; tenure with nothing.
        (0..n)
            .map(|i| {
                let size = (i * 37 % n) as f64 + 1.0;
                let noise = (i * 61 % 10) as f64;
                let tenure = (i * 7919 % 101) as f64;
                let industry = Cell::Text(if i % 2 == 0 { "Energy" } else { "Retail" });
                vec![
                    Cell::Number(10.0 * size + noise),
                    Cell::Number(size),
                    Cell::Number(tenure),
                    industry,
                ]
            })
            .collect()
    }

    #[test]
    fn clients_are_compared_with_those_of_their_size() {
        let columns = ["activity", "number_of_employees", "tenure", "industry"];
        let peers = Peers::of(&columns, &book(200));
        assert_eq!(peers.n_groups(), 5);
        let small = [
            Cell::Missing,
            Cell::Number(3.0),
            Cell::Missing,
            Cell::Missing,
        ];
        let large = [
            Cell::Missing,
            Cell::Number(999.0),
            Cell::Missing,
            Cell::Missing,
        ];
        assert_eq!((peers.group_of(&small), peers.group_of(&large)), (0, 4));
        let usual = |group: usize| peers.typical(group)[0].unwrap();
        assert!((150.0..300.0).contains(&usual(0)), "{}", usual(0));
        assert!((1700.0..1900.0).contains(&usual(4)), "{}", usual(4));
        // Its size itself is compared with everybody's.
        assert_eq!(peers.typical(0)[1], peers.typical(4)[1]);
        assert_eq!(peers.typical(0)[3], None);
        assert_eq!(peers.compared_with(0), "for a client of its size");
        assert_eq!(peers.compared_with(1), "among all clients");
        assert_eq!(peers.group_of(&[Cell::Missing; 4]), 2);
    }

    #[test]
    fn without_a_size_the_feature_that_others_follow_makes_the_groups() {
        let columns = ["spend", "orders", "tenure", "industry"];
        let peers = Peers::of(&columns, &book(200));
        assert_eq!(peers.n_groups(), 5);
        assert!(peers.compared_with(2).starts_with("for clients of similar"));
        let rows: Vec<_> = book(200)
            .into_iter()
            .map(|row| vec![row[2], row[3]])
            .collect();
        assert_eq!(Peers::of(&["tenure", "industry"], &rows).n_groups(), 1);
    }

    #[test]
    fn a_larger_book_has_narrower_groups() {
        let table = [(59, 1), (60, 2), (150, 5), (899, 5), (900, 6), (13_000, 50)];
        for (n_clients, expected) in table {
            assert_eq!(n_groups(n_clients), expected, "{n_clients} clients");
        }
        let columns = ["activity", "number_of_employees", "tenure", "industry"];
        let peers = Peers::of(&columns, &book(1501));
        let largest = peers.typical(peers.n_groups() - 1)[0].unwrap();
        assert!((14_000.0..14_600.0).contains(&largest), "{largest}");
    }

    #[test]
    fn a_small_book_is_one_group() {
        let columns = ["activity", "number_of_employees", "tenure", "industry"];
        let peers = Peers::of(&columns, &book(59));
        assert_eq!(peers.n_groups(), 1);
        assert_eq!(peers.compared_with(0), "among all clients");
    }
}
