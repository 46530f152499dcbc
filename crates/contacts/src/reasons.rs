//! Why a client is at risk, in sentences that need no data scientist.

use crate::peers::{Cell, Peers};
use serde::{Deserialize, Serialize};

/// How many reasons are given.
const MOST: usize = 3;
/// Log-odds below which a feature is no reason: it raises the odds of leaving by less than 5 %.
const LEAST: f64 = 0.05;
/// Whole numbers below this are said as they are: nobody has 50 % fewer products than two.
const SMALL: f64 = 20.0;

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The position of the feature.
    pub feature: usize,
    /// By how much the feature raises the log-odds of leaving above those of the typical client.
    pub log_odds: f64,
    /// The reason in words.
    pub text: String,
}

/// The features that raise the risk of a client most against its typical peer, the strongest first;
/// at most three.
///
/// `contributions` are what each feature adds to the log-odds of the client, and `typical` what it
/// adds to those of the typical client of its group: both sum to the log-odds with the same constant,
/// so their differences explain the difference of the two exactly. An effect need not go one way: a
/// reason says that the client is unlike its peers here and that this raises its risk, not that more of
/// the same would raise it further.
#[must_use]
pub fn reasons(
    peers: &Peers,
    cells: &[Cell<'_>],
    contributions: &[f64],
    typical: &[f64],
) -> Vec<Reason> {
    let usual = peers.typical(peers.group_of(cells));
    let mut raising: Vec<(f64, usize)> = contributions
        .iter()
        .zip(typical)
        .map(|(own, typical)| own - typical)
        .zip(0..)
        .filter(|(log_odds, feature)| {
            *log_odds >= LEAST && !looks_usual(peers, *feature, cells[*feature], usual[*feature])
        })
        .collect();
    // The sort is stable: equal ones stay in the order of the features.
    raising.sort_by(|a, b| b.0.total_cmp(&a.0));
    raising.truncate(MOST);
    raising
        .into_iter()
        .map(|(log_odds, feature)| Reason {
            feature,
            log_odds,
            text: sentence(peers, feature, cells[feature], usual[feature]),
        })
        .collect()
}

/// Whether a number reads the same as what is usual, so that nobody would understand it as a reason.
fn looks_usual(peers: &Peers, feature: usize, cell: Cell<'_>, usual: Option<f64>) -> bool {
    let (Cell::Number(number), Some(usual)) = (cell, usual) else {
        return false;
    };
    if peers.is_year[feature] {
        return year(number) == year(usual);
    }
    readable(number) == readable(usual)
}

/// A year is no amount: no comma between its thousands, and nobody is 1 % younger than usual.
fn year(number: f64) -> String {
    format!("{number:.0}")
}

fn sentence(peers: &Peers, feature: usize, cell: Cell<'_>, usual: Option<f64>) -> String {
    let name = &peers.names[feature];
    match (cell, usual) {
        (Cell::Number(number), Some(usual)) if peers.is_flag[feature] => {
            let word = |flag: f64| if flag >= 0.5 { "yes" } else { "no" };
            if word(number) == word(usual) {
                return format!("{name}: {}", word(number));
            }
            format!("{name}: {}, usual is {}", word(number), word(usual))
        }
        (Cell::Number(number), Some(usual)) if peers.is_year[feature] => format!(
            "{name} is {}; usual {} is {}",
            year(number),
            peers.compared_with(feature),
            year(usual)
        ),
        (Cell::Number(number), Some(usual)) => {
            compared(name, number, usual, &peers.compared_with(feature))
        }
        (Cell::Number(number), None) => format!("{name} is {}", readable(number)),
        (Cell::Text(text), _) => format!("{name} is {text}"),
        (Cell::Missing, _) => format!("{name} is not known"),
    }
}

/// From here on a ratio says less than the two numbers.
const MANY_TIMES: f64 = 20.0;

fn compared(name: &str, number: f64, usual: f64, with: &str) -> String {
    let (said, usually) = (readable(number), readable(usual));
    let is_small = |x: f64| x.fract() == 0.0 && x.abs() < SMALL;
    if number < 0.0 || usual <= 0.0 || (is_small(number) && is_small(usual)) {
        return format!("{name} is {said}; usual {with} is {usually}");
    }
    let figures = format!("({said} against {usually})");
    let ratio = number / usual;
    // Next to something near 0 everything is many times as large.
    if number == 0.0 || ratio >= MANY_TIMES {
        format!("{name} is {said}; usual {with} is {usually}")
    } else if ratio >= 2.0 {
        let times = if ratio < 10.0 {
            format!("{ratio:.1}")
        } else {
            format!("{ratio:.0}")
        };
        let times = times.strip_suffix(".0").unwrap_or(&times);
        format!("{name} is {times} times what is usual {with} {figures}")
    } else {
        let percent = (100.0 * (ratio - 1.0).abs()).round().max(1.0);
        let side = if ratio < 1.0 { "below" } else { "above" };
        format!("{name} is {percent} % {side} what is usual {with} {figures}")
    }
}

/// Three significant digits, but all digits of a whole number; thousands are set apart.
fn readable(number: f64) -> String {
    let size = number.abs();
    let text = if size >= 100.0 || (number.fract() == 0.0 && size < 1e15) {
        format!("{:.0}", number)
    } else if size >= 10.0 {
        format!("{number:.1}")
    } else if size >= 0.1 {
        format!("{number:.2}")
    } else if size >= 1e-6 {
        let zeros = -size.log10().floor();
        format!("{number:.*}", zeros as usize + 2)
    } else {
        return "almost 0".to_owned();
    };
    let text = match text.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}.{fraction}")
            }
        }
        _ => text,
    };
    grouped(&text)
}

