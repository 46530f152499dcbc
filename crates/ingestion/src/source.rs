//! Databases as inputs: their rows are read as the CSV text they would be as a file, and from there
//! on treated like one.

use anyhow::{Context, Result};
use risk_core::config::Source;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Reads the table or the query of an SQLite file as CSV.
pub(crate) fn read(source: &Source) -> Result<Vec<u8>> {
    let read = || -> Result<Vec<u8>> {
        // The file must be there already: opening must not make one.
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&source.path, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        rows_as_csv(&connection, &sql(source))
    };
    read().with_context(|| format!("SQLite file {}", source.path.display()))
}

fn sql(source: &Source) -> String {
    match (&source.query, &source.table) {
        (Some(query), _) => query.clone(),
        (None, Some(table)) => format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")),
        (None, None) => String::new(), // The configuration was checked for this.
    }
}

fn rows_as_csv(connection: &Connection, sql: &str) -> Result<Vec<u8>> {
    let mut statement = connection.prepare(sql)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(statement.column_names())?;
    let width = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let cells: Vec<Vec<u8>> = (0..width)
            .map(|column| row.get_ref(column).map(text))
            .collect::<Result<_, _>>()?;
        writer.write_record(cells)?;
    }
    Ok(writer.into_inner()?)
}

/// Text as it is: like that of a file, it is refused later where it is not UTF-8.
fn text(cell: ValueRef<'_>) -> Vec<u8> {
    match cell {
        ValueRef::Null => Vec::new(),
        ValueRef::Integer(number) => number.to_string().into_bytes(),
        ValueRef::Real(number) => dataset::format_number(number).into_bytes(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_as_the_csv_it_would_be() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE clients (corporation TEXT, size INTEGER, activity REAL, exited);
                 INSERT INTO clients VALUES ('a, b', 7, 7.0, 1), ('c', NULL, 0.1, NULL);",
            )
            .unwrap();
        let csv = rows_as_csv(&connection, "SELECT * FROM clients").unwrap();
        let expected = "corporation,size,activity,exited\n\"a, b\",7,7,1\nc,,0.1,\n";
        assert_eq!(String::from_utf8(csv).unwrap(), expected);
    }
}
