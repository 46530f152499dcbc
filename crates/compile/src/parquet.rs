//! Parquet: files that are handed in, and the parts that accepted files are kept as.

use crate::clock::Clock;
use crate::damage::catching_panics;
use crate::frame::{to_frame, to_table};
use anyhow::Result;
use dataset::{RawTable, Refusal, Table};
use polars::prelude::*;
use risk_core::files::AtomicFile;
use risk_core::schema;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;

/// Reads a Parquet file as text, so that its rows pass the same checks as those of a CSV file.
///
/// # Errors
/// When it is no Parquet file, is cut off, has a column of lists or structures, or has no rows.
pub fn read_parquet(bytes: Vec<u8>) -> Result<RawTable, Refusal> {
    let damaged = || Refusal("cannot be read as Parquet: the file is damaged".into());
    catching_panics(|| read(bytes)).unwrap_or_else(|| Err(damaged()))
}

fn read(bytes: Vec<u8>) -> Result<RawTable, Refusal> {
    let unreadable = |error: PolarsError| Refusal(format!("cannot be read as Parquet: {error}"));
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let fields = reader.schema().map_err(unreadable)?;
    if let Some(field) = fields.iter_values().find(|field| !is_scalar(&field.dtype)) {
        return Err(Refusal(format!(
            "the column {} holds {:?}; only numbers, text, dates and truth values can be read",
            field.name, field.dtype
        )));
    }
    let frame = reader.finish().map_err(unreadable)?;
    let header = frame
        .get_column_names()
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let columns = frame
        .columns()
        .iter()
        .map(texts)
        .collect::<PolarsResult<Vec<_>>>();
    let columns = columns.map_err(unreadable)?;
    let rows = (0..frame.height())
        .map(|row| columns.iter().map(|column| column[row].clone()).collect())
        .collect();
    RawTable::new(header, rows)
}

fn is_scalar(dtype: &ArrowDataType) -> bool {
    match dtype {
        ArrowDataType::Dictionary(_, values, _) => is_scalar(values),
        ArrowDataType::List(_)
        | ArrowDataType::LargeList(_)
        | ArrowDataType::FixedSizeList(..)
        | ArrowDataType::Struct(_)
        | ArrowDataType::Map(..)
        | ArrowDataType::Union(_)
        | ArrowDataType::Binary
        | ArrowDataType::LargeBinary
        | ArrowDataType::BinaryView
        | ArrowDataType::FixedSizeBinary(_)
        | ArrowDataType::Interval(_)
        | ArrowDataType::Duration(_) => false,
        _ => true,
    }
}

fn texts(column: &Column) -> PolarsResult<Vec<String>> {
    fn each<T>(
        cells: impl Iterator<Item = Option<T>>,
        text: impl Fn(T) -> String,
    ) -> PolarsResult<Vec<String>> {
        Ok(cells
            .map(|cell| cell.map(&text).unwrap_or_default())
            .collect())
    }
    match column.dtype() {
        DataType::Float64 => each(column.f64()?.iter(), dataset::format_number),
        // The shortest form of the single number, 0.1, not that of the double nearest to it.
        DataType::Float32 => each(column.f32()?.iter(), |number| number.to_string()),
        DataType::Datetime(unit, zone) => {
            let clock = Clock::new(zone.as_ref().map(|zone| zone.as_str()))
                .map_err(|zone| polars_err!(ComputeError: "unknown time zone {zone}"))?;
            let times = column.datetime()?.physical().iter();
            each(times, |time| clock.text(time, *unit))
        }
        _ => {
            let text = column.cast(&DataType::String)?;
            each(text.str()?.iter(), str::to_owned)
        }
    }
}

/// Keeps the accepted rows of a file.
///
/// # Errors
/// When the part cannot be written.
pub fn write_part(path: &Path, table: &Table) -> Result<()> {
    write_frame(path, &mut to_frame(table)?)
}

fn write_frame(path: &Path, frame: &mut DataFrame) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    let writer = ParquetWriter::new(&mut file).with_compression(ParquetCompression::Snappy);
    anyhow::Context::with_context(writer.finish(frame), || {
        format!("cannot write {}", path.display())
    })?;
    file.commit()
}

/// Reads the rows that [`write_part`] kept.
///
/// # Errors
/// When the part cannot be read or has other columns than the schema.
pub fn read_part(path: &Path, schema: &schema::Schema) -> Result<Table> {
    let read = || -> Result<Table> {
        let frame = ParquetReader::new(File::open(path)?).finish()?;
        to_table(&frame, schema)
    };
    anyhow::Context::with_context(read(), || {
        format!(
            "cannot read the part {}; remove it and run ingestion again",
            path.display()
        )
    })
}

