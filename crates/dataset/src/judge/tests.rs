use super::*;

/// The cell of a row.
type Cell = fn(u64) -> String;

/// A table of 40 clients with one more column.
fn table(cell: impl Fn(u64) -> String) -> RawTable {
    let rows = (0..40).map(|row| vec![format!("c{row}"), cell(row)]);
    RawTable::new(vec!["client".into(), "it".into()], rows.collect()).unwrap()
}

fn judged(cell: impl Fn(u64) -> String) -> Column {
    judge_column("it", "client", &[&table(cell)])
}

/// A number without order, from 0 to 100,002.
fn scattered(row: u64) -> u64 {
    (row + 1) * 48_271 % 100_003
}

#[test]
fn a_column_that_can_be_no_feature_says_why() {
    let cases: [(Cell, &str); 16] = [
        (|_| "  ".into(), "no row has a value"),
        (|row| (row + 7).to_string(), "a row number"),
        (|row| format!("n{row}"), "a name, not a category"),
        (|row| format!("2026-01-{:02}", row % 28 + 1), "dates;"),
        (
            |row| format!("2026-01-{:02} 10:00:00", row % 28 + 1),
            "dates;",
        ),
        (
            |row| format!("{}.{}.2026", row % 28 + 1, row % 12 + 1),
            "dates;",
        ),
        (
            |row| format!("{}/{}/2026", row % 12 + 1, row % 28 + 1),
            "dates;",
        ),
        (|row| format!("202601{:02}", row % 28 + 1), "dates such as"),
        (
            |row| (1_700_000_000 + 997 * scattered(row)).to_string(),
            "times as seconds since 1970;",
        ),
        (
            |row| (1_700_000_000_123 + 997_001 * scattered(row)).to_string(),
            "times as milliseconds since 1970;",
        ),
        (|row| format!("{}.5%", scattered(row)), "a percent sign"),
        (|row| format!("$ {}.50", scattered(row)), "a currency sign"),
        (
            |row| format!("{},{:03}.5", row + 1, scattered(row) % 1000),
            "commas",
        ),
        (|row| format!("{},5", scattered(row)), "commas"),
        (
            |row| format!("{} {:03}", row + 1, scattered(row) % 1000),
            "spaces",
        ),
        (
            |row| {
                if row % 5 == 3 {
                    "none".into()
                } else {
                    scattered(row).to_string()
                }
            },
            "32 of its cells are numbers and 8 are text, the first on line 5",
        ),
    ];
    for (cell, reason) in cases {
        let column = judged(cell);
        let found = column.left_out.clone().unwrap_or_default();
        assert!(
            found.contains(reason),
            "{:?} for {reason}: {column:?}",
            cell(3)
        );
    }
}

#[test]
fn ordinary_columns_are_features() {
    let cases: [(Cell, Kind); 9] = [
        (|row| scattered(row).to_string(), Kind::Numeric),
        (|row| (20_000 * scattered(row)).to_string(), Kind::Numeric),
        (
            |row| {
                if row == 0 {
                    " ".into()
                } else {
                    format!("{row}.25")
                }
            },
            Kind::Numeric,
        ),
        (
            |row| (2000 + scattered(row) % 26).to_string(),
            Kind::Numeric,
        ),
        (|row| format!("{}%", row % 4 * 10), Kind::Category),
        (|row| (row % 3 == 0).to_string(), Kind::Category),
        (
            |row| ["0", "1", "2", "3+"][row as usize % 4].into(),
            Kind::Category,
        ),
        (|row| format!("{},5", row % 4), Kind::Category),
        (|row| format!("city {}", row % 30), Kind::Category),
    ];
    for (cell, kind) in cases {
        let column = judged(cell);
        assert_eq!(
            (column.kind, &column.left_out),
            (kind, &None),
            "{:?}",
            cell(3)
        );
    }
}

#[test]
fn distinct_integers_are_another_id_where_the_name_says_so() {
    for (name, is_id) in [
        ("CustomerId", true),
        ("customerID", true),
        ("account_no", true),
        ("EmployeeNumber", true),
        ("id", true),
        ("amount_paid", false),
        ("NumberOfEmployees", false),
        ("casino", false),
    ] {
        let rows = (0..40).map(|row| vec![format!("c{row}"), scattered(row).to_string()]);
        let table = RawTable::new(vec!["client".into(), name.into()], rows.collect()).unwrap();
        let column = judge_column(name, "client", &[&table]);
        assert_eq!(column.left_out.is_some(), is_id, "{name}: {column:?}");
    }
}

#[test]
fn a_repeated_number_with_the_name_of_an_id_is_a_feature() {
    let rows = (0..40).map(|row| vec![format!("c{row}"), (row % 12 * 7).to_string()]);
    let table = RawTable::new(vec!["client".into(), "plan_id".into()], rows.collect()).unwrap();
    assert_eq!(judge_column("plan_id", "client", &[&table]).left_out, None);
}
