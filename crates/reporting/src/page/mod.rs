//! `report.html`: one page that needs nothing else, for a manager first and then for those who look
//! after the model.

mod base64;
mod condition;
mod rows;

use crate::condition::Condition;
use crate::diagnosed::Diagnostics;
use crate::judged::Judged;
use crate::list::{ContactList, Dropped, Effect, Entry, Known, ScoredBook, ScoredClient};
use crate::text::{self, Aged};
use anyhow::{Context, Result};
use askama::Template;
use chrono::{DateTime, Utc};
use condition::ConditionRows;
use dataset::{CompiledData, newest_snapshot};
use risk_core::error::timestamp;
use risk_core::metrics::ReliabilityBin;
use risk_core::release::Release;
use rows::{ColumnRow, DependencyRow, FileRow, MatrixRow, MetricRow, TimingRow, TopRow};

/// How many clients of the list the page shows.
const TOP: usize = 20;

/// What the page is made of.
#[derive(Clone, Copy)]
pub struct Content<'c> {
    /// The time of the page.
    pub now: DateTime<Utc>,
    /// The deployed release.
    pub release: &'c Release,
    /// How it does on the test data.
    pub judged: &'c Judged,
    /// The contact list.
    pub list: &'c ContactList,
    /// Who should be called besides, because they have become urgent since it was published.
    pub urgent: &'c [Entry],
    /// What is said of how many of the list are expected to leave.
    pub leavers: Option<&'c str>,
    /// The book of today with its risks.
    pub scored: &'c ScoredBook,
    /// What the history knows of the clients.
    pub known: &'c Known,
    /// What calling has achieved.
    pub effect: &'c Effect,
    /// What else is known of the model.
    pub condition: &'c Condition,
    /// Whether the list is of rows the model was trained on.
    pub from_training_rows: bool,
    /// What the compiled data consists of.
    pub compiled: &'c CompiledData,
    /// The newest diagnostics, where there are some.
    pub diagnostics: Option<&'c Diagnostics>,
    /// Further things the reader has to know.
    pub notes: &'c [String],
    /// The confusion matrix as PNG.
    pub confusion_png: &'c [u8],
    /// The ROC curve as PNG.
    pub roc_png: &'c [u8],
    /// The reliability curve as PNG.
    pub reliability_png: &'c [u8],
}

/// The page as HTML.
///
/// # Errors
/// When the template cannot be filled.
pub fn html(content: &Content<'_>) -> Result<String> {
    let mut page = Page::new(content)?.render().context("the report")?;
    page.push('\n');
    Ok(page)
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'c> {
    version: &'static str,
    created_at: String,
    date: String,
    release: &'c str,
    deployed_at: String,
    model_id: &'c str,
    trained_at: String,
    trained_on: String,
    threshold: String,
    clients: String,
    /// How many of them the newest snapshot has, where that is not all.
    current: Option<String>,
    likely: String,
    horizon: String,
    /// Whether these days have passed.
    is_over: bool,
    expected: Option<String>,
    more_are_expected: bool,
    is_withdrawn: bool,
    at_risk: Option<String>,
    notes: &'c [String],
    list: &'c ContactList,
    n_to_call: String,
    by_value: bool,
    value_words: String,
    value_of_calling: Option<String>,
    nobody: Option<String>,
    leavers: Option<&'c str>,
    not_listed: Vec<String>,
    holdout: Option<String>,
    effect: Vec<String>,
    has_calls: bool,
    top: Vec<TopRow>,
    urgent: Vec<TopRow>,
    dropped: &'c [Dropped],
    n_dropped: String,
    condition: ConditionRows,
    test_samples: String,
    test_positive: String,
    decides_nothing: Option<&'c str>,
    replaced_f1: Option<String>,
    metrics: Vec<MetricRow>,
    matrix: Vec<MatrixRow>,
    confusion_image: String,
    roc_image: String,
    reliability: Option<String>,
    reliability_image: String,
    has_diagnostics: bool,
    diagnosed_at: Option<String>,
    columns: Vec<ColumnRow>,
    timings: Vec<TimingRow>,
    dependencies: Vec<DependencyRow>,
    rows: String,
    files: Vec<FileRow>,
}