/// The positions of the rows of a part whose client stays; `None` where all do, or where the part
/// has no such column.
///
/// # Errors
/// When the part cannot be read.
pub fn rows_without(
    path: &Path,
    client_id: &str,
    goes: impl Fn(&str) -> bool,
) -> Result<Option<Vec<usize>>> {
    let frame = ParquetReader::new(File::open(path)?).finish()?;
    let Ok(clients) = frame.column(client_id) else {
        return Ok(None);
    };
    let stays = |(row, client): (usize, Option<&str>)| (!client.is_some_and(&goes)).then_some(row);
    let kept: Vec<usize> = clients
        .str()?
        .iter()
        .enumerate()
        .filter_map(stays)
        .collect();
    Ok((kept.len() < frame.height()).then_some(kept))
}

/// Keeps only the rows of a part at these positions, in ascending order.
///
/// # Errors
/// When the part cannot be read or written.
pub fn keep_rows(path: &Path, kept: &[usize]) -> Result<()> {
    let frame = ParquetReader::new(File::open(path)?).finish()?;
    let mut stays = vec![false; frame.height()];
    for row in kept {
        stays[*row] = true;
    }
    let mut frame = frame.filter(&BooleanChunked::from_slice("stays".into(), &stays))?;
    write_frame(path, &mut frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dataset::check;
    use risk_core::schema::{Column as SchemaColumn, Kind, Role, Schema as TableSchema};

    fn schema() -> TableSchema {
        TableSchema::new(vec![
            SchemaColumn::new("corporation", Role::ClientId, Kind::Category),
            SchemaColumn::new("activity", Role::Feature, Kind::Numeric),
            SchemaColumn::new("industry", Role::Feature, Kind::Category),
            SchemaColumn::new("exited", Role::Target, Kind::Category),
            SchemaColumn::new("observed_at", Role::ObservedAt, Kind::Category),
        ])
    }

    fn table(rows: &str) -> Table {
        let text = format!("corporation,activity,industry,exited,observed_at\n{rows}");
        check(
            &RawTable::from_csv(text.into_bytes()).unwrap(),
            &schema(),
            false,
        )
        .unwrap()
        .table
    }

    #[test]
    fn a_part_gives_back_the_same_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        let table = table("a,0.1,Retail,1,2026-01-31\nb,,,,1969-12-31\nc,1e300,x,0,2026-02-28\n");
        write_part(&path, &table).unwrap();
        let again = read_part(&path, &schema()).unwrap();
        for row in 0..table.n_rows() {
            assert_eq!(again.cells(row), table.cells(row));
        }
    }

    #[test]
    fn rows_of_a_part_can_be_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("part.parquet");
        let table = table("a,1,x,1,2026-01-31\nb,2,,,2026-01-31\na,3,x,0,2026-02-28\n");
        write_part(&path, &table).unwrap();
        let without = |goes: &str| rows_without(&path, "corporation", |client| client == goes);
        assert_eq!(without("c").unwrap(), None);
        let kept = without("a").unwrap().unwrap();
        keep_rows(&path, &kept).unwrap();
        let again = read_part(&path, &schema()).unwrap();
        assert_eq!((again.n_rows(), again.cells(0)), (1, table.cells(1)));
    }

    #[test]
    fn a_parquet_file_is_read_as_the_text_it_would_have_as_csv() {
        let mut frame = df!(
            "corporation" => [Some("a"), None],
            "size" => [7_i64, -1],
            "activity" => [Some(7.0), Some(0.1)],
            "exited" => [Some(true), None],
        )
        .unwrap();
        let day = Int32Chunked::from_slice("day".into(), &[20_484, 0]).into_date();
        frame.with_column(day.into_column()).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        let raw = read_parquet(bytes).unwrap();
        assert_eq!(
            raw.header,
            ["corporation", "size", "activity", "exited", "day"]
        );
        assert_eq!(raw.raw_text(&raw.rows[0]), "a,7,7,true,2026-01-31");
        assert_eq!(raw.raw_text(&raw.rows[1]), ",-1,0.1,,1970-01-01");
        assert_eq!(raw.rows[1].line, 3);
    }

    #[test]
    fn single_precision_numbers_keep_their_shortest_form() {
        let mut frame = df!("activity" => [0.1_f32, 7.0]).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        let raw = read_parquet(bytes).unwrap();
        assert_eq!(raw.raw_text(&raw.rows[0]), "0.1");
        assert_eq!(raw.raw_text(&raw.rows[1]), "7");
    }

    #[test]
    fn what_is_no_parquet_file_is_refused() {
        let refusal = read_parquet(b"corporation,exited\n".to_vec()).unwrap_err();
        assert!(refusal.0.contains("cannot be read as Parquet"), "{refusal}");
    }
}
