//! A new list beside the one before: how each place moved, why, and who is not on it any more.

use super::settings::changed;
use super::why::{self, Gone, Moves, Turn};
use super::{ContactList, Dropped, Entry, ScoredBook};
use contacts::{Candidate, Change, Group, Rules, obstacle};
use std::collections::{HashMap, HashSet};

/// What two lists differ by.
pub(super) struct Between<'a> {
    previous: &'a ContactList,
    moves: &'a Moves<'a>,
    book: &'a ScoredBook,
    rows: HashMap<&'a str, usize>,
    /// What else than risks and values changed, in words.
    settings: Option<String>,
    /// The capacity then and now.
    capacity: [u64; 2],
}

impl<'a> Between<'a> {
    /// Between the list before and a new one.
    pub fn new(
        previous: &'a ContactList,
        list: &ContactList,
        moves: &'a Moves<'a>,
        book: &'a ScoredBook,
    ) -> Self {
        let (then, now) = (&previous.head, &list.head);
        Self {
            previous,
            moves,
            book,
            rows: why::rows(book),
            settings: changed(then, now),
            capacity: [then.settings.capacity, now.settings.capacity].map(u64::from),
        }
    }

    /// Says of each client to be called how its place moved, and why.
    pub fn explain(&self, list: &mut ContactList) {
        let places: HashMap<&str, u64> = (self.previous.to_call())
            .map(|entry| (id(entry), entry.rank))
            .collect();
        let set_aside: HashSet<&str> = self.previous.held_out().map(id).collect();
        let on_sheet = places_on_sheets(list);
        let called = (list.entries.iter_mut()).filter(|entry| entry.group == Group::Contact);
        for (entry, place) in called.zip(on_sheet) {
            let client_id = entry.client_id.as_str();
            let previous_rank = places.get(client_id).copied();
            let change = Change::between(previous_rank, Some(entry.rank));
            let movement = (self.rows.get(client_id)).and_then(|row| self.moves.of(*row));
            let said = why::listed(&Turn {
                change,
                movement: movement.as_ref(),
                last_contact: entry.last_contact.as_ref(),
                was_set_aside: set_aside.contains(client_id),
                is_by_capacity: change == Change::New && place > self.capacity[0],
                settings: self.settings.as_deref(),
                is_book_known: self.moves.is_book_known(),
            });
            entry.previous_rank = previous_rank;
            entry.change = Some(change);
            entry.cause = said.cause;
            entry.why = said.words;
        }
    }

    /// Who was to be called by the list before and is not by this one.
    pub fn dropped(
        &self,
        list: &ContactList,
        candidates: &[Candidate],
        priorities: &[f64],
        rules: &Rules,
    ) -> Vec<Dropped> {
        let listed: HashSet<&str> = list.to_call().map(id).collect();
        let held_out: HashSet<&str> = list.held_out().map(id).collect();
        let on_sheet = places_on_sheets(self.previous);
        let gone = (self.previous.to_call().zip(on_sheet))
            .filter(|(entry, _)| !listed.contains(id(entry)));
        gone.map(|(entry, place)| {
            let row = self.rows.get(entry.client_id.as_str()).copied();
            let standing = row.map(|row| &candidates[row].standing);
            let why = why::dropped(&Gone {
                client: row.map(|row| &self.book.clients[row]),
                obstacle: standing.and_then(|standing| obstacle(standing, rules, list.valid_from)),
                is_held_out: held_out.contains(id(entry)),
                is_a_loss: row.is_some_and(|row| priorities[row] < 0.0),
                movement: row.and_then(|row| self.moves.of(row)).as_ref(),
                is_by_capacity: place > self.capacity[1],
                settings: self.settings.as_deref(),
            });
            Dropped {
                client_id: entry.client_id.clone(),
                previous_rank: entry.rank,
                why,
            }
        })
        .collect()
    }
}

fn id(entry: &Entry) -> &str {
    &entry.client_id
}

/// The place of each client to be called among those of the same sheet, from 1: the capacity holds for
/// each sheet.
fn places_on_sheets(list: &ContactList) -> Vec<u64> {
    let mut taken: HashMap<Option<&str>, u64> = HashMap::new();
    list.to_call()
        .map(|entry| {
            let names = taken.entry(entry.assigned_to.as_deref()).or_default();
            *names += 1;
            *names
        })
        .collect()
}