fn grouped(text: &str) -> String {
    let digits = text.trim_start_matches('-');
    if digits.len() <= 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut grouped = text[..text.len() - digits.len()].to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers() -> Peers {
        let columns = [
            "lastmonth_activity",
            "industry",
            "NumOfProducts",
            "is_active",
        ];
        let row = |activity| {
            vec![
                Cell::Number(activity),
                Cell::Text("Energy"),
                Cell::Number(2.0),
                Cell::Number(1.0),
            ]
        };
        Peers::of(&columns, &[row(50.0), row(55.0), row(60.0)])
    }

    #[test]
    fn numbers_are_compared_with_what_is_usual() {
        let with = "for a client of its size";
        for (number, usual, expected) in [
            (
                21.0,
                55.0,
                "x is 62 % below what is usual W (21 against 55)",
            ),
            (0.0, 55.0, "x is 0; usual W is 55"),
            (
                80.0,
                55.0,
                "x is 45 % above what is usual W (80 against 55)",
            ),
            (
                12_345.6,
                5000.0,
                "x is 2.5 times what is usual W (12,346 against 5,000)",
            ),
            (
                950.0,
                50.0,
                "x is 19 times what is usual W (950 against 50)",
            ),
            (2.65, 0.052, "x is 2.65; usual W is 0.052"),
            (1.0, 2.0, "x is 1; usual W is 2"),
            (
                1.5,
                2.5,
                "x is 40 % below what is usual W (1.5 against 2.5)",
            ),
            (-300.0, 20.0, "x is -300; usual W is 20"),
            (20.0, -3.0, "x is 20; usual W is -3"),
            (
                0.001,
                0.0042,
                "x is 76 % below what is usual W (0.001 against 0.0042)",
            ),
            (
                1e-12,
                3.0,
                "x is 100 % below what is usual W (almost 0 against 3)",
            ),
        ] {
            let found = compared("x", number, usual, with);
            assert_eq!(found, expected.replace('W', with));
        }
    }

    #[test]
    fn the_three_strongest_come_first_and_weak_ones_are_left_out() {
        let cells = [
            Cell::Number(11.0),
            Cell::Text("Retail"),
            Cell::Number(1.0),
            Cell::Number(0.0),
        ];
        let found = |contributions: [f64; 4]| -> Vec<String> {
            reasons(&peers(), &cells, &contributions, &[0.1, 0.0, 0.0, 0.0])
                .into_iter()
                .map(|reason| reason.text)
                .collect()
        };
        assert_eq!(
            found([1.1, 0.04, 2.0, 0.5]),
            [
                "number of products is 1; usual among all clients is 2",
                "activity last month is 80 % below what is usual among all clients (11 against 55)",
                "is active: no, usual is yes",
            ]
        );
        assert_eq!(found([0.0, 0.3, 0.0, 0.0]), ["industry is Retail"]);
        assert!(found([0.1; 4]).len() == 3 && found([-1.0; 4]).is_empty());
    }

    #[test]
    fn what_reads_as_usual_is_no_reason() {
        let cells = [
            Cell::Number(54.999_99),
            Cell::Text("Energy"),
            Cell::Number(2.0),
            Cell::Number(0.0),
        ];
        let found = reasons(&peers(), &cells, &[1.0, 0.3, 1.0, 0.1], &[0.0; 4]);
        let features: Vec<usize> = found.iter().map(|reason| reason.feature).collect();
        assert_eq!(features, [1, 3]);
    }

    #[test]
    fn a_year_is_said_as_a_year_and_an_amount_that_passes_for_one_is_not() {
        let columns = ["YearFounded", "orders"];
        let row = |year: f64, orders: f64| vec![Cell::Number(year), Cell::Number(orders)];
        let book = [
            row(2018.0, 1900.0),
            row(2005.0, 2000.0),
            row(1999.0, 2201.0),
        ];
        let peers = Peers::of(&columns, &book);
        let said = |cells: &[Cell<'_>]| -> Vec<String> {
            let found = reasons(&peers, cells, &[1.0, 0.5], &[0.0; 2]);
            found.into_iter().map(|reason| reason.text).collect()
        };
        assert_eq!(
            said(&book[0]),
            [
                "year founded is 2018; usual among all clients is 2005",
                "orders is 5 % below what is usual among all clients (1,900 against 2,000)",
            ]
        );
        assert!(said(&book[1]).is_empty());
    }

    #[test]
    fn what_is_not_known_is_said() {
        let found = reasons(
            &peers(),
            &[Cell::Missing; 4],
            &[1.0, 0.0, 0.0, 0.0],
            &[0.0; 4],
        );
        assert_eq!(found[0].text, "activity last month is not known");
        assert_eq!((found[0].feature, found[0].log_odds), (0, 1.0));
    }
}
