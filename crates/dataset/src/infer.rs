//! Finding the schema: from the files where the configuration says "auto", else from its list.

use crate::judge::judge_column;
use crate::raw::RawTable;
use risk_core::Failure;
use risk_core::config::{DatasetConfig, Features, ListedFeature};
use risk_core::schema::{Column, Kind, Role, Schema};
use std::collections::BTreeSet;

/// The schema of the files under the configuration: from its list of features, or found from the
/// data. `None` where no file has both the id and the target column.
///
/// # Errors
/// [`Failure::Configuration`] when the configuration names a column that the files do not have.
pub fn infer_schema(
    config: &DatasetConfig,
    tables: &[&RawTable],
) -> Result<Option<Schema>, Failure> {
    if let Features::Listed(_) = config.features {
        return Ok(Some(listed_schema(config)));
    }
    let usable: Vec<&RawTable> = tables
        .iter()
        .copied()
        .filter(|table| {
            [&config.client_id, &config.target]
                .iter()
                .all(|name| table.position_of(name).is_some())
        })
        .collect();
    let Some(header) = most_shared_header(&usable) else {
        return Ok(None);
    };
    let set: BTreeSet<&String> = header.iter().collect();
    let alike: Vec<&RawTable> = usable
        .into_iter()
        .filter(|table| table.header.iter().collect::<BTreeSet<_>>() == set)
        .collect();
    let columns = header
        .iter()
        .map(|name| judge_column(name, &config.client_id, &alike))
        .collect();
    assign_roles(&Schema::new(columns), config).map(Some)
}

/// Gives the columns of a schema that was found before the roles that the configuration gives them
/// now.
///
/// # Errors
/// [`Failure::Configuration`] when the configuration names a column that the schema does not have.
pub fn assign_roles(schema: &Schema, config: &DatasetConfig) -> Result<Schema, Failure> {
    for (key, name) in [
        ("dataset.client_id", Some(&config.client_id)),
        ("dataset.target", Some(&config.target)),
        ("dataset.observed_at", config.observed_at.as_ref()),
        ("dataset.contract_value", config.contract_value.as_ref()),
    ] {
        if let Some(name) = name
            && schema.position_of(name).is_none()
        {
            return Err(Failure::Configuration(format!(
                "{key} names the column {name}, which the data does not have; it has {}. If the \
                 files have other columns now, run ingestion --reset-schema",
                schema.names().collect::<Vec<_>>().join(", ")
            )));
        }
    }
    let columns = schema
        .columns
        .iter()
        .map(|column| with_role(column, config))
        .collect();
    Ok(Schema {
        positive: config.positive.clone(),
        ..Schema::new(columns)
    })
}

fn with_role(column: &Column, config: &DatasetConfig) -> Column {
    let name = &column.name;
    let fixed = |role| Column::new(name, role, Kind::Category);
    if *name == config.client_id {
        return fixed(Role::ClientId);
    }
    if *name == config.target {
        return fixed(Role::Target);
    }
    if config.observed_at.as_ref() == Some(name) {
        return fixed(Role::ObservedAt);
    }
    let is_value = config.contract_value.as_ref() == Some(name);
    let kind = if is_value { Kind::Numeric } else { column.kind };
    let is_feature = column.left_out.is_none() && !config.ignore.contains(name);
    let role = if is_feature {
        Role::Feature
    } else {
        Role::Carried
    };
    Column {
        role,
        kind,
        ..column.clone()
    }
}

/// The schema of a configuration that lists its features; further columns of the files are ignored.
#[must_use]
pub fn listed_schema(config: &DatasetConfig) -> Schema {
    let Features::Listed(list) = &config.features else {
        return Schema::new(Vec::new());
    };
    let mut columns = vec![Column::new(
        &config.client_id,
        Role::ClientId,
        Kind::Category,
    )];
    columns.extend(list.iter().map(|feature| listed_column(feature, config)));
    columns.push(Column::new(&config.target, Role::Target, Kind::Category));
    let named = |columns: &[Column], name: &str| columns.iter().any(|column| column.name == name);
    if let Some(name) = &config.observed_at {
        columns.push(Column::new(name, Role::ObservedAt, Kind::Category));
    }
    if let Some(name) = &config.contract_value
        && !named(&columns, name)
    {
        columns.push(Column::new(name, Role::Carried, Kind::Numeric));
    }
    Schema {
        positive: config.positive.clone(),
        ..Schema::new(columns)
    }
}

fn listed_column(feature: &ListedFeature, config: &DatasetConfig) -> Column {
    let ignored = config.ignore.contains(&feature.name);
    let role = if ignored {
        Role::Carried
    } else {
        Role::Feature
    };
    Column {
        min: feature.min,
        max: feature.max,
        required: feature.required,
        ..Column::new(&feature.name, role, feature.kind)
    }
}

