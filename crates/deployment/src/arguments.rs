//! The command line.

use crate::{Options, Report, freeze};
use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::{ArgGroup, Parser};
use risk_core::Run;
use risk_core::shell::{Common, Program};

/// Put the newly trained model in force, or manage the releases
///
/// Takes the model and its score from the model folder and ingestedfiles.txt from the output folder,
/// checks that they belong together, and puts them in force in one step: a new release in the
/// production folder, to which trainedmodel.json, latestscore.txt and ingestedfiles.txt there lead.
///
/// Where just this is deployed already, nothing happens and nothing is printed. When anything is
/// missing or does not belong together, the release in force stays as it is.
///
/// It also stays, unless --force gives a reason, while changes are frozen; when the model was rolled
/// back before; when it was trained on another input folder than the model in force; and when it is
/// certainly worse than that on labelled data that neither was trained on (labelled rows of the
/// compiled data where there are enough, else with the test data). Where that cannot be told, it is
/// deployed with a warning.
///
/// Earlier releases are kept under releases/, as many as deployment.keep_releases says; never removed
/// are the current one and the one before it.
#[derive(Debug, Parser)]
#[command(
    name = "deployment",
    version,
    group = ArgGroup::new("action").args(["list", "rollback", "approve", "freeze", "unfreeze"])
)]
pub struct Arguments {
    /// List the releases and the candidate that waits for approval, with the state of their files;
    /// needs no lock and changes no release
    #[arg(long)]
    list: bool,
    /// Put an earlier release back in force [default: the one before]. Its files are checked first;
    /// the model that was in force is not deployed again by itself
    #[arg(long, value_name = "RELEASE", num_args = 0..=1)]
    rollback: Option<Option<String>>,
    /// Put the candidate that waits for approval in force, with RELEASE only if it is this one
    /// [default: whichever waits]. fullprocess makes it under deployment.mode "approve"
    #[arg(long, value_name = "RELEASE", num_args = 0..=1)]
    approve: Option<Option<String>>,
    /// Keep the release in force as it is until a time (RFC 3339) or the end of a day (YYYY-MM-DD,
    /// UTC): new models are judged but not deployed [default: no freeze]
    #[arg(long, value_name = "UNTIL", value_parser = freeze::parse_until)]
    freeze: Option<DateTime<Utc>>,
    /// End the freeze now
    #[arg(long)]
    unfreeze: bool,
    /// Do it whatever the checks and a freeze say; REASON is kept in the history and, of a new
    /// release, in its manifest [default: the checks decide]
    #[arg(
        long,
        value_name = "REASON",
        value_parser = reason,
        conflicts_with_all = ["list", "freeze", "unfreeze"]
    )]
    force: Option<String>,
    #[command(flatten)]
    common: Common,
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("say why, in a few words".into());
    }
    Ok(text.to_owned())
}

impl Program for Arguments {
    type Outcome = Report;

    fn common(&self) -> &Common {
        &self.common
    }

    fn writes(&self) -> bool {
        !self.list
    }

    fn run(&self, run: &Run) -> Result<Report> {
        let force = self.force.as_deref();
        if self.list {
            return crate::list(run).map(Report::List);
        }
        if let Some(release) = &self.rollback {
            return crate::rollback(run, release.as_deref(), force).map(Report::RolledBack);
        }
        if let Some(release) = &self.approve {
            return crate::approve(run, release.as_deref(), force).map(Report::Approved);
        }
        if let Some(until) = self.freeze {
            return crate::freeze(run, until).map(Report::Freeze);
        }
        if self.unfreeze {
            return crate::unfreeze(run).map(Report::Freeze);
        }
        let options = Options {
            force: self.force.clone(),
            was_compared: false,
        };
        crate::run(run, &options).map(Report::Deployed)
    }
}
