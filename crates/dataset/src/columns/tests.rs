//! Tests of reading column by column.

use super::*;

fn read(text: &str, want: impl Fn(&str) -> Want) -> Result<ColumnTable, Refusal> {
    let open = || Ok(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())) as Box<dyn Bytes>);
    read_from(&open, want)
}

fn numbers(table: &ColumnTable, name: &str) -> Numbers {
    match table.column(name) {
        Some(Cells::Numbers(numbers)) => numbers.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn kinds_are_found_and_missing_cells_known() {
    let table = read("\u{feff}a, b ,c\n1, x ,2.0\nNA,null,3\n3,\"x\",\n", |_| {
        Want::Found
    })
    .unwrap();
    assert_eq!(table.header, ["a", "b", "c"]);
    let a = numbers(&table, "a");
    assert_eq!(
        (a.values[0], a.values[1].is_nan(), a.is_integer),
        (1.0, true, false)
    );
    let Some(Cells::Categories(b)) = table.column("b") else {
        panic!()
    };
    assert_eq!(
        (b.codes.as_slice(), b.names.as_slice()),
        (&[1, 0, 1][..], &["x".to_owned()][..])
    );
}

#[test]
fn integers_are_told_from_numbers_with_a_point() {
    let table = read("a,b\n1,1\n-2,2.0\n", |_| Want::Found).unwrap();
    assert!(numbers(&table, "a").is_integer && !numbers(&table, "b").is_integer);
}

#[test]
fn rows_after_the_first_ones_can_change_the_kind() {
    let late_text = format!(
        "a\n{}{}",
        "1\n".repeat(ROWS_TO_GUESS),
        "x\n".repeat(ROWS_TO_GUESS)
    );
    let table = read(&late_text, |_| Want::Found).unwrap();
    assert!(matches!(table.column("a"), Some(Cells::Categories(_))));
    let late_numbers = format!(
        "a\n{}{}",
        "x\n".repeat(ROWS_TO_GUESS),
        "1\n".repeat(20 * ROWS_TO_GUESS)
    );
    let table = read(&late_numbers, |_| Want::Found).unwrap();
    assert_eq!(numbers(&table, "a").unreadable, ROWS_TO_GUESS as u64);
}

#[test]
fn what_is_wanted_is_what_is_read() {
    let want = |name: &str| match name {
        "id" => Want::Text,
        "left" => Want::Target(None),
        "size" => Want::Kind(Kind::Category),
        _ => Want::Skip,
    };
    let table = read("id,left,size,x\n a ,yes,1,y\nb,,2,y\n", want).unwrap();
    let Some(Cells::Texts(ids)) = table.column("id") else {
        panic!()
    };
    assert_eq!((ids.get(0), ids.get(1), ids.len()), ("a", "b", 2));
    assert_eq!(
        table.column("left"),
        Some(&Cells::Targets(vec![Some(true), None]))
    );
    assert!(matches!(table.column("size"), Some(Cells::Categories(_))));
    assert_eq!(table.column("x"), Some(&Cells::Skipped));
    let problem = read("left\n1\nmaybe\n", want).unwrap_err().0;
    assert!(
        problem.contains("line 3") && problem.contains("maybe"),
        "{problem}"
    );
}

#[test]
fn a_file_with_quotes_gives_the_same_as_one_without() {
    let plain = "id,x,left,y\na,1,1,u\nb,,0\n c ,2.5,,NA\nd,x,no,v\n\u{e4},-3e2,yes, u\n";
    let quoted = plain.replacen("\nd,x", "\n\"d\",x", 1);
    let with_carriage_returns = plain.replace('\n', "\r\n");
    let want = |name: &str| match name {
        "id" => Want::Text,
        "left" => Want::Target(None),
        "x" => Want::Kind(Kind::Numeric),
        _ => Want::Found,
    };
    // Numbers that are missing are not equal to themselves.
    let shown = |text: &str| format!("{:?}", read(text, want).unwrap());
    assert!(shown(plain).contains("malformed: Some((1, 3))"));
    assert_eq!(shown(plain), shown(&quoted));
    assert_eq!(shown(plain), shown(&with_carriage_returns));
    let problem = |text: &str| read(text, want).unwrap_err().0;
    let bad = format!("{plain}e,1,maybe,u\n");
    assert_eq!(
        problem(&bad),
        problem(&bad.replacen("\nd,x", "\n\"d\",x", 1))
    );
    assert_eq!(problem(&bad), problem(&bad.replace('\n', "\r\n")));
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let problem = |text: &str| read(text, |_| Want::Found).unwrap_err().0;
    assert!(problem("").contains("empty"));
    assert!(problem("a,b\n").contains("no rows"));
    assert!(problem("a,a\n1,2\n").contains("twice"));
    assert!(problem("\u{feff}a,b\n1,\"cut off\n").contains("cut off"));
    let table = read("a,b\n1,2\n1\n3,4,5\n6,7\n", |_| Want::Found).unwrap();
    assert_eq!((table.n_rows, table.malformed), (2, Some((2, 3))));
}
