//! The configuration: what `config.json` may say, with every default.
//!
//! Five keys are required; everything else is optional. Paths are resolved against the folder of
//! the configuration file when it is loaded, so nothing later depends on the current folder.

mod alerts;
mod check;
mod contacted;
mod contacts;
mod features;
mod load;
mod messages;
mod model;
mod probability;

pub use alerts::{AlertCommand, AlertsConfig};
pub use contacted::ContactedLabels;
pub use contacts::ContactsConfig;
pub use features::{Features, ListedFeature};
pub use load::{Override, alerts_of, json_schema, load, load_or_default};
pub use model::{Basis, BasisChoice, ModelConfig, ModelKind, Penalty};
pub use probability::{CalibrationChoice, Threshold};

use crate::layout::Layout;
use schemars::JsonSchema;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The configuration file where none is named.
pub const DEFAULT_FILE: &str = "config.json";

/// The whole configuration of one project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A JSON Schema for editors; not read.
    #[serde(default, rename = "$schema")]
    pub schema_reference: Option<String>,
    /// Folder with the data files to ingest.
    pub input_folder_path: PathBuf,
    /// Folder for the compiled data, the diagnostics and the history.
    pub output_folder_path: PathBuf,
    /// Folder with the labelled test data that scores a model.
    pub test_data_path: PathBuf,
    /// Folder for the newly trained model, its score and the reports.
    pub output_model_path: PathBuf,
    /// Folder for the deployed releases.
    pub prod_deployment_path: PathBuf,
    /// The book: a file or folder with the clients to be scored. Default: the newest sample of
    /// every client whose newest target is missing.
    #[serde(default)]
    pub clients_path: Option<PathBuf>,
    /// What the columns of the data mean.
    #[serde(default)]
    pub dataset: DatasetConfig,
    /// How the risk model is fitted.
    #[serde(default)]
    pub model: ModelConfig,
    /// The contact list.
    #[serde(default)]
    pub contacts: ContactsConfig,
    /// When the deployed model is judged to have drifted.
    #[serde(default)]
    pub monitoring: MonitoringConfig,
    /// How releases are put in force and kept.
    #[serde(default)]
    pub deployment: DeploymentConfig,
    /// Databases to ingest besides the files of the input folder.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// How the people on call are told what needs them.
    #[serde(default)]
    pub alerts: AlertsConfig,
    /// The HTTP service.
    #[serde(default)]
    pub api: ApiConfig,
    /// The folder of the configuration file, an absolute path; no key, known once it is loaded.
    #[serde(skip)]
    pub folder: PathBuf,
}

impl Config {
    /// Where every file of this project is.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::new(self)
    }

    /// A path as it is named in records: relative to the folder of the configuration where it is
    /// below it, so that the whole project may be moved.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.folder).unwrap_or(path);
        relative.display().to_string()
    }
}

/// What the columns of the data mean and which rows are accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatasetConfig {
    /// The column that identifies a client. Default "corporation".
    pub client_id: String,
    /// The column that says whether the client left: 0/1, true/false or yes/no. Default "exited".
    pub target: String,
    /// The text of the target that means "left", where it is none of 1, true and yes.
    pub positive: Option<String>,
    /// The column with the date of a row. With it a later row of the same client and date
    /// corrects an earlier one.
    pub observed_at: Option<String>,
    /// The target says whether the client left within this many days after `observed_at`.
    #[schemars(range(min = 1))]
    pub horizon_days: Option<u32>,
    /// Columns that are kept but are no features.
    pub ignore: Vec<String>,
    /// "auto" or a list of features.
    pub features: Features,
    /// The column with the yearly value of the client's contract, in money.
    pub contract_value: Option<String>,
    /// A file is refused when more than this share of its rows, in percent, and at least 20 rows
    /// are bad. Default 5.
    #[schemars(range(min = 0, max = 100))]
    pub max_rejected_percent: f64,
    /// A file touched within this many seconds, or whose last line is cut off, is left for the
    /// next run. Default 0: every file is read at once.
    pub settle_s: u64,
}

impl Default for DatasetConfig {
    fn default() -> Self {
        Self {
            client_id: "corporation".into(),
            target: "exited".into(),
            positive: None,
            observed_at: None,
            horizon_days: None,
            ignore: Vec::new(),
            features: Features::Auto,
            contract_value: None,
            max_rejected_percent: 5.0,
            settle_s: 0,
        }
    }
}

