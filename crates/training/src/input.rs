//! What a training reads: the labelled samples of the compiled data, compiled as configured now.

use crate::Samples;
use anyhow::{Result, bail};
use dataset::{
    CompiledData, Table, assign_roles, listed_schema, read_compiled, read_compiled_record,
};
use risk_core::config::{DatasetConfig, Features};
use risk_core::schema::Schema;
use risk_core::{Failure, Run};

/// Reads the compiled data, its record first, and picks its labelled samples.
///
/// # Errors
/// [`Failure::InputMissing`] when there is no compiled data, no label in it, or it was compiled under
/// another `dataset` section; [`Failure::Configuration`] when that names a column the data does not
/// have; else when the data is not what ingestion wrote.
pub(crate) fn read(run: &Run) -> Result<(CompiledData, Table, Samples)> {
    let folder = run.layout.output().display();
    let record = read_compiled_record(&run.layout)?;
    if record.rows == 0 {
        bail!(Failure::InputMissing(format!(
            "the compiled data in {folder} has no rows; put data into {} and run ingestion",
            run.layout.input().display()
        )));
    }
    // Under another date column or another id the samples would silently be others.
    if expected_schema(&record.schema, &run.config.dataset)? != record.schema {
        bail!(Failure::InputMissing(format!(
            "the data in {folder} was compiled under another dataset section of the configuration; \
             run ingestion"
        )));
    }
    let (compiled, table) = read_compiled(&run.layout)?;
    let samples = Samples::known(run, &table, Some(run.history()?))?;
    tracing::info!(
        "read {} samples, {} of them labelled",
        table.n_rows(),
        samples.exited.len()
    );
    Ok((compiled, table, samples))
}

/// The schema that ingestion would give this data now.
fn expected_schema(compiled: &Schema, config: &DatasetConfig) -> Result<Schema, Failure> {
    match config.features {
        Features::Auto => assign_roles(compiled, config),
        Features::Listed(_) => Ok(listed_schema(config)),
    }
}
