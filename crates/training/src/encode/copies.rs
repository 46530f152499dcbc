//! Features that say the same as one before them: under other numbers (an affine copy, such as cents
//! for euros), under other names of their levels, or both where there are just two values.

use dataset::{ColumnData, Table};
use risk_core::schema::Role;
use std::collections::HashMap;

/// Largest difference of two numbers that are the same on the scale of their column.
const SAME: f64 = 1e-9;

/// What a column says, whatever its unit and the names of its levels.
#[derive(Debug, PartialEq)]
enum Content {
    /// The order of first appearance of each cell, missing ones apart.
    Codes(Vec<Option<u32>>),
    /// Numbers with the first at 0 and the farthest from it at 1.
    Scaled(Vec<f64>),
}

/// The features that are copies: the position of each with that of the first one it is a copy of.
pub(crate) fn copies(table: &Table) -> HashMap<usize, usize> {
    let mut originals: Vec<(usize, Content)> = Vec::new();
    let mut found = HashMap::new();
    for (position, column) in table.schema().columns.iter().enumerate() {
        if column.role != Role::Feature {
            continue;
        }
        let Some(content) = content(table.column(position)) else {
            continue;
        };
        match originals.iter().find(|(_, known)| same(known, &content)) {
            Some((original, _)) => {
                found.insert(position, *original);
            }
            None => originals.push((position, content)),
        }
    }
    found
}

fn content(data: &ColumnData) -> Option<Content> {
    match data {
        ColumnData::Text(cells) => {
            let codes = codes(cells.iter().map(|cell| cell.as_deref()));
            let varies = codes.iter().any(|code| *code != codes[0]);
            varies.then_some(Content::Codes(codes))
        }
        ColumnData::Number(cells) => {
            let bits = |cell: &f64| (!cell.is_nan()).then(|| cell.to_bits());
            let codes = codes(cells.iter().map(bits));
            match codes.iter().flatten().max() {
                None | Some(0) => None,
                Some(1) => Some(Content::Codes(codes)),
                Some(_) => Some(Content::Scaled(scaled(cells)?)),
            }
        }
        ColumnData::Date(_) | ColumnData::Flag(_) => None,
    }
}

fn codes<T: Eq + std::hash::Hash>(cells: impl Iterator<Item = Option<T>>) -> Vec<Option<u32>> {
    let mut known: HashMap<T, u32> = HashMap::new();
    cells
        .map(|cell| {
            let next = known.len() as u32;
            cell.map(|cell| *known.entry(cell).or_insert(next))
        })
        .collect()
}

fn scaled(cells: &[f64]) -> Option<Vec<f64>> {
    let first = *cells.iter().find(|cell| !cell.is_nan())?;
    let farther = |far: f64, cell: &f64| if cell.abs() > far.abs() { *cell } else { far };
    let centred: Vec<f64> = cells.iter().map(|cell| cell - first).collect();
    let far = centred.iter().fold(0.0, farther);
    let is_usable = far != 0.0 && far.is_finite();
    is_usable.then(|| centred.iter().map(|cell| cell / far).collect())
}

fn same(a: &Content, b: &Content) -> bool {
    match (a, b) {
        (Content::Codes(a), Content::Codes(b)) => a == b,
        (Content::Scaled(a), Content::Scaled(b)) => a
            .iter()
            .zip(b)
            .all(|(a, b)| (a - b).abs() <= SAME || (a.is_nan() && b.is_nan())),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::schema::{Column, Kind, Schema};

    fn number(cells: &[f64]) -> ColumnData {
        ColumnData::Number(cells.to_vec())
    }

    fn text(cells: &[&str]) -> ColumnData {
        let cell = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
        ColumnData::Text(cells.iter().map(cell).collect())
    }

    fn found(columns: Vec<ColumnData>) -> Vec<(usize, usize)> {
        let schema = columns.iter().enumerate().map(|(position, data)| {
            let kind = match data {
                ColumnData::Number(_) => Kind::Numeric,
                _ => Kind::Category,
            };
            Column::new(format!("c{position}"), Role::Feature, kind)
        });
        let table = Table::new(Schema::new(schema.collect()), columns);
        let mut found: Vec<(usize, usize)> = copies(&table).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn numbers_in_another_unit_are_copies() {
        let celsius = [-3.7, 10.1, f64::NAN, 25.9, 11.3];
        let fahrenheit = celsius.map(|degrees| 32.0 - 1.8 * degrees);
        assert_eq!(found(vec![number(&celsius), number(&fahrenheit)]), [(1, 0)]);
    }

    #[test]
    fn levels_under_other_names_are_copies_also_of_two_numbers() {
        let columns = vec![
            text(&["M", "F", "", "F", "M"]),
            text(&["male", "female", "", "female", "male"]),
            number(&[7.0, -1.0, f64::NAN, -1.0, 7.0]),
        ];
        assert_eq!(found(columns), [(1, 0), (2, 0)]);
    }

    #[test]
    fn what_differs_in_one_cell_is_no_copy() {
        let columns = vec![
            number(&[1.0, 2.0, 4.0]),
            number(&[1.0, 2.0, 4.001]),
            number(&[1.0, 2.0, f64::NAN]),
            number(&[1.0, 4.0, 16.0]),
            text(&["1", "2", "4"]),
            text(&["1", "2", "2"]),
            text(&["2", "", "2"]),
        ];
        assert_eq!(found(columns), []);
    }

    #[test]
    fn columns_that_do_not_vary_are_not_taken_for_copies_of_each_other() {
        let none = [f64::NAN; 3];
        assert_eq!(found(vec![number(&none), number(&none)]), []);
        assert_eq!(found(vec![number(&[1.0; 3]), number(&[2.0; 3])]), []);
        assert_eq!(found(vec![text(&["a"; 3]), text(&["b"; 3])]), []);
    }
}
