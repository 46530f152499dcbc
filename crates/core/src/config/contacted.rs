//! `model.contacted_labels`: what the labels of contacted clients count.

use schemars::JsonSchema;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// What the labels of clients count that were called before these had settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ContactedLabels {
    /// Nothing.
    LeaveOut,
    /// As much as others.
    Use,
    /// So much of what others count, between 0 and 1.
    Weigh(f64),
}

impl ContactedLabels {
    /// What such a label counts: 0 where it is left out, 1 where it counts like others.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::LeaveOut => 0.0,
            Self::Use => 1.0,
            Self::Weigh(weight) => weight,
        }
    }

    fn of_weight(weight: f64) -> Self {
        if weight == 0.0 {
            Self::LeaveOut
        } else if weight == 1.0 {
            Self::Use
        } else {
            Self::Weigh(weight)
        }
    }
}

impl Serialize for ContactedLabels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::LeaveOut => serializer.serialize_str("leave_out"),
            Self::Use => serializer.serialize_str("use"),
            Self::Weigh(weight) => serializer.serialize_f64(*weight),
        }
    }
}

impl<'de> Deserialize<'de> for ContactedLabels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContactedLabelsVisitor)
    }
}

struct ContactedLabelsVisitor;

impl Visitor<'_> for ContactedLabelsVisitor {
    type Value = ContactedLabels;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("\"leave_out\", \"use\" or a weight from 0 to 1")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ContactedLabels, E> {
        match text {
            "leave_out" => Ok(ContactedLabels::LeaveOut),
            "use" => Ok(ContactedLabels::Use),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_f64<E: serde::de::Error>(self, weight: f64) -> Result<ContactedLabels, E> {
        Ok(ContactedLabels::of_weight(weight))
    }

    fn visit_u64<E: serde::de::Error>(self, weight: u64) -> Result<ContactedLabels, E> {
        self.visit_f64(weight as f64)
    }

    fn visit_i64<E: serde::de::Error>(self, weight: i64) -> Result<ContactedLabels, E> {
        self.visit_f64(weight as f64)
    }
}

impl JsonSchema for ContactedLabels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ContactedLabels".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "enum": ["leave_out", "use"] },
                { "type": "number", "minimum": 0, "maximum": 1 }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written_and_the_ends_have_names() {
        for (text, expected, written) in [
            ("\"leave_out\"", ContactedLabels::LeaveOut, "\"leave_out\""),
            ("\"use\"", ContactedLabels::Use, "\"use\""),
            ("0.5", ContactedLabels::Weigh(0.5), "0.5"),
            ("0", ContactedLabels::LeaveOut, "\"leave_out\""),
            ("1", ContactedLabels::Use, "\"use\""),
        ] {
            let read: ContactedLabels = serde_json::from_str(text).unwrap();
            assert_eq!(read, expected, "{text}");
            assert_eq!(serde_json::to_string(&read).unwrap(), written);
        }
        let wrong = serde_json::from_str::<ContactedLabels>("\"ignore\"").unwrap_err();
        assert!(
            wrong
                .to_string()
                .contains("\"leave_out\", \"use\" or a weight")
        );
    }
}