/// The columns that most files share, in the order of the first such file; on a tie, those of the
/// first file.
fn most_shared_header(tables: &[&RawTable]) -> Option<Vec<String>> {
    let mut sets: Vec<(BTreeSet<&String>, usize, &RawTable)> = Vec::new();
    for table in tables {
        let set: BTreeSet<&String> = table.header.iter().collect();
        match sets.iter_mut().find(|(known, ..)| *known == set) {
            Some((_, count, _)) => *count += 1,
            None => sets.push((set, 1, table)),
        }
    }
    // max_by_key takes the last of equals, so the order is reversed to get the first.
    let (_, _, table) = sets.iter().rev().max_by_key(|(_, count, _)| *count)?;
    Some(table.header.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> RawTable {
        RawTable::from_csv(text.as_bytes().to_vec()).unwrap()
    }

    fn infer(config: &DatasetConfig, files: &[&str]) -> Schema {
        let tables: Vec<RawTable> = files.iter().map(|text| raw(text)).collect();
        infer_schema(config, &tables.iter().collect::<Vec<_>>())
            .unwrap()
            .unwrap()
    }

    fn names(schema: &Schema, role: Role) -> Vec<&str> {
        let columns = schema.columns.iter().filter(|column| column.role == role);
        columns.map(|column| column.name.as_str()).collect()
    }

    #[test]
    fn the_columns_of_most_files_win_and_on_a_tie_those_of_the_first() {
        let config = DatasetConfig::default();
        let wide = "corporation,a,b,exited\nx,1,2,0\n";
        let narrow = "exited,a,corporation\n0,1,y\n";
        assert_eq!(infer(&config, &[wide, narrow]).columns.len(), 4);
        assert_eq!(infer(&config, &[wide, narrow, narrow]).columns.len(), 3);
        assert_eq!(infer(&config, &["foo,bar\n1,2\n", narrow]).columns.len(), 3);
    }

    #[test]
    fn a_column_with_few_bad_cells_is_still_numeric() {
        let rows = |bad: usize| {
            let rows = (0..40).map(|row| {
                let cell = if row < bad {
                    "oops".into()
                } else {
                    format!("{}.5", row * row % 7)
                };
                format!("c{row},{cell},0\n")
            });
            format!("corporation,a,exited\n{}", rows.collect::<String>())
        };
        let config = DatasetConfig::default();
        assert_eq!(infer(&config, &[&rows(2)]).columns[1].kind, Kind::Numeric);
        assert_eq!(infer(&config, &[&rows(3)]).columns[1].kind, Kind::Category);
    }

    #[test]
    fn names_and_row_numbers_are_left_out_with_a_reason() {
        let rows: String = (0..20)
            .map(|row| format!("{row},c{row},Name {row},{},0\n", row * row))
            .collect();
        let schema = infer(
            &DatasetConfig::default(),
            &[&format!("n,corporation,surname,size,exited\n{rows}")],
        );
        assert_eq!(names(&schema, Role::Feature), ["size"]);
        assert_eq!(names(&schema, Role::Carried), ["n", "surname"]);
        let column = &schema.columns[2];
        assert!(
            column
                .left_out
                .as_deref()
                .unwrap()
                .contains("20 distinct texts"),
            "{column:?}"
        );
    }

    #[test]
    fn roles_come_from_the_configuration() {
        let config = DatasetConfig {
            observed_at: Some("day".into()),
            contract_value: Some("value".into()),
            ignore: vec!["manager".into()],
            ..DatasetConfig::default()
        };
        let schema = infer(
            &config,
            &["corporation,day,value,manager,exited\nx,2026-01-01,5,Ann,1\n"],
        );
        assert_eq!(names(&schema, Role::Feature), ["value"]);
        assert_eq!(names(&schema, Role::Carried), ["manager"]);
        assert_eq!(names(&schema, Role::ObservedAt), ["day"]);
        let missing = raw("corporation,exited\nx,1\n");
        let failure = infer_schema(&config, &[&missing]).unwrap_err();
        assert!(
            failure.to_string().contains("dataset.observed_at"),
            "{failure}"
        );
    }

    #[test]
    fn listed_features_override_what_the_data_looks_like() {
        let feature = ListedFeature {
            name: "size".into(),
            kind: Kind::Category,
            min: None,
            max: None,
            required: true,
        };
        let config = DatasetConfig {
            features: Features::Listed(vec![feature]),
            ..DatasetConfig::default()
        };
        let schema = infer(&config, &["corporation,size,other,exited\nx,1,2,0\n"]);
        assert_eq!(
            schema.names().collect::<Vec<_>>(),
            ["corporation", "size", "exited"]
        );
        assert!(schema.columns[1].required);
    }
}
