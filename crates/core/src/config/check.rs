//! Checks of the configuration that its types cannot make: known keys and possible values.

use super::{Config, Features, Source};
use crate::schema::Kind;
use serde_json::Value;
use std::collections::HashSet;

/// Fails on the first key that the schema does not know, naming the nearest known one.
pub fn known_keys(value: &Value, schema: &Value, path: &str) -> Result<(), String> {
    match value {
        Value::Object(object) => object.iter().try_for_each(|(key, inner)| {
            let here = join(path, key);
            if !alternatives(schema)
                .iter()
                .any(|schema| schema.get("properties").is_some())
            {
                return Ok(()); // Not an object: the types will say so.
            }
            let described = property(schema, key).ok_or_else(|| unknown_key(schema, key, &here))?;
            known_keys(inner, described, &here)
        }),
        Value::Array(list) => {
            let Some(items) = alternatives(schema)
                .iter()
                .find_map(|schema| schema.get("items"))
            else {
                return Ok(());
            };
            list.iter().enumerate().try_for_each(|(index, inner)| {
                known_keys(inner, items, &format!("{path}[{index}]"))
            })
        }
        _ => Ok(()),
    }
}

/// The schema of one property of an object.
pub fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    alternatives(schema)
        .iter()
        .find_map(|schema| schema.get("properties")?.get(key))
}

/// Whether a value has a JSON type that the schema takes.
pub fn accepts(schema: &Value, value: &Value) -> bool {
    alternatives(schema).iter().any(|schema| {
        if let Some(constant) = schema.get("const") {
            return constant == value;
        }
        if let Some(list) = schema.get("enum").and_then(Value::as_array) {
            return value.is_string() && list.iter().any(Value::is_string) || list.contains(value);
        }
        match schema.get("type") {
            Some(Value::String(name)) => has_type(value, name),
            Some(Value::Array(names)) => names
                .iter()
                .filter_map(Value::as_str)
                .any(|name| has_type(value, name)),
            _ => false,
        }
    })
}

/// The message about an unknown key.
pub fn unknown_key(schema: &Value, key: &str, path: &str) -> String {
    let parent = path.strip_suffix(key).unwrap_or_default();
    let known = alternatives(schema)
        .iter()
        .filter_map(|schema| schema.get("properties")?.as_object())
        .flat_map(|properties| properties.keys())
        .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
    match known {
        Some(known) => format!("unknown key {path}; the nearest known one is {parent}{known}"),
        None => format!("unknown key {path}; nothing can be set below {parent}"),
    }
}

