//! Where every file is. Each file name of the system appears here, once.

use crate::config::Config;
use std::path::{Path, PathBuf};

/// The files of one project, all as absolute paths.
#[derive(Debug, Clone)]
pub struct Layout {
    input: PathBuf,
    output: PathBuf,
    test: PathBuf,
    model: PathBuf,
    production: PathBuf,
}

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident = $folder:ident / $file:literal;)*) => {
        $($(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> PathBuf {
            self.$folder.join($file)
        })*
    };
}

/// The model in a model folder and in a release.
pub const TRAINED_MODEL: &str = "trainedmodel.json";
/// The bare F1 in a model folder and in a release.
pub const LATEST_SCORE: &str = "latestscore.txt";
/// All metrics in a model folder and in a release.
pub const SCORES: &str = "scores.json";
/// Which samples and files a model was trained on, in a model folder and in a release.
pub const TRAINING_RECORD: &str = "trainingrecord.json";
/// The names of the ingested files, in the output folder and in a release.
pub const INGESTED_FILES: &str = "ingestedfiles.txt";
/// The training samples in short, against which new data is judged; in a model folder and in a release.
pub const REFERENCE: &str = "reference.json";
/// What a release consists of.
pub const MANIFEST: &str = "manifest.json";

impl Layout {
    /// The layout of a project with this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            input: config.input_folder_path.clone(),
            output: config.output_folder_path.clone(),
            test: config.test_data_path.clone(),
            model: config.output_model_path.clone(),
            production: config.prod_deployment_path.clone(),
        }
    }

    /// The folder with the data files to ingest.
    #[must_use]
    pub fn input(&self) -> &Path {
        &self.input
    }

    /// The folder of the compiled data.
    #[must_use]
    pub fn output(&self) -> &Path {
        &self.output
    }

    /// The folder with the labelled test data.
    #[must_use]
    pub fn test(&self) -> &Path {
        &self.test
    }

    /// The folder of the newly trained model and the reports.
    #[must_use]
    pub fn model(&self) -> &Path {
        &self.model
    }

    /// The folder of the deployed releases.
    #[must_use]
    pub fn production(&self) -> &Path {
        &self.production
    }

    paths! {
        /// The union of all accepted data.
        final_data = output / "finaldata.csv";
        /// The names of the accepted files, one a line.
        ingested_files = output / "ingestedfiles.txt";
        /// The rows that were not accepted, with every reason.
        rejected_rows = output / "rejectedrows.csv";
        /// The columns of the compiled data and what they are.
        schema = output / "schema.json";
        /// The file and the line of every row of the compiled data.
        data_origins = output / "dataorigins.json";
        /// The accepted files in parsed form.
        parts = output / "parts";
        /// What the compiled data is made of.
        parts_index = output / "parts/index.json";
        /// The clients that were erased, as hashes.
        erased_clients = output / "erasedclients.json";
        /// The newest diagnostics.
        diagnostics = output / "diagnostics.json";
        /// The database of all that happened.
        history = output / "history.sqlite";
        /// The lock of the writers.
        lock = output / ".lock";
        /// The lock of those who tell people.
        alerts_lock = output / ".alerts.lock";
        /// What people were told while the history could not be used.
        alerts_without_history = output / "alerts.json";
        /// The newly trained model.
        trained_model = model / "trainedmodel.json";
        /// What the newly trained model was trained on.
        training_record = model / "trainingrecord.json";
        /// The training samples of the newly trained model in short.
        reference = model / "reference.json";
        /// The F1 of the newly trained model on the test data.
        latest_score = model / "latestscore.txt";
        /// All metrics of the newly trained model on the test data.
        scores = model / "scores.json";
        /// The confusion matrix as a picture.
        confusion_matrix = model / "confusionmatrix.png";
        /// The ROC curve as a picture.
        roc_curve = model / "roccurve.png";
        /// The reliability curve as a picture.
        reliability_curve = model / "reliability.png";
        /// How the project is doing, for node_exporter.
        health_metrics = model / "risk.prom";
        /// The report as one page.
        report = model / "report.html";
        /// The clients to be called.
        contact_list = model / "contactlist.csv";
        /// The same as a spreadsheet for those who call.
        contact_spreadsheet = model / "contactlist.xlsx";
        /// The answers of the running service.
        api_returns = model / "apireturns.txt";
        /// All releases, a folder each.
        releases = production / "releases";
        /// The candidates that wait for approval, a folder each.
        waiting = production / "waiting";
        /// Which models were rolled back, and until when changes are frozen.
        release_state = production / "state.json";
        /// The link to the current release.
        current = production / "current";
    }
}
