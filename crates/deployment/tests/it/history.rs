//! What the history says about the releases.

use testkit::Project;

/// The rows of a query, their cells joined by blanks.
pub fn rows(project: &Project, sql: &str) -> Vec<String> {
    let path = project.path("ingesteddata/history.sqlite");
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut query = connection.prepare(sql).unwrap();
    let n_columns = query.column_count();
    let cells = |row: &rusqlite::Row<'_>| -> rusqlite::Result<String> {
        let cells: Vec<String> = (0..n_columns)
            .map(|column| {
                row.get::<_, Option<String>>(column)
                    .map(Option::unwrap_or_default)
            })
            .collect::<rusqlite::Result<_>>()?;
        Ok(cells.join(" "))
    };
    let rows = query.query_map([], cells).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// What was done to the releases of the production folder: event, release and reason.
pub fn events(project: &Project) -> Vec<String> {
    rows(
        project,
        "SELECT event, release, reason FROM release_events
         WHERE production = 'production_deployment' ORDER BY rowid",
    )
}
