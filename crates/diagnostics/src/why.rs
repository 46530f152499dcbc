//! Why the score of a client moved between two days: its own data, another model, the other clients.

use crate::text::{self, Align};
use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use contacts::{Places, RankChange, ScoreChange};
use dataset::{KeptCells, Labels, ModelInput, Table, book, format_number};
use risk_core::history::{BookMember, BookThen, History, PredictionThen};
use risk_core::model::{Model, Value};
use risk_core::{Failure, Run};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

/// How far a risk that is computed again may be from the published one.
const SAME: f64 = 1e-9;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The client.
    pub client: String,
    /// The first day: what was published last until its end counts.
    pub from: NaiveDate,
    /// The second day.
    pub to: NaiveDate,
}

/// Why a score moved. The parts add up to the whole: those of the log-odds and of the risk to the
/// difference of what was published, those of the place to the difference of the places.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The client.
    pub client: String,
    /// What was published at the first day.
    pub from: Side,
    /// What was published at the second day.
    pub to: Side,
    /// Parts of the change of the log-odds. The other clients have no part in it.
    pub log_odds: ScoreChange,
    /// Parts of the change of the risk.
    pub risk: ScoreChange,
    /// Parts of the change of the place among all clients of the book, by risk; none where a row of
    /// another client is no longer there.
    pub place: Option<RankChange>,
    /// The part of the client's own data in the log-odds, by feature, the largest first; none where
    /// the old row is no longer there.
    pub features: Option<Vec<FeatureChange>>,
}

/// What was published about the client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// When.
    pub published_at: String,
    /// The model that said it.
    pub model_id: String,
    /// The date of the row, where rows have dates.
    pub observed_at: Option<String>,
    /// The probability to leave.
    pub risk: f64,
    /// The log-odds.
    pub log_odds: f64,
    /// Its place among all clients of the book, by risk.
    pub place: u64,
    /// How many clients the book had.
    pub n_clients: u64,
}

/// What one feature did under the old model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureChange {
    /// The feature.
    pub feature: String,
    /// What it was; none where missing.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
    /// What that added to the log-odds.
    pub log_odds: f64,
}

/// A published book with what is needed to work with it.
struct Published {
    book: BookThen,
    members: Vec<BookMember>,
    /// The features behind its predictions, by client; none where they were not kept yet.
    kept: HashMap<String, KeptCells>,
    said: PredictionThen,
    model: Model,
}

impl Published {
    fn read(history: &History, folder: &str, client: &str, day: NaiveDate) -> Result<Self> {
        let missing = |what: String| anyhow::Error::new(Failure::InputMissing(what));
        let book = history.book_as_of(folder, day)?.ok_or_else(|| {
            missing(format!(
                "nothing was published until {day}; give a later day"
            ))
        })?;
        let published_at = &book.published_at;
        let said = history.prediction_in(&book, client)?.ok_or_else(|| {
            missing(format!(
                "client {client} was not in the book of {published_at}, the newest one at {day}"
            ))
        })?;
        let model = history.model(&book.model_id)?.ok_or_else(|| {
            missing(format!(
                "the history no longer has the model {} of {published_at}",
                book.model_id
            ))
        })?;
        let members = history.members_of(&book)?;
        let kept = members.iter().filter_map(|member| {
            let cells = KeptCells::parse(member.cells.as_ref()?);
            Some(cells.map(|cells| (member.client.clone(), cells)))
        });
        Ok(Self {
            kept: kept.collect::<Result<_>>()?,
            members,
            book,
            said,
            model,
        })
    }

    fn places(&self) -> Places<'_> {
        let members = self.members.iter();
        Places::new(members.map(|member| (member.client.as_str(), member.risk)))
    }

    fn side(&self, client: &str) -> Side {
        Side {
            published_at: self.book.published_at.clone(),
            model_id: self.book.model_id.clone(),
            observed_at: self.said.observed_at.clone(),
            risk: self.said.risk,
            log_odds: self.said.score,
            place: self.places().of(client, self.said.risk),
            n_clients: self.book.n_clients,
        }
    }
}

