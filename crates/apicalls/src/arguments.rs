//! The command line.

use crate::{ApiUrl, Options, Outcome};
use anyhow::Result;
use clap::Parser;
use risk_core::Run;
use risk_core::shell::{Common, Program};

/// Calls the running service and keeps its answers in apireturns.txt of the model folder.
///
/// It asks for the predictions of the test data, the score, the statistics and the diagnostics. The
/// file is replaced only when all of them are answered. A call may take 30 seconds.
#[derive(Debug, Parser)]
#[command(name = "apicalls", version)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Where the service is [default: http:// and api.bind of the configuration]
    #[arg(long, value_name = "URL")]
    url: Option<ApiUrl>,
}

impl Program for Arguments {
    type Outcome = Outcome;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        let options = Options {
            url: self.url.clone(),
            ..Options::default()
        };
        crate::run(run, &options)
    }
}
