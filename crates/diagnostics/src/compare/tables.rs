//! Reading both tables, and what each column is.

use super::times::{Chunking, Times, is_date};
use super::{CompareOptions, LeftOut};
use anyhow::{Context, Result};
use dataset::columns::{Cells, ColumnTable, Texts, Want, columns_of, read_columns};
use monitoring::limits::{chunks_of, default_chunk_size};
use risk_core::config::Features;
use risk_core::schema::Kind;
use risk_core::{Config, Failure};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A text column of at least so many names, and of that share of the rows, is no category.
const DISTINCT: (usize, f64) = (10, 0.9);
/// Below so many rows nothing is said to count up.
const ROWS_TO_TELL: usize = 10;

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

/// The columns that are no features, by name.
#[derive(Debug, Clone)]
pub struct Roles {
    client_id: String,
    ignored: Vec<String>,
    positive: Option<String>,
    pub risk: Option<String>,
    pub target: Option<String>,
    pub time: Option<String>,
    listed: Option<Vec<(String, Kind)>>,
}

impl Tables {
    pub fn read(config: &Config, options: &CompareOptions) -> Result<Self> {
        let mut roles = Roles::new(config, options);
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
        if let Some(risk) = &roles.risk {
            require(&options.analysis, &analysis, "--risk-column", risk)?;
        }
        let (missing_columns, present): (Vec<String>, Vec<String>) = features
            .into_iter()
            .partition(|name| analysis.column(name).is_none());
        if present.is_empty() && roles.risk.is_none() {
            let message = format!(
                "{} has none of the features of {}, which are {}",
                options.analysis.display(),
                options.reference.display(),
                missing_columns.join(", ")
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
            _ => "cut smaller ones with --chunk-period or --chunk-size, or give a longer reference",
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

fn read(path: &Path, want: impl Fn(&str) -> Want) -> Result<ColumnTable> {
    if !path.is_file() {
        let path = path.display();
        return Err(Failure::InputMissing(format!("no file at {path}")).into());
    }
    let is_parquet = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("parquet"));
    let table = if is_parquet {
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

impl Roles {
    fn new(config: &Config, options: &CompareOptions) -> Self {
        let dataset = &config.dataset;
        let listed = match &dataset.features {
            Features::Auto => None,
            Features::Listed(list) => Some(
                list.iter()
                    .map(|feature| (feature.name.clone(), feature.kind))
                    .collect(),
            ),
        };
        Self {
            client_id: dataset.client_id.clone(),
            ignored: dataset.ignore.clone(),
            positive: dataset.positive.clone(),
            risk: options.risk_column.clone(),
            target: options
                .target
                .clone()
                .or_else(|| Some(dataset.target.clone())),
            time: options
                .time_column
                .clone()
                .or_else(|| dataset.observed_at.clone()),
            listed,
        }
    }

    fn want(&self, name: &str) -> Want {
        self.want_of_role(name)
            .unwrap_or_else(|| match &self.listed {
                _ if self.ignored.iter().any(|ignored| ignored == name) => Want::Skip,
                None => Want::Found,
                Some(listed) => {
                    let kind = listed.iter().find(|(listed, _)| listed == name);
                    kind.map_or(Want::Skip, |(_, kind)| Want::Kind(*kind))
                }
            })
    }

    fn want_of_role(&self, name: &str) -> Option<Want> {
        let is = |role: &Option<String>| role.as_deref() == Some(name);
        if is(&self.risk) {
            Some(Want::Kind(Kind::Numeric))
        } else if is(&self.target) {
            Some(Want::Target(self.positive.clone()))
        } else if is(&self.time) {
            Some(Want::Text)
        } else if self.client_id == name {
            // Names are compared only where there are lists.
            Some(if self.risk.is_some() {
                Want::Text
            } else {
                Want::Skip
            })
        } else {
            None
        }
    }

    /// What the configuration only supposes may be lacking, what the command line names may not.
    fn settle(
        &mut self,
        config: &Config,
        options: &CompareOptions,
        table: &ColumnTable,
    ) -> Result<()> {
        let path = &options.reference;
        let named = [
            ("--risk-column", &options.risk_column),
            ("--target", &options.target),
            ("--time-column", &options.time_column),
        ];
        for (option, name) in named {
            if let Some(name) = name {
                require(path, table, option, name)?;
            }
        }
        let has = |name: &String| table.column(name).is_some();
        self.target = self.target.take().filter(has);
        self.time = self.time.take().filter(has);
        if options.target.is_none() && self.target.is_none() {
            tracing::info!(
                "no target: {} has no column {}",
                path.display(),
                config.dataset.target
            );
        }
        Ok(())
    }

    fn features(&self, reference: &ColumnTable) -> (Vec<String>, Vec<LeftOut>) {
        let (mut features, mut left_out) = (Vec::new(), Vec::new());
        for (name, cells) in reference.header.iter().zip(&reference.columns) {
            if matches!(cells, Cells::Skipped) || self.want_of_role(name).is_some() {
                continue;
            }
            match why_no_feature(cells).filter(|_| self.listed.is_none()) {
                None => features.push(name.clone()),
                Some(reason) => {
                    tracing::info!("column {name} is left out: {reason}");
                    left_out.push(LeftOut {
                        column: name.clone(),
                        reason,
                    });
                }
            }
        }
        (features, left_out)
    }
}

fn require(path: &Path, table: &ColumnTable, option: &str, name: &str) -> Result<()> {
    if table.column(name).is_some() {
        return Ok(());
    }
    let message = format!(
        "{option} names the column {name}, which {} does not have; it has {}",
        path.display(),
        table.header.join(", ")
    );
    Err(Failure::DataRefused(message).into())
}

fn why_no_feature(cells: &Cells) -> Option<String> {
    match cells {
        Cells::Categories(categories) => {
            let n_rows = categories.codes.len();
            if !categories.names.is_empty() && categories.names.iter().all(|name| is_date(name)) {
                return Some("dates; --time-column cuts chunks by them".to_owned());
            }
            let names = categories.names.len();
            (names >= DISTINCT.0 && names as f64 >= DISTINCT.1 * n_rows as f64)
                .then(|| format!("{names} distinct texts in {n_rows} rows: a name, not a category"))
        }
        Cells::Numbers(numbers) => {
            let values = &numbers.values;
            let counts_up = numbers.is_integer
                && values.len() >= ROWS_TO_TELL
                && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0);
            counts_up.then(|| "integers that count up from row to row: a row number".to_owned())
        }
        _ => None,
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
