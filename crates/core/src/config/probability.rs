//! `model.calibration` and `model.threshold`: how scores become risks, and risks predictions.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// The mapping from the score to the risk that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationChoice {
    /// What predicts better in cross-validation, the simpler where that is not certain.
    Auto,
    /// The sigmoid of the score.
    None,
    /// The sigmoid of a line of the score.
    Platt,
    /// A rising curve.
    Isotonic,
}

/// The threshold that is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Threshold {
    /// This risk.
    Fixed(f64),
    /// The risk with the greatest F1 on clients that the model was fitted without.
    F1,
    /// The risk at which the capacity for calls is used up.
    Capacity,
}

impl Threshold {
    /// The risk for which one stands where there is no model to take it from.
    pub const USUAL: f64 = 0.5;

    /// The number of the configuration, else [`Threshold::USUAL`].
    #[must_use]
    pub fn fixed_or_usual(self) -> f64 {
        match self {
            Self::Fixed(threshold) => threshold,
            Self::F1 | Self::Capacity => Self::USUAL,
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ThresholdVisitor)
    }
}

struct ThresholdVisitor;

impl Visitor<'_> for ThresholdVisitor {
    type Value = Threshold;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a number from 0 to 1, \"f1\" or \"capacity\"")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Threshold, E> {
        match text {
            "f1" => Ok(Threshold::F1),
            "capacity" => Ok(Threshold::Capacity),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Threshold, E> {
        Ok(Threshold::Fixed(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Threshold, E> {
        Ok(Threshold::Fixed(number as f64))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Threshold, E> {
        Ok(Threshold::Fixed(number as f64))
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            { "const": "f1" },
            { "const": "capacity" },
        ] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_a_number_or_one_of_two_words() {
        let read = |json: &str| serde_json::from_str::<Threshold>(json);
        assert_eq!(read("0.3").unwrap(), Threshold::Fixed(0.3));
        assert_eq!(read("1").unwrap(), Threshold::Fixed(1.0));
        assert_eq!(read("\"f1\"").unwrap(), Threshold::F1);
        assert_eq!(read("\"capacity\"").unwrap(), Threshold::Capacity);
        let message = read("\"best\"").unwrap_err().to_string();
        assert!(message.contains("\"f1\" or \"capacity\""), "{message}");
        assert_eq!(Threshold::F1.fixed_or_usual(), 0.5);
    }
}
