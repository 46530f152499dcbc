//! `dataset.features`: "auto" or a list.

use crate::schema::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};

/// Which columns are features.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Features {
    /// Every column that is not used otherwise, its kind found from the data.
    #[default]
    Auto,
    /// Just these.
    Listed(Vec<ListedFeature>),
}

/// A feature that the configuration lists.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedFeature {
    /// The column.
    pub name: String,
    /// numeric or category.
    pub kind: Kind,
    /// The smallest value that is accepted, for a numeric feature.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest value that is accepted, for a numeric feature.
    #[serde(default)]
    pub max: Option<f64>,
    /// Whether a missing value makes the row a bad one. Default false.
    #[serde(default)]
    pub required: bool,
}

impl<'de> Deserialize<'de> for Features {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FeaturesVisitor)
    }
}

struct FeaturesVisitor;

impl<'de> Visitor<'de> for FeaturesVisitor {
    type Value = Features;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("\"auto\" or a list of features")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Features, E> {
        if text == "auto" {
            return Ok(Features::Auto);
        }
        Err(E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Features, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Features::Listed)
    }
}

impl JsonSchema for Features {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Features".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let list = generator.subschema_for::<Vec<ListedFeature>>();
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, list] })
    }
}
