//! The command line.

use crate::serve::{Options, Outcome, serve};
use anyhow::Result;
use clap::Parser;
use risk_core::Run;
use risk_core::shell::{Common, Program};
use std::io::Write;
use std::net::SocketAddr;

/// Answers questions about the deployed model over HTTP until it is stopped.
///
/// POST /prediction gives the risk of clients, GET /scoring the score of the deployed model, GET
/// /summarystats and GET /diagnostics the latest diagnostics, GET /healthz whether the service
/// runs. A new deployment is seen by the next request. Nothing is written, but for POST
/// /prediction?record=true, which keeps its predictions in the history. Ctrl-C and SIGTERM end it after
/// the requests in progress are answered.
#[derive(Debug, Parser)]
#[command(name = "api", version)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Listen on this address and port; port 0 takes a free one [default: api.bind of the
    /// configuration, there 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS")]
    bind: Option<SocketAddr>,
}

impl Program for Arguments {
    type Outcome = Outcome;
    const WRITES: bool = false;

    fn common(&self) -> &Common {
        &self.common
    }

    fn run(&self, run: &Run) -> Result<Outcome> {
        serve(run, &Options { bind: self.bind }, |address| {
            // Said on every start: nobody should have to guess the port.
            let _ = writeln!(std::io::stderr(), "listening on http://{address}");
        })
    }
}
