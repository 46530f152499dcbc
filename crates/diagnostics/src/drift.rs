//! Drift of the new data, judged against what the release keeps of the samples its model was trained on.

use anyhow::{Context, Result};
use dataset::{ColumnData, ModelInput, Table};
use monitoring::alarm::Rule;
use monitoring::profile::{Column, FORMAT_VERSION, Judged, Profile, Sample};
use monitoring::ranking::{ListImpact, rank_by};
use monitoring::sample::Numeric;
use risk_core::config::MonitoringConfig;
use risk_core::model::Model;
use risk_core::records::check_version;
use risk_core::release::Release;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Display, Formatter};
use training::reference::{all_rows, sample};

/// How many clients are listed.
const CAPACITY: usize = 200;
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
    /// How many samples are judged: those that the model was not trained on.
    pub new_samples: usize,
    /// The columns that alarm.
    pub alarms: Vec<String>,
    /// The most false alarms in a year of weekly looks.
    pub false_alarms_a_year: f64,
    /// Every feature of the model, and `risk` for its score.
    pub features: BTreeMap<String, FeatureDrift>,
    /// What the drift of the numeric features does to the list: the list as it is against the list if
    /// these features were distributed as in training. `None` without such drift.
    pub list_impact: Option<ListImpact<String>>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FeatureDrift {
    /// Whether it alarms.
    pub alarm: bool,
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
    /// Missing cells among the training samples, in percent.
    pub missing_percent_before: f64,
    /// Missing cells now.
    pub missing_percent: f64,
    /// The median among the training samples; `None` for categories.
    pub median_before: Option<f64>,
    /// The median now.
    pub median: Option<f64>,
}

/// Judges the rows that the model was not trained on.
///
/// # Errors
/// When the release cannot be read, or the table does not fit its model.
pub fn judge(release: &Release, table: &Table, settings: &MonitoringConfig) -> Result<Drift> {
    let Some(bytes) = release.reference() else {
        let reason =
            "the release was made before references were kept with it; the next one has it";
        return Ok(Drift::unknown(settings, 0, reason));
    };
    let rows = new_rows(release, table)?;
    if rows.is_empty() {
        let reason = "no samples since the model was trained";
        return Ok(Drift::unknown(settings, 0, reason));
    }
    check_version(bytes, FORMAT_VERSION)?;
    let profile: Profile =
        serde_json::from_slice(bytes).context("the reference of the release is malformed")?;
    let new = table.select(&rows);
    let risks = ModelInput::new(&release.model, new.schema())?.risks(&new);
    judge_columns(&profile, &release.model, &new, &risks, settings)
}

fn new_rows(release: &Release, table: &Table) -> Result<Vec<usize>> {
    let trained: HashSet<_> = release.training_record()?.samples.into_iter().collect();
    Ok((0..table.n_rows())
        .filter(|row| !trained.contains(&table.sample_id(*row)))
        .collect())
}

fn judge_columns(
    profile: &Profile,
    model: &Model,
    new: &Table,
    risks: &[f64],
    settings: &MonitoringConfig,
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
        list_impact: list_impact(profile, model, new, risks, &alarms)?,
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
            psi: verdict.psi,
            psi_threshold: verdict.psi_threshold,
            ks_statistic: verdict.ks.map(|ks| ks.statistic),
            ks_p_value: verdict.ks.map(|ks| ks.p_value),
            js_nannyml: judged.js_nannyml,
            hellinger_nannyml: judged.hellinger_nannyml,
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

/// The list with every drifted feature of numbers as it would be distributed in training (each value
/// becomes the one of the same rank there) against the list as it is: what the drift does to it.
fn list_impact(
    profile: &Profile,
    model: &Model,
    new: &Table,
    risks: &[f64],
    alarms: &[String],
) -> Result<Option<ListImpact<String>>> {
    let mut columns = new.columns().to_vec();
    let mut changed = false;
    for name in alarms {
        let Some(position) = new.schema().position_of(name) else {
            continue;
        };
        if let (Some(Column::Numeric(before)), ColumnData::Number(cells)) =
            (profile.features.get(name), new.column(position))
        {
            let now = Numeric::new(cells.clone());
            let as_before = |cell: &f64| {
                let rank = (now.count_below(*cell) + now.count_up_to(*cell)) as f64 / 2.0;
                let share = rank / now.n_known() as f64;
                if cell.is_nan() {
                    *cell
                } else {
                    before.quantile(share).unwrap_or(*cell)
                }
            };
            columns[position] = ColumnData::Number(cells.iter().map(as_before).collect());
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
        CAPACITY,
    )))
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
        match (&self.reason, self.alarms.is_empty()) {
            (Some(reason), _) => writeln!(f, "drift: unknown; {reason}")?,
            (None, true) => writeln!(f, "drift: none in {} new samples", self.new_samples)?,
            (None, false) => writeln!(
                f,
                "drift: ALARM in {} new samples: {}",
                self.new_samples,
                self.alarms.join(", ")
            )?,
        }
        if let Some(impact) = &self.list_impact {
            writeln!(
                f,
                "  it changes {} of the {} clients with the highest risks",
                impact.enters.len(),
                impact.k
            )?;
        }
        Ok(())
    }
}
