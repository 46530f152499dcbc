//! That a new model was tried, so that a trigger does not try the same one at every run.

use crate::assess::Assessment;
use crate::decide::{HeldBack, LastTry};
use crate::publish;
use anyhow::Result;
use risk_core::error::timestamp;
use risk_core::history::History;
use risk_core::release::Release;
use risk_core::{Run, hash};
use serde::{Deserialize, Serialize};

/// A try, as the history keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    release: String,
    settings: String,
    #[serde(flatten)]
    tried: LastTry,
}

/// When a new model was last tried against this champion, with the settings of now.
///
/// # Errors
/// When the history cannot be read.
pub(crate) fn last(run: &Run, champion: &Release, history: &History) -> Result<Option<LastTry>> {
    let kept = history.published(&key(run))?;
    let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
    Ok(kept
        .filter(|kept| kept.release == champion.id() && kept.settings == settings(run))
        .map(|kept| kept.tried))
}

/// The try that an assessment made, as it is to be kept; `None` where it made none, or where a freeze
/// kept it from being acted on.
pub(crate) fn of(run: &Run, found: &Assessment) -> Result<Option<String>> {
    let inputs = &found.inputs;
    let (Some(release), Some(judgement), Some(_)) =
        (&inputs.release, &inputs.judgement, &inputs.tried)
    else {
        return Ok(None);
    };
    if found.held_back == Some(HeldBack::ByFreeze) {
        return Ok(None);
    }
    let kept = Kept {
        release: release.clone(),
        settings: settings(run),
        tried: LastTry {
            at: timestamp(run.now),
            n_unseen: judgement.n_unseen,
        },
    };
    Ok(Some(serde_json::to_string(&kept)?))
}

/// The name under which the history keeps it.
pub(crate) fn key(run: &Run) -> String {
    publish::key(run, "new model tried", run.layout.production())
}

/// What a new model and its comparison depend on besides the data.
fn settings(run: &Run) -> String {
    hash::sha256_hex(format!("{:?}", run.config.model))
}
