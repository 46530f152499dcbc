//! Drift of the new data, judged against what the release keeps of the samples its model was trained on.

use crate::text;
use crate::unlabelled::unlabelled;
use anyhow::{Context, Result};
use dataset::{ColumnData, ModelInput, Table};
use monitoring::alarm::Rule;
use monitoring::profile::{Column, FORMAT_VERSION, Judged, Profile, Sample};
use monitoring::published::chi_squared;
use monitoring::ranking::{ListImpact, rank_by};
use monitoring::sample::{Categories, Numeric};
use risk_core::Run;
use risk_core::config::MonitoringConfig;
use risk_core::layout::REFERENCE;
use risk_core::model::Model;
use risk_core::records::check_version;
use risk_core::release::Release;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display, Formatter};
use training::reference::{all_rows, sample};

/// Under this name the score of the model is judged, besides its features.
const RISK: &str = "risk";

/// Whether the data has drifted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Drift {
    /// Whether any column has; `None` where that cannot be said.
    pub alarm: Option<bool>,
    /// Why it cannot be said.
    pub reason: Option<String>,
    /// How many samples the model was trained on.
    pub reference_samples: Option<u64>,
    /// What is judged.
    pub judged: Subject,
    /// How many samples are judged.
    pub new_samples: usize,
    /// The columns that alarm, by name; `risk` is the score of the model.
    pub alarms: Vec<String>,
    /// The most false alarms in a year of weekly looks.
    pub false_alarms_a_year: f64,
    /// Every feature of the model, and `risk` for its score.
    pub features: BTreeMap<String, FeatureDrift>,
    /// What the drift does to the list: the list as it is against the list if the drifted features were
    /// as in training. `None` without drift that can be undone so.
    pub list_impact: Option<ListImpact<String>>,
}

/// Which samples are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The samples of the compiled data that the model was not trained on.
    NewSamples,
    /// Where there are none of these: the clients of `clients_path`.
    Book,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureDrift {
    /// Whether it alarms.
    pub alarm: bool,
    /// How large the change is, by the population stability index: small below 0.1, moderate below 0.25,
    /// else large.
    pub size: &'static str,
    /// The population stability index.
    pub psi: f64,
    /// The index from which it alarms.
    pub psi_threshold: f64,
    /// Kolmogorov-Smirnov statistic; `None` for categories.
    pub ks_statistic: Option<f64>,
    /// Its probability without drift.
    pub ks_p_value: Option<f64>,
    /// NannyML's Jensen-Shannon distance.
    pub js_nannyml: Option<f64>,
    /// NannyML's Hellinger distance.
    pub hellinger_nannyml: Option<f64>,
    /// NannyML's χ² probability; `None` for numbers.
    pub chi_squared_p_value_nannyml: Option<f64>,
    /// Missing cells among the training samples, in percent.
    pub missing_percent_before: f64,
    /// Missing cells now.
    pub missing_percent: f64,
    /// The median among the training samples; `None` for categories.
    pub median_before: Option<f64>,
    /// The median now.
    pub median: Option<f64>,
}

/// Judges the rows that the model was not trained on, or, where there are none, the clients of
/// `clients_path`.
///
/// # Errors
/// When the release or the client files cannot be read, or the rows do not fit the model.
pub fn judge(run: &Run, release: &Release, table: &Table) -> Result<Drift> {
    let settings = &run.config.monitoring;
    let Some(bytes) = release.reference() else {
        let reason =
            "the release was made before references were kept with it; the next one has it";
        return Ok(Drift::unknown(settings, 0, reason));
    };
    let Some((judged, new)) = rows_to_judge(run, release, table)? else {
        let reason = "no samples since the model was trained";
        return Ok(Drift::unknown(settings, 0, reason));
    };
    let profile =
        profile(bytes).with_context(|| format!("{REFERENCE} of release {}", release.id()))?;
    let risks = ModelInput::new(&release.model, new.schema())?.risks(&new);
    let capacity = run.config.contacts.capacity as usize;
    let found = judge_columns(&profile, &release.model, (&new, &risks), settings, capacity)?;
    Ok(Drift { judged, ..found })
}

fn profile(bytes: &[u8]) -> Result<Profile> {
    check_version(bytes, FORMAT_VERSION)?;
    serde_json::from_slice(bytes).context("malformed")
}

