//! What a challenger would do to the list: in numbers, and in names. The names go into the history and
//! from there into the report, never into the reason of a decision, which goes into logs and alerts.

use anyhow::Result;
use dataset::{Labels, ModelInput, Table, book, read_clients};
use monitoring::ranking::{ListImpact, rank_by};
use risk_core::Run;
use risk_core::history::ListChange;
use risk_core::model::Model;
use serde::{Deserialize, Serialize};

/// How the clients with the highest risks would change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// How many of the highest risks are looked at: `contacts.capacity`, or the whole book.
    pub k: usize,
    /// How many of these clients stay.
    pub overlap: usize,
    /// Rank-biased overlap of both orders, from 0 to 1.
    pub rank_biased_overlap: f64,
}

impl Impact {
    /// Ranks the book of the compiled data, or that of `clients_path`, by both models; and says who
    /// enters and who leaves.
    ///
    /// # Errors
    /// When the book cannot be read or lacks a feature of a model.
    pub fn of(
        run: &Run,
        champion: &Model,
        challenger: &Model,
        compiled: &Table,
    ) -> Result<(Self, ListChange)> {
        let clients = match &run.config.clients_path {
            Some(path) => read_clients(path, &champion.schema(false))?.table,
            None => compiled.select(&book(compiled, &Labels::new(&run.config, run.now)).rows),
        };
        let ranked = |model: &Model| -> Result<Vec<usize>> {
            let risks = ModelInput::new(model, clients.schema())?.risks(&clients);
            Ok(rank_by(&risks, |row| clients.client_id(row).to_owned()))
        };
        let capacity = run.config.contacts.capacity as usize;
        let between = ListImpact::between(&ranked(champion)?, &ranked(challenger)?, capacity);
        let named = |rows: &[usize]| {
            let names = rows.iter().map(|row| clients.client_id(*row).to_owned());
            names.collect()
        };
        let change = ListChange {
            enters: named(&between.enters),
            leaves: named(&between.leaves),
        };
        let impact = Self {
            k: between.k,
            overlap: between.overlap,
            rank_biased_overlap: between.rank_biased_overlap,
        };
        Ok((impact, change))
    }

    /// A sentence for people.
    pub fn describe(&self) -> String {
        format!(
            "With it {} of the {} clients with the highest risk would be others.",
            self.k - self.overlap,
            self.k
        )
    }
}
