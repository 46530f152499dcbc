//! What a challenger is trained on, and that no label is used twice.

#[path = "../../examples/candidates/world.rs"]
mod world;

use dataset::{ColumnData, ModelInput, Table};
use risk_core::Config;
use risk_core::config;
use risk_core::metrics::{Verdict, roc_auc};
use risk_core::recency::Recency;
use testkit::Project;
use training::gate::{Challenge, challenge};
use training::{Samples, fit, fit_recent};
use world::{Change, future_log_loss, samples};

fn now() -> chrono::DateTime<chrono::Utc> {
    crate::running::NOW.parse().unwrap()
}

fn settings() -> Config {
    let penalty = "model.l2=1".parse().unwrap();
    config::load(&Project::new().config(), &[penalty]).unwrap()
}

/// A challenger against a champion of all but the newest rows.
fn tried(all: &Samples, n_new: usize) -> Challenge {
    let n = all.exited.len();
    let (old, new): (Vec<usize>, Vec<usize>) = (0..n).partition(|row| *row < n - n_new);
    let champion = fit(&settings(), &all.select(&old), now()).unwrap();
    let judged = all.select(&new);
    let input = ModelInput::new(&champion, judged.table.schema()).unwrap();
    challenge(&champion, all, &new, &input.risks(&judged.table)).unwrap()
}

/// The same samples after labels were turned.
fn turned(all: &Samples, rows: &[usize]) -> Samples {
    let mut exited = all.exited.clone();
    for row in rows {
        exited[*row] = !exited[*row];
    }
    Samples::new(all.table.clone(), exited)
}

#[test]
fn after_a_change_the_challenger_looks_back_as_far_as_the_change() {
    let all = samples(Change::Sudden { new_rows: 1_000 }, 9_000, 1);
    let found = tried(&all, 1_000);
    assert_eq!(found.comparison.verdict(0.005), Verdict::NotWorse);
    assert!(found.comparison.high < -0.1, "{:?}", found.comparison);
    let loss = |recency| future_log_loss(&fit_recent(&settings(), &all, recency, now()).unwrap());
    let (chosen, all_data) = (loss(found.choice.chosen), loss(Recency::All));
    let newest = loss(Recency::Newest { samples: 1_000 });
    assert!(chosen < all_data - 0.05, "{chosen} against {all_data}");
    assert!(chosen < newest + 0.01, "{chosen} against {newest}");
    assert!(found.choice.is_forward);
    assert_eq!(found.choice.n_judged, 501);
}

#[test]
fn behaviour_that_changes_little_by_little_is_followed() {
    let all = samples(Change::Gradual, 4_000, 5);
    let found = tried(&all, 500);
    assert_eq!(found.comparison.verdict(0.005), Verdict::NotWorse);
    let loss = |recency| future_log_loss(&fit_recent(&settings(), &all, recency, now()).unwrap());
    let (chosen, all_data) = (loss(found.choice.chosen), loss(Recency::All));
    assert!(chosen < all_data - 0.03, "{chosen} against {all_data}");
}

#[test]
fn without_a_change_old_samples_are_not_thrown_away() {
    let all = samples(Change::None, 4_000, 2);
    let found = tried(&all, 500);
    let model = fit_recent(&settings(), &all, found.choice.chosen, now()).unwrap();
    let of_all = fit(&settings(), &all, now()).unwrap();
    let lost = future_log_loss(&model) - future_log_loss(&of_all);
    assert!(lost < 0.005, "{lost} by {:?}", found.choice.chosen);
    assert!(found.comparison.difference.abs() < 0.01);
}

#[test]
fn no_label_of_a_client_is_used_for_its_own_risk() {
    let all = samples(Change::Sudden { new_rows: 200 }, 1_000, 3);
    let before = tried(&all, 200);
    let client = 900;
    let after = tried(&turned(&all, &[client]), 200);
    let place = client - 800;
    assert_eq!(before.risks[place], after.risks[place]);
    // The others of its fold do not use it either; the rest does.
    let same = (0..200).filter(|place| before.risks[*place] == after.risks[*place]);
    let same = same.count();
    assert!((20..80).contains(&same), "{same} of 200 are the same");
}

#[test]
fn what_a_model_was_trained_on_is_part_of_it() {
    let all = samples(Change::None, 600, 4);
    let fitted = |recency| fit_recent(&settings(), &all, recency, now()).unwrap();
    let newest = fitted(Recency::Newest { samples: 150 });
    let recent = newest.data.recency.clone().unwrap();
    assert_eq!((newest.data.n_samples, recent.n_known), (150, 600));
    assert_eq!(recent.effective_samples, 150.0);
    let weighed = fitted(Recency::HalfLife { samples: 50 });
    let effective = weighed.data.recency.clone().unwrap().effective_samples;
    // Σ w = 1 / (1 - q) and Σ w² = 1 / (1 - q²) for w = q^age.
    let q = 0.5_f64.powf(1.0 / 50.0);
    assert!(
        (effective - (1.0 + q) / (1.0 - q)).abs() < 1.0,
        "{effective}"
    );
    let all_data = fitted(Recency::All);
    assert_eq!(all_data.data.recency, None);
    assert_eq!(all_data, fit(&settings(), &all, now()).unwrap());
    assert_ne!(newest.model_id, weighed.model_id);
}

/// Fifty copies of each client with a random label: whoever knows a copy knows the label.
fn copies(clients: usize, seed: u64) -> Samples {
    let one = samples(Change::None, clients, seed);
    let rows: Vec<usize> = (0..50 * clients).map(|row| row % clients).collect();
    let table = one.table.select(&rows);
    let label = |client: &usize| crate::compiled::uniform(seed, *client as u64) < 0.5;
    let exited: Vec<bool> = rows.iter().map(label).collect();
    let mut columns = table.columns().to_vec();
    columns[5] = ColumnData::Flag(exited.iter().copied().map(Some).collect());
    Samples::new(Table::new(table.schema().clone(), columns), exited)
}

#[test]
fn fifty_copies_of_each_client_with_a_random_label_tell_nothing() {
    let all = copies(1_000, 1);
    let champion = fit(&settings(), &all, now()).unwrap();
    let every: Vec<usize> = (0..all.exited.len()).collect();
    let found = challenge(&champion, &all, &every, &vec![0.5; every.len()]).unwrap();
    let area = roc_auc(&found.risks, &all.exited).unwrap();
    assert!((area - 0.5).abs() < 0.02, "{area}");
}
