//! Reading both tables, and what each column is.

use super::roles::{Roles, require, require_numbers};
use super::strays::{self, UnknownColumn};
use super::times::{Chunking, Times};
use super::{CompareOptions, LeftOut};
use anyhow::{Context, Result};
use dataset::columns::{Cells, ColumnTable, Texts, Want, columns_of, line_of_row, read_columns};
use monitoring::limits::{chunks_of, default_chunk_size};
use risk_core::schema::Kind;
use risk_core::{Config, Failure};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Both tables.
pub struct Tables {
    pub reference: Side,
    pub analysis: Side,
    /// The columns to be judged: the features, then the risk.
    pub judged: Vec<String>,
    /// The columns of numbers among the features.
    pub numeric: Vec<String>,
    /// Features of the reference that the analysis lacks.
    pub missing_columns: Vec<String>,
    /// Columns that only the analysis has.
    pub ignored_columns: Vec<String>,
    /// Names in the configuration that neither table has.
    pub unknown_columns: Vec<UnknownColumn>,
    /// Columns of the reference that could be features and are none.
    pub left_out: Vec<LeftOut>,
    /// How chunks are cut, where they are asked for.
    pub chunking: Option<Chunking>,
}

/// One table.
pub struct Side {
    pub path: PathBuf,
    pub table: ColumnTable,
    pub roles: Roles,
    /// The times of the rows and their order, where there are times.
    times: Option<Times>,
}

impl Tables {
    pub fn read(config: &Config, options: &CompareOptions) -> Result<Self> {
        let mut roles = Roles::new(config, options)?;
        let reference = read(&options.reference, |name| roles.want(name))?;
        roles.settle(config, options, &reference)?;
        if let (Some(Chunking::Period(_)), None) = (options.chunking, &roles.time) {
            let message = "--chunk-period needs the dates of the rows: name their column with \
                           --time-column";
            return Err(Failure::Usage(message.into()).into());
        }
        let (features, left_out) = roles.features(&reference);
        let analysis = read(&options.analysis, |name| match reference.column(name) {
            Some(cells) if features.iter().any(|feature| feature == name) => as_in(cells),
            _ if features.iter().any(|feature| feature == name) => Want::Skip,
            _ => roles.want_of_role(name).unwrap_or(Want::Skip),
        })?;
        let unknown_columns = strays::unknown(config, options, [&reference, &analysis]);
        for unknown in &unknown_columns {
            tracing::warn!("{unknown}");
        }
        if let Some(risk) = &roles.risk {
            require(&options.analysis, &analysis, "--risk-column", risk)?;
            require_numbers(&options.reference, &reference, risk)?;
            require_numbers(&options.analysis, &analysis, risk)?;
        }
        let ignored_columns = strays::only_in_analysis(config, &reference, &analysis);
        let (missing_columns, present): (Vec<String>, Vec<String>) = features
            .into_iter()
            .partition(|name| analysis.column(name).is_none());
        if present.is_empty() && roles.risk.is_none() {
            let message = format!(
                "{} has none of the features of {}, which are {}; it has {}",
                options.analysis.display(),
                options.reference.display(),
                missing_columns.join(", "),
                analysis.header.join(", ")
            );
            return Err(Failure::DataRefused(message).into());
        }
        let numeric = present
            .iter()
            .filter(|name| matches!(analysis.column(name), Some(Cells::Numbers(_))))
            .cloned()
            .collect();
        let judged = present.into_iter().chain(roles.risk.clone()).collect();
        let side = |path: &Path, table: ColumnTable| Side::new(path, table, roles.clone());
        let sides = [
            side(&options.reference, reference)?,
            side(&options.analysis, analysis)?,
        ];
        if let Some(Chunking::Period(_)) = options.chunking {
            for side in &sides {
                side.require_dates()?;
            }
        }
        let [reference, analysis] = sides;
        Ok(Self {
            reference,
            analysis,
            judged,
            numeric,
            missing_columns,
            ignored_columns,
            unknown_columns,
            left_out,
            chunking: options.chunking,
        })
    }

    /// The chunks of a side, as positions in the order of time; `None` where none are asked for.
    pub fn chunks(&self, side: &Side) -> Option<Vec<Range<usize>>> {
        self.chunking.map(|chunking| side.chunks(chunking))
    }

    /// Why no limits can be found from the reference, where they cannot.
    pub fn no_limits(&self) -> Option<String> {
        if self.chunks_of_reference().len() >= 2 {
            return None;
        }
        let n_rows = self.reference.table.n_rows;
        let rows = if n_rows == 1 { "row" } else { "rows" };
        let what_to_do = match self.chunking {
            _ if n_rows < 2 => "give a reference of more rows",
            Some(Chunking::Rows(_)) => "cut smaller ones with --chunk-size",
            _ => {
                "cut smaller ones with --chunk-size or a shorter --chunk-period, or give a longer reference"
            }
        };
        Some(format!(
            "the reference is one chunk of {n_rows} {rows}, and it takes two to show how far chunks \
             differ without drift; {what_to_do}"
        ))
    }

