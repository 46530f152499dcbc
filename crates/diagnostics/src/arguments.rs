//! The command line.

use crate::compare::{Chunking, CompareOptions, Comparison, Period, compare};
use crate::dependencies::AskRegistry;
use crate::trends::{Trends, trends};
use crate::why::{Question, Why, explain};
use crate::{Options, Outcome};
use anyhow::Result;
use chrono::NaiveDate;
use clap::Parser;
use risk_core::Run;
use risk_core::error::exit;
use risk_core::shell::{self, Common, Program};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

/// Say what the deployed model predicts, what the data looks like, how long the work takes, and
/// which dependencies are out of date
///
/// Writes diagnostics.json in the output folder: predictions of the deployed model on the compiled
/// data, summary statistics and the share of missing cells of every column, the seconds that
/// ingestion and training take (done again in memory, nothing is overwritten), the installed, the
/// newest compatible and the newest version of every direct dependency of this program, drift of the
/// samples that the model was not trained on, and how good the model is: estimated on clients without
/// labels, and realized where labels have come.
///
/// With --since, --why or --compare it answers that instead, and writes nothing.
#[derive(Debug, Parser)]
#[command(name = "diagnostics", version)]
pub struct Arguments {
    /// Do not ask the package registry for newest versions, use what it answered before
    /// [default: it is asked, for 5 s at most]
    #[arg(long)]
    offline: bool,
    /// Show figures over time from this day on (YYYY-MM-DD): rows, missing cells, timings, scores,
    /// drift, estimated and realized performance
    #[arg(long, value_name = "DATE", value_parser = parse_day, conflicts_with = "why")]
    since: Option<NaiveDate>,
    /// Say why the score of this client moved between two days: its own data, another model, or the
    /// other clients
    #[arg(long, value_name = "CLIENT", requires = "from")]
    why: Option<String>,
    /// With --why, the first day (YYYY-MM-DD): what was published last until its end counts
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "why")]
    from: Option<NaiveDate>,
    /// With --why, the second day [default: today, see --now]
    #[arg(long, value_name = "DATE", value_parser = parse_day, requires = "why")]
    to: Option<NaiveDate>,
    /// Judge any table against this one instead, a CSV or Parquet file that shows how it was: which
    /// columns have drifted, by the rule of this program and in the figures of Evidently and NannyML. Needs no model
    /// and no config.json, and writes nothing
    #[arg(long, value_name = "REFERENCE.csv", requires = "analysis", conflicts_with_all = ["since", "why"])]
    compare: Option<PathBuf>,
    /// The CSV or Parquet file to be judged against --compare
    #[arg(long = "with", value_name = "ANALYSIS.csv", requires = "compare")]
    analysis: Option<PathBuf>,
    /// With --compare, the column with the risk that a model gave each row; predicted to leave are
    /// those whose risk reaches model.threshold, or 0.5 where that is no number [default: none, and
    /// neither performance nor the list is compared]
    #[arg(long, value_name = "NAME", requires = "compare")]
    risk_column: Option<String>,
    /// With --compare, the column that says whether a client left [default: dataset.target, where the
    /// reference has it]
    #[arg(long, value_name = "NAME", requires = "compare")]
    target: Option<String>,
    /// With --compare, the column with the date or time of each row, by which chunks are cut
    /// [default: dataset.observed_at, else the order of the file]
    #[arg(long, value_name = "NAME", requires = "compare")]
    time_column: Option<String>,
    /// With --compare, all figures also for chunks of so many rows [default: no chunks]
    #[arg(long, value_name = "ROWS", requires = "compare", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..))]
    chunk_size: Option<u32>,
    /// With --compare, all figures also for chunks of one period of the calendar (UTC) each, by
    /// --time-column; a period without rows has none [default: no chunks]
    #[arg(
        long,
        value_name = "PERIOD",
        requires = "compare",
        conflicts_with = "chunk_size"
    )]
    chunk_period: Option<Period>,
    /// Exit with 1 when a column has drifted, so that other commands can be chained
    /// [default: exit with 0, alarms or not]
    #[arg(long)]
    fail_on_alarm: bool,
    #[command(flatten)]
    common: Common,
}

fn parse_day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .map_err(|_| "expected YYYY-MM-DD, such as 2026-07-01".to_owned())
}

/// What the program was asked for.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Answer {
    content: Content,
    #[serde(skip)]
    fail_on_alarm: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content {
    Diagnostics(Box<Outcome>),
    Comparison(Box<Comparison>),
    Trends(Box<Trends>),
    Why(Box<Why>),
}

impl Answer {
    fn is_alarm(&self) -> bool {
        match &self.content {
            Content::Diagnostics(outcome) => outcome.is_alarm(),
            Content::Comparison(comparison) => comparison.alarm,
            Content::Trends(_) | Content::Why(_) => false,
        }
    }
}

impl shell::Outcome for Answer {
    fn exit_code(&self) -> u8 {
        if self.fail_on_alarm && self.is_alarm() {
            exit::FAILED
        } else {
            exit::DONE
        }
    }
}

impl Display for Answer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.content {
            Content::Diagnostics(outcome) => outcome.fmt(formatter),
            Content::Comparison(comparison) => comparison.fmt(formatter),
            Content::Trends(trends) => trends.fmt(formatter),
            Content::Why(why) => why.fmt(formatter),
        }
    }
}

impl Program for Arguments {
    type Outcome = Answer;

    fn common(&self) -> &Common {
        &self.common
    }

    fn writes(&self) -> bool {
        self.compare.is_none() && self.since.is_none() && self.why.is_none()
    }

    fn needs_no_project(&self) -> bool {
        self.compare.is_some()
    }

    fn run(&self, run: &Run) -> Result<Answer> {
        Ok(Answer {
            content: self.answer(run)?,
            fail_on_alarm: self.fail_on_alarm,
        })
    }
}

impl Arguments {
    fn answer(&self, run: &Run) -> Result<Content> {
        if let (Some(reference), Some(analysis)) = (&self.compare, &self.analysis) {
            let options = self.compare_options(reference.clone(), analysis.clone());
            let mut comparison = compare(&run.config, &options)?;
            comparison.details = self.common.verbose > 0;
            return Ok(Content::Comparison(Box::new(comparison)));
        }
        if let Some(since) = self.since {
            return Ok(Content::Trends(Box::new(trends(run, since)?)));
        }
        if let (Some(client), Some(from)) = (&self.why, self.from) {
            let question = Question {
                client: client.clone(),
                from,
                to: self.to.unwrap_or(run.now.date_naive()),
            };
            return Ok(Content::Why(Box::new(explain(run, &question)?)));
        }
        let outcome = crate::run(run, &self.options())?;
        Ok(Content::Diagnostics(Box::new(outcome)))
    }

    fn options(&self) -> Options {
        let ask_registry = if self.offline {
            AskRegistry::Never
        } else {
            AskRegistry::Always
        };
        Options {
            ask_registry,
            ..Options::default()
        }
    }

    fn compare_options(&self, reference: PathBuf, analysis: PathBuf) -> CompareOptions {
        CompareOptions {
            reference,
            analysis,
            risk_column: self.risk_column.clone(),
            target: self.target.clone(),
            time_column: self.time_column.clone(),
            chunking: self.chunking(),
        }
    }

    fn chunking(&self) -> Option<Chunking> {
        let rows = self.chunk_size.and_then(|rows| usize::try_from(rows).ok());
        rows.map(Chunking::Rows)
            .or(self.chunk_period.map(Chunking::Period))
    }
}
