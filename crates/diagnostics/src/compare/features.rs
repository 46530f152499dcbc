//! Every column by itself: the verdict of the rule and the published figures, whole and in chunks.

use super::tables::{Side, Tables};
use dataset::columns::{CategoryCells, Cells};
use monitoring::alarm::{Rule, Verdict};
use monitoring::published::{
    CategoryReference, Evidently, NumericReference, Transport, chi_squared, chi_squared_p_value,
};
use monitoring::sample::{Categories, Numeric};
use risk_core::schema::Kind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is said about one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feature {
    /// Numbers or categories.
    pub kind: Kind,
    /// Its figures over all rows.
    #[serde(flatten)]
    pub figures: Figures,
    /// The reference in short.
    pub reference: Description,
    /// The analysis in short.
    pub analysis: Description,
    /// The greatest change of a share among the categories: its name, and percent before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_changed: Option<(String, f64, f64)>,
    /// Its figures in chunks, those of the reference first; where chunks are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Vec<Chunk<Figures>>>,
}

/// A side of a column in short. What only numbers have is `None` for categories.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Description {
    /// How many cells.
    pub rows: u64,
    /// The share of missing ones, in percent.
    pub missing_percent: f64,
    /// Mean of the known ones.
    pub mean: Option<f64>,
    /// Their population standard deviation.
    pub standard_deviation: Option<f64>,
    /// Their median.
    pub median: Option<f64>,
    /// The range of the middle half of them.
    pub interquartile_range: Option<f64>,
}

/// The verdict and the figures of the tools. A figure that is not defined for a column is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// Whether the column alarms.
    pub alarm: bool,
    /// The population stability index of the rule.
    pub psi: f64,
    /// The index from which it alarms.
    pub psi_threshold: f64,
    /// Evidently's population stability index.
    pub psi_evidently: Option<f64>,
    /// Evidently's Jensen-Shannon distance, in nats.
    pub js_evidently: Option<f64>,
    /// NannyML's Jensen-Shannon distance, in bits.
    pub js_nannyml: Option<f64>,
    /// Wasserstein-1 distance, in the unit of the column.
    pub wasserstein: Option<f64>,
    /// Evidently's: the same over the standard deviation of the reference.
    pub wasserstein_evidently: Option<f64>,
    /// NannyML's Hellinger distance.
    pub hellinger_nannyml: Option<f64>,
    /// Kolmogorov-Smirnov statistic.
    pub ks_statistic: Option<f64>,
    /// Its asymptotic two-sided probability.
    pub ks_p_value: Option<f64>,
    /// Evidently's χ² probability of the categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_squared_p_value_evidently: Option<f64>,
    /// NannyML's χ² statistic of the categories.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_squared_nannyml: Option<f64>,
    /// Its probability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chi_squared_p_value_nannyml: Option<f64>,
}

/// Something in a chunk of rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chunk<T> {
    /// `reference` or `analysis`.
    pub period: &'static str,
    /// How many rows.
    pub rows: usize,
    /// The time of its first row, where rows have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The time of its last row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What is said about it.
    #[serde(flatten)]
    pub figures: T,
}

/// Calls for the rows of each chunk, those of the reference first; `None` where no chunks are asked for.
pub fn in_chunks<T>(
    tables: &Tables,
    mut of: impl FnMut(&Side, Range<usize>) -> T,
) -> Option<Vec<Chunk<T>>> {
    let sides = [
        ("reference", &tables.reference),
        ("analysis", &tables.analysis),
    ];
    let mut chunks = Vec::new();
    for (period, side) in sides {
        for rows in tables.chunks(side)? {
            let (start, end) = side.times_of(&rows).unzip();
            chunks.push(Chunk {
                period,
                rows: rows.len(),
                start,
                end,
                figures: of(side, rows),
            });
        }
    }
    Some(chunks)
}

/// Judges every column, on two threads.
pub fn judge_all(tables: &Tables, rule: &Rule) -> BTreeMap<String, Feature> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(name) = tables.judged.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(feature) = judge(tables, name, rule) {
                done.push((name.clone(), feature));
            }
        }
        done
    };
    std::thread::scope(|scope| {
        let helper = scope.spawn(work);
        let mut done = work();
        // A thread ends without a result only by a panic, which ends the program.
        done.extend(helper.join().unwrap_or_default());
        done.into_iter().collect()
    })
}