    /// The chunks of the reference from which limits are found: those asked for, or tenths of it.
    pub fn chunks_of_reference(&self) -> Vec<Range<usize>> {
        let tenths = Chunking::Rows(default_chunk_size(self.reference.table.n_rows));
        self.reference.chunks(self.chunking.unwrap_or(tenths))
    }
}

/// Where a row is: its line in a CSV file, its number from 1 where there are no lines.
pub fn place(path: &Path, row: usize) -> String {
    let line = (!is_parquet(path))
        .then(|| line_of_row(path, row))
        .flatten();
    line.map_or_else(|| format!("row {}", row + 1), |line| format!("line {line}"))
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("parquet"))
}

fn read(path: &Path, want: impl Fn(&str) -> Want) -> Result<ColumnTable> {
    if !path.is_file() {
        let path = path.display();
        return Err(Failure::InputMissing(format!("no file at {path}")).into());
    }
    let table = if is_parquet(path) {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        compile::read_parquet(bytes).and_then(|raw| columns_of(&raw, want))
    } else {
        read_columns(path, want)
    };
    let table =
        table.map_err(|reason| Failure::DataRefused(format!("{}: {reason}", path.display())))?;
    if let Some((rows, line)) = table.malformed {
        tracing::warn!(
            "{}: {rows} rows have another number of cells than the header (the first on line {line}); \
             they are left out",
            path.display()
        );
    }
    for (name, cells) in table.header.iter().zip(&table.columns) {
        if let Cells::Numbers(numbers) = cells
            && numbers.unreadable > 0
        {
            tracing::warn!(
                "{}: {} cells of the numeric column {name} hold text; they count as missing",
                path.display(),
                numbers.unreadable
            );
        }
    }
    Ok(table)
}

/// A column without any known cell in the reference is what it is in the analysis.
fn as_in(reference: &Cells) -> Want {
    match reference {
        Cells::Numbers(numbers) if numbers.values.iter().all(|value| value.is_nan()) => Want::Found,
        Cells::Numbers(_) => Want::Kind(Kind::Numeric),
        _ => Want::Kind(Kind::Category),
    }
}

impl Side {
    fn new(path: &Path, table: ColumnTable, roles: Roles) -> Result<Self> {
        let times = match roles
            .time
            .as_ref()
            .and_then(|name| Some((name, table.column(name)?)))
        {
            Some((name, Cells::Texts(texts))) => Some(Times::read(path, name, texts)?),
            _ => None,
        };
        Ok(Self {
            path: path.to_owned(),
            table,
            roles,
            times,
        })
    }

    /// The numbers of a column; empty where it has none.
    pub fn numbers(&self, name: &str) -> &[f64] {
        match self.table.column(name) {
            Some(Cells::Numbers(numbers)) => &numbers.values,
            _ => &[],
        }
    }

    /// The risks; empty where there are none.
    pub fn risks(&self) -> &[f64] {
        self.roles
            .risk
            .as_ref()
            .map_or(&[], |name| self.numbers(name))
    }

    /// The labels; empty where there are none.
    pub fn labels(&self) -> &[Option<bool>] {
        let target = self
            .roles
            .target
            .as_ref()
            .and_then(|name| self.table.column(name));
        match target {
            Some(Cells::Targets(labels)) => labels,
            _ => &[],
        }
    }

    /// The names of the clients.
    pub fn client_ids(&self) -> Option<&Texts> {
        match self.table.column(&self.roles.client_id) {
            Some(Cells::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// The row at a position in the order of time, or of the file.
    pub fn row_at(&self, position: usize) -> usize {
        self.times
            .as_ref()
            .map_or(position, |times| times.order[position] as usize)
    }

    fn chunks(&self, chunking: Chunking) -> Vec<Range<usize>> {
        match (chunking, &self.times) {
            (Chunking::Period(period), Some(times)) => times.chunks(period),
            (Chunking::Rows(size), _) => chunks_of(self.table.n_rows, size).collect(),
            // Such a side is refused before.
            (Chunking::Period(_), None) => Vec::new(),
        }
    }

    fn require_dates(&self) -> Result<()> {
        let name = self.roles.time.as_deref().unwrap_or_default();
        let reason = match &self.times {
            None => format!("there is no column {name}"),
            Some(times) if times.are_numbers => {
                format!("the column {name} holds numbers, no dates")
            }
            Some(_) => return Ok(()),
        };
        let path = self.path.display();
        let message = format!("{path}: {reason}; --chunk-period cuts by date");
        Err(Failure::DataRefused(message).into())
    }

    /// Something for each row, in the order of time.
    pub fn in_order<T: Copy>(&self, cells: &[T]) -> Vec<T> {
        match &self.times {
            Some(times) if !cells.is_empty() => {
                times.order.iter().map(|row| cells[*row as usize]).collect()
            }
            _ => cells.to_vec(),
        }
    }

    /// The first and the last time of a chunk.
    pub fn times_of(&self, chunk: &Range<usize>) -> Option<(String, String)> {
        let name = self.roles.time.as_ref()?;
        match self.table.column(name) {
            Some(Cells::Texts(texts)) if !chunk.is_empty() => {
                let text = |position: usize| texts.get(self.row_at(position)).to_owned();
                Some((text(chunk.start), text(chunk.end - 1)))
            }
            _ => None,
        }
    }
}
