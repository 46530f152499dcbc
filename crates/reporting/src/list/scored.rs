//! The book with its risks and the reasons for them.

use anyhow::Result;
use chrono::NaiveDate;
use contacts::{Cell, Peers, reasons};
use dataset::{ModelInput, Table};
use risk_core::model::{Feature, Model, Value};

/// A client of the book with its risk.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredClient {
    /// The id.
    pub client_id: String,
    /// The probability of leaving, 0 to 1.
    pub risk: f64,
    /// The log-odds of the model.
    pub score: f64,
    /// What each feature adds to them.
    pub contributions: Vec<f64>,
    /// The yearly value of its contract, in money, where known.
    pub contract_value: Option<f64>,
    /// Who looks after it, where clients are assigned.
    pub assigned_to: Option<String>,
    /// The date of its row, where rows have dates.
    pub observed_at: Option<NaiveDate>,
    /// Why the risk is above that of its typical peer, the strongest reason first.
    pub reasons: Vec<String>,
}

/// The book with its risks, a client for each row of its table.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredBook {
    /// The clients, in the order of the rows.
    pub clients: Vec<ScoredClient>,
}

/// The columns that say more about a client than the model reads.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'c> {
    /// The column with the value of the contract.
    pub contract_value: Option<&'c str>,
    /// The column that says who looks after a client.
    pub assign_by: Option<&'c str>,
}

impl ScoredBook {
    /// Scores every row of a table.
    ///
    /// # Errors
    /// When the table has no column for a feature of the model.
    pub fn new(model: &Model, table: &Table, columns: Columns<'_>) -> Result<Self> {
        let input = ModelInput::new(model, table.schema())?;
        let values: Vec<Vec<Value<'_>>> = (0..table.n_rows())
            .map(|row| input.values(table, row))
            .collect();
        let contributions: Vec<Vec<f64>> = values
            .iter()
            .map(|values| model.contributions(values))
            .collect();
        let names: Vec<&str> = model.features.iter().map(Feature::name).collect();
        let cells: Vec<Vec<Cell<'_>>> = values.iter().map(|values| cells(values)).collect();
        let peers = Peers::of(&names, &cells);
        let typical = typical(model, &peers, &contributions);
        let position = |name: Option<&str>| name.and_then(|name| table.schema().position_of(name));
        let contract_value = position(columns.contract_value);
        let assign_by = position(columns.assign_by);
        let client = |(row, contributions): (usize, Vec<f64>)| {
            let (values, cells) = (&values[row], &cells[row]);
            let typical = &typical[peers.group_of(cells)];
            let reasons = reasons(&peers, cells, &contributions, typical);
            ScoredClient {
                client_id: table.client_id(row).to_owned(),
                risk: model.risk(values),
                score: model.log_odds(values),
                contributions,
                contract_value: contract_value.and_then(|column| table.number(column, row)),
                assigned_to: assign_by.and_then(|column| assigned(table, column, row)),
                observed_at: table.observed_at(row),
                reasons: reasons.into_iter().map(|reason| reason.text).collect(),
            }
        };
        let clients = (0..table.n_rows()).zip(contributions).map(client).collect();
        Ok(Self { clients })
    }
}

fn assigned(table: &Table, column: usize, row: usize) -> Option<String> {
    let cell = table.column(column).cell(row);
    let cell = cell.trim();
    (!cell.is_empty()).then(|| cell.to_owned())
}

fn cells<'a>(values: &[Value<'a>]) -> Vec<Cell<'a>> {
    values
        .iter()
        .map(|value| match value {
            Value::Number(number) => Cell::Number(*number),
            Value::Text(text) => Cell::Text(text),
            Value::Missing => Cell::Missing,
        })
        .collect()
}

/// What each feature adds to the log-odds of the typical client of each group: at the usual number,
/// and for a category on average over the book.
fn typical(model: &Model, peers: &Peers, contributions: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = contributions.len().max(1) as f64;
    let mean =
        |feature: usize| -> f64 { contributions.iter().map(|row| row[feature]).sum::<f64>() / n };
    (0..peers.n_groups())
        .map(|group| {
            let usual = peers.typical(group);
            let values: Vec<Value<'_>> = usual
                .iter()
                .map(|number| number.map_or(Value::Missing, Value::Number))
                .collect();
            let mut typical = model.contributions(&values);
            for (feature, added) in typical.iter_mut().enumerate() {
                if usual.get(feature).copied().flatten().is_none() {
                    *added = mean(feature);
                }
            }
            typical
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::{RawTable, check};

    #[test]
    fn the_reasons_of_a_client_are_those_of_its_contributions() {
        let model = crate::testing::model();
        let text = "corporation,lastmonth_activity,industry,value,manager\n\
                    a,3,Energy,10,Ann\nb,100,Retail,,\nc,100,Retail,5,\n";
        let mut schema = model.schema(false);
        for (name, kind) in [
            ("value", risk_core::schema::Kind::Numeric),
            ("manager", risk_core::schema::Kind::Category),
        ] {
            schema.columns.push(risk_core::schema::Column::new(
                name,
                risk_core::schema::Role::Carried,
                kind,
            ));
        }
        let raw = RawTable::from_csv(text.as_bytes().to_vec()).unwrap();
        let table = check(&raw, &schema, true).unwrap().table;
        let columns = Columns {
            contract_value: Some("value"),
            assign_by: Some("manager"),
        };
        let book = ScoredBook::new(&model, &table, columns).unwrap();
        let first = &book.clients[0];
        assert_eq!(
            first.reasons,
            [
                "activity last month is 97 % below what is usual among all clients (3 against 100)",
                "industry is Energy"
            ]
        );
        assert_eq!(first.contract_value, Some(10.0));
        assert_eq!(first.assigned_to.as_deref(), Some("Ann"));
        assert!(book.clients[1].reasons.is_empty());
        assert_eq!(book.clients[1].assigned_to, None);
        let sum: f64 = first.contributions.iter().sum();
        assert!((model.intercept_standardised + sum - first.score).abs() < 1e-12);
    }

    #[test]
    fn an_effect_that_turns_gives_reasons_on_both_sides_and_none_in_the_middle() {
        let mut model = crate::testing::model();
        let Feature::Numeric(activity) = &mut model.features[0] else {
            panic!("the first feature is a number");
        };
        // 0 at 0, -1.75 at 50, -0.5 at 100.
        let term = |coefficient| risk_core::model::Term {
            mean: 0.0,
            standard_deviation: 1.0,
            coefficient,
            standardised_coefficient: coefficient,
        };
        activity.term = term(-0.05);
        activity.bends = vec![term(0.06)];
        activity.spline = Some(risk_core::model::Spline {
            log_scale: None,
            knots: vec![0.0, 50.0, 100.0],
        });
        let text = "corporation,lastmonth_activity,industry\n\
                    low,5,Retail\nmiddle,50,Retail\nhigh,100,Retail\n";
        let raw = RawTable::from_csv(text.as_bytes().to_vec()).unwrap();
        let table = check(&raw, &model.schema(false), true).unwrap().table;
        let columns = Columns {
            contract_value: None,
            assign_by: None,
        };
        let book = ScoredBook::new(&model, &table, columns).unwrap();
        let reasons: Vec<&[String]> = book.clients.iter().map(|c| c.reasons.as_slice()).collect();
        assert_eq!(
            reasons[0],
            ["activity last month is 90 % below what is usual among all clients (5 against 50)"]
        );
        assert!(reasons[1].is_empty());
        assert_eq!(
            reasons[2],
            ["activity last month is 2 times what is usual among all clients (100 against 50)"]
        );
    }
}
