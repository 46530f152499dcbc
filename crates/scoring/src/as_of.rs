//! What was published about a client on a day: model, release, data files, risk and reasons as they
//! were then. Answered from the history alone, so that it holds when the release is gone.

use anyhow::{Result, bail};
use chrono::NaiveDate;
use risk_core::history::{BookThen, History, PredictionThen};
use risk_core::records::IngestedFile;
use risk_core::{Failure, Run};
use serde::Serialize;
use std::fmt::{self, Display};

/// What was published about a client.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The client.
    pub client: String,
    /// The day that was asked about.
    pub as_of: NaiveDate,
    /// The book that was in force at the end of that day (UTC).
    #[serde(flatten)]
    pub book: BookThen,
    /// What it said about the client.
    #[serde(flatten)]
    pub prediction: PredictionThen,
    /// Whether the client was predicted to leave: its risk was not below the threshold.
    pub predicted_exit: bool,
    /// Whether the release is still kept.
    pub release_kept: bool,
    /// The data files that were in force.
    pub files: Vec<IngestedFile>,
}

/// Looks up what was published about a client on a day; today where none is given.
///
/// # Errors
/// [`Failure::InputMissing`] when nothing was published until then, or the client was not in the
/// book that was in force; else when the history cannot be read.
pub fn as_of(run: &Run, client: &str, day: Option<NaiveDate>) -> Result<Answer> {
    let day = day.unwrap_or_else(|| run.now.date_naive());
    let path = run.layout.history();
    let Some(history) = History::open_to_read(&path)? else {
        let path = path.display();
        bail!(Failure::InputMissing(format!(
            "no history at {path}; run fullprocess or reporting to publish a first list"
        )));
    };
    let folder = run.config.relative(run.layout.model());
    let Some(book) = history.book_as_of(&folder, day)? else {
        bail!(Failure::InputMissing(format!(
            "no list of {folder} was published on or before {day}, or it is no longer kept"
        )));
    };
    let files = history.files_of(&book)?;
    let Some(prediction) = history.prediction_in(&book, client)? else {
        let other = history.predictions_of(&folder, client)?;
        bail!(Failure::InputMissing(not_in_the_book(
            client, day, &book, &files, &other
        )));
    };
    Ok(Answer {
        client: client.to_owned(),
        as_of: day,
        predicted_exit: prediction.risk >= book.threshold,
        release_kept: run.layout.releases().join(&book.release).is_dir(),
        book,
        prediction,
        files,
    })
}

fn not_in_the_book(
    client: &str,
    day: NaiveDate,
    book: &BookThen,
    files: &[IngestedFile],
    other: &[(BookThen, PredictionThen)],
) -> String {
    let files: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let before = other
        .iter()
        .find(|(other, _)| other.published_at < book.published_at);
    let else_where = match (before, other.last()) {
        (Some((then, said)), _) => format!(
            "; it was last in list {}, published {}, with a risk of {:.6}",
            then.list_id, then.published_at, said.risk
        ),
        (None, Some((then, _))) => format!(
            "; it is first in list {}, published {}",
            then.list_id, then.published_at
        ),
        (None, None) => "; it is in no list that is kept".to_owned(),
    };
    format!(
        "{client} was not among the {} clients of list {}, which was in force on {day}: published \
         {} with model {} of release {}, from {}{else_where}",
        book.n_clients,
        book.list_id,
        book.published_at,
        book.model_id,
        book.release,
        files.join(", ")
    )
}

impl Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (book, said) = (&self.book, &self.prediction);
        let verdict = if self.predicted_exit { "leave" } else { "stay" };
        let gone = if self.release_kept {
            ""
        } else {
            ", which is no longer kept"
        };
        writeln!(
            f,
            "{} on {}: risk {:.6}, predicted to {verdict} (threshold {}), rank {} of {}",
            self.client, self.as_of, said.risk, book.threshold, said.rank, book.n_clients
        )?;
        writeln!(
            f,
            "  list     {}, published {}",
            book.list_id, book.published_at
        )?;
        writeln!(f, "  model    {}", book.model_id)?;
        writeln!(f, "  release  {}{gone}", book.release)?;
        writeln!(f, "  sample   {}", self.sample())?;
        for reason in &said.reasons {
            writeln!(f, "  reason   {reason}")?;
        }
        for file in &self.files {
            writeln!(f, "  file     {}  {}", file.sha256, file.name)?;
        }
        Ok(())
    }
}

impl Answer {
    /// Which row it was that was scored, in words.
    fn sample(&self) -> String {
        let said = &self.prediction;
        let date = said
            .observed_at
            .as_ref()
            .map_or(String::new(), |date| format!("of {date}, "));
        match (&said.file, said.line) {
            (Some(file), Some(line)) => format!("{date}line {line} of {}", file.name),
            (Some(file), None) => format!("{date}in {}, its line is not known", file.name),
            (None, _) => format!("{date}its file is not known"),
        }
    }
}
