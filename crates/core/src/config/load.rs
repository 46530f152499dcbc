//! Reading the configuration: the file, the overrides of the command line, and clear errors.

use super::messages::{describe, names};
use super::{AlertsConfig, Config, check};
use crate::error::Failure;
use serde_json::{Map, Value};
use std::path::Path;

/// One `--set KEY=VALUE`: a dotted path into the configuration and the value to put there.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// The dotted path, such as `model.l2`.
    pub key: String,
    /// JSON, or bare text.
    pub value: String,
}

impl std::str::FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok(Self {
                key: key.trim().to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("expected KEY=VALUE, such as model.l2=0.5".into()),
        }
    }
}

/// The JSON Schema of the configuration file.
#[must_use]
pub fn json_schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true);
    settings
        .into_generator()
        .into_root_schema_for::<Config>()
        .to_value()
}

/// Reads the configuration file, applies the overrides, checks everything, and resolves the paths
/// against the folder of the file.
///
/// # Errors
/// [`Failure::Configuration`] that names the file, the key and what to do.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Config, Failure> {
    let value = read(path).map_err(|message| at(path, &message))?;
    parse(path, value, overrides)
}

/// Reads the configuration as [`load`] does; where the file is not there, every key has its default and
/// the five folders have the names of the original. For work that needs no project.
///
/// # Errors
/// As [`load`], but for a file that is not there.
pub fn load_or_default(path: &Path, overrides: &[Override]) -> Result<Config, Failure> {
    if path.exists() {
        return load(path, overrides);
    }
    let folders = serde_json::json!({
        "input_folder_path": "sourcedata",
        "output_folder_path": "ingesteddata",
        "test_data_path": "testdata",
        "output_model_path": "models",
        "prod_deployment_path": "production_deployment"
    });
    parse(path, folders, overrides)
}

fn at(path: &Path, message: &str) -> Failure {
    Failure::Configuration(format!("{}: {message}", path.display()))
}

fn parse(path: &Path, mut value: Value, overrides: &[Override]) -> Result<Config, Failure> {
    let at = |message: String| at(path, &message);
    let schema = json_schema();
    for replaced in overrides {
        set(&mut value, &schema, replaced)
            .map_err(|message| Failure::Configuration(format!("--set: {message}")))?;
    }
    // What was replaced on the command line is not to be looked for in the file.
    let at = |message: String| {
        if overrides.iter().any(|by| names(&message, &by.key)) {
            Failure::Configuration(format!("--set: {message}"))
        } else {
            at(message)
        }
    };
    check::known_keys(&value, &schema, "").map_err(at)?;
    let mut config: Config =
        serde_path_to_error::deserialize(value).map_err(|error| at(describe(&error)))?;
    check::values(&config).map_err(at)?;
    let folder = std::path::absolute(path).map_err(|error| at(error.to_string()))?;
    config.folder = folder.parent().unwrap_or(Path::new("/")).to_owned();
    resolve(&mut config);
    Ok(config)
}

/// The section `alerts` of a configuration that is wrong elsewhere, so that people can be told so;
/// `None` where it cannot be read either.
#[must_use]
pub fn alerts_of(path: &Path, overrides: &[Override]) -> Option<AlertsConfig> {
    let mut value = read(path).ok()?;
    let schema = json_schema();
    for replaced in overrides.iter().filter(|by| by.key.starts_with("alerts")) {
        set(&mut value, &schema, replaced).ok()?;
    }
    let alerts: AlertsConfig = serde_json::from_value(value.get("alerts")?.clone()).ok()?;
    alerts.check().ok().map(|()| alerts)
}

fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        format!("cannot read the configuration: {error}; name another one with --config")
    })?;
    serde_json::from_str(&text).map_err(|error| format!("not valid JSON: {error}"))
}

fn set(value: &mut Value, schema: &Value, replaced: &Override) -> Result<(), String> {
    let (parents, last) = match replaced.key.rsplit_once('.') {
        Some((parents, last)) => (parents.split('.').collect(), last),
        None => (Vec::new(), replaced.key.as_str()),
    };
    let mut object = value;
    let mut described = schema;
    for parent in parents {
        described = check::property(described, parent)
            .ok_or_else(|| check::unknown_key(described, parent, &replaced.key))?;
        object = as_object(object, &replaced.key)?
            .entry(parent)
            .or_insert_with(|| Value::Object(Map::new()));
    }
    let described = check::property(described, last)
        .ok_or_else(|| check::unknown_key(described, last, &replaced.key))?;
    let parsed = parse_value(&replaced.value, described);
    as_object(object, &replaced.key)?.insert(last.to_owned(), parsed);
    Ok(())
}

