//! Features that the model does not use, and why.

use crate::encode::{RARE_BELOW, copies};
use dataset::{ColumnData, Table};
use risk_core::model::Model;
use risk_core::schema::Role;
use std::collections::HashMap;

/// The features of a table that a model does not use, each with the reason.
pub(crate) fn left_out(model: &Model, table: &Table) -> Vec<(String, String)> {
    let is_used = |name: &str| model.features.iter().any(|used| used.name() == name);
    let columns = &table.schema().columns;
    let copies = copies(table);
    (0..columns.len())
        .filter(|position| columns[*position].role == Role::Feature)
        .filter(|position| !is_used(&columns[*position].name))
        .map(|position| {
            let reason = match copies.get(&position) {
                Some(original) => format!("it says the same as {}", columns[*original].name),
                None => why(table.column(position)),
            };
            (columns[position].name.clone(), reason)
        })
        .collect()
}

/// Why a feature that is no copy varies in no way that a model could use.
fn why(data: &ColumnData) -> String {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for row in 0..data.len() {
        *counts.entry(data.cell(row)).or_default() += 1;
    }
    let n_missing = counts.remove("").unwrap_or(0);
    if n_missing == data.len() {
        return "it has no value in any training sample".into();
    }
    let is_category = matches!(data, ColumnData::Text(_));
    if is_category && counts.len() > 1 && counts.values().all(|count| *count < RARE_BELOW) {
        return format!(
            "none of its {} levels has {RARE_BELOW} training samples",
            counts.len()
        );
    }
    "it is the same for every training sample".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cells: &[&str]) -> ColumnData {
        let cell = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
        ColumnData::Text(cells.iter().map(cell).collect())
    }

    #[test]
    fn a_feature_that_cannot_be_used_says_why() {
        for (data, reason) in [
            (texts(&["", ""]), "no value in any"),
            (ColumnData::Number(vec![f64::NAN; 2]), "no value in any"),
            (texts(&["a", "a"]), "the same for every"),
            (
                ColumnData::Number(vec![1.0, 1.0, f64::NAN]),
                "the same for every",
            ),
            (texts(&["a", "b", "c"]), "none of its 3 levels has 10"),
        ] {
            assert!(why(&data).contains(reason), "{data:?}: {}", why(&data));
        }
    }
}
