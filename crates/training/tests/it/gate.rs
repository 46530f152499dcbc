//! The gate: which of two models is better on samples that neither was fitted on.

use crate::compiled::{schema, uniform};
use chrono::{DateTime, Utc};
use dataset::{ModelInput, RawTable, check};
use risk_core::Config;
use risk_core::config;
use risk_core::model::Model;
use std::fmt::Write;
use testkit::Project;
use training::gate::{Comparison, challenge};
use training::{Samples, fit};

const HEADER: &str = "corporation,activity,exited\n";

fn now() -> DateTime<Utc> {
    crate::running::NOW.parse().unwrap()
}

/// With basis and penalty fixed: what is compared here is the data.
fn settings() -> Config {
    let fixed = ["model.basis=linear", "model.l2=1"].map(|text| text.parse().unwrap());
    config::load(&Project::new().config(), &fixed).unwrap()
}

fn samples(rows: &str) -> Samples {
    let csv = format!("{HEADER}{rows}");
    samples_of(&csv)
}

fn samples_of(csv: &str) -> Samples {
    let raw = RawTable::from_csv(csv.as_bytes().to_vec()).unwrap();
    let table = check(&raw, &schema(csv), false).unwrap().table;
    let exited = (0..table.n_rows())
        .map(|row| table.target(row).unwrap())
        .collect();
    Samples::new(table, exited)
}

/// The comparison alone.
fn compare(
    model: &Model,
    all: &Samples,
    new: &[usize],
    risks: &[f64],
) -> anyhow::Result<Comparison> {
    Ok(challenge(model, all, new, risks)?.comparison)
}

/// A champion of these samples.
fn champion(samples: &Samples) -> Model {
    fit(&settings(), samples, now()).unwrap()
}

/// 300 clients, who leave with less activity (slope below 0) or with more.
fn regime(seed: u64, slope: f64) -> String {
    let mut text = String::new();
    for row in 0..300 {
        let activity = (uniform(seed, 2 * row) * 100.0).round();
        let risk = 1.0 / (1.0 + f64::exp(-slope * (activity - 50.0)));
        let exited = u8::from(uniform(seed, 2 * row + 1) < risk);
        writeln!(text, "client {seed}-{row},{activity},{exited}").unwrap();
    }
    text
}

/// A champion of the old samples against a challenger, on the new ones; `champion` may spoil the
/// champion's risks.
fn compared(old: &str, new: &str, champion: impl Fn(f64) -> f64) -> Comparison {
    let settings = settings();
    let all = samples(&format!("{old}{new}"));
    let n_old = old.lines().count();
    let model = fit(&settings, &samples(old), now()).unwrap();
    let positions: Vec<usize> = (n_old..all.exited.len()).collect();
    let table = all.table.select(&positions);
    let risks = ModelInput::new(&model, table.schema())
        .unwrap()
        .risks(&table);
    let risks: Vec<f64> = risks.into_iter().map(champion).collect();
    compare(&model, &all, &positions, &risks).unwrap()
}

#[test]
fn on_drifted_data_the_challenger_wins() {
    let comparison = compared(&regime(1, -0.05), &regime(2, 0.1), |risk| risk);
    assert_eq!(comparison.n_samples, 300);
    assert!(comparison.high < 0.0, "{comparison:?}");
    let difference = comparison.challenger_log_loss - comparison.champion_log_loss;
    assert!((comparison.difference - difference).abs() < 1e-12);
    assert!(comparison.low < difference && difference < comparison.high);
}

#[test]
fn on_undrifted_data_the_challenger_is_seldom_certainly_worse_and_on_average_equal() {
    let same = |seed: u64| {
        let (old, new) = (regime(100 + seed, -0.05), regime(200 + seed, -0.05));
        compared(&old, &new, |risk| risk)
    };
    let comparisons: Vec<Comparison> = (0..20).map(same).collect();
    let worse = comparisons.iter().filter(|comparison| comparison.low > 0.0);
    assert!(worse.count() <= 2, "{comparisons:?}"); // One in forty by chance.
    let total: f64 = comparisons
        .iter()
        .map(|comparison| comparison.difference)
        .sum();
    assert!((total / 20.0).abs() < 0.003, "{comparisons:?}");
}

#[test]
fn an_absurd_champion_loses() {
    let (old, new) = (regime(1, -0.05), regime(2, -0.05));
    for absurd in [|risk| 1.0 - risk, |_| 0.999, |_| 0.0] {
        let comparison = compared(&old, &new, absurd);
        assert!(comparison.high < 0.0, "{comparison:?}");
        assert!(comparison.champion_log_loss.is_finite(), "{comparison:?}");
    }
}

#[test]
fn a_perfect_champion_stays() {
    let new = regime(2, -0.05);
    let all = samples(&format!("{}{new}", regime(1, -0.05)));
    let positions: Vec<usize> = (300..600).collect();
    let risks: Vec<f64> = positions
        .iter()
        .map(|row| f64::from(u8::from(all.exited[*row])))
        .collect();
    let comparison = compare(&champion(&all), &all, &positions, &risks).unwrap();
    assert!(comparison.low > 0.0, "{comparison:?}");
}

#[test]
fn the_same_samples_give_the_same_bits() {
    let (old, new) = (regime(1, -0.05), regime(2, 0.02));
    assert_eq!(
        compared(&old, &new, |risk| risk),
        compared(&old, &new, |risk| risk)
    );
}

#[test]
fn a_client_is_never_on_both_sides_of_a_fold() {
    // Every client has twenty samples of one label, drawn by chance, and a level of its own. A model
    // that saw some of them knows the others; one that did not can only say "one in two".
    let mut csv = "corporation,name,exited\n".to_owned();
    for client in 0..40 {
        let exited = u8::from(uniform(4, client) < 0.5);
        for _ in 0..20 {
            writeln!(csv, "client {client},level {client},{exited}").unwrap();
        }
    }
    let all = samples_of(&csv);
    let every: Vec<usize> = (0..all.exited.len()).collect();
    let comparison = compare(&champion(&all), &all, &every, &[0.5; 800]).unwrap();
    assert!(comparison.challenger_log_loss > 0.69, "{comparison:?}");
    let model = fit(&settings(), &all, now()).unwrap();
    assert!(
        model.fit.log_loss < 0.1,
        "it could have known: {}",
        model.fit.log_loss
    );
}

#[test]
fn nothing_to_compare_on_is_an_error_and_never_a_number() {
    let all = samples(&regime(1, -0.05));
    let error = compare(&champion(&all), &all, &[], &[]).unwrap_err();
    assert_eq!(error.to_string(), "there is no new sample to compare on");
    let error = compare(&champion(&all), &all, &[0, 1], &[0.5]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "1 risks of the champion do not belong to 2 new samples"
    );
}

#[test]
fn without_both_classes_in_a_fold_the_cause_is_named() {
    let rows: String = (0..20)
        .map(|row| format!("client {row},{row},0\n"))
        .collect();
    let all = samples(&format!("{rows}leaver,3,1\n"));
    let error = compare(&champion(&all), &all, &[20], &[0.5]).unwrap_err();
    assert!(
        format!("{error:#}").contains("samples have stayed"),
        "{error:#}"
    );
}
