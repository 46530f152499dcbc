//! What came of calling clients, as people report it: `--contacts FILE`.

use ::contacts::Outcome;
use anyhow::Result;
use dataset::{RawTable, Refusal, RejectedRow, Table, check, formula_unsafe};
use risk_core::erased::ErasedClients;
use risk_core::history::{ContactRecord, History};
use risk_core::schema::{Column, Kind, Role, Schema};
use risk_core::{Failure, Run};
use serde::Serialize;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// The id column as it is called on the contact list.
const CLIENT: &str = "corporation";
const CONTACTED_AT: &str = "contacted_at";
const OUTCOME: &str = "outcome";
const NOTE: &str = "note";
/// Bad rows that are told one by one in words; all are in the JSON.
const SHOWN: usize = 20;

/// What a file of contact outcomes brought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContactsOutcome {
    /// The file.
    pub path: PathBuf,
    /// Rows that were accepted.
    pub rows: u64,
    /// Calls among them that were not known.
    pub new_rows: u64,
    /// The rows that were not accepted.
    pub rejected: Vec<RejectedRow>,
    /// Why the file as a whole was refused; nothing of it was recorded then.
    pub refused: Option<String>,
}

/// Reads, checks and records a file of contact outcomes.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no such file; else when the history cannot be written.
pub fn record(run: &Run, path: &Path) -> Result<ContactsOutcome> {
    let bytes = std::fs::read(path).map_err(|error| {
        Failure::InputMissing(format!("cannot read {}: {error}", path.display()))
    })?;
    let mut outcome = ContactsOutcome {
        path: path.to_owned(),
        rows: 0,
        new_rows: 0,
        rejected: Vec::new(),
        refused: None,
    };
    let checked = RawTable::from_csv(bytes).and_then(|raw| check_rows(run, &raw));
    match checked {
        Ok(found) => keep(run, found, &mut outcome)?,
        Err(Refusal(reason)) => outcome.refused = Some(reason),
    }
    let path = path.display();
    match (&outcome.refused, outcome.rejected.len()) {
        (Some(reason), _) => tracing::error!("{path} is refused: {reason}"),
        (None, 0) => {}
        (None, rejected) => tracing::error!("{path}: {rejected} rows are rejected"),
    }
    Ok(outcome)
}

/// Records what was accepted, unless too much was not.
fn keep(run: &Run, (accepted, rejected): Sorted, outcome: &mut ContactsOutcome) -> Result<()> {
    let all = accepted.len() + rejected.len();
    outcome.rejected = rejected;
    outcome.refused = too_many(run, outcome.rejected.len(), all);
    if outcome.refused.is_none() {
        let folder = dataset::input_folder_name(&run.layout);
        outcome.rows = accepted.len() as u64;
        outcome.new_rows = run.history()?.record_contacts(&folder, &accepted)?;
    }
    Ok(())
}

/// The rule that holds for data files too.
fn too_many(run: &Run, bad: usize, all: usize) -> Option<String> {
    let most = run.config.dataset.max_rejected_percent;
    let percent = 100.0 * bad as f64 / all.max(1) as f64;
    (bad >= 20 && percent > most).then(|| {
        format!(
            "{bad} of {all} rows are bad ({percent:.1} %, more than {most} %); mend them, or raise \
             dataset.max_rejected_percent"
        )
    })
}

/// The accepted calls and the rows that were not accepted.
type Sorted = (Vec<ContactRecord>, Vec<RejectedRow>);

fn check_rows(run: &Run, raw: &RawTable) -> Result<Sorted, Refusal> {
    let schema = schema(run, raw);
    let checked = check(raw, &schema, false)?;
    let known = KnownClients::of(run).map_err(|error| Refusal(format!("{error:#}")))?;
    let (mut accepted, mut rejected) = (Vec::new(), checked.rejected);
    for (row, position) in checked.accepted.iter().enumerate() {
        match contact(run, &known, &checked.table, row) {
            Ok(contact) => accepted.push(contact),
            Err(reasons) => {
                let raw_row = &raw.rows[*position];
                rejected.push(RejectedRow {
                    line: raw_row.line,
                    reasons,
                    row: raw.raw_text(raw_row),
                });
            }
        }
    }
    rejected.sort_by_key(|row| row.line);
    Ok((accepted, rejected))
}

