//! `report.html`: one page that needs nothing else, for a manager first and then for those who look
//! after the model.

mod base64;
mod rows;

use crate::contacts::ContactList;
use crate::diagnosed::Diagnostics;
use crate::judged::Judged;
use crate::text;
use anyhow::{Context, Result};
use askama::Template;
use chrono::{DateTime, Utc};
use dataset::CompiledData;
use risk_core::error::timestamp;
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
    likely: String,
    horizon: String,
    expected: Option<String>,
    at_risk: Option<String>,
    notes: &'c [String],
    list: &'c ContactList,
    top: Vec<TopRow>,
    test_samples: String,
    test_positive: String,
    decides_nothing: Option<&'c str>,
    replaced_f1: Option<String>,
    metrics: Vec<MetricRow>,
    matrix: Vec<MatrixRow>,
    confusion_image: String,
    roc_image: String,
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
        let entries = &list.entries;
        let likely = entries
            .iter()
            .filter(|entry| model.predicts_exit(entry.risk))
            .count();
        let diagnostics = content.diagnostics.cloned().unwrap_or_default();
        Ok(Self {
            version: env!("CARGO_PKG_VERSION"),
            created_at: readable_time(&timestamp(content.now)),
            date: content.now.format("%-d %B %Y").to_string(),
            release: release.id(),
            deployed_at: readable_time(&release.manifest.deployed_at),
            model_id: &model.model_id,
            trained_at: readable_time(&model.created_at),
            trained_on: rows::trained_on(&model.data),
            threshold: dataset::format_number(model.threshold),
            clients: text::count(entries.len() as u64),
            likely: text::count(likely as u64),
            horizon: horizon(model.horizon_days),
            expected: (!content.from_training_rows).then(|| expected_leavers(list)),
            at_risk: money_at_risk(list),
            notes: content.notes,
            list,
            top: entries.iter().take(TOP).map(TopRow::new).collect(),
            test_samples: text::count(evaluation.n_samples),
            test_positive: text::count(evaluation.n_positive),
            decides_nothing: evaluation.decides_nothing.as_deref(),
            replaced_f1: (judged.replaced.as_ref())
                .map(|stored| text::figure(stored.metrics.f1.value)),
            metrics: rows::metrics(&evaluation.metrics),
            matrix: rows::matrix(&evaluation.confusion_matrix),
            confusion_image: base64::encode(content.confusion_png),
            roc_image: base64::encode(content.roc_png),
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

fn horizon(days: Option<u32>) -> String {
    days.map_or_else(String::new, |days| format!(" within {days} days"))
}

/// The sum of the risks: how many clients of the book leave if nothing is done.
fn expected_leavers(list: &ContactList) -> String {
    let sum: f64 = list.entries.iter().map(|entry| entry.risk).sum();
    text::money(sum)
}

fn money_at_risk(list: &ContactList) -> Option<String> {
    let known: Vec<f64> = (list.entries.iter())
        .filter_map(|entry| entry.value_at_risk)
        .collect();
    (!known.is_empty()).then(|| text::money(known.iter().sum()))
}
