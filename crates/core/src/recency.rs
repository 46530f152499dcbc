//! Which of the known labelled samples a model is fitted on, by their age.

use serde::{Deserialize, Serialize};

/// Which of the known labelled samples a model is fitted on. The age of a sample is the number of
/// samples that are newer: of a later date, or, where samples have no dates, of a later row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trained_on", rename_all = "snake_case")]
pub enum Recency {
    /// All, alike.
    #[default]
    All,
    /// Those of an age below this.
    Newest {
        /// The age, in samples.
        samples: u64,
    },
    /// All, with a weight that halves with each so many samples of age.
    HalfLife {
        /// The half-life, in samples.
        samples: u64,
    },
}

impl Recency {
    /// What it takes, for people, out of so many labelled samples.
    #[must_use]
    pub fn describe(self, n_known: u64) -> String {
        match self {
            Self::All => format!("all {n_known} labelled samples"),
            Self::Newest { samples } => {
                format!("at least the newest {samples} of {n_known} labelled samples")
            }
            Self::HalfLife { samples } => format!(
                "{n_known} labelled samples, whose weight halves with every {samples} newer ones"
            ),
        }
    }
}

/// How a model came to its samples where it is not fitted on all alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecentSamples {
    /// The rule.
    #[serde(flatten)]
    pub recency: Recency,
    /// How many labelled samples were known.
    pub n_known: u64,
    /// How many samples of equal weight tell as much: (Σ weight)² / Σ weight².
    pub effective_samples: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_and_said() {
        for (recency, json, said) in [
            (
                Recency::All,
                r#"{"trained_on":"all"}"#,
                "all 9000 labelled samples",
            ),
            (
                Recency::Newest { samples: 1200 },
                r#"{"trained_on":"newest","samples":1200}"#,
                "at least the newest 1200 of 9000 labelled samples",
            ),
            (
                Recency::HalfLife { samples: 500 },
                r#"{"trained_on":"half_life","samples":500}"#,
                "9000 labelled samples, whose weight halves with every 500 newer ones",
            ),
        ] {
            assert_eq!(serde_json::to_string(&recency).unwrap(), json);
            assert_eq!(serde_json::from_str::<Recency>(json).unwrap(), recency);
            assert_eq!(recency.describe(9000), said);
        }
    }
}