fn judge(tables: &Tables, name: &str, rule: &Rule) -> Option<Feature> {
    let cells = |side: &'static str| match side {
        "reference" => tables.reference.table.column(name),
        _ => tables.analysis.table.column(name),
    };
    match (cells("reference")?, cells("analysis")?) {
        (Cells::Categories(_), Cells::Categories(_)) => judge_categories(tables, name, rule),
        (Cells::Numbers(_), Cells::Categories(analysis)) => {
            // The reference has no known cell, so the analysis says what the column is.
            let unknown = |rows: usize| Categories::new([], rows as u64);
            let nothing = unknown(tables.reference.table.n_rows);
            let all = count(analysis, 0..analysis.codes.len(), &tables.analysis);
            let chunks = in_chunks(tables, |side, rows| {
                let chunk = if std::ptr::eq(side, &tables.reference) {
                    unknown(rows.len())
                } else {
                    count(analysis, rows, side)
                };
                Figures::of_categories(&nothing, &chunk, rule)
            });
            Some(category_feature(&nothing, &all, rule, chunks))
        }
        (Cells::Numbers(_), Cells::Numbers(_)) => judge_numbers(tables, name, rule),
        _ => None,
    }
}

fn judge_numbers(tables: &Tables, name: &str, rule: &Rule) -> Option<Feature> {
    let whole = |side: &Side| match side.table.column(name) {
        Some(Cells::Numbers(numbers)) => {
            Some(Numeric::new(numbers.values.clone()).as_integers(numbers.is_integer))
        }
        _ => None,
    };
    let (reference, analysis) = (whole(&tables.reference)?, whole(&tables.analysis)?);
    let comparer = NumberComparer::new(&reference, rule, tables.chunking.is_some());
    let figures = comparer.figures(&analysis);
    let chunks = tables.chunking.and_then(|_| {
        let ordered =
            [&tables.reference, &tables.analysis].map(|side| side.in_order(side.numbers(name)));
        in_chunks(tables, |side, rows| {
            let of_reference = std::ptr::eq(side, &tables.reference);
            let (cells, whole) = if of_reference {
                (&ordered[0], &reference)
            } else {
                (&ordered[1], &analysis)
            };
            let chunk = Numeric::new(cells[rows].to_vec()).as_integers(whole.is_integer());
            comparer.figures(&chunk)
        })
    });
    Some(Feature {
        kind: Kind::Numeric,
        figures,
        reference: Description::of_numbers(&reference),
        analysis: Description::of_numbers(&analysis),
        most_changed: None,
        chunks,
    })
}

/// What is found in a reference once and used for every sample.
struct NumberComparer<'a> {
    reference: &'a Numeric,
    rule: &'a Rule,
    nannyml: Option<NumericReference>,
    transport: Option<Transport<'a>>,
}

impl<'a> NumberComparer<'a> {
    fn new(reference: &'a Numeric, rule: &'a Rule, has_chunks: bool) -> Self {
        let transport = Transport::from(reference);
        Self {
            reference,
            rule,
            nannyml: NumericReference::of(reference),
            transport: if has_chunks {
                transport.map(Transport::for_small_samples)
            } else {
                transport
            },
        }
    }

    fn figures(&self, analysis: &Numeric) -> Figures {
        let verdict = self.rule.judge_numbers(self.reference, analysis);
        let evidently = Evidently::of_numbers(self.reference, analysis);
        let nannyml = self
            .nannyml
            .as_ref()
            .and_then(|reference| reference.compare(analysis));
        let transport = self.transport.as_ref();
        let wasserstein = transport.and_then(|transport| transport.distance(analysis));
        Figures {
            psi_evidently: evidently.as_ref().map(Evidently::psi),
            js_evidently: evidently.as_ref().and_then(Evidently::jensen_shannon),
            js_nannyml: nannyml.as_ref().and_then(|found| found.jensen_shannon()),
            hellinger_nannyml: nannyml.as_ref().map(|found| found.hellinger()),
            wasserstein,
            wasserstein_evidently: transport
                .zip(wasserstein)
                .map(|(transport, it)| transport.normed(it)),
            ..Figures::of(&verdict)
        }
    }
}

impl Figures {
    fn of(verdict: &Verdict) -> Self {
        Self {
            alarm: verdict.alarm,
            psi: verdict.psi,
            psi_threshold: verdict.psi_threshold,
            ks_statistic: verdict.ks.map(|ks| ks.statistic),
            ks_p_value: verdict.ks.map(|ks| ks.p_value),
            psi_evidently: None,
            js_evidently: None,
            js_nannyml: None,
            wasserstein: None,
            wasserstein_evidently: None,
            hellinger_nannyml: None,
            chi_squared_p_value_evidently: None,
            chi_squared_nannyml: None,
            chi_squared_p_value_nannyml: None,
        }
    }

