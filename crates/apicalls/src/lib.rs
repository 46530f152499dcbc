//! Calls the four endpoints of the running service and keeps their answers in `apireturns.txt`.
//!
//! The file is replaced when every call was answered as it should be, and else not at all. It has no
//! times of its own: the same answers give the same bytes.

mod arguments;
mod client;
mod returns;
mod test_data;
mod url;

pub use arguments::Arguments;
pub use client::{NotUp, is_up};
pub use url::ApiUrl;

use anyhow::Result;
use client::Client;
use returns::Return;
use risk_core::log::Counts;
use risk_core::{Run, files, shell};
use serde::Serialize;
use serde_json::json;
use std::fmt;
use std::time::Duration;

/// What the caller decides.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the service is; by default where this configuration says that it listens.
    pub url: Option<ApiUrl>,
    /// How long one call may take, from connecting to the last byte.
    pub timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            url: None,
            timeout: Duration::from_secs(30),
        }
    }
}

/// What was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Where the service is.
    pub url: String,
    /// The calls, in order.
    pub calls: Vec<Call>,
}

/// One call and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// GET or POST.
    pub method: &'static str,
    /// The endpoint, such as `/scoring`.
    pub path: &'static str,
    /// The HTTP status.
    pub status: u16,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "called {}", self.url)?;
        for Call {
            method,
            path,
            status,
        } in &self.calls
        {
            write!(f, "\n  {method} {path}: {status}")?;
        }
        Ok(())
    }
}

impl shell::Outcome for Outcome {
    fn counts(&self) -> Counts {
        Counts {
            calls: Some(self.calls.len() as u64),
            ..Counts::default()
        }
    }
}

/// Asks for the predictions of every file of the test data, the score, the statistics and the
/// diagnostics, and writes the answers down.
///
/// # Errors
/// [`NotUp`] when the service cannot be reached; [`risk_core::Failure::InputMissing`] without test
/// data; else when a call fails or is not answered with success, or the file cannot be written.
pub fn run(run: &Run, options: &Options) -> Result<Outcome> {
    let url = options
        .url
        .clone()
        .unwrap_or_else(|| ApiUrl::of(&run.config));
    let datasets = test_data::paths(&run.layout, &run.config.folder)?;
    let client = Client::new(&url, options.timeout);
    let mut returns: Vec<Return> = Vec::new();
    for dataset in datasets {
        returns.push(client.post("/prediction", json!({ "dataset_path": dataset }))?);
    }
    for path in ["/scoring", "/summarystats", "/diagnostics"] {
        returns.push(client.get(path)?);
    }
    files::write(&run.layout.api_returns(), returns::render(&returns))?;
    for Return { call, .. } in &returns {
        run.history()?
            .record_api_call(&url.to_string(), call.method, call.path, call.status)?;
    }
    Ok(Outcome {
        url: url.to_string(),
        calls: returns.into_iter().map(|answer| answer.call).collect(),
    })
}
