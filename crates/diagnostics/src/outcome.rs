//! The figures as one object, and as text for people.

use crate::dependencies::{Change, Dependency, Status};
use crate::drift::Drift;
use crate::performance::Performance;
use crate::predictions::Predictions;
use crate::text::{self, Align};
use crate::timing::Timing;
use compile::ColumnSummary;
use risk_core::log::Counts;
use risk_core::shell;
use semver::Version;
use serde::Serialize;
use serde_json::Value;
use std::fmt::{self, Display, Formatter};

/// Version of `diagnostics.json` that this program writes.
pub const FORMAT_VERSION: u32 = 1;

/// The content of `diagnostics.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// [`FORMAT_VERSION`] of the program that wrote it.
    pub format_version: u32,
    /// When the figures were found, RFC 3339.
    pub created_at: String,
    /// The deployed model.
    pub model_id: String,
    /// Its release.
    pub release: String,
    /// What it says about the compiled data.
    pub predictions: Predictions,
    /// Every column of the compiled data.
    pub summary: Vec<ColumnSummary>,
    /// How long the pure parts of the stages take.
    pub timing_s: Timing,
    /// Every direct dependency of the program.
    pub dependencies: Vec<Dependency>,
    /// Whether the samples that the model was not trained on are still like those it was trained on.
    pub drift: Drift,
    /// How good the model is on the clients of now, and was on those whose labels have come.
    pub performance: Option<Performance>,
}

impl shell::Outcome for Outcome {
    fn counts(&self) -> Counts {
        Counts {
            columns: Some(self.summary.len() as u64),
            packages: Some(self.dependencies.len() as u64),
            ..Counts::default()
        }
    }
}

impl Outcome {
    /// Whether a column of the data has drifted.
    #[must_use]
    pub fn is_alarm(&self) -> bool {
        self.drift.alarm == Some(true)
    }
}

impl Display for Outcome {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let predictions = &self.predictions;
        writeln!(
            formatter,
            "model {} of release {}, {}",
            self.model_id, self.release, self.created_at
        )?;
        writeln!(
            formatter,
            "predictions: {} samples, mean risk {}, {} predicted to leave",
            predictions.n_samples,
            text::number(predictions.mean_risk),
            predictions.predicted_exits
        )?;
        writeln!(
            formatter,
            "timing: ingestion {}, training {}",
            seconds(self.timing_s.ingestion),
            seconds(self.timing_s.training)
        )?;
        write!(formatter, "{}", self.drift)?;
        if let Some(performance) = &self.performance {
            write!(formatter, "{performance}")?;
        }
        writeln!(formatter, "\n{}", summary_table(&self.summary))?;
        writeln!(formatter, "{}", dependency_table(&self.dependencies))
    }
}

fn seconds(elapsed_s: Option<f64>) -> String {
    elapsed_s.map_or("not measured".to_owned(), |elapsed_s| {
        format!("{elapsed_s:.3} s")
    })
}

fn summary_table(summary: &[ColumnSummary]) -> String {
    const COLUMNS: [(&str, Align); 8] = [
        ("column", Align::Left),
        ("mean", Align::Right),
        ("median", Align::Right),
        ("std", Align::Right),
        ("min", Align::Right),
        ("max", Align::Right),
        ("missing %", Align::Right),
        ("modes", Align::Left),
    ];
    let rows = summary.iter().map(|column| {
        [
            column.column.clone(),
            text::number(column.mean),
            text::number(column.median),
            text::number(column.std),
            text::number(column.min),
            text::number(column.max),
            format!("{:.2}", column.missing_percent),
            modes(&column.modes),
        ]
    });
    text::table(COLUMNS, rows.collect())
}

fn modes(modes: &[Value]) -> String {
    let texts = modes.iter().map(|mode| match mode {
        Value::String(text) => text.clone(),
        Value::Number(number) => text::number(number.as_f64()),
        other => other.to_string(),
    });
    texts.collect::<Vec<_>>().join(", ")
}

fn dependency_table(dependencies: &[Dependency]) -> String {
    const COLUMNS: [(&str, Align); 6] = [
        ("dependency", Align::Left),
        ("installed", Align::Left),
        ("compatible", Align::Left),
        ("latest", Align::Left),
        ("status", Align::Left),
        ("note", Align::Left),
    ];
    let rows = dependencies.iter().map(|row| {
        [
            row.package.clone(),
            version(row.installed.as_ref()),
            version(row.latest_compatible.as_ref()),
            version(row.latest.as_ref()),
            status(row.status).to_owned(),
            note(row),
        ]
    });
    text::table(COLUMNS, rows.collect())
}