    fn of_categories(reference: &Categories, analysis: &Categories, rule: &Rule) -> Self {
        let evidently = Evidently::of_categories(reference, analysis);
        let nannyml = CategoryReference::of(reference).and_then(|it| it.compare(analysis));
        let (statistic, p_value) = chi_squared(reference, analysis).unzip();
        Self {
            psi_evidently: evidently.as_ref().map(Evidently::psi),
            js_evidently: evidently.as_ref().and_then(Evidently::jensen_shannon),
            js_nannyml: nannyml.as_ref().and_then(|found| found.jensen_shannon()),
            hellinger_nannyml: nannyml.as_ref().map(|found| found.hellinger()),
            chi_squared_p_value_evidently: chi_squared_p_value(reference, analysis),
            chi_squared_nannyml: statistic,
            chi_squared_p_value_nannyml: p_value,
            ..Self::of(&rule.judge_categories(reference, analysis))
        }
    }
}

fn judge_categories(tables: &Tables, name: &str, rule: &Rule) -> Option<Feature> {
    let cells = |side: &'_ Side, rows: Range<usize>| match side.table.column(name) {
        Some(Cells::Categories(categories)) => Some(count(categories, rows, side)),
        _ => None,
    };
    let whole = |side: &Side| cells(side, 0..side.table.n_rows);
    let (reference, analysis) = (whole(&tables.reference)?, whole(&tables.analysis)?);
    let chunks = in_chunks(tables, |side, rows| {
        let chunk = cells(side, rows).unwrap_or_default();
        Figures::of_categories(&reference, &chunk, rule)
    });
    Some(category_feature(&reference, &analysis, rule, chunks))
}

fn category_feature(
    reference: &Categories,
    analysis: &Categories,
    rule: &Rule,
    chunks: Option<Vec<Chunk<Figures>>>,
) -> Feature {
    Feature {
        kind: Kind::Category,
        figures: Figures::of_categories(reference, analysis, rule),
        reference: Description::of_categories(reference),
        analysis: Description::of_categories(analysis),
        most_changed: most_changed(reference, analysis),
        chunks,
    }
}

fn count(categories: &CategoryCells, rows: Range<usize>, side: &Side) -> Categories {
    let mut counts = vec![0_u64; categories.names.len() + 1];
    for position in rows {
        counts[categories.codes[side.row_at(position)] as usize] += 1;
    }
    let named = categories
        .names
        .iter()
        .cloned()
        .zip(counts[1..].iter().copied());
    Categories::new(named, counts[0])
}

fn most_changed(reference: &Categories, analysis: &Categories) -> Option<(String, f64, f64)> {
    let percent = |side: &Categories, name: &str| {
        100.0 * side.count(name) as f64 / (side.n_known() as f64).max(1.0)
    };
    let names = reference.counts().keys().chain(analysis.counts().keys());
    let changes = names.map(|name| {
        (
            name.clone(),
            percent(reference, name),
            percent(analysis, name),
        )
    });
    changes.max_by(|a, b| (a.2 - a.1).abs().total_cmp(&(b.2 - b.1).abs()))
}

impl Description {
    fn of_numbers(side: &Numeric) -> Self {
        let quantile = |share: f64| {
            let sorted = side.sorted();
            let last = sorted.len().checked_sub(1)?;
            sorted.get((share * last as f64).round() as usize).copied()
        };
        let range = quantile(0.75)
            .zip(quantile(0.25))
            .map(|(high, low)| high - low);
        Self {
            mean: side.mean(),
            standard_deviation: side.standard_deviation(),
            median: quantile(0.5),
            interquartile_range: range,
            ..Self::of_cells(side.n_cells(), side.n_missing())
        }
    }

    fn of_categories(side: &Categories) -> Self {
        Self::of_cells(side.n_cells(), side.n_missing())
    }

    fn of_cells(rows: u64, missing: u64) -> Self {
        Self {
            rows,
            missing_percent: 100.0 * missing as f64 / (rows as f64).max(1.0),
            mean: None,
            standard_deviation: None,
            median: None,
            interquartile_range: None,
        }
    }
}