fn as_object<'a>(value: &'a mut Value, key: &str) -> Result<&'a mut Map<String, Value>, String> {
    value
        .as_object_mut()
        .ok_or_else(|| format!("{key}: what stands above it is not an object"))
}

/// JSON where it is JSON of a type the key takes, else the bare text: `--set dataset.positive=1`
/// is the text "1".
fn parse_value(text: &str, described: &Value) -> Value {
    match serde_json::from_str(text) {
        Ok(parsed) if check::accepts(described, &parsed) => parsed,
        Ok(parsed) if !check::accepts(described, &Value::String(String::new())) => parsed,
        _ => Value::String(text.to_owned()),
    }
}

fn resolve(config: &mut Config) {
    let mut paths = vec![
        &mut config.input_folder_path,
        &mut config.output_folder_path,
        &mut config.test_data_path,
        &mut config.output_model_path,
        &mut config.prod_deployment_path,
    ];
    paths.extend(config.clients_path.as_mut());
    paths.extend(config.sources.iter_mut().map(|source| &mut source.path));
    for path in paths {
        *path = config.folder.join(&*path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Penalty;

    const FIVE: &str = r#"{"input_folder_path": "in", "output_folder_path": "out",
        "test_data_path": "test", "output_model_path": "model",
        "prod_deployment_path": "/prod"}"#;

    fn load_text(text: &str, overrides: &[&str]) -> Result<Config, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        crate::files::write(&path, text).unwrap();
        let overrides: Vec<Override> = overrides.iter().map(|text| text.parse().unwrap()).collect();
        load(&path, &overrides)
    }

    fn with(extra: &str) -> String {
        format!("{}, {extra}}}", FIVE.trim_end().trim_end_matches('}'))
    }

    fn message(text: &str, overrides: &[&str]) -> String {
        let failure = load_text(text, overrides).unwrap_err();
        assert_eq!(failure.exit_code(), 78);
        failure.to_string()
    }

    #[test]
    fn five_keys_are_enough_and_paths_resolve_against_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        crate::files::write(&path, FIVE).unwrap();
        let config = load(&path, &[]).unwrap();
        assert_eq!(config.input_folder_path, folder.path().join("in"));
        assert_eq!(config.prod_deployment_path, Path::new("/prod"));
        assert_eq!(config.folder, folder.path());
        assert_eq!(config.dataset.client_id, "corporation");
        assert_eq!(config.model.l2, Penalty::Auto);
    }

    #[test]
    fn an_unknown_key_is_named_with_the_nearest_known_one() {
        let message = message(&with(r#""dataset": {"horizon_day": 90}"#), &[]);
        assert!(
            message.contains("unknown key dataset.horizon_day"),
            "{message}"
        );
        assert!(message.contains("dataset.horizon_days"), "{message}");
        assert!(message.contains("config.json"), "{message}");
    }

    #[test]
    fn an_unknown_key_inside_a_list_is_found() {
        let features = r#""dataset": {"features": [{"name": "a", "kind": "numeric", "mim": 0}]}"#;
        let message = message(&with(features), &[]);
        assert!(message.contains("dataset.features[0].mim"), "{message}");
        assert!(message.contains("min"), "{message}");
    }

    #[test]
    fn a_wrong_type_and_a_missing_key_say_where() {
        let message_ = message(&with(r#""model": {"l2": "much"}"#), &[]);
        assert!(
            message_.contains("model.l2") && message_.contains("much"),
            "{message_}"
        );
        let missing = message(r#"{"input_folder_path": "in"}"#, &[]);
        assert!(missing.contains("output_folder_path"), "{missing}");
        assert!(message("{", &[]).contains("not valid JSON"));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (extra, named) in [
            (r#""model": {"l2": -1}"#, "model.l2"),
            (r#""model": {"folds": 1}"#, "model.folds"),
            (r#""model": {"threshold": 1.5}"#, "model.threshold"),
            (
                r#""dataset": {"max_rejected_percent": 101}"#,
                "dataset.max_rejected_percent",
            ),
            (
                r#""monitoring": {"retrain_on_list_impact": 20}"#,
                "monitoring.retrain_on_list_impact is 20; it must be from 0 to 1",
            ),
            (
                r#""monitoring": {"retrain_after_days": 0}"#,
                "monitoring.retrain_after_days is 0; it must be at least 1",
            ),
            (r#""dataset": {"horizon_days": 90}"#, "dataset.observed_at"),
            (r#""dataset": {"target": "corporation"}"#, "dataset.target"),
            (r#""contacts": {"period_days": 0}"#, "contacts.period_days"),
            (r#""contacts": {"capacity": 0}"#, "contacts.capacity"),
            (
                r#""contacts": {"holdout_percent": 51}"#,
                "contacts.holdout_percent",
            ),
            (
                r#""contacts": {"success_rate": 1.1}"#,
                "contacts.success_rate",
            ),
            (
                r#""contacts": {"assign_by": "exited"}"#,
                "contacts.assign_by",
            ),
        ] {
            let message = message(&with(extra), &[]);
            assert!(message.contains(named), "{extra}: {message}");
        }
    }

    #[test]
    fn overrides_take_json_or_bare_text() {
        let config = load_text(
            FIVE,
            &[
                "model.l2=0.5",
                "dataset.positive=1",
                "input_folder_path=other",
                "dataset.ignore=[\"a\"]",
            ],
        )
        .unwrap();
        assert_eq!(config.model.l2, Penalty::Fixed(0.5));
        assert_eq!(config.dataset.positive.as_deref(), Some("1"));
        assert!(config.input_folder_path.ends_with("other"));
        assert_eq!(config.dataset.ignore, ["a"]);
    }

    #[test]
    fn an_unknown_override_is_a_configuration_error() {
        let message = message(FIVE, &["model.l3=1"]);
        assert!(
            message.contains("model.l3") && message.contains("model.l2"),
            "{message}"
        );
        assert!("nothing".parse::<Override>().is_err());
    }

    #[test]
    fn a_wrong_override_is_blamed_and_not_the_file() {
        for (text, expected) in [
            ("model.l2=much", ["--set: model.l2", "a number or \"auto\""]),
            ("model.l2=-1", ["--set: model.l2", "at least 0"]),
            ("api.bind=nowhere", ["--set: api.bind", "127.0.0.1:8000"]),
            (
                "monitoring.min_labelled=-1",
                ["--set: monitoring.min_labelled", "whole number"],
            ),
            ("model={\"l3\": 1}", ["--set: ", "model.l2"]),
            (
                "dataset.horizon_days=90",
                ["--set: dataset.horizon_days", "dataset.observed_at"],
            ),
        ] {
            let message = message(FIVE, &[text]);
            for part in expected {
                assert!(message.contains(part), "{text}: {message}");
            }
            assert!(!message.contains("config.json"), "{text}: {message}");
        }
        let in_the_file = message(&with(r#""model": {"l2": -1}"#), &["model.threshold=0.4"]);
        assert!(in_the_file.contains("config.json"), "{in_the_file}");
    }

    #[test]
    fn the_address_of_a_webhook_is_not_taken_and_not_repeated() {
        let text = with(r#""alerts": {"webhook_url_env": "https://hooks.example/SECRET"}"#);
        let message_ = message(&text, &[]);
        assert!(message_.contains("alerts.webhook_url_env"), "{message_}");
        assert!(!message_.contains("SECRET"), "{message_}");
        assert!(message(&with(r#""alerts": {"command": []}"#), &[]).contains("alerts.command"));
    }

    #[test]
    fn a_command_is_a_line_or_a_list() {
        let line = load_text(FIVE, &["alerts.command=mail -s risk ops"]).unwrap();
        let shell = crate::config::AlertCommand::Shell("mail -s risk ops".into());
        assert_eq!(line.alerts.command, Some(shell));
        let list = load_text(FIVE, &[r#"alerts.command=["mail", "ops"]"#]).unwrap();
        let arguments = crate::config::AlertCommand::Arguments(vec!["mail".into(), "ops".into()]);
        assert_eq!(list.alerts.command, Some(arguments));
    }

    #[test]
    fn alerts_are_read_though_another_key_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        let text = with(r#""alerts": {"command": "x"}, "modle": {}"#);
        crate::files::write(&path, text).unwrap();
        assert!(load(&path, &[]).is_err());
        assert!(alerts_of(&path, &[]).unwrap().command.is_some());
    }

    #[test]
    fn reserved_keys_are_unknown_until_they_work() {
        assert!(message(&with(r#""reporting": {"title": "x"}"#), &[]).contains("reporting"));
        assert!(message(&with(r#""folder": "x""#), &[]).contains("unknown key folder"));
    }
}
