//! The command line.

use crate::dependencies::AskRegistry;
use crate::{Options, Outcome};
use anyhow::Result;
use clap::Parser;
use risk_core::Run;
use risk_core::shell::{Common, Program};

/// Say what the deployed model predicts, what the data looks like, how long the work takes, and
/// which dependencies are out of date
///
/// Writes diagnostics.json in the output folder: predictions of the deployed model on the compiled
/// data, summary statistics and the share of missing cells of every column, the seconds that
/// ingestion and training take (done again in memory, nothing is overwritten), and the installed,
/// the newest compatible and the newest version of every direct dependency of this program.
#[derive(Debug, Parser)]
#[command(name = "diagnostics", version)]
pub struct Arguments {
    /// Do not ask the package registry for newest versions, use what it answered before
    /// [default: it is asked, for 5 s at most]
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    common: Common,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        let ask_registry = if self.offline {
            AskRegistry::Never
        } else {
            AskRegistry::Always
        };
        let options = Options {
            ask_registry,
            ..Options::default()
        };
        crate::run(run, &options)
    }
}