/// The rows of the compiled data, by client and, where rows have dates, by date.
struct Rows<'t> {
    table: &'t Table,
    by_key: HashMap<(String, Option<String>), usize>,
}

impl<'t> Rows<'t> {
    fn new(run: &Run, table: &'t Table) -> Self {
        let is_dated = (0..table.n_rows()).any(|row| table.observed_at(row).is_some());
        let rows: Vec<usize> = if is_dated {
            (0..table.n_rows()).collect()
        } else {
            book(table, &Labels::new(&run.config, run.now)).rows
        };
        let key = |row: usize| {
            let date = table.observed_at(row).map(|date| date.to_string());
            (table.client_id(row).to_owned(), date)
        };
        let by_key = rows.into_iter().map(|row| (key(row), row)).collect();
        Self { table, by_key }
    }

    fn find(&self, client: &str, observed_at: Option<&String>) -> Option<usize> {
        let key = (client.to_owned(), observed_at.cloned());
        self.by_key.get(&key).copied()
    }
}

/// Answers the question from the history and the compiled data.
///
/// # Errors
/// [`Failure::InputMissing`] where nothing was published, the client was not in the book, or the values
/// behind what was published are known no more; else when something cannot be read.
pub fn explain(run: &Run, question: &Question) -> Result<Why> {
    if question.from > question.to {
        bail!(Failure::Usage(format!(
            "--from {} is after --to {}",
            question.from, question.to
        )));
    }
    let history = History::open_to_read(&run.layout.history())?.ok_or_else(|| {
        Failure::InputMissing("there is no history yet; run fullprocess or reporting".into())
    })?;
    let folder = run.layout.model();
    let folder = folder.strip_prefix(&run.config.folder).unwrap_or(folder);
    let (folder, client) = (folder.display().to_string(), question.client.as_str());
    let before = Published::read(&history, &folder, client, question.from)?;
    let after = Published::read(&history, &folder, client, question.to)?;
    let (_, table) = dataset::read_compiled(&run.layout)?;
    compare(client, &before, &after, &Rows::new(run, &table))
}

fn compare(client: &str, before: &Published, after: &Published, rows: &Rows<'_>) -> Result<Why> {
    let old_model = &before.model;
    // Needed only where the features were not kept.
    let input = ModelInput::new(old_model, rows.table.schema()).ok();
    let values = values_behind(client, after, old_model, rows)?;
    let (log_odds, risk) = (old_model.log_odds(&values), old_model.risk(&values));
    let between: Option<Vec<(&str, f64)>> = after
        .members
        .iter()
        .map(|member| {
            let kept = after.kept.get(&member.client);
            let values = kept.and_then(|kept| kept.values(old_model)).or_else(|| {
                let row = rows.find(&member.client, member.observed_at.as_ref())?;
                Some(input.as_ref()?.values(rows.table, row))
            })?;
            Some((member.client.as_str(), old_model.risk(&values)))
        })
        .collect();
    let risks = [before.said.risk, risk, after.said.risk];
    let place = between.map(|between| {
        let (places, between) = ([before.places(), after.places()], Places::new(between));
        RankChange::new(client, risks, &places[0], &between, &places[1])
    });
    Ok(Why {
        client: client.to_owned(),
        from: before.side(client),
        to: after.side(client),
        log_odds: ScoreChange::new(before.said.score, log_odds, after.said.score),
        risk: ScoreChange::new(risks[0], risks[1], risks[2]),
        place,
        features: values_behind(client, before, old_model, rows)
            .ok()
            .map(|old| features(old_model, &old, &values)),
    })
}

/// The features behind what was published about the client, in the order of a model: as they were kept,
/// or, where they were not yet, those of the row of the compiled data that still gives the published
/// risk.
fn values_behind<'a>(
    client: &str,
    published: &'a Published,
    model: &Model,
    rows: &'a Rows<'_>,
) -> Result<Vec<Value<'a>>> {
    let kept = published.kept.get(client);
    if let Some(values) = kept.and_then(|kept| kept.values(model)) {
        return Ok(values);
    }
    let row = row_behind(client, published, rows)?;
    let input = ModelInput::new(model, rows.table.schema())
        .context("the model of the first day needs columns that the data does not have")?;
    Ok(input.values(rows.table, row))
}

