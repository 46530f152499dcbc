//! Applying a model to the rows of a table.

use crate::table::Table;
use anyhow::{Result, anyhow, bail};
use risk_core::model::{Model, Value};
use risk_core::schema::Schema;

/// A model bound to the columns of tables with one schema.
pub struct ModelInput<'m> {
    model: &'m Model,
    positions: Vec<usize>,
}

impl<'m> ModelInput<'m> {
    /// Finds the features of a model among the columns.
    ///
    /// # Errors
    /// When the table has no column for a feature.
    pub fn new(model: &'m Model, schema: &Schema) -> Result<Self> {
        let positions = model
            .features
            .iter()
            .map(|feature| {
                let name = feature.name();
                let position = schema.position_of(name).ok_or_else(|| {
                    anyhow!("the data has no column {name}, which the model needs; train again")
                })?;
                let (found, needed) = (schema.columns[position].kind, feature.kind());
                if found != needed {
                    bail!(
                        "the column {name} is {found} in the data and {needed} in the model; \
                         train, score and deploy again, or undo the change of its kind"
                    );
                }
                Ok(position)
            })
            .collect::<Result<_>>()?;
        Ok(Self { model, positions })
    }

    /// The features of a row, in the order of the model.
    #[must_use]
    pub fn values<'t>(&self, table: &'t Table, row: usize) -> Vec<Value<'t>> {
        self.positions
            .iter()
            .map(|position| table.value(*position, row))
            .collect()
    }

    /// The risk of every row, between 0 and 1.
    #[must_use]
    pub fn risks(&self, table: &Table) -> Vec<f64> {
        (0..table.n_rows())
            .map(|row| self.model.risk(&self.values(table, row)))
            .collect()
    }
}
