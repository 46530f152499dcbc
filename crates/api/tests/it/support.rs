//! A project with a release, the service on it, and answers to look at.

use chrono::DateTime;
use risk_core::calibration::Calibration;
use risk_core::config::{Basis, ModelKind};
use risk_core::layout::{
    INGESTED_FILES, LATEST_SCORE, MANIFEST, SCORES, TRAINED_MODEL, TRAINING_RECORD,
};
use risk_core::metrics::{Scored, evaluate};
use risk_core::model::{
    CategoryFeature, Feature, FitRecord, Level, Model, NumericFeature, Term, TrainingData, sigmoid,
};
use risk_core::records::{Manifest, Scores, TrainingRecord};
use risk_core::{files, hash};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use testkit::Project;

pub const TEST_DATA: &str = "corporation,activity,industry,exited\n\
                             acme,0,Retail,0\n\
                             blue,40,Energy,1\n\
                             cora,,,\n";

/// A project with test data and, under the name 1, a release.
pub fn project() -> Project {
    let project = Project::new();
    project.write("testdata/testdata.csv", TEST_DATA);
    deploy(&project, "1", &model());
    project
}

/// log-odds = 1 - 0.1 activity + 0.5 (Energy) - 0.5 (Retail); activity 20 where missing.
pub fn model() -> Model {
    let level = |name: &str, coefficient| Level {
        level: name.into(),
        term: term(0.0, coefficient),
    };
    let activity = NumericFeature {
        name: "activity".into(),
        imputation: 20.0,
        term: term(20.0, -0.1),
        spline: None,
        bends: Vec::new(),
        missing: None,
        min: Some(0.0),
        max: None,
        required: false,
    };
    let industry = CategoryFeature {
        name: "industry".into(),
        levels: vec![level("Energy", 0.5), level("Retail", -0.5)],
        other: None,
        missing: None,
        required: false,
    };
    let model = Model {
        format: String::new(),
        format_version: 0,
        model_id: String::new(),
        created_at: String::new(),
        kind: ModelKind::Logistic,
        basis: Basis::Linear,
        l2: 1.0,
        selection: None,
        calibration: Calibration::None,
        calibration_choice: None,
        recalibration: None,
        threshold: 0.5,
        client_id: "corporation".into(),
        target: "exited".into(),
        positive: None,
        horizon_days: None,
        features: vec![Feature::Numeric(activity), Feature::Category(industry)],
        intercept: 1.0,
        intercept_standardised: -1.0,
        data: training_data(),
        fit: fit(),
    };
    model.sealed(DateTime::UNIX_EPOCH).unwrap()
}

fn term(mean: f64, coefficient: f64) -> Term {
    Term {
        mean,
        standard_deviation: 1.0,
        coefficient,
        standardised_coefficient: coefficient,
    }
}

fn training_data() -> TrainingData {
    TrainingData {
        sha256: String::new(),
        n_samples: 4,
        n_positive: 2,
        observed_from: None,
        observed_to: None,
        recency: None,
        contacted: None,
    }
}

fn fit() -> FitRecord {
    FitRecord {
        solver: "none".into(),
        converged: true,
        gradient_norm: 0.0,
        newton_steps: 0,
        log_loss: 0.5,
    }
}

/// What the model says of the rows of the test data.
pub fn expected_risks() -> [f64; 3] {
    [sigmoid(0.5), sigmoid(-2.5), sigmoid(-1.0)]
}