fn rows_to_judge(run: &Run, release: &Release, table: &Table) -> Result<Option<(Subject, Table)>> {
    let rows = new_rows(release, table)?;
    if !rows.is_empty() {
        return Ok(Some((Subject::NewSamples, table.select(&rows))));
    }
    if run.config.clients_path.is_none() {
        return Ok(None);
    }
    let book = unlabelled(run, &release.model, table)?;
    Ok(book
        .filter(|book| book.n_rows() > 0)
        .map(|book| (Subject::Book, book)))
}

fn new_rows(release: &Release, table: &Table) -> Result<Vec<usize>> {
    let trained: HashSet<_> = release.training_record()?.known().collect();
    Ok((0..table.n_rows())
        .filter(|row| !trained.contains(&table.sample_id(*row)))
        .collect())
}

fn judge_columns(
    profile: &Profile,
    model: &Model,
    (new, risks): (&Table, &[f64]),
    settings: &MonitoringConfig,
    capacity: usize,
) -> Result<Drift> {
    let rule = Rule {
        alpha: settings.drift_alpha,
        psi_floor: settings.psi_floor,
        ks_floor: settings.ks_floor,
        n_columns: profile.features.len() + 1,
    };
    let rows = all_rows(new);
    let mut features = BTreeMap::new();
    for (name, before) in &profile.features {
        let position = new.schema().position_of(name);
        if let Some(now) = position.and_then(|position| sample(new, position, &rows))
            && let Some(judged) = before.judge(&now, &rule)
        {
            features.insert(name.clone(), FeatureDrift::of(before, &now, &judged));
        }
    }
    let score = Column::Numeric(profile.risk.clone());
    let now = Sample::Numeric(Numeric::new(risks.to_vec()));
    if let Some(judged) = score.judge(&now, &rule) {
        features.insert(RISK.to_owned(), FeatureDrift::of(&score, &now, &judged));
    }
    let alarming = |(name, drift): (&String, &FeatureDrift)| drift.alarm.then(|| name.clone());
    let alarms: Vec<String> = features.iter().filter_map(alarming).collect();
    Ok(Drift {
        alarm: Some(!alarms.is_empty()),
        reference_samples: Some(profile.n_samples),
        list_impact: list_impact(profile, model, (new, risks), &alarms, capacity)?,
        alarms,
        features,
        ..Drift::unknown(settings, new.n_rows(), "").known()
    })
}

impl Drift {
    fn unknown(settings: &MonitoringConfig, new_samples: usize, reason: &str) -> Self {
        Self {
            alarm: None,
            reason: Some(reason.to_owned()),
            reference_samples: None,
            judged: Subject::NewSamples,
            new_samples,
            alarms: Vec::new(),
            false_alarms_a_year: 52.0 * 2.0 * settings.drift_alpha,
            features: BTreeMap::new(),
            list_impact: None,
        }
    }

    fn known(self) -> Self {
        Self {
            reason: None,
            ..self
        }
    }
}

impl FeatureDrift {
    fn of(before: &Column, now: &Sample, judged: &Judged) -> Self {
        let verdict = judged.verdict;
        Self {
            alarm: verdict.alarm,
            size: text::size_of_change(verdict.psi),
            psi: verdict.psi,
            psi_threshold: verdict.psi_threshold,
            ks_statistic: verdict.ks.map(|ks| ks.statistic),
            ks_p_value: verdict.ks.map(|ks| ks.p_value),
            js_nannyml: judged.js_nannyml,
            hellinger_nannyml: judged.hellinger_nannyml,
            chi_squared_p_value_nannyml: match (before, now) {
                (Column::Category(before), Sample::Category(now)) => {
                    chi_squared(before, now).map(|found| found.1)
                }
                _ => None,
            },
            missing_percent_before: before.missing_percent(),
            missing_percent: now.missing_percent(),
            median_before: match before {
                Column::Numeric(column) => column.quantile(0.5),
                Column::Category(_) => None,
            },
            median: now.median(),
        }
    }
}

