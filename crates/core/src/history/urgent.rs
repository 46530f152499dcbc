//! Who has become urgent since a list was published.

use super::History;
use super::contacts::{ListEntryRecord, record_entries};
use anyhow::Result;
use rusqlite::params;

impl History {
    /// Records who is urgent besides the newest list of a name, in place of those before: entries of
    /// [`ListEntryRecord::URGENT`].
    ///
    /// # Errors
    /// When there is no such list, or the history cannot be written.
    pub fn replace_urgent(
        &self,
        model_folder: &str,
        list_id: &str,
        urgent: &[ListEntryRecord],
    ) -> Result<()> {
        self.write(|connection| {
            let list: i64 = connection.query_row(
                "SELECT contact_list FROM contact_lists WHERE model_folder = ?1 AND list_id = ?2
                 ORDER BY contact_list DESC LIMIT 1",
                [model_folder, list_id],
                |row| row.get(0),
            )?;
            connection.execute(
                "DELETE FROM contact_list_entries WHERE contact_list = ?1 AND part = ?2",
                params![list, ListEntryRecord::URGENT],
            )?;
            let next: i64 = connection.query_row(
                "SELECT IFNULL(MAX(position), 0) + 1 FROM contact_list_entries
                 WHERE contact_list = ?1",
                [list],
                |row| row.get(0),
            )?;
            record_entries(connection, list, next, urgent)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::ListRecord;
    use chrono::{DateTime, NaiveDate};

    #[test]
    fn the_urgent_are_replaced_and_the_rest_of_the_list_stays() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::open(&folder.path().join("history.sqlite")).unwrap();
        history.begin_run("test", DateTime::UNIX_EPOCH).unwrap();
        let day = |day| NaiveDate::from_ymd_opt(2026, 7, day).unwrap();
        let entry = |client: &str, part: &str| ListEntryRecord {
            client: client.into(),
            part: part.into(),
            trial: None,
            observed_at: None,
            risk: Some(0.5),
            entry: "{}".into(),
        };
        let list = ListRecord {
            published_at: DateTime::UNIX_EPOCH,
            model_folder: "models".into(),
            list_id: "list".into(),
            release: "1".into(),
            model_id: "m".into(),
            valid_from: day(1),
            valid_to: day(8),
            settings: "s".into(),
            head: "{}".into(),
            entries: vec![
                entry("a", ListEntryRecord::LISTED),
                entry("b", ListEntryRecord::DROPPED),
            ],
        };
        history.record_contact_list(&list).unwrap();
        let kept = || history.contact_list_on("models", day(2)).unwrap().unwrap();
        for urgent in [&["c", "d"][..], &["d"], &[]] {
            let urgent: Vec<ListEntryRecord> = (urgent.iter())
                .map(|client| entry(client, ListEntryRecord::URGENT))
                .collect();
            history.replace_urgent("models", "list", &urgent).unwrap();
            assert_eq!(kept().entries, [list.entries.clone(), urgent].concat());
        }
        let urgent = [entry("c", ListEntryRecord::URGENT)];
        history.replace_urgent("models", "list", &urgent).unwrap();
        assert_eq!(
            history.erase_client("c", &[]).unwrap()["contact_list_entries"],
            1
        );
        assert_eq!(kept().entries, list.entries);
        assert!(history.replace_urgent("models", "none", &urgent).is_err());
    }
}
