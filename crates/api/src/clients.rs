//! Clients given as JSON objects, made into the rows that the one checker knows.

use dataset::{RawTable, Refusal};
use risk_core::schema::{Column, Schema};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Rows to be checked, and what is wrong already.
#[derive(Debug)]
pub struct ClientRows {
    /// The rows; none where no client could be made into one.
    pub raw: Option<RawTable>,
    /// For each row, the position of its client among those given.
    pub positions: Vec<usize>,
    /// What was found wrong before the check, by the position of the client. A client with a row
    /// here may have a row in the table too, so that the check adds its reasons.
    pub rejected: BTreeMap<usize, Vec<String>>,
}

/// Makes a row of each client: the columns of the schema in order, other keys ignored.
///
/// A key that is not there is not taken for a missing value: it may be misspelt. Who does not know
/// a value says so with null.
///
/// # Errors
/// When the rows do not make a table.
pub fn client_rows(clients: &[Value], schema: &Schema) -> Result<ClientRows, Refusal> {
    let mut rows = Vec::new();
    let mut positions = Vec::new();
    let mut rejected = BTreeMap::new();
    for (position, client) in clients.iter().enumerate() {
        let Value::Object(client) = client else {
            let reason = format!("expected an object, found {}", kind_of(client));
            rejected.insert(position, vec![reason]);
            continue;
        };
        let (cells, reasons) = row(client, schema);
        rows.push(cells);
        positions.push(position);
        if !reasons.is_empty() {
            rejected.insert(position, reasons);
        }
    }
    let raw = if rows.is_empty() {
        None
    } else {
        Some(RawTable::new(
            schema.names().map(str::to_owned).collect(),
            rows,
        )?)
    };
    Ok(ClientRows {
        raw,
        positions,
        rejected,
    })
}

fn row(client: &Map<String, Value>, schema: &Schema) -> (Vec<String>, Vec<String>) {
    let mut reasons = Vec::new();
    let cells = schema
        .columns
        .iter()
        .map(|column| {
            cell(client.get(&column.name), column).unwrap_or_else(|reason| {
                reasons.extend(reason);
                String::new()
            })
        })
        .collect();
    (cells, reasons)
}

/// The text of a cell, or why there is none; the check itself says that a required one is missing.
fn cell(value: Option<&Value>, column: &Column) -> Result<String, Option<String>> {
    let name = &column.name;
    match value {
        Some(Value::Null) => Ok(String::new()),
        Some(Value::Bool(flag)) => Ok(flag.to_string()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(Some(format!(
            "{name}: expected a number, a text, true, false or null, found {}",
            kind_of(other)
        ))),
        None if column.required => Err(None),
        None => Err(Some(format!(
            "{name} is not given; give null where it is not known"
        ))),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::schema::{Kind, Role};
    use serde_json::json;

    fn rows(clients: Value) -> ClientRows {
        let schema = Schema::new(vec![
            Column::new("corporation", Role::ClientId, Kind::Category),
            Column::new("activity", Role::Feature, Kind::Numeric),
            Column::new("industry", Role::Feature, Kind::Category),
        ]);
        client_rows(clients.as_array().unwrap(), &schema).unwrap()
    }

    fn cells(rows: &ClientRows) -> Vec<Vec<&str>> {
        let raw = rows.raw.as_ref().unwrap();
        raw.rows
            .iter()
            .map(|row| row.cells.iter().collect())
            .collect()
    }

    #[test]
    fn every_plain_value_becomes_a_cell_and_other_keys_are_ignored() {
        let rows = rows(json!([
            {"industry": "Retail", "activity": 1.5, "corporation": "a", "more": [1]},
            {"corporation": 7, "activity": null, "industry": true},
        ]));
        assert_eq!(cells(&rows), [["a", "1.5", "Retail"], ["7", "", "true"]]);
        assert!(rows.rejected.is_empty());
    }

    #[test]
    fn a_key_that_is_not_there_is_a_reason_and_null_is_none() {
        let rows = rows(json!([{"corporation": "a", "activty": 1, "industry": null}]));
        let reasons = &rows.rejected[&0];
        assert_eq!(
            reasons,
            &["activity is not given; give null where it is not known"]
        );
        assert_eq!(cells(&rows), [["a", "", ""]]);
    }

    #[test]
    fn a_client_that_is_no_object_has_no_row() {
        let rows = rows(json!([1, {"corporation": "a", "activity": {}, "industry": []}]));
        assert_eq!(rows.positions, [1]);
        assert_eq!(rows.rejected[&0], ["expected an object, found a number"]);
        assert_eq!(rows.rejected[&1].len(), 2);
    }

    #[test]
    fn no_clients_make_no_table() {
        assert!(rows(json!([])).raw.is_none());
        assert!(rows(json!([null])).raw.is_none());
    }
}
