//! The command line.

use crate::dependencies::AskRegistry;
use crate::trends::{Trends, trends};
use crate::why::{Question, Why, explain};
use crate::{Options, Outcome};
use anyhow::Result;
use chrono::NaiveDate;
use clap::Parser;
use risk_core::Run;
use risk_core::shell::{self, Common, Program};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// Say what the deployed model predicts, what the data looks like, how long the work takes, and
/// which dependencies are out of date
///
/// Writes diagnostics.json in the output folder: predictions of the deployed model on the compiled
/// data, summary statistics and the share of missing cells of every column, the seconds that
/// ingestion and training take (done again in memory, nothing is overwritten), the installed, the
/// newest compatible and the newest version of every direct dependency of this program, and how good
/// the model is: estimated on clients without labels, and realized where labels have come.
///
/// With --since or --why it answers that instead, from the history, and writes nothing.
#[derive(Debug, Parser)]
#[command(name = "diagnostics", version)]
pub struct Arguments {
    /// Do not ask the package registry for newest versions, use what it answered before
    /// [default: it is asked, for 5 s at most]
    #[arg(long)]
    offline: bool,
    /// Show figures over time from this day on (YYYY-MM-DD): rows, missing cells, timings, scores,
    /// drift, estimated and realized performance
    #[arg(long, value_name = "DATE", conflicts_with = "why")]
    since: Option<NaiveDate>,
    /// Say why the score of this client moved between two days: its own data, another model, or the
    /// other clients
    #[arg(long, value_name = "CLIENT", requires = "from")]
    why: Option<String>,
    /// With --why, the first day (YYYY-MM-DD): what was published last until its end counts
    #[arg(long, value_name = "DATE", requires = "why")]
    from: Option<NaiveDate>,
    /// With --why, the second day [default: today, see --now]
    #[arg(long, value_name = "DATE", requires = "why")]
    to: Option<NaiveDate>,
    #[command(flatten)]
    common: Common,
}

/// What the program was asked for.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The figures of now.
    Diagnostics(Box<Outcome>),
    /// Figures over time.
    Trends(Box<Trends>),
    /// Why a score moved.
    Why(Box<Why>),
}

impl shell::Outcome for Answer {}

impl Display for Answer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostics(outcome) => outcome.fmt(formatter),
            Self::Trends(trends) => trends.fmt(formatter),
            Self::Why(why) => why.fmt(formatter),
        }
    }
}

impl Program for Arguments {
    type Outcome = Answer;

    fn common(&self) -> &Common {
        &self.common
    }

    fn writes(&self) -> bool {
        self.since.is_none() && self.why.is_none()
    }

    fn run(&self, run: &Run) -> Result<Answer> {
        if let Some(since) = self.since {
            return Ok(Answer::Trends(Box::new(trends(run, since)?)));
        }
        if let (Some(client), Some(from)) = (&self.why, self.from) {
            let question = Question {
                client: client.clone(),
                from,
                to: self.to.unwrap_or(run.now.date_naive()),
            };
            return Ok(Answer::Why(Box::new(explain(run, &question)?)));
        }
        let ask_registry = if self.offline {
            AskRegistry::Never
        } else {
            AskRegistry::Always
        };
        let options = Options {
            ask_registry,
            ..Options::default()
        };
        Ok(Answer::Diagnostics(Box::new(crate::run(run, &options)?)))
    }
}
