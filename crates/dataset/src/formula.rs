//! Text that spreadsheets would take for a formula: how it is written to CSV files, and read again.

/// With what a cell begins that spreadsheets take for a formula, the wide forms included.
const FORMULA_STARTS: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Text that no spreadsheet takes for a formula: a leading apostrophe where it would. Text that
/// already has one before a formula gets another, so that two texts never become the same.
#[must_use]
pub fn formula_safe(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// The text behind one that [`formula_safe`] made: without the one apostrophe before a formula.
#[must_use]
pub fn formula_unsafe(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_formula_and_each_is_found_again() {
        for (text, expected) in [
            ("Acme", "Acme"),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-5", "'-5"),
            ("@cmd", "'@cmd"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(formula_safe(text), expected);
            assert_eq!(formula_unsafe(expected), text);
        }
        assert_eq!(formula_unsafe("=1"), "=1");
    }
}
