//! A number in the model: as it is, or bent by a spline, with an indicator for a missing value.

use super::{Spline, Term, Value};
use serde::{Deserialize, Serialize};

/// A numeric feature.
///
/// Without a spline its column is the number. With one its columns are the place of the number
/// ([`Spline::place`]) and the bends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumericFeature {
    /// The column.
    pub name: String,
    /// What stands for a missing value: the median of the training samples.
    pub imputation: f64,
    /// The share in the log-odds of the number or, with a spline, of its place.
    #[serde(flatten)]
    pub term: Term,
    /// Where the number lies and where its curve bends; none in the linear basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spline: Option<Spline>,
    /// The share in the log-odds of each bend.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bends: Vec<Term>,
    /// What a missing value adds to what the imputed one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Term>,
    /// The smallest accepted value.
    pub min: Option<f64>,
    /// The largest accepted value.
    pub max: Option<f64>,
    /// Whether a missing value is refused.
    pub required: bool,
}

impl NumericFeature {
    /// The columns with their names: `x` and `x=(missing)`; with a spline also `x:bend_1`, …, and
    /// where its places are logarithms `log(x)` in place of `x`.
    #[must_use]
    pub fn named_terms(&self) -> Vec<(String, &Term)> {
        let is_log = self
            .spline
            .as_ref()
            .is_some_and(|spline| spline.log_scale.is_some());
        let name = if is_log {
            format!("log({})", self.name)
        } else {
            self.name.clone()
        };
        let bends = self.bends.iter().enumerate();
        let bends = bends.map(|(j, term)| (format!("{name}:bend_{}", j + 1), term));
        let missing = self.missing.iter();
        let missing = missing.map(|term| (format!("{}=(missing)", self.name), term));
        let mut terms = vec![(name.clone(), &self.term)];
        terms.extend(bends);
        terms.extend(missing);
        terms
    }

    pub(super) fn contribution(&self, value: Value<'_>) -> f64 {
        let (number, is_missing) = match value {
            Value::Number(number) => (number, 0.0),
            _ => (self.imputation, 1.0),
        };
        let missing = self
            .missing
            .map_or(0.0, |term| term.contribution(is_missing));
        missing + self.known(number)
    }

    fn known(&self, number: f64) -> f64 {
        let Some(spline) = &self.spline else {
            return self.term.contribution(number);
        };
        let place = spline.place(number);
        let bends = self.bends.iter().enumerate();
        self.term.contribution(place)
            + bends
                .map(|(j, term)| term.contribution(spline.bend(j, place)))
                .sum::<f64>()
    }
}
