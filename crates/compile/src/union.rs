//! The union of accepted files: every sample once.

use crate::frame::{to_frame, to_table};
use anyhow::{Context, Result};
use chrono::NaiveDate;
use dataset::{ColumnData, Table};
use polars::frame::UniqueKeepStrategy;
use risk_core::schema::{Role, Schema};
use std::collections::HashMap;

/// The union of tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Union {
    /// Every sample once, in the order of the rows that won.
    pub table: Table,
    /// For each row, its position among the rows of all tables together.
    pub kept: Vec<usize>,
    /// Rows that said nothing new.
    pub duplicate_rows: u64,
    /// Rows that a later row replaced.
    pub updated_rows: u64,
}

/// Unites tables of one schema, in their order.
///
/// Where samples have dates, client and date are the key: a later row with the same key replaces the
/// earlier one, but a target that is not known does not take the place of one that is, so that
/// labels and snapshots may arrive in any order. Otherwise exact duplicates go, the first stays.
///
/// # Errors
/// When the tables cannot be united.
pub fn unite(schema: &Schema, tables: Vec<Table>) -> Result<Union> {
    let all = Table::concat(schema.clone(), tables);
    if schema.position(Role::ObservedAt).is_some() {
        Ok(by_key(all))
    } else {
        distinct(&all)
    }
}

fn distinct(all: &Table) -> Result<Union> {
    const POSITION: &str = "\u{0}position";
    let cells: Vec<String> = all.schema().names().map(str::to_owned).collect();
    let unique = to_frame(all)?
        .with_row_index(POSITION.into(), None)
        .and_then(|frame| frame.unique_stable(Some(&cells), UniqueKeepStrategy::First, None))
        .context("cannot remove duplicates")?;
    let positions = unique.column(POSITION)?.idx()?.iter().flatten();
    let kept = positions.map(|row| row as usize).collect();
    let table = to_table(&unique, all.schema())?;
    let duplicate_rows = (all.n_rows() - table.n_rows()) as u64;
    Ok(Union {
        table,
        kept,
        duplicate_rows,
        updated_rows: 0,
    })
}

fn by_key(all: Table) -> Union {
    let mut winners: HashMap<(&str, Option<NaiveDate>), usize> = HashMap::new();
    let mut replaced = vec![false; all.n_rows()];
    // The target of each row after the merge; it differs where a known one was kept.
    let mut targets: Vec<Option<bool>> = (0..all.n_rows()).map(|row| all.target(row)).collect();
    let (mut duplicate_rows, mut updated_rows) = (0, 0);
    for row in 0..all.n_rows() {
        let key = (all.client_id(row), all.observed_at(row));
        let Some(winner) = winners.get_mut(&key) else {
            winners.insert(key, row);
            continue;
        };
        let target = targets[row].or(targets[*winner]);
        if target == targets[*winner] && same_but_target(&all, *winner, row) {
            duplicate_rows += 1;
            replaced[row] = true;
        } else {
            updated_rows += 1;
            replaced[*winner] = true;
            targets[row] = target;
            *winner = row;
        }
    }
    let kept: Vec<usize> = (0..all.n_rows()).filter(|row| !replaced[*row]).collect();
    let table = with_targets(&all, targets).select(&kept);
    Union {
        table,
        kept,
        duplicate_rows,
        updated_rows,
    }
}

fn same_but_target(table: &Table, a: usize, b: usize) -> bool {
    let columns = table.schema().columns.iter().zip(table.columns());
    columns
        .into_iter()
        .all(|(column, data)| column.role == Role::Target || data.same(a, b))
}

fn with_targets(table: &Table, targets: Vec<Option<bool>>) -> Table {
    let mut columns = table.columns().to_vec();
    if let Some(position) = table.schema().position(Role::Target) {
        columns[position] = ColumnData::Flag(targets);
    }
    Table::new(table.schema().clone(), columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};
    use risk_core::schema::{Column, Kind};

    fn schema(dated: bool) -> Schema {
        let mut columns = vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("activity", Role::Feature, Kind::Numeric),
            Column::new("exited", Role::Target, Kind::Category),
        ];
        if dated {
            columns.push(Column::new("day", Role::ObservedAt, Kind::Category));
        }
        Schema::new(columns)
    }

    fn table(dated: bool, rows: &str) -> Table {
        let header = if dated {
            "corporation,activity,exited,day"
        } else {
            "corporation,activity,exited"
        };
        let raw = RawTable::from_csv(format!("{header}\n{rows}").into_bytes()).unwrap();
        check(&raw, &schema(dated), false).unwrap().table
    }

    fn rows(union: &Union) -> Vec<String> {
        (0..union.table.n_rows())
            .map(|row| union.table.cells(row).join(","))
            .collect()
    }

    #[test]
    fn without_dates_exact_duplicates_go_and_the_first_stays() {
        let files = vec![
            table(false, "a,7,1\nb,,0\na,8,1\n"),
            table(false, "b,NA,no\na,7.0,yes\nc,1,\n"),
        ];
        let union = unite(&schema(false), files).unwrap();
        assert_eq!(rows(&union), ["a,7,1", "b,,0", "a,8,1", "c,1,"]);
        assert_eq!(union.kept, [0, 1, 2, 5]);
        assert_eq!((union.duplicate_rows, union.updated_rows), (2, 0));
    }

    #[test]
    fn with_dates_a_later_row_corrects_or_supplies() {
        let january = table(true, "a,1,,2026-01-31\nb,2,,2026-01-31\nc,3,,2026-01-31\n");
        let labels = table(
            true,
            "a,1,0,2026-01-31\nb,5,1,2026-01-31\na,9,,2026-02-28\n",
        );
        let union = unite(&schema(true), vec![january, labels]).unwrap();
        assert_eq!(
            rows(&union),
            [
                "c,3,,2026-01-31",
                "a,1,0,2026-01-31",
                "b,5,1,2026-01-31",
                "a,9,,2026-02-28"
            ]
        );
        assert_eq!(union.kept, [2, 3, 4, 5]);
        assert_eq!((union.duplicate_rows, union.updated_rows), (0, 2));
    }

    #[test]
    fn a_missing_target_does_not_erase_a_known_one() {
        let labels = table(true, "a,1,1,2026-01-31\nb,1,0,2026-01-31\n");
        let snapshot = table(true, "a,1,,2026-01-31\nb,2,,2026-01-31\n");
        let union = unite(&schema(true), vec![labels, snapshot]).unwrap();
        assert_eq!(rows(&union), ["a,1,1,2026-01-31", "b,2,0,2026-01-31"]);
        assert_eq!((union.duplicate_rows, union.updated_rows), (1, 1));
    }

    #[test]
    fn a_correction_that_is_taken_back_wins() {
        let versions = "a,1,0,2026-01-31\na,2,0,2026-01-31\na,1,0,2026-01-31\n";
        let union = unite(&schema(true), vec![table(true, versions)]).unwrap();
        assert_eq!(rows(&union), ["a,1,0,2026-01-31"]);
        assert_eq!((union.duplicate_rows, union.updated_rows), (0, 2));
    }
}
