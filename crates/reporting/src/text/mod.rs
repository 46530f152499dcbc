//! Numbers as people read them.

mod aged;
mod condition;
mod list;

pub use aged::Aged;
pub use condition::{
    Changed, ages, alarm_rate, attention, between_limits, changes, decided, drift, estimated,
    list_impact,
};
pub use list::{
    Doubt, effect, expected_leavers, holdout, horizon, nobody, not_listed, value_of_calling,
    withdrawn,
};

use chrono::NaiveDate;
use dataset::format_number;
use risk_core::metrics::Estimate;

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A count with a comma between thousands: 12,345.
#[must_use]
pub fn count(count: u64) -> String {
    grouped(&count.to_string())
}

/// Money in whole units with a comma between thousands.
#[must_use]
pub fn money(amount: f64) -> String {
    grouped(&format!("{:.0}", amount.round() + 0.0))
}

/// A day: 30 June 2026.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// A share of 1 in percent with one decimal: 12.3 %.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{}\u{a0}%", unsigned_zero(format!("{:.1}", 100.0 * share)))
}

/// `part` of `whole` in percent; a dash of nothing.
#[must_use]
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NONE.into();
    }
    percent(part as f64 / whole as f64)
}

/// A number of any size: whole numbers with all their digits, others with about four.
#[must_use]
pub fn number(number: f64) -> String {
    let size = number.abs();
    if number.fract() == 0.0 && size < 1e15 {
        return grouped(&format_number(number));
    }
    match size {
        1e15.. => format!("{number:.3e}"),
        100.0.. => grouped(&format!("{number:.1}")),
        1.0.. => format!("{number:.2}"),
        0.001.. => format!("{number:.4}"),
        _ => format!("{number:.2e}"),
    }
}

/// A figure to three decimals; a dash where it is not defined.
#[must_use]
pub fn figure(value: Option<f64>) -> String {
    value.map_or(NONE.into(), |value| unsigned_zero(format!("{value:.3}")))
}

/// The interval of a figure; a dash where there is none.
#[must_use]
pub fn interval(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high) {
        (Some(low), Some(high)) => format!("{} to {}", figure(Some(low)), figure(Some(high))),
        _ => NONE.into(),
    }
}

/// A number that rounds to 0 has no sign.
pub(crate) fn unsigned_zero(number: String) -> String {
    match number.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_owned(),
        _ => number,
    }
}

/// Puts a comma between the thousands of a decimal number.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.split_at(usize::from(number.starts_with('-')));
    let (whole, fraction) = rest.split_at(rest.find('.').unwrap_or(rest.len()));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (given, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(given), text);
        }
        assert_eq!(money(-0.2), "0");
        assert_eq!(money(-1234.5), "-1,235");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!(percent(-0.0), "0.0\u{a0}%");
        assert_eq!(percent(-0.000_4), "0.0\u{a0}%");
        assert_eq!(percent(-0.004), "-0.4\u{a0}%");
        assert_eq!(figure(Some(-0.0)), "0.000");
        assert_eq!(figure(Some(-0.25)), "-0.250");
    }

    #[test]
    fn numbers_of_any_size_are_readable() {
        for (given, text) in [
            (0.0, "0"),
            (26.0, "26"),
            (1234.0, "1,234"),
            (1234.567, "1,234.6"),
            (73.456, "73.46"),
            (-0.012_345, "-0.0123"),
            (0.000_012_3, "1.23e-5"),
            (1.5e18, "1.500e18"),
        ] {
            assert_eq!(number(given), text);
        }
    }
}
