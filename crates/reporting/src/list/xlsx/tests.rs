//! Tests of the spreadsheet.

use super::*;
use crate::list::tests::list;

#[test]
fn the_same_list_gives_the_same_bytes() {
    let bytes = to_xlsx(&list("=1+1"), &[], None).unwrap();
    assert_eq!(&bytes[..2], b"PK");
    assert_eq!(bytes, to_xlsx(&list("=1+1"), &[], None).unwrap());
    assert_ne!(bytes, to_xlsx(&list("=1+2"), &[], None).unwrap());
}

#[test]
fn who_is_urgent_has_a_sheet_that_says_why_and_only_where_there_is_somebody() {
    let list = list("a");
    let sheets = |urgent: &[Entry]| -> Vec<String> {
        let mut workbook = Workbook::new();
        write(&mut workbook, &list, urgent, None).unwrap();
        workbook.worksheets().iter().map(Worksheet::name).collect()
    };
    let usual = [
        "Clients to call",
        "Set aside, do not call",
        "Dropped",
        "About",
    ];
    assert_eq!(sheets(&[]), usual);
    let urgent = [Entry {
        change: None,
        ..list.entries[0].clone()
    }];
    let found = sheets(&urgent);
    assert_eq!((found.len(), found[1].as_str()), (5, "Urgent"));
    let titles: Vec<String> = columns(&list, &urgent, "Order")
        .into_iter()
        .map(|column| column.title)
        .collect();
    assert!(titles.contains(&"What changed".into()) && titles[0] == "Order");
    assert!(!titles.contains(&"Since the last list".into()));
}

#[test]
fn rows_are_as_high_as_their_text() {
    for (text, lines) in [("", 1), ("short", 1), (&"x".repeat(40), 2), ("a\nb", 2)] {
        assert_eq!(lines_of(text, 30.0), lines, "{text}");
    }
}

#[test]
fn names_of_sheets_are_allowed_and_unique() {
    let mut names = SheetNames::default();
    let long = "x".repeat(40);
    for (wanted, expected) in [
        ("Ann", "Ann"),
        ("ANN", "ANN (2)"),
        ("A/B: [c]", "A B   c"),
        ("''", "Sheet"),
        ("History", "History of clients"),
        (&long, &long[..31]),
        (&long, &(long[..27].to_owned() + " (2)")),
    ] {
        assert_eq!(names.unique(wanted), expected);
    }
}

#[test]
fn changes_and_calls_are_said_in_words() {
    let list = list("a");
    assert_eq!(change(&list.entries[0]), "up, was 7");
    assert_eq!(
        last_contact(&list.entries[0]),
        "2026-07-01: not reached (=1+1)"
    );
    assert_eq!(change(&list.entries[1]), "");
}