/// Lays a release out and makes it the current one.
pub fn deploy(project: &Project, id: &str, model: &Model) {
    let folder = project.path("production_deployment/releases").join(id);
    let scores = scores(model);
    let record = TrainingRecord {
        format_version: 1,
        model_id: model.model_id.clone(),
        input_folder: "../sourcedata".into(),
        files: Vec::new(),
        samples: Vec::new(),
        left_out: Vec::new(),
    };
    let f1 = scores.evaluation.metrics.f1.value.unwrap();
    let contents = [
        (TRAINED_MODEL, serde_json::to_string(model).unwrap()),
        (LATEST_SCORE, f1.to_string()),
        (SCORES, serde_json::to_string(&scores).unwrap()),
        (INGESTED_FILES, "dataset1.csv\n".to_owned()),
        (TRAINING_RECORD, serde_json::to_string(&record).unwrap()),
    ];
    let mut manifest = Manifest {
        format_version: 1,
        release: id.into(),
        model_id: model.model_id.clone(),
        deployed_at: "2026-07-01T06:00:00Z".into(),
        previous_release: None,
        force_reason: None,
        files: BTreeMap::new(),
    };
    for (name, content) in contents {
        let checksum = hash::sha256_hex(&content);
        manifest.files.insert(name.into(), checksum);
        files::write(&folder.join(name), content).unwrap();
    }
    files::write_json(&folder.join(MANIFEST), &manifest).unwrap();
    point_current_at(project, id);
}

pub fn point_current_at(project: &Project, id: &str) {
    let link = project.path("production_deployment/current");
    files::replace_symlink(&link, format!("releases/{id}").as_ref()).unwrap();
}

fn scores(model: &Model) -> Scores {
    let client_ids = ["a", "b", "c", "d"].map(str::to_owned);
    let samples = Scored {
        client_ids: &client_ids,
        risks: &[0.9, 0.2, 0.6, 0.1],
        exited: &[true, true, false, false],
    };
    Scores {
        model_id: model.model_id.clone(),
        evaluation: evaluate(&samples, 0.5, 0).unwrap(),
    }
}

/// The running service.
pub struct Api {
    process: Child,
    pub url: String,
    agent: ureq::Agent,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Api {
    /// Starts the program on a free port.
    pub fn start(project: &Project) -> Self {
        let mut process = command(project)
            .args(["--bind", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| {
                panic!("{line:?} does not say where it listens");
            });
        // Read on, so that the log never fills the pipe.
        std::thread::spawn(move || stderr.read_to_end(&mut Vec::new()));
        let config = ureq::config::Config::builder().http_status_as_error(false);
        Self {
            url: url.to_owned(),
            process,
            agent: config.proxy(None).build().new_agent(),
        }
    }

    /// A connection to speak by hand, for what a client library would not send.
    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.url);
        Answer::read(self.agent.get(url).call().unwrap())
    }

    pub fn post(&self, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let url = format!("{}/prediction", self.url);
        let request = self.agent.post(url).header("content-type", content_type);
        Answer::read(request.send(body.as_ref()).unwrap())
    }

    /// The same, with the request to keep the predictions.
    pub fn record(&self, content_type: &str, body: impl AsRef<[u8]>) -> Answer {
        let url = format!("{}/prediction?record=true", self.url);
        let request = self.agent.post(url).header("content-type", content_type);
        Answer::read(request.send(body.as_ref()).unwrap())
    }

    pub fn predict(&self, request: &Value) -> Answer {
        self.post("application/json", request.to_string())
    }

    pub fn dataset(&self, path: &str) -> Answer {
        self.predict(&json!({ "dataset_path": path }))
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
    }

    /// Asks it to stop and waits for its end: exit code and standard output.
    pub fn stop(mut self) -> (Option<i32>, String) {
        self.terminate();
        let code = self.process.wait().unwrap().code();
        let mut output = String::new();
        let mut stdout = self.process.stdout.take().unwrap();
        stdout.read_to_string(&mut output).unwrap();
        (code, output)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // Fails where it has stopped already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Answer {
    fn read(mut response: ureq::http::Response<ureq::Body>) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().read_to_string().unwrap(),
        }
    }

    /// The JSON of an answer that is one.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// The detail of a problem with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let document: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!(document["type"], "about:blank");
        assert_eq!(document["status"], status);
        assert!(document["title"].is_string());
        document["detail"].as_str().unwrap().to_owned()
    }
}

/// The program on a project.
pub fn command(project: &Project) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.arg("--config").arg(project.config());
    command
}