/// The row that a published risk came from: the same model must give the same risk for it.
fn row_behind(client: &str, published: &Published, rows: &Rows<'_>) -> Result<usize> {
    let gone = || {
        Failure::InputMissing(format!(
            "the row of client {client} behind what was published at {} was not kept with it, as it is \
             by newer versions, and is no longer in the compiled data, or was corrected since, so that \
             the change cannot be split exactly",
            published.book.published_at
        ))
    };
    let row = rows
        .find(client, published.said.observed_at.as_ref())
        .ok_or_else(gone)?;
    let input = ModelInput::new(&published.model, rows.table.schema())?;
    let risk = published.model.risk(&input.values(rows.table, row));
    if (risk - published.said.risk).abs() > SAME {
        return Err(gone().into());
    }
    Ok(row)
}

fn features(model: &Model, old: &[Value<'_>], new: &[Value<'_>]) -> Vec<FeatureChange> {
    let (before, after) = (model.contributions(old), model.contributions(new));
    let mut changes: Vec<FeatureChange> = model
        .features
        .iter()
        .enumerate()
        .map(|(place, feature)| FeatureChange {
            feature: feature.name().to_owned(),
            from: cell(old[place]),
            to: cell(new[place]),
            log_odds: after[place] - before[place],
        })
        .collect();
    changes.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    changes
}

fn cell(value: Value<'_>) -> Option<String> {
    match value {
        Value::Number(number) => Some(format_number(number)),
        Value::Text(text) => Some(text.to_owned()),
        Value::Missing => None,
    }
}

impl Display for Why {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (from, to) = (&self.from, &self.to);
        writeln!(
            f,
            "{}: risk {:.4} ({}, model {}), then {:.4} ({}, model {})\n",
            self.client,
            from.risk,
            from.published_at,
            from.model_id,
            to.risk,
            to.published_at,
            to.model_id
        )?;
        writeln!(f, "{}", self.parts())?;
        if let Some(features) = &self.features {
            writeln!(f, "{}", feature_table(features))?;
        }
        writeln!(
            f,
            "Places are by risk, 1 is the highest: {} of {}, then {} of {}. A client's own data and \
             another model change its score; the other clients change only its place.",
            from.place, from.n_clients, to.place, to.n_clients
        )
    }
}

impl Why {
    fn parts(&self) -> String {
        const COLUMNS: [(&str, Align); 4] = [
            ("because of", Align::Left),
            ("log-odds", Align::Right),
            ("risk", Align::Right),
            ("places", Align::Right),
        ];
        let place = |part: fn(&RankChange) -> i64| {
            self.place
                .as_ref()
                .map_or("-".to_owned(), |place| format!("{:+}", part(place)))
        };
        let signed = |number: f64| format!("{number:+.4}");
        let rows = [
            (
                "its own data",
                Some((self.log_odds.client, self.risk.client)),
                place(|place| place.client),
            ),
            (
                "another model",
                Some((self.log_odds.model, self.risk.model)),
                place(|place| place.model),
            ),
            ("the other clients", None, place(|place| place.population)),
            (
                "together",
                Some((self.log_odds.total(), self.risk.total())),
                place(|place| place.total()),
            ),
        ];
        let rows = rows.map(|(name, scores, place)| {
            let (log_odds, risk) = scores.unzip();
            let or_dash = |score: Option<f64>| score.map_or("-".to_owned(), signed);
            [name.to_owned(), or_dash(log_odds), or_dash(risk), place]
        });
        text::table(COLUMNS, rows.to_vec())
    }
}

fn feature_table(features: &[FeatureChange]) -> String {
    const COLUMNS: [(&str, Align); 4] = [
        ("its own data", Align::Left),
        ("from", Align::Right),
        ("to", Align::Right),
        ("log-odds", Align::Right),
    ];
    let or_dash = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
    let rows = features.iter().map(|change| {
        [
            change.feature.clone(),
            or_dash(&change.from),
            or_dash(&change.to),
            format!("{:+.4}", change.log_odds),
        ]
    });
    text::table(COLUMNS, rows.collect())
}
