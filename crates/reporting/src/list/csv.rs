//! `contactlist.csv`: the list for machines and simple spreadsheets.

use super::{ContactList, Entry};
use dataset::format_number;

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

/// The list as a CSV file with header. Text that a spreadsheet would take for a formula begins with an
/// apostrophe ([`dataset::formula_safe`]).
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
    let safe = dataset::formula_safe;
    let reason = |place: usize| {
        let reason = entry.reasons.get(place);
        reason.map_or(String::new(), |text| safe(text))
    };
    let money = |amount: Option<f64>| amount.map_or(String::new(), |amount| format!("{amount:.2}"));
    let change = entry.change.map_or("", contacts::Change::name);
    let previous = entry.previous_rank.map(|rank| rank.to_string());
    [
        entry.rank.to_string(),
        safe(&entry.client_id),
        format!("{:.6}", entry.risk),
        entry.contract_value.map_or(String::new(), format_number),
        money(entry.value_at_risk),
        money(entry.expected_value),
        reason(0),
        reason(1),
        reason(2),
        change.to_owned(),
        previous.unwrap_or_default(),
        entry.assigned_to.as_deref().map_or(String::new(), safe),
        entry.group.name().to_owned(),
        safe(&list.model_id),
        list.list_id.clone(),
        list.valid_from.to_string(),
        list.valid_to.to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::tests::list;

    #[test]
    fn the_file_has_the_columns_that_people_rely_on() {
        let text = String::from_utf8(to_csv(&list("Acme, Inc."))).unwrap();
        let expected = "rank,corporation,risk,contract_value,value_at_risk,expected_value,\
            reason_1,reason_2,reason_3,change,previous_rank,assigned_to,group,model_id,list_id,\
            valid_from,valid_to\n\
            1,\"Acme, Inc.\",0.500000,1200,600.00,180.00,activity is 3,'=industry Energy,,\
            up,7,'@Ann,contact,0123456789abcdef,2026-07-01-00000000,2026-07-01,2026-07-08\n\
            2,'-Zoo,0.250000,,,,,,,,,,holdout,0123456789abcdef,2026-07-01-00000000,2026-07-01,\
            2026-07-08\n";
        assert_eq!(text, expected);
    }
}