/// The list with every drifted feature as it was in training against the list as it is: what the drift
/// does to it.
fn list_impact(
    profile: &Profile,
    model: &Model,
    (new, risks): (&Table, &[f64]),
    alarms: &[String],
    capacity: usize,
) -> Result<Option<ListImpact<String>>> {
    let mut columns = new.columns().to_vec();
    let mut changed = false;
    for name in alarms {
        let (before, position) = (profile.features.get(name), new.schema().position_of(name));
        let (Some(before), Some(position)) = (before, position) else {
            continue;
        };
        if let Some(undone) = undone(before, new.column(position)) {
            columns[position] = undone;
            changed = true;
        }
    }
    if !changed {
        return Ok(None);
    }
    let undone = Table::new(new.schema().clone(), columns);
    let before = ModelInput::new(model, undone.schema())?.risks(&undone);
    Ok(Some(ListImpact::between(
        &listed(new, &before),
        &listed(new, risks),
        capacity,
    )))
}

/// A column without its drift. A number becomes the one of the same rank in training; a text that
/// training did not know becomes the most frequent one there; and where more cells are missing than in
/// training, missing ones become the median or the most frequent text. `None` where nothing is undone.
fn undone(before: &Column, now: &ColumnData) -> Option<ColumnData> {
    match (before, now) {
        (Column::Numeric(before), ColumnData::Number(cells)) => {
            let now = Numeric::new(cells.clone());
            let missing_percent = Sample::Numeric(now.clone()).missing_percent();
            let fills = missing_percent > before.missing_percent();
            let as_before = |cell: &f64| {
                if cell.is_nan() {
                    return if fills { before.quantile(0.5) } else { None };
                }
                let rank = (now.count_below(*cell) + now.count_up_to(*cell)) as f64 / 2.0;
                before.quantile(rank / now.n_known() as f64)
            };
            let cells = cells.iter().map(|cell| as_before(cell).unwrap_or(*cell));
            Some(ColumnData::Number(cells.collect()))
        }
        (Column::Category(before), ColumnData::Text(cells)) => undone_texts(before, cells),
        _ => None,
    }
}

fn undone_texts(before: &Categories, cells: &[Option<String>]) -> Option<ColumnData> {
    let (usual, _) = before.counts().iter().max_by_key(|(_, count)| **count)?;
    let n_missing = cells.iter().filter(|cell| cell.is_none()).count() as f64;
    let fills =
        n_missing * before.n_cells() as f64 > before.n_missing() as f64 * cells.len() as f64;
    let mut changed = false;
    let undone = cells.iter().map(|cell| {
        let strange = match cell {
            Some(text) => before.count(text) == 0,
            None => fills,
        };
        changed |= strange;
        if strange {
            Some(usual.clone())
        } else {
            cell.clone()
        }
    });
    let undone = ColumnData::Text(undone.collect());
    changed.then_some(undone)
}

/// The clients by risk, each once.
fn listed(table: &Table, risks: &[f64]) -> Vec<String> {
    let order = rank_by(risks, |row| table.client_id(row).to_owned());
    let mut seen = HashSet::new();
    let clients = order.into_iter().map(|row| table.client_id(row));
    clients
        .filter(|client| seen.insert(*client))
        .map(str::to_owned)
        .collect()
}

impl Display for Drift {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let judged = match self.judged {
            Subject::NewSamples => format!("{} new samples", self.new_samples),
            Subject::Book => format!("{} clients of the book", self.new_samples),
        };
        match (&self.reason, self.alarms.is_empty()) {
            (Some(reason), _) => writeln!(f, "drift: unknown; {reason}")?,
            (None, true) => writeln!(f, "drift: none in {judged}")?,
            (None, false) => {
                writeln!(f, "drift: ALARM in {judged}: {}", self.alarms.join(", "))?;
            }
        }
        for name in &self.alarms {
            if let Some(feature) = self.features.get(name) {
                writeln!(f, "  {name}: {}", feature.in_words())?;
            }
        }
        if let Some(impact) = &self.list_impact {
            writeln!(
                f,
                "  it changes {} of the {} clients with the highest risks (rank-biased overlap {:.2})",
                impact.enters.len(),
                impact.k,
                impact.rank_biased_overlap
            )?;
        }
        Ok(())
    }
}

impl FeatureDrift {
    fn in_words(&self) -> String {
        let mut said = format!("{} change", self.size);
        if let (Some(before), Some(now)) = (self.median_before, self.median) {
            let (before, now) = (text::number(Some(before)), text::number(Some(now)));
            said += &format!(", median {before} before, {now} now");
        }
        if (self.missing_percent - self.missing_percent_before).abs() >= 1.0 {
            said += &format!(
                ", missing {:.1} % before, {:.1} % now",
                self.missing_percent_before, self.missing_percent
            );
        }
        said
    }
}
