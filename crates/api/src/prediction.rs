//! The risk of clients under the current release.

use crate::clients::client_rows;
use crate::keep::{self, Kept};
use crate::problem::Problem;
use crate::state::Service;
use axum::http::StatusCode;
use dataset::{Checked, ModelInput, RawTable, check};
use risk_core::model::Model;
use risk_core::release::Release;
use risk_core::schema::Schema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// What was sent.
#[derive(Debug)]
pub enum Body {
    /// A JSON object that names a dataset or lists clients.
    Json(Vec<u8>),
    /// The dataset itself.
    Csv(Vec<u8>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    dataset_path: Option<String>,
    clients: Option<Vec<Value>>,
}

/// The answer.
#[derive(Debug, PartialEq, Serialize)]
pub struct Answer {
    model_id: String,
    release: String,
    predictions: Vec<Prediction>,
    rejected: Vec<Rejected>,
    /// How many of the predictions are kept in the history; only where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<u64>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Prediction {
    corporation: String,
    /// Probability of leaving, 0 to 1.
    risk: f64,
    /// 1 where the risk reaches the threshold of the model.
    exited: u8,
}

#[derive(Debug, PartialEq, Serialize)]
struct Rejected {
    /// Position among the rows or clients given, counted from 0.
    index: usize,
    reasons: Vec<String>,
}

/// What became of the rows.
#[derive(Debug, Default)]
struct Judged {
    predictions: Vec<Prediction>,
    /// The reasons by the position among the rows or clients given.
    rejected: BTreeMap<usize, Vec<String>>,
    /// The predictions once more, where they are to be kept.
    kept: Vec<Kept>,
}

/// How rows are judged.
struct Judge<'m> {
    model: &'m Model,
    schema: Schema,
    keeps: bool,
}

/// Predicts for every row or client that the check accepts, and keeps the predictions where `record`
/// says so.
///
/// # Errors
/// What the request cannot be answered for; 503 without a release, and where predictions cannot be kept.
pub fn predict(service: &Service, body: Body, record: bool) -> Result<Answer, Problem> {
    let release = service.release()?;
    let judge = Judge::new(service, &release.model, record);
    let judged = match body {
        Body::Csv(bytes) => judge.csv(bytes, "the body")?,
        Body::Json(bytes) => match parse(&bytes)? {
            Question::Dataset(named) => judge.file(service, &named)?,
            Question::Clients(clients) => judge.clients(&clients)?,
        },
    };
    let recorded = if record {
        Some(keep::keep(service, &release, &judged.kept)?)
    } else {
        None
    };
    Ok(answer(&release, judged, recorded))
}

/// What the JSON asks for.
enum Question {
    Dataset(String),
    Clients(Vec<Value>),
}

fn parse(bytes: &[u8]) -> Result<Question, Problem> {
    let request: Request = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            Problem::unprocessable(format!("the body is not {FORM}: {error}"))
        } else {
            let detail = format!("the body is not valid JSON: {error}");
            Problem::new(StatusCode::BAD_REQUEST, detail)
        }
    })?;
    match (request.dataset_path, request.clients) {
        (Some(named), None) => Ok(Question::Dataset(named)),
        (None, Some(clients)) => Ok(Question::Clients(clients)),
        _ => Err(Problem::unprocessable(
            "give exactly one of dataset_path and clients",
        )),
    }
}

const FORM: &str = r#"{"dataset_path": "FILE"} or {"clients": [{"COLUMN": VALUE, …}, …]}"#;

impl<'m> Judge<'m> {
    fn new(service: &Service, model: &'m Model, keeps: bool) -> Self {
        let schema = if keeps {
            keep::schema(service, model)
        } else {
            model.schema(false)
        };
        Self {
            model,
            schema,
            keeps,
        }
    }

    fn file(&self, service: &Service, named: &str) -> Result<Judged, Problem> {
        let path = service.data_folders.resolve(named)?;
        let bytes = fs::read(&path).map_err(|error| {
            Problem::internal(&format!("cannot read {}: {error}", path.display()))
        })?;
        self.csv(bytes, named)
    }

    fn csv(&self, bytes: Vec<u8>, named: &str) -> Result<Judged, Problem> {
        let checked = RawTable::from_csv(bytes)
            .and_then(|raw| check(&raw, &self.schema, true))
            .map_err(|refusal| {
                Problem::unprocessable(format!("{named} cannot be used: {refusal}"))
            })?;
        let n_rows = checked.accepted.len() + checked.rejected.len();
        let positions: Vec<usize> = (0..n_rows).collect();
        self.judge(checked, &positions, BTreeMap::new())
    }

    fn clients(&self, clients: &[Value]) -> Result<Judged, Problem> {
        let unusable =
            |refusal| Problem::unprocessable(format!("the clients cannot be used: {refusal}"));
        let rows = client_rows(clients, &self.schema).map_err(unusable)?;
        let Some(raw) = rows.raw else {
            return Ok(Judged {
                rejected: rows.rejected,
                ..Judged::default()
            });
        };
        let checked = check(&raw, &self.schema, true).map_err(unusable)?;
        self.judge(checked, &rows.positions, rows.rejected)
    }

    /// Applies the model to the accepted rows; `positions` says where each row of the table stood among
    /// those given, `rejected` what was wrong before the check.
    fn judge(
        &self,
        checked: Checked,
        positions: &[usize],
        mut rejected: BTreeMap<usize, Vec<String>>,
    ) -> Result<Judged, Problem> {
        let (table, accepted, model) = (&checked.table, &checked.accepted, self.model);
        let input =
            ModelInput::new(model, table.schema()).map_err(|error| Problem::internal(&error))?;
        // Both lists are in the order of the rows.
        let refused = (0..positions.len()).filter(|index| accepted.binary_search(index).is_err());
        for (index, row) in refused.zip(checked.rejected) {
            let reasons = rejected.entry(positions[index]).or_default();
            reasons.extend(row.reasons);
        }
        let (mut predictions, mut kept) = (Vec::new(), Vec::new());
        for (row, risk) in input.risks(table).into_iter().enumerate() {
            let position = positions[accepted[row]];
            if rejected.contains_key(&position) {
                continue;
            }
            if !risk.is_finite() {
                let reason = "its numbers are too large for a risk";
                rejected.insert(position, vec![reason.into()]);
                continue;
            }
            predictions.push(Prediction {
                corporation: table.client_id(row).to_owned(),
                risk,
                exited: model.predicts_exit(risk).into(),
            });
            if self.keeps {
                kept.push(Kept::of(model, &input, table, row));
            }
        }
        Ok(Judged {
            predictions,
            rejected,
            kept,
        })
    }
}

fn answer(release: &Release, judged: Judged, recorded: Option<u64>) -> Answer {
    let rejected = judged.rejected.into_iter();
    Answer {
        model_id: release.model.model_id.clone(),
        release: release.id().to_owned(),
        predictions: judged.predictions,
        rejected: rejected
            .map(|(index, reasons)| Rejected { index, reasons })
            .collect(),
        recorded,
    }
}
