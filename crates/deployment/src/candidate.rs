//! What is to be deployed: model, score and records, read and checked to belong together.

use anyhow::{Context, Result, bail};
use risk_core::layout::{
    INGESTED_FILES, LATEST_SCORE, REFERENCE, SCORES, TRAINED_MODEL, TRAINING_RECORD,
};
use risk_core::model::Model;
use risk_core::records::{self, Manifest, Scores, TrainingRecord};
use risk_core::{Failure, Layout, Run, error, files, hash};
use std::collections::BTreeMap;
use std::path::Path;

/// The files of a release before it is one.
pub(crate) struct Candidate {
    /// Its model.
    pub model_id: String,
    /// The model as it is applied.
    pub model: Model,
    /// What the model was trained on.
    pub record: TrainingRecord,
    /// The bytes of each file, by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Candidate {
    /// Reads the newly trained model, its score and its records.
    ///
    /// # Errors
    /// When one is missing or malformed, or they do not belong together.
    pub fn read(layout: &Layout) -> Result<Self> {
        let sources = [
            (TRAINED_MODEL, layout.trained_model(), "training"),
            (TRAINING_RECORD, layout.training_record(), "training"),
            (LATEST_SCORE, layout.latest_score(), "scoring"),
            (SCORES, layout.scores(), "scoring"),
            (INGESTED_FILES, layout.ingested_files(), "ingestion"),
        ];
        let mut contents = BTreeMap::new();
        for (name, path, made_by) in sources {
            contents.insert(name.to_owned(), read(&path, made_by)?);
        }
        let model = Model::parse(&contents[TRAINED_MODEL])
            .with_context(|| layout.trained_model().display().to_string())?;
        check_score(&model, &contents, layout)?;
        let record = check_record(&model, &contents, layout)?;
        contents.extend(reference_of(&model, layout)?.map(|bytes| (REFERENCE.to_owned(), bytes)));
        Ok(Self {
            model_id: model.model_id.clone(),
            model,
            record,
            files: contents,
        })
    }

    /// The manifest of a release of it, under a name that is not taken. Names sort by time; the same
    /// model may be deployed twice in one second in a test.
    pub fn manifest(
        &self,
        run: &Run,
        previous_release: Option<String>,
        force_reason: Option<String>,
    ) -> Manifest {
        let base = format!("{}-{}", run.now.format("%Y%m%dT%H%M%SZ"), self.model_id);
        let is_taken = |name: &String| {
            let folders = [run.layout.releases(), run.layout.waiting()];
            folders.iter().any(|folder| folder.join(name).exists())
        };
        let mut release = base.clone();
        let mut number = 1;
        while is_taken(&release) {
            number += 1;
            release = format!("{base}-{number}");
        }
        Manifest {
            format_version: records::FORMAT_VERSION,
            release,
            model_id: self.model_id.clone(),
            deployed_at: error::timestamp(run.now),
            previous_release,
            force_reason,
            files: self.checksums(),
        }
    }

    /// Whether a release is just this: the same model and the same files, whatever the time at
    /// which the model was trained.
    pub fn is_deployed_as(&self, manifest: &Manifest) -> bool {
        let mut ours = self.checksums();
        let mut theirs = manifest.files.clone();
        ours.remove(TRAINED_MODEL);
        theirs.remove(TRAINED_MODEL);
        self.model_id == manifest.model_id && ours == theirs
    }

    /// SHA-256 of each file, by name.
    pub fn checksums(&self) -> BTreeMap<String, String> {
        let checksum = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), hash::sha256_hex(bytes));
        self.files.iter().map(checksum).collect()
    }
}

fn read(path: &Path, made_by: &str) -> Result<Vec<u8>> {
    files::read_if_exists(path)?.ok_or_else(|| {
        Failure::InputMissing(format!("{} is not there; run {made_by}", path.display())).into()
    })
}

/// What new data will be judged against; a model folder of before it was kept has none, and one of
/// another model is left where it is.
fn reference_of(model: &Model, layout: &Layout) -> Result<Option<Vec<u8>>> {
    #[derive(serde::Deserialize)]
    struct Named {
        model_id: String,
    }
    let path = layout.reference();
    let Some(bytes) = files::read_if_exists(&path)? else {
        return Ok(None);
    };
    let named: Named =
        serde_json::from_slice(&bytes).with_context(|| path.display().to_string())?;
    Ok((named.model_id == model.model_id).then_some(bytes))
}

fn check_score(model: &Model, contents: &BTreeMap<String, Vec<u8>>, layout: &Layout) -> Result<()> {
    let path = layout.scores();
    let scores: Scores =
        records::parse(&contents[SCORES]).with_context(|| path.display().to_string())?;
    if scores.model_id != model.model_id {
        bail!(
            "the score in {} is of model {}, not of model {}; run scoring",
            path.display(),
            scores.model_id,
            model.model_id
        );
    }
    let text = String::from_utf8_lossy(&contents[LATEST_SCORE]);
    let f1 = scores.evaluation.confusion_matrix.f1();
    if text.trim().parse::<f64>().ok() != Some(f1) {
        bail!(
            "{} says {:?}, but the score of the model is {f1}; run scoring",
            layout.latest_score().display(),
            text.trim()
        );
    }
    Ok(())
}

fn check_record(
    model: &Model,
    contents: &BTreeMap<String, Vec<u8>>,
    layout: &Layout,
) -> Result<TrainingRecord> {
    let path = layout.training_record();
    let record: TrainingRecord =
        records::parse(&contents[TRAINING_RECORD]).with_context(|| path.display().to_string())?;
    if record.model_id != model.model_id {
        bail!(
            "the record {} is of model {}, not of model {}; run training",
            path.display(),
            record.model_id,
            model.model_id
        );
    }
    let ingested = String::from_utf8_lossy(&contents[INGESTED_FILES]);
    let trained: Vec<&str> = record.files.iter().map(|file| file.name.as_str()).collect();
    if ingested.lines().collect::<Vec<_>>() != trained {
        bail!(
            "{} lists other files than model {} was trained on ({}); run training and scoring \
             again, or ingestion with the configuration of that model",
            layout.ingested_files().display(),
            model.model_id,
            trained.join(", ")
        );
    }
    Ok(record)
}