fn version(version: Option<&Version>) -> String {
    version.map_or("-".to_owned(), ToString::to_string)
}

fn status(status: Status) -> &'static str {
    match status {
        Status::UpToDate => "up to date",
        Status::CompatibleUpdate => "compatible update",
        Status::MajorUpdate => "major update",
        Status::Unknown => "unknown",
    }
}

fn note(row: &Dependency) -> String {
    let before = row.previous.as_deref().unwrap_or("another version");
    let change = row.change.map(|change| match change {
        Change::Added => "added".to_owned(),
        Change::Updated => format!("updated from {before}"),
        Change::Removed => format!("removed, was {before}"),
    });
    let notes = [change, row.reason.clone()];
    notes.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(package: &str, change: Option<Change>, previous: Option<&str>) -> Dependency {
        Dependency {
            package: package.into(),
            installed: Some(Version::new(1, 2, 3)),
            latest_compatible: Some(Version::new(1, 2, 4)),
            latest: Some(Version::new(2, 0, 0)),
            status: Status::CompatibleUpdate,
            reason: None,
            change,
            previous: previous.map(str::to_owned),
            checked_at: None,
        }
    }

    fn outcome() -> Outcome {
        let activity = ColumnSummary {
            column: "lastmonth_activity".into(),
            mean: Some(158.153_846),
            median: Some(68.5),
            std: Some(264.720_636),
            modes: vec![Value::from(11.0), Value::from(78.0)],
            min: Some(0.0),
            max: Some(987_654.25),
            missing_percent: 3.846_153,
        };
        let industry = ColumnSummary {
            column: "industry".into(),
            mean: None,
            median: None,
            std: None,
            modes: vec![Value::from("Retail")],
            min: None,
            max: None,
            missing_percent: 0.0,
        };
        let gone = Dependency {
            installed: None,
            latest_compatible: None,
            latest: None,
            status: Status::Unknown,
            reason: Some("no longer used".into()),
            ..dependency("gone", Some(Change::Removed), Some("0.3.0"))
        };
        Outcome {
            format_version: FORMAT_VERSION,
            created_at: "2026-07-01T06:00:00Z".into(),
            model_id: "0123456789abcdef".into(),
            release: "r1".into(),
            predictions: Predictions {
                n_samples: 26,
                mean_risk: Some(0.5),
                predicted_exits: 12,
            },
            summary: vec![activity, industry],
            timing_s: Timing {
                ingestion: Some(0.25),
                training: None,
            },
            dependencies: vec![
                dependency("csv", Some(Change::Updated), Some("1.0.0")),
                gone,
            ],
            drift: Drift {
                alarm: Some(true),
                reason: None,
                reference_samples: Some(100),
                judged: crate::drift::Subject::NewSamples,
                new_samples: 26,
                alarms: vec!["size".into()],
                false_alarms_a_year: 0.104,
                features: std::collections::BTreeMap::new(),
                list_impact: None,
            },
            performance: None,
        }
    }

    #[test]
    fn people_read_aligned_tables() {
        let expected = "\
model 0123456789abcdef of release r1, 2026-07-01T06:00:00Z
predictions: 26 samples, mean risk 0.5, 12 predicted to leave
timing: ingestion 0.250 s, training not measured
drift: ALARM in 26 new samples: size

column                 mean  median      std  min     max  missing %  modes
lastmonth_activity  158.154    68.5  264.721    0  987654       3.85  11, 78
industry                  -       -        -    -       -       0.00  Retail

dependency  installed  compatible  latest  status             note
csv         1.2.3      1.2.4       2.0.0   compatible update  updated from 1.0.0
gone        -          -           -       unknown            removed, was 0.3.0; no longer used
";
        assert_eq!(outcome().to_string().trim_end(), expected.trim_end());
    }

    #[test]
    fn programs_read_stable_keys() {
        let json = serde_json::to_value(outcome()).unwrap();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        let expected = [
            "format_version",
            "created_at",
            "model_id",
            "release",
            "predictions",
            "summary",
            "timing_s",
            "dependencies",
            "drift",
            "performance",
        ];
        assert_eq!(keys, expected);
        assert!(json["drift"]["alarm"] == true && json["performance"].is_null());
        assert_eq!(
            json["dependencies"][0],
            serde_json::json!({
                "package": "csv", "installed": "1.2.3", "latest_compatible": "1.2.4",
                "latest": "2.0.0", "status": "compatible_update", "reason": null,
                "change": "updated", "previous": "1.0.0", "checked_at": null
            })
        );
        assert!(json["timing_s"]["training"].is_null());
    }
}