fn alternatives(schema: &Value) -> Vec<&Value> {
    let mut all = vec![schema];
    for word in ["anyOf", "oneOf"] {
        all.extend(
            schema
                .get(word)
                .and_then(Value::as_array)
                .into_iter()
                .flatten(),
        );
    }
    all
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// Fails on a value that the types let through but that cannot work.
pub fn values(config: &Config) -> Result<(), String> {
    let data = &config.dataset;
    config.model.check()?;
    if let Some(days) = config.monitoring.label_window_days {
        at_least_one("monitoring.label_window_days", days)?;
    }
    let monitoring = &config.monitoring;
    in_range("monitoring.drift_alpha", monitoring.drift_alpha, 0.0, 1.0)?;
    in_range("monitoring.psi_floor", monitoring.psi_floor, 0.0, f64::MAX)?;
    in_range("monitoring.ks_floor", monitoring.ks_floor, 0.0, 1.0)?;
    in_range(
        "monitoring.min_gain",
        config.monitoring.min_gain,
        0.0,
        f64::MAX,
    )?;
    if !(config.monitoring.alpha > 0.0 && config.monitoring.alpha < 1.0) {
        let alpha = config.monitoring.alpha;
        return Err(format!(
            "monitoring.alpha is {alpha}; it must be between 0 and 1, such as 0.01"
        ));
    }
    let share = monitoring.retrain_on_list_impact.unwrap_or(0.0);
    in_range("monitoring.retrain_on_list_impact", share, 0.0, 1.0)?;
    in_range(
        "dataset.max_rejected_percent",
        data.max_rejected_percent,
        0.0,
        100.0,
    )?;
    config.contacts.check()?;
    at_least_one("deployment.keep_releases", config.deployment.keep_releases)?;
    if let Some(days) = data.horizon_days {
        at_least_one("dataset.horizon_days", days)?;
        if data.observed_at.is_none() {
            return Err("dataset.horizon_days needs dataset.observed_at, the date column".into());
        }
    }
    let ages = [
        ("max_data_age_days", config.monitoring.max_data_age_days),
        ("max_model_age_days", config.monitoring.max_model_age_days),
        ("retrain_after_days", config.monitoring.retrain_after_days),
    ];
    for (key, days) in ages {
        at_least_one(&format!("monitoring.{key}"), days.unwrap_or(1))?;
    }
    config.alerts.check()?;
    roles(config)?;
    listed_features(&data.features, data.contract_value.as_deref())?;
    config.sources.iter().try_for_each(source)?;
    unique(
        "sources: the name",
        config.sources.iter().map(|source| source.name.as_str()),
    )
}

pub(super) fn in_range(key: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    let range = if high == f64::MAX {
        format!("at least {low}")
    } else {
        format!("from {low} to {high}")
    };
    Err(format!("{key} is {value}; it must be {range}"))
}

pub(super) fn at_least_one(key: &str, value: u32) -> Result<(), String> {
    if value == 0 {
        Err(format!("{key} is 0; it must be at least 1"))
    } else {
        Ok(())
    }
}

fn roles(config: &Config) -> Result<(), String> {
    let data = &config.dataset;
    let mut taken = HashSet::new();
    let named = [
        ("dataset.client_id", Some(&data.client_id)),
        ("dataset.target", Some(&data.target)),
        ("dataset.observed_at", data.observed_at.as_ref()),
        ("dataset.contract_value", data.contract_value.as_ref()),
    ];
    for (key, column) in named {
        let Some(column) = column else { continue };
        if column.is_empty() {
            return Err(format!("{key} is empty; it must name a column"));
        }
        if !taken.insert(column) {
            return Err(format!(
                "{key} names the column {column}, which has another use already"
            ));
        }
    }
    if let Some(column) = &config.contacts.assign_by
        && taken.contains(column)
    {
        return Err(format!(
            "contacts.assign_by names the column {column}, which has another use already"
        ));
    }
    Ok(())
}

fn listed_features(features: &Features, contract_value: Option<&str>) -> Result<(), String> {
    let Features::Listed(list) = features else {
        return Ok(());
    };
    if list.is_empty() {
        return Err("dataset.features is empty; list a feature or say \"auto\"".into());
    }
    for feature in list {
        if contract_value == Some(&feature.name) && feature.kind == Kind::Category {
            return Err(format!(
                "dataset.features: {} is the contract value, so its kind is numeric; its cells have to be \
                 plain numbers, such as 1234.5",
                feature.name
            ));
        }
        if let (Some(min), Some(max)) = (feature.min, feature.max)
            && min > max
        {
            let name = &feature.name;
            return Err(format!(
                "dataset.features: {name} has min {min} above max {max}"
            ));
        }
    }
    unique(
        "dataset.features: the name",
        list.iter().map(|feature| feature.name.as_str()),
    )
}

fn source(source: &Source) -> Result<(), String> {
    let name = &source.name;
    if name.is_empty() || name.contains(['/', '\n']) {
        return Err(format!(
            "sources: {name:?} is no name; use letters, digits, - and _"
        ));
    }
    let lower_case = name.to_lowercase();
    if lower_case.ends_with(".csv") || lower_case.ends_with(".parquet") {
        return Err(format!(
            "sources: {name} ends like a file; use another name"
        ));
    }
    match (&source.table, &source.query) {
        (Some(_), None) | (None, Some(_)) => Ok(()),
        _ => Err(format!("sources: {name} needs either table or query")),
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{what} {name} is used twice"));
        }
    }
    Ok(())
}
