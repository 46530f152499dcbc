//! Samples that tell of the same event: those of a client whose label windows overlap.

use dataset::Table;
use std::collections::HashMap;

/// For each row, how many rows of its client, itself included, have a label window that overlaps with
/// its own and begins no later: 1 where samples have no dates or labels no horizon.
///
/// Only earlier rows count, so that what a row weighs does not depend on what happened after it.
#[must_use]
pub fn overlapping(table: &Table, horizon_days: Option<u32>) -> Vec<u32> {
    let Some(horizon) = horizon_days else {
        return vec![1; table.n_rows()];
    };
    let mut dates: HashMap<&str, Vec<_>> = HashMap::new();
    for row in 0..table.n_rows() {
        if let Some(date) = table.observed_at(row) {
            dates.entry(table.client_id(row)).or_default().push(date);
        }
    }
    let count = |row: usize| {
        let (date, of_client) = (table.observed_at(row)?, dates.get(table.client_id(row))?);
        let ages = of_client
            .iter()
            .map(|other| date.signed_duration_since(*other).num_days());
        let overlapping = ages.filter(|age| (0..i64::from(horizon)).contains(age));
        u32::try_from(overlapping.count()).ok()
    };
    (0..table.n_rows())
        .map(|row| count(row).unwrap_or(1).max(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};
    use risk_core::schema::{Column, Kind, Role, Schema};

    #[test]
    fn only_earlier_rows_of_the_same_client_overlap() {
        let schema = Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("observed_at", Role::ObservedAt, Kind::Category),
            Column::new("exited", Role::Target, Kind::Category),
        ]);
        let text = "corporation,observed_at,exited\n\
                    a,2026-01-31,0\na,2026-02-28,0\na,2026-03-31,0\na,2026-04-30,1\nb,2026-04-30,0\n\
                    a,2026-08-31,0\n";
        let raw = RawTable::from_csv(text.as_bytes().to_vec()).unwrap();
        let table = check(&raw, &schema, false).unwrap().table;
        assert_eq!(overlapping(&table, Some(90)), [1, 2, 3, 4, 1, 1]);
        assert_eq!(overlapping(&table, Some(30)), [1, 2, 1, 1, 1, 1]);
        assert_eq!(overlapping(&table, None), [1; 6]);
    }
}
