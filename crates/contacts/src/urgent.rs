//! Urgent newcomers: who has become so important since a list was published that waiting for the next
//! one would be wrong. The list itself stays as it is.

use crate::Rules;
use crate::cut::Candidate;
use crate::standing::{CLEAR_RISE, obstacle};
use crate::value::median_value;
use chrono::NaiveDate;

/// A client of today's book that is not on the list of the running period.
#[derive(Debug, Clone, PartialEq)]
pub struct Newcomer<'c> {
    /// The client.
    pub client: &'c Candidate,
    /// By what it is ranked today.
    pub priority: f64,
    /// How much its own data has raised its log-odds since the list was published; `None` where it
    /// was not in the book then.
    pub rise: Option<f64>,
}

/// How many newcomers are shown at most: one for twenty names of the list, at least three.
#[must_use]
pub fn most_urgent(n_listed: usize) -> usize {
    n_listed.div_ceil(20).max(3)
}

/// The urgent ones among clients that are not on the list, the most important first.
///
/// Urgent is who would stand in the upper half of the list (`listed` holds what its names are ranked
/// by), and was not in the book when it was published or whose own data has doubled its odds of
/// leaving since. That a new model sees a client differently is not urgent. Nobody who is set aside or
/// was called lately is urgent.
#[must_use]
pub fn urgent<'n, 'c>(
    newcomers: &'n [Newcomer<'c>],
    listed: &[f64],
    rules: &Rules,
    today: NaiveDate,
) -> Vec<&'n Newcomer<'c>> {
    let half = median_value(listed.iter().copied()).unwrap_or(0.0);
    let is_urgent = |newcomer: &&Newcomer<'_>| {
        let standing = &newcomer.client.standing;
        newcomer.priority > half.max(0.0)
            && newcomer.rise.is_none_or(|rise| rise >= CLEAR_RISE)
            && !standing.is_held_out(rules, today)
            && obstacle(standing, rules, today).is_none()
    };
    let mut found: Vec<&Newcomer<'_>> = newcomers.iter().filter(is_urgent).collect();
    found.sort_by(|a, b| {
        let ids = || a.client.client_id.cmp(&b.client.client_id);
        b.priority.total_cmp(&a.priority).then_with(ids)
    });
    found.truncate(most_urgent(listed.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Group;
    use crate::cut::tests::{candidate, rules};
    use crate::trial::Trial;

    #[test]
    fn only_new_or_clearly_risen_clients_of_the_upper_half_are_urgent() {
        let today = NaiveDate::from_ymd_opt(2026, 7, 3).unwrap();
        let mut clients =
            ["new", "risen", "same", "small", "aside"].map(|name| candidate(name, 0.5, None));
        clients[4].standing.trial = Some(Trial {
            group: Group::Holdout,
            since: today,
        });
        let newcomer = |index: usize, priority, rise| Newcomer {
            client: &clients[index],
            priority,
            rise,
        };
        let newcomers = [
            newcomer(0, 0.6, None),
            newcomer(1, 0.7, Some(0.8)),
            newcomer(2, 0.9, Some(0.1)),
            newcomer(3, 0.4, None),
            newcomer(4, 0.9, None),
        ];
        let found = urgent(&newcomers, &[0.9, 0.5, 0.1], &rules(3), today);
        let names: Vec<&str> = found
            .iter()
            .map(|newcomer| newcomer.client.client_id.as_str())
            .collect();
        assert_eq!(names, ["risen", "new"]);
        assert_eq!((most_urgent(3), most_urgent(200)), (3, 10));
    }
}
