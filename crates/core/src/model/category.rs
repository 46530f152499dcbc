//! A category in the model: one indicator for each level.

use super::{Term, Value};
use serde::{Deserialize, Serialize};

/// A category feature: one indicator for each level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryFeature {
    /// The column.
    pub name: String,
    /// The levels with an indicator of their own, in order of their names.
    pub levels: Vec<Level>,
    /// The indicator of all other levels: those too rare in training and those never seen.
    pub other: Option<Term>,
    /// The indicator of a missing value.
    pub missing: Option<Term>,
    /// Whether a missing value is refused.
    pub required: bool,
}

/// One level of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// The text.
    pub level: String,
    /// Its share of the log-odds.
    #[serde(flatten)]
    pub term: Term,
}

impl CategoryFeature {
    /// The indicators with their names; those of other levels and of missing values are called
    /// `(other)` and `(missing)`.
    pub fn named_terms(&self) -> impl Iterator<Item = (&str, &Term)> {
        let levels = self
            .levels
            .iter()
            .map(|level| (level.level.as_str(), &level.term));
        let other = self.other.iter().map(|term| ("(other)", term));
        let missing = self.missing.iter().map(|term| ("(missing)", term));
        levels.chain(other).chain(missing)
    }

    pub(super) fn contribution(&self, value: Value<'_>) -> f64 {
        let baseline: f64 = self
            .named_terms()
            .map(|(_, term)| term.contribution(0.0))
            .sum();
        baseline + self.indicator(value).map_or(0.0, |term| term.coefficient)
    }

    /// A missing value falls back to the other levels where training saw none missing.
    fn indicator(&self, value: Value<'_>) -> Option<&Term> {
        let Value::Text(text) = value else {
            return self.missing.as_ref().or(self.other.as_ref());
        };
        match self
            .levels
            .binary_search_by(|level| level.level.as_str().cmp(text))
        {
            Ok(index) => Some(&self.levels[index].term),
            Err(_) => self.other.as_ref(),
        }
    }
}