/// The id column may be called as in the data or as on the list; the note may be left out.
fn schema(run: &Run, raw: &RawTable) -> Schema {
    let configured = run.config.dataset.client_id.as_str();
    let client = if raw.position_of(configured).is_some() {
        configured
    } else {
        CLIENT
    };
    let mut columns = vec![
        Column::new(client, Role::ClientId, Kind::Category),
        Column::new(CONTACTED_AT, Role::ObservedAt, Kind::Category),
        Column {
            required: true,
            ..Column::new(OUTCOME, Role::Carried, Kind::Category)
        },
    ];
    if raw.position_of(NOTE).is_some() {
        columns.push(Column::new(NOTE, Role::Carried, Kind::Category));
    }
    Schema::new(columns)
}

fn contact(
    run: &Run,
    known: &KnownClients<'_>,
    table: &Table,
    row: usize,
) -> Result<ContactRecord, Vec<String>> {
    // As copied from the list, where it may have got an apostrophe.
    let client = formula_unsafe(table.client_id(row).trim());
    let text = table.text(2, row).unwrap_or_default();
    let today = run.now.date_naive();
    let mut reasons = Vec::new();
    if known.erased.contains(client) {
        reasons.push("the client was erased and is not taken in again".to_owned());
    } else if !known.contains(client) {
        let column = &table.schema().columns[0].name;
        reasons.push(format!("{column}: {client:?} is no client of the data"));
    }
    let outcome = Outcome::parse(text);
    if outcome.is_none() {
        let words: Vec<&str> = Outcome::ALL.into_iter().map(Outcome::name).collect();
        reasons.push(format!(
            "{OUTCOME}: {text:?} is none of {}",
            words.join(", ")
        ));
    }
    let contacted_at = table.observed_at(row).filter(|day| *day <= today);
    if contacted_at.is_none() {
        reasons.push(format!("{CONTACTED_AT} is after today, {today}"));
    }
    match (outcome, contacted_at) {
        (Some(outcome), Some(contacted_at)) if reasons.is_empty() => Ok(ContactRecord {
            client: client.to_owned(),
            contacted_at,
            outcome: outcome.name().to_owned(),
            note: table
                .schema()
                .position_of(NOTE)
                .and_then(|note| table.text(note, row))
                .map(|note| note.trim().to_owned()),
        }),
        _ => Err(reasons),
    }
}

/// The clients of the compiled data and of all published books.
struct KnownClients<'r> {
    /// `None` where there is no compiled data yet: then no name can be wrong.
    compiled: Option<HashSet<String>>,
    history: Option<&'r History>,
    erased: ErasedClients,
}

impl<'r> KnownClients<'r> {
    fn of(run: &'r Run) -> Result<Self> {
        let compiled = dataset::read_compiled(&run.layout).ok().map(|(_, table)| {
            (0..table.n_rows())
                .map(|row| table.client_id(row).to_owned())
                .collect()
        });
        Ok(Self {
            compiled,
            history: run.history().ok(),
            erased: ErasedClients::read(&run.layout)?,
        })
    }

    fn contains(&self, client: &str) -> bool {
        let Some(compiled) = &self.compiled else {
            return true;
        };
        compiled.contains(client)
            || (self.history).is_some_and(|history| history.names_client(client).unwrap_or(false))
    }
}

impl ContactsOutcome {
    /// Whether every row was accepted.
    pub(crate) fn is_good(&self) -> bool {
        self.refused.is_none() && self.rejected.is_empty()
    }
}

impl fmt::Display for ContactsOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.refused {
            Some(reason) => writeln!(f, "{path} is refused: {reason}")?,
            None => writeln!(
                f,
                "{path}: {} calls, {} of them new; {} rows rejected",
                self.rows,
                self.new_rows,
                self.rejected.len()
            )?,
        }
        for row in self.rejected.iter().take(SHOWN) {
            writeln!(f, "  line {}: {}", row.line, row.reasons_without_cells())?;
        }
        if !self.rejected.is_empty() {
            writeln!(f, "  --json gives the rows themselves")?;
        }
        match self.rejected.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}
