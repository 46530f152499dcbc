//! The schema an ingestion works with: listed by the configuration, or found at the first ingestion
//! of the folder and kept from then on.

use crate::index::Folder;
use crate::tables::Tables;
use anyhow::{Result, bail};
use dataset::{assign_roles, infer_schema, listed_schema};
use risk_core::Failure;
use risk_core::config::{DatasetConfig, Features};
use risk_core::schema::Schema;

/// The schema under the configuration of now; `None` where no file has both the id and the target.
pub(crate) fn effective(
    config: &DatasetConfig,
    folder: &mut Folder,
    tables: &mut Tables<'_>,
) -> Result<Option<Schema>> {
    if let Features::Listed(_) = config.features {
        no_other_use(config)?;
        return Ok(Some(listed_schema(config)));
    }
    if let Some(found) = &folder.schema {
        return Ok(Some(assign_roles(found, config)?));
    }
    let found = infer_schema(config, &tables.all_readable()?)?;
    if let Some(schema) = &found {
        tell_what_is_left_out(schema);
        tell_what_is_ignored_in_vain(config, schema);
    }
    folder.schema.clone_from(&found);
    Ok(found)
}

/// A listed feature must not be the id, the target or the date.
fn no_other_use(config: &DatasetConfig) -> Result<()> {
    let Features::Listed(list) = &config.features else {
        return Ok(());
    };
    for (key, used) in [
        ("client_id", Some(&config.client_id)),
        ("target", Some(&config.target)),
        ("observed_at", config.observed_at.as_ref()),
    ] {
        if list.iter().any(|feature| used == Some(&feature.name)) {
            bail!(Failure::Configuration(format!(
                "dataset.features lists {}, which is the dataset.{key}; take it out of the list",
                used.map_or("", String::as_str)
            )));
        }
    }
    Ok(())
}

fn tell_what_is_left_out(schema: &Schema) {
    for column in &schema.columns {
        if let Some(reason) = &column.left_out
            && column.role == risk_core::schema::Role::Carried
        {
            let name = match column.name.as_str() {
                "" => "without a name",
                name => name,
            };
            tracing::warn!("column {name} is kept but is no feature: {reason}");
        }
    }
}

/// A name that is misspelt there would be a feature without a word. No error: tables of one
/// configuration (practice, production) may differ in their further columns.
fn tell_what_is_ignored_in_vain(config: &DatasetConfig, schema: &Schema) {
    for name in &config.ignore {
        if schema.position_of(name).is_none() {
            tracing::warn!(
                "dataset.ignore names the column {name}, which the data does not have; it has {}",
                schema.names().collect::<Vec<_>>().join(", ")
            );
        }
    }
}
