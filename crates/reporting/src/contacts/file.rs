//! `contactlist.csv`: how a list is written, and how the one before is read.

use super::{Change, ContactList, Entry};
use dataset::format_number;
use std::collections::HashMap;

const HEADER: [&str; 17] = [
    "rank",
    "corporation",
    "risk",
    "contract_value",
    "value_at_risk",
    "expected_value",
    "reason_1",
    "reason_2",
    "reason_3",
    "change",
    "previous_rank",
    "assigned_to",
    "group",
    "model_id",
    "list_id",
    "valid_from",
    "valid_to",
];
/// Everybody on the list is to be contacted.
const GROUP: &str = "contact";
/// With what a cell begins that spreadsheets take for a formula, the wide forms included.
const FORMULA_STARTS: [char; 11] = [
    '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// The list as a CSV file with header.
#[must_use]
pub fn to_csv(list: &ContactList) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and every record has as many cells as the header.
    let _ = writer.write_record(HEADER);
    for entry in &list.entries {
        let _ = writer.write_record(record(list, entry));
    }
    writer.into_inner().unwrap_or_default()
}

fn record(list: &ContactList, entry: &Entry) -> [String; 17] {
    let reason = |place: usize| {
        entry
            .reasons
            .get(place)
            .map_or(String::new(), |text| safe(text))
    };
    let change = entry
        .change
        .map_or(String::new(), |change| change.name().into());
    [
        entry.rank.to_string(),
        safe(&entry.client_id),
        format!("{:.6}", entry.risk),
        entry.contract_value.map_or(String::new(), format_number),
        (entry.value_at_risk).map_or(String::new(), |value| format!("{value:.2}")),
        String::new(),
        reason(0),
        reason(1),
        reason(2),
        change,
        entry
            .previous_rank
            .map_or(String::new(), |rank| rank.to_string()),
        String::new(),
        GROUP.into(),
        safe(&list.model_id),
        list.list_id.clone(),
        list.valid_from.to_string(),
        list.valid_to.to_string(),
    ]
}

/// Text that no spreadsheet takes for a formula: a leading apostrophe where it would. Text that
/// already has one before a formula gets another, so that two texts never become the same.
fn safe(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(FORMULA_STARTS) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What the list before says about its clients.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreviousList {
    pub(super) list_id: String,
    entries: HashMap<String, PreviousEntry>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct PreviousEntry {
    pub(super) rank: u64,
    pub(super) change: Option<Change>,
    pub(super) previous_rank: Option<u64>,
}

impl PreviousList {
    pub(super) fn entry(&self, client_id: &str) -> Option<&PreviousEntry> {
        self.entries.get(&safe(client_id))
    }
}

/// Why a list cannot be read.
#[derive(Debug)]
pub struct FileError(String);

impl std::fmt::Display for FileError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

/// Reads what [`to_csv`] wrote.
///
/// # Errors
/// When it is no list: other columns, or a rank that is no number.
pub fn parse(bytes: &[u8]) -> Result<PreviousList, FileError> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|error| FileError(error.to_string()))?;
    if header != HEADER.as_slice() {
        return Err(FileError(
            "its columns are not those of a contact list".into(),
        ));
    }
    let mut list = PreviousList::default();
    for row in reader.records() {
        let row = row.map_err(|error| FileError(error.to_string()))?;
        row[14].clone_into(&mut list.list_id);
        let entry = PreviousEntry {
            rank: number(&row[0])?,
            change: Change::parse(&row[9]),
            previous_rank: match &row[10] {
                "" => None,
                text => Some(number(text)?),
            },
        };
        list.entries.insert(row[1].to_owned(), entry);
    }
    Ok(list)
}

fn number(text: &str) -> Result<u64, FileError> {
    text.parse()
        .map_err(|_| FileError("a rank is no number".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn list(client_id: &str) -> ContactList {
        let day = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let entry = Entry {
            rank: 1,
            client_id: client_id.into(),
            risk: 0.5,
            contract_value: Some(-1200.0),
            value_at_risk: Some(-600.0),
            reasons: vec!["activity 3 (typical 73)".into(), "=industry Energy".into()],
            change: Some(Change::Up),
            previous_rank: Some(7),
        };
        ContactList {
            list_id: "2026-07-01-00000000".into(),
            model_id: "0123456789abcdef".into(),
            valid_from: day,
            valid_to: day,
            entries: vec![entry],
        }
    }

    #[test]
    fn the_file_has_the_columns_that_people_rely_on() {
        let text = String::from_utf8(to_csv(&list("Acme, Inc."))).unwrap();
        let expected = "rank,corporation,risk,contract_value,value_at_risk,expected_value,\
            reason_1,reason_2,reason_3,change,previous_rank,assigned_to,group,model_id,list_id,\
            valid_from,valid_to\n\
            1,\"Acme, Inc.\",0.500000,-1200,-600.00,,activity 3 (typical 73),'=industry Energy,,\
            up,7,,contact,0123456789abcdef,2026-07-01-00000000,2026-07-01,2026-07-01\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn no_text_becomes_a_formula() {
        for (text, expected) in [
            ("Acme", "Acme"),
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-5", "'-5"),
            ("@cmd", "'@cmd"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=1", "''=1"),
            ("'quoted'", "'quoted'"),
            ("", ""),
        ] {
            assert_eq!(safe(text), expected);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for client_id in ["a", "=a", "'=a", "a \"b\"\n,c"] {
            let previous = parse(&to_csv(&list(client_id))).unwrap();
            assert_eq!(previous.list_id, "2026-07-01-00000000");
            let expected = PreviousEntry {
                rank: 1,
                change: Some(Change::Up),
                previous_rank: Some(7),
            };
            assert_eq!(previous.entry(client_id), Some(&expected));
        }
    }

    #[test]
    fn another_file_is_no_list() {
        assert!(parse(b"name,risk\na,1\n").is_err());
        let text = String::from_utf8(to_csv(&list("a"))).unwrap();
        assert!(parse(text.replace("\n1,", "\nfirst,").as_bytes()).is_err());
    }
}