impl<'c> Page<'c> {
    fn new(content: &Content<'c>) -> Result<Self> {
        let Content {
            release,
            list,
            judged,
            ..
        } = *content;
        let model = &release.model;
        let evaluation = &judged.evaluation;
        let clients = &content.scored.clients;
        let current = current(clients);
        let likely = current
            .iter()
            .filter(|client| model.predicts_exit(client.risk))
            .count();
        let expected = expected_leavers(&current);
        let dates = current.iter().map(|client| client.observed_at);
        let aged = Aged::of(dates, model.horizon_days, content.now.date_naive());
        let row = |entry: &Entry| TopRow::new(entry, content.known, content.now.date_naive());
        let diagnostics = content.diagnostics.cloned().unwrap_or_default();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            created_at: readable_time(&timestamp(content.now)),
            date: text::day(content.now.date_naive()),
            release: release.id(),
            deployed_at: readable_time(&release.manifest.deployed_at),
            model_id: &model.model_id,
            trained_at: readable_time(&model.created_at),
            trained_on: rows::trained_on(&model.data),
            threshold: dataset::format_number(model.threshold),
            clients: text::count(clients.len() as u64),
            current: (current.len() < clients.len()).then(|| text::count(current.len() as u64)),
            likely: text::count(likely as u64),
            horizon: aged.map_or_else(|| text::horizon(model.horizon_days), Aged::within),
            is_over: aged.is_some_and(|aged| aged.is_over),
            expected: (!content.from_training_rows).then(|| text::money(expected)),
            more_are_expected: expected.round() > likely as f64,
            is_withdrawn: text::withdrawn(release.id(), content.diagnostics).is_some(),
            at_risk: money_at_risk(&current),
            notes: content.notes,
            list,
            n_to_call: text::count(list.to_call().count() as u64),
            by_value: list.head.by_value,
            value_words: list.value_words(),
            value_of_calling: list.head.by_value.then(|| text::value_of_calling(list)),
            nobody: text::nobody(list),
            leavers: content.leavers,
            not_listed: text::not_listed(list),
            holdout: text::holdout(list),
            effect: text::effect(content.effect),
            has_calls: content.effect.n_contacts > 0,
            top: list.to_call().take(TOP).map(row).collect(),
            urgent: content.urgent.iter().map(row).collect(),
            dropped: &list.dropped[..list.dropped.len().min(TOP)],
            n_dropped: text::count(list.dropped.len() as u64),
            condition: ConditionRows::new(content, aged, likely as u64),
            test_samples: text::count(evaluation.n_samples),
            test_positive: text::count(evaluation.n_positive),
            decides_nothing: evaluation.decides_nothing.as_deref(),
            replaced_f1: (judged.replaced.as_ref())
                .map(|stored| text::figure(stored.metrics.f1.value)),
            metrics: rows::metrics(&evaluation.metrics),
            matrix: rows::matrix(&evaluation.confusion_matrix),
            confusion_image: base64::encode(content.confusion_png),
            roc_image: base64::encode(content.roc_png),
            reliability: judged.reliability.last().map(ReliabilityBin::describe),
            reliability_image: base64::encode(content.reliability_png),
            has_diagnostics: content.diagnostics.is_some(),
            diagnosed_at: diagnostics.created_at.as_deref().map(readable_time),
            columns: diagnostics.summary.iter().map(ColumnRow::new).collect(),
            timings: rows::timings(&diagnostics.timing_s),
            dependencies: diagnostics
                .dependencies
                .into_iter()
                .map(DependencyRow::new)
                .collect(),
            rows: text::count(content.compiled.rows),
            files: rows::files(&content.compiled.files, &release.ingested_files()?),
        })
    }
}

/// `2026-07-01 06:00 UTC`; a text that is no time stays as it is.
fn readable_time(time: &str) -> String {
    DateTime::parse_from_rfc3339(time).map_or_else(
        |_| time.to_owned(),
        |time| time.to_utc().format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// Those who are known to be there still: what is said of the book as a whole is said of them.
fn current(book: &[ScoredClient]) -> Vec<&ScoredClient> {
    let newest = newest_snapshot(book.iter().map(|client| client.observed_at));
    let is_current = |client: &&ScoredClient| newest.is_none() || client.observed_at >= newest;
    book.iter().filter(is_current).collect()
}

/// The sum of the risks: how many of these clients leave if nothing is done.
fn expected_leavers(clients: &[&ScoredClient]) -> f64 {
    clients.iter().map(|client| client.risk).sum()
}

fn money_at_risk(clients: &[&ScoredClient]) -> Option<String> {
    let known: Vec<f64> = (clients.iter())
        .filter_map(|client| Some(client.risk * client.contract_value?))
        .collect();
    (!known.is_empty()).then(|| text::money(known.iter().sum()))
}
