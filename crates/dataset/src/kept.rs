//! The features of a row as they are kept with a prediction, so that it can be explained later whatever
//! became of the data.

use anyhow::{Context, Result};
use risk_core::model::{Feature, Model, Value};
use serde_json::{Map, Value as Json};

/// The features behind one prediction, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptCells(Map<String, Json>);

impl KeptCells {
    /// Of values in the order of the features of a model.
    #[must_use]
    pub fn new(model: &Model, values: &[Value<'_>]) -> Self {
        let names = model
            .features
            .iter()
            .map(|feature| feature.name().to_owned());
        let cells = values.iter().map(|value| match value {
            Value::Number(number) => Json::from(*number),
            Value::Text(text) => Json::from(*text),
            Value::Missing => Json::Null,
        });
        Self(names.zip(cells).collect())
    }

    /// Reads what [`KeptCells::to_string`](ToString) gave.
    ///
    /// # Errors
    /// When the text is no JSON object.
    pub fn parse(text: &str) -> Result<Self> {
        let cells = serde_json::from_str(text).context("the kept features are malformed")?;
        Ok(Self(cells))
    }

    /// The values in the order of the features of a model; `None` where one of these was not kept, as
    /// for a model with other features.
    #[must_use]
    pub fn values(&self, model: &Model) -> Option<Vec<Value<'_>>> {
        let value = |feature: &Feature| match self.0.get(feature.name())? {
            Json::Number(number) => number.as_f64().map(Value::Number),
            Json::String(text) => Some(Value::Text(text)),
            Json::Null => Some(Value::Missing),
            _ => None,
        };
        model.features.iter().map(value).collect()
    }
}

impl std::fmt::Display for KeptCells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| std::fmt::Error)?;
        f.write_str(&text)
    }
}