/// When the deployed model is judged to have drifted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MonitoringConfig {
    /// The test. Default "evidence": evidence adds up over all labelled samples since the release.
    pub drift_test: DriftTest,
    /// Bound of the chance that the evidence calls drift in the life of a release where there is
    /// none. Default 0.01.
    #[schemars(range(min = 0, max = 1))]
    pub alpha: f64,
    /// Labelled samples below which drift is never declared. Default 30.
    pub min_labelled: u64,
    /// The evidence calls drift only where a recalibration would save this much log-loss a sample.
    /// Default 0.
    #[schemars(range(min = 0))]
    pub min_gain: f64,
    /// How predictions that were handed out turned out is stated for windows of so many days of
    /// publication. Default: as long as `dataset.horizon_days`.
    #[schemars(range(min = 1))]
    pub label_window_days: Option<u32>,
    /// An alert is raised when no file with new content was accepted for more than so many days.
    /// Default: never.
    #[schemars(range(min = 1))]
    pub max_data_age_days: Option<u32>,
    /// An alert is raised when the deployed model was trained more than so many days ago.
    /// Default: never.
    #[schemars(range(min = 1))]
    pub max_model_age_days: Option<u32>,
    /// A new model is tried when the data has drifted and at least this share of the
    /// `contacts.capacity` clients with the highest risk are others because of that, 0 to 1; it is
    /// deployed only where it is certainly not worse. Default: never.
    #[schemars(range(min = 0, max = 1))]
    pub retrain_on_list_impact: Option<f64>,
    /// A new model is tried when the deployed one was trained so many days ago; it is deployed only
    /// where it is certainly not worse. Default: never.
    #[schemars(range(min = 1))]
    pub retrain_after_days: Option<u32>,
    /// The chance that any column of the data is said to have drifted by one of the two tests where
    /// none has, in one look. Default 0.001.
    #[schemars(range(min = 0, max = 1))]
    pub drift_alpha: f64,
    /// The least population stability index worth an alarm. Default 0.02.
    #[schemars(range(min = 0))]
    pub psi_floor: f64,
    /// The least Kolmogorov-Smirnov statistic worth an alarm. Default 0.02.
    #[schemars(range(min = 0, max = 1))]
    pub ks_floor: f64,
}

impl Default for MonitoringConfig {
    fn default() -> Self {
        Self {
            drift_test: DriftTest::Evidence,
            alpha: 0.01,
            min_labelled: 30,
            min_gain: 0.0,
            label_window_days: None,
            max_data_age_days: None,
            max_model_age_days: None,
            retrain_on_list_impact: None,
            retrain_after_days: None,
            drift_alpha: 0.001,
            psi_floor: 0.02,
            ks_floor: 0.02,
        }
    }
}

/// The test that decides whether the deployed model has drifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriftTest {
    /// An e-process over all labelled samples since the release reaches `1 / alpha`.
    Evidence,
    /// The F1 on newly labelled data is lower than the stored score.
    Raw,
}

impl DriftTest {
    /// The name in the configuration and in the history.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Raw => "raw",
        }
    }
}

/// How releases are put in force and kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeploymentConfig {
    /// Whether a new model that passes the comparison is put in force at once or waits for
    /// `deployment --approve`. Default "auto".
    pub mode: DeploymentMode,
    /// How many releases are kept; the current one and the one before it always are. Default 20.
    #[schemars(range(min = 1))]
    pub keep_releases: u32,
}

impl Default for DeploymentConfig {
    fn default() -> Self {
        Self {
            mode: DeploymentMode::Auto,
            keep_releases: 20,
        }
    }
}

/// What becomes of a new model that passes the comparison with the deployed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentMode {
    /// It takes the place of the deployed one.
    Auto,
    /// It waits until a person approves it.
    Approve,
}

/// A database whose rows are ingested like those of a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The kind of database.
    pub kind: SourceKind,
    /// The name under which the rows are recorded, like the base name of a file.
    pub name: String,
    /// The SQLite file.
    pub path: PathBuf,
    /// The table to read; either this or `query`.
    #[serde(default)]
    pub table: Option<String>,
    /// The query to read; either this or `table`.
    #[serde(default)]
    pub query: Option<String>,
}

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An SQLite file.
    Sqlite,
}

/// The HTTP service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// Address and port to listen on. Default "127.0.0.1:8000".
    pub bind: std::net::SocketAddr,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            bind: std::net::SocketAddr::from(([127, 0, 0, 1], 8000)),
        }
    }
}
