//! Single cells: what counts as missing, and how numbers, dates and targets are read and written.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

/// Whether a cell says nothing: empty, blanks, `NA`, `NaN` or `null` in any case.
#[must_use]
pub fn is_missing(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty()
        || ["na", "nan", "null"]
            .iter()
            .any(|word| cell.eq_ignore_ascii_case(word))
}

/// A number in its shortest exact form: 7 for 7.0, and with an exponent only where that is shorter.
#[must_use]
pub fn format_number(number: f64) -> String {
    let number = if number == 0.0 { 0.0 } else { number }; // no minus zero
    let plain = number.to_string();
    if plain.len() <= 17 {
        return plain;
    }
    let scientific = format!("{number:e}");
    if scientific.len() < plain.len() {
        scientific
    } else {
        plain
    }
}

/// Why a cell is no number.
pub(crate) enum NotANumber {
    Text,
    Infinite,
}

pub(crate) fn parse_number(cell: &str) -> Result<f64, NotANumber> {
    let number: f64 = cell.trim().parse().map_err(|_| NotANumber::Text)?;
    if number.is_finite() {
        Ok(number)
    } else {
        Err(NotANumber::Infinite)
    }
}

/// The number of a cell that holds nothing else; what it does not read may still be a number with blanks
/// around it.
pub(crate) fn parse_bare_number(cell: &[u8]) -> Option<f64> {
    let number: f64 = fast_float2::parse(cell).ok()?;
    number.is_finite().then_some(number)
}

/// A date, or the date of a time, in ISO 8601.
pub(crate) fn parse_date(cell: &str) -> Option<NaiveDate> {
    let cell = cell.trim();
    if let Ok(date) = NaiveDate::parse_from_str(cell, "%Y-%m-%d") {
        return Some(date);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(cell) {
        return Some(time.date_naive());
    }
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
    formats
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(cell, format).ok())
        .map(|time| time.date())
}

/// Whether a target says "left". Where `positive` is given it alone means so, and any other text
/// means "stayed".
pub(crate) fn parse_target(cell: &str, positive: Option<&str>) -> Option<bool> {
    let cell = cell.trim();
    if let Some(positive) = positive {
        return Some(cell.eq_ignore_ascii_case(positive.trim()));
    }
    let is_any = |words: [&str; 3]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is_any(["1", "true", "yes"]) {
        return Some(true);
    }
    if is_any(["0", "false", "no"]) {
        return Some(false);
    }
    match cell.parse::<f64>() {
        Ok(1.0) => Some(true),
        Ok(0.0) => Some(false),
        _ => None,
    }
}

/// Whether a cell holds a date in one of the common ways to write it, with or without a time.
pub(crate) fn is_some_date(cell: &str) -> bool {
    let cell = cell.trim();
    let day = cell.split_whitespace().next().unwrap_or_default();
    let short = ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y"];
    let long = ["%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"];
    let date = parse_date(cell)
        .or_else(|| parse_date(&format!("{cell}-01")))
        .or_else(|| parse_as(day, &short))
        .or_else(|| parse_as(cell, &long));
    date.is_some_and(is_of_our_time)
}

/// A date without separators, such as 20260131.
pub(crate) fn parse_compact_date(cell: &str) -> Option<NaiveDate> {
    let cell = cell.trim();
    let is_whole = cell.len() == 8 && cell.bytes().all(|byte| byte.is_ascii_digit());
    NaiveDate::parse_from_str(cell, "%Y%m%d")
        .ok()
        .filter(|date| is_whole && is_of_our_time(*date))
}

fn parse_as(cell: &str, formats: &[&str]) -> Option<NaiveDate> {
    formats
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(cell, format).ok())
}

fn is_of_our_time(date: NaiveDate) -> bool {
    (1900..=2100).contains(&date.year())
}

/// Whether a cell is a number but for separators between its digits, a decimal comma, a percent or a
/// currency sign.
pub(crate) fn is_written_number(cell: &str) -> bool {
    let is_mark = |character: char| character.is_whitespace() || ",'’%$€£¥".contains(character);
    let cell = cell.trim();
    let digits: String = cell.chars().filter(|c| !is_mark(*c)).collect();
    // The dots of 1.234.567,8 separate thousands.
    let digits = if cell.contains(',') {
        digits.replace('.', "")
    } else {
        digits
    };
    digits.len() < cell.len() && parse_number(&digits).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn missing_cells_are_known_by_their_words() {
        for cell in ["", "  ", "NA", "na", "NaN", "NULL", " null "] {
            assert!(is_missing(cell), "{cell:?}");
        }
        assert!(!is_missing("0") && !is_missing("none") && !is_missing("nance"));
    }

    #[test]
    fn numbers_have_one_shortest_form() {
        for (number, text) in [
            (7.0, "7"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e300, "1e300"),
            (2e-9, "0.000000002"),
        ] {
            assert_eq!(format_number(number), text);
        }
    }

    #[test]
    fn targets_are_read_in_any_case_and_as_numbers() {
        for (cell, expected) in [
            ("1", true),
            ("0", false),
            ("Yes", true),
            ("FALSE", false),
            ("1.0", true),
            (" 0.0 ", false),
        ] {
            assert_eq!(parse_target(cell, None), Some(expected), "{cell}");
        }
        assert_eq!(parse_target("2", None), None);
        assert_eq!(parse_target("no", Some("No")), Some(true));
        assert_eq!(parse_target("1", Some("Left")), Some(false));
    }

    #[test]
    fn dates_may_carry_a_time() {
        let date = NaiveDate::from_ymd_opt(2026, 1, 31);
        for cell in ["2026-01-31", "2026-01-31T12:00:00Z", "2026-01-31 12:00:00"] {
            assert_eq!(parse_date(cell), date, "{cell}");
        }
        for cell in ["31.01.2026", "2026-02-30", "soon", "20260131"] {
            assert_eq!(parse_date(cell), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_bare_number_is_read_as_the_same_text_is(cell in "[-+]?[0-9]{0,20}[.]?[0-9]{0,20}([eE][-+]?[0-9]{0,3})?|[-+.eE0-9a-z_ ]{0,6}") {
            let text = parse_number(&cell).ok().map(f64::to_bits);
            let bare = parse_bare_number(cell.as_bytes()).map(f64::to_bits);
            prop_assert_eq!(bare, if cell.trim() == cell { text } else { None });
        }

        #[test]
        fn a_written_number_reads_back_to_the_same_bits(bits: u64) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite() && number != 0.0);
            let read = parse_number(&format_number(number)).ok().unwrap();
            prop_assert_eq!(read.to_bits(), number.to_bits());
        }
    }
}
