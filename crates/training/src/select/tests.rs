//! Splits, the choice on drawn data, and that threads do not show.

use super::*;
use dataset::{RawTable, check};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use risk_core::model::sigmoid;
use risk_core::schema::{Column, Kind, Role, Schema};
use std::fmt::Write;

fn config(extra: &str) -> Config {
    let text = format!(
        r#"{{"input_folder_path": "in", "output_folder_path": "out", "test_data_path": "test",
            "output_model_path": "model", "prod_deployment_path": "prod"{extra}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// `id,x,industry,exited` and, where there is a date, `day`.
fn samples(rows: &str) -> Samples {
    let dated = rows.lines().next().unwrap().split(',').count() == 5;
    let mut columns = vec![
        Column::new("id", Role::ClientId, Kind::Category),
        Column::new("x", Role::Feature, Kind::Numeric),
        Column::new("industry", Role::Feature, Kind::Category),
        Column::new("exited", Role::Target, Kind::Category),
    ];
    let mut header = "id,x,industry,exited".to_owned();
    if dated {
        columns.push(Column::new("day", Role::ObservedAt, Kind::Category));
        header.push_str(",day");
    }
    let raw = RawTable::from_csv(format!("{header}\n{rows}").into_bytes()).unwrap();
    let table = check(&raw, &Schema::new(columns), true).unwrap().table;
    let exited = (0..table.n_rows())
        .map(|row| table.target(row).unwrap())
        .collect();
    Samples::new(table, exited)
}

/// Clients whose log-odds are a function of one number.
fn drawn(seed: u64, n: usize, log_odds: impl Fn(f64) -> f64) -> Samples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = String::new();
    for client in 0..n {
        let x: f64 = 4.0 * rng.random::<f64>() - 2.0;
        let left = rng.random::<f64>() < sigmoid(log_odds(x));
        let industry = ["a", "b", "c"][rng.random_range(0..3)];
        writeln!(rows, "c{client},{x},{industry},{}", u8::from(left)).unwrap();
    }
    samples(&rows)
}

#[test]
fn a_bent_relation_takes_the_spline_and_a_straight_one_does_not() {
    let bent = select(&config(""), &drawn(1, 1500, |x| 1.5 * x * x - 3.0)).unwrap();
    assert_eq!(bent.basis, Basis::Spline);
    let selection = bent.selection.unwrap();
    let margin = selection.margin.unwrap();
    assert_eq!(margin.basis, Basis::Linear);
    assert!(
        margin.log_loss_difference > margin.standard_error,
        "{margin:?}"
    );
    assert!(
        selection.reason.starts_with("spline with l2 "),
        "{}",
        selection.reason
    );
    let straight = select(&config(""), &drawn(2, 1500, |x| 1.5 * x - 1.0)).unwrap();
    assert_eq!(straight.basis, Basis::Linear);
}

#[test]
fn with_few_samples_nothing_is_chosen() {
    let selected = select(&config(""), &drawn(3, 99, |x| x)).unwrap();
    assert_eq!((selected.basis, selected.l2), (Basis::Linear, 1.0));
    assert_eq!(selected.out_of_fold, None);
    assert_eq!(selected.selection.unwrap().validation, Validation::None);
    let fixed = config(r#", "model": {"basis": "spline", "l2": 0.5}"#);
    let selected = select(&fixed, &drawn(3, 300, |x| x)).unwrap();
    assert_eq!((selected.basis, selected.l2), (Basis::Spline, 0.5));
    assert_eq!((selected.selection, selected.out_of_fold), (None, None));
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let samples = drawn(4, 400, |x| x * x - 1.0);
    let config = config("");
    let bases = [Basis::Linear, Basis::Spline];
    let one = choose(&config, &samples, &bases, &PENALTIES, 1).unwrap();
    for threads in [2, 5] {
        let other = choose(&config, &samples, &bases, &PENALTIES, threads).unwrap();
        assert_eq!(other, one, "{threads} threads");
    }
}

/// Nothing can be learned from random labels, however often a client is copied.
#[test]
fn fifty_copies_of_each_client_with_a_random_label_teach_nothing() {
    // The area of one draw of a thousand clients has a standard error of .02, the mean of six .008.
    let areas = [0, 1, 2, 3, 4, 5].map(auc_of_fifty_copies);
    let mean = areas.iter().sum::<f64>() / areas.len() as f64;
    assert!((mean - 0.5).abs() <= 0.02, "{areas:?}");
}

/// The area under the ROC curve of predictions for clients that the fit did not see, where the label of
/// a client is drawn at random and each client is there fifty times.
fn auc_of_fifty_copies(seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut rows = String::new();
    for client in 0..1_000 {
        let (x, left) = (rng.random::<f64>(), u8::from(rng.random::<f64>() < 0.5));
        for _ in 0..50 {
            writeln!(rows, "c{client},{x},a{},{left}", client % 7).unwrap();
        }
    }
    let samples = samples(&rows);
    let found = select(&config(""), &samples).unwrap().out_of_fold.unwrap();
    assert_eq!(found.rows.len(), 50_000);
    let exited: Vec<bool> = found.rows.iter().map(|row| samples.exited[*row]).collect();
    let risks: Vec<f64> = (found.log_odds.iter())
        .map(|log_odds| sigmoid(*log_odds))
        .collect();
    risk_core::metrics::roc_auc(&risks, &exited).unwrap()
}

#[test]
fn all_rows_of_a_client_are_in_one_fold_and_leavers_are_spread() {
    let mut rows = String::new();
    for client in 0..60 {
        for x in 0..4 {
            writeln!(rows, "c{client},{x},a,{}", u8::from(client % 3 == 0)).unwrap();
        }
    }
    let samples = samples(&rows);
    let splits = Splits::of(&samples, 5, 0, None);
    assert_eq!(splits.validation, Validation::ByClient);
    assert_eq!(splits.rows.len(), 240);
    for split in &splits.splits {
        let ids = |rows: &[usize]| -> std::collections::BTreeSet<String> {
            rows.iter()
                .map(|row| samples.table.client_id(*row).to_owned())
                .collect()
        };
        assert!(ids(&split.fitted).is_disjoint(&ids(&split.predicted)));
        let left = split
            .predicted
            .iter()
            .filter(|row| samples.exited[**row])
            .count();
        assert_eq!((split.predicted.len(), left), (48, 16));
    }
    assert_ne!(Splits::of(&samples, 5, 1, None).splits, splits.splits);
}

/// Twelve months of 40 clients each.
fn dated(months: u32) -> Samples {
    let mut rows = String::new();
    for month in 1..=months {
        for client in 0..40 {
            let left = u8::from((client + month) % 3 == 0);
            writeln!(rows, "c{client},{client},a,{left},2025-{month:02}-01").unwrap();
        }
    }
    samples(&rows)
}

#[test]
fn dated_samples_are_predicted_from_labels_that_were_known_before() {
    let samples = dated(12);
    let date = |row: usize| samples.table.observed_at(row).unwrap();
    let splits = Splits::of(&samples, 5, 0, Some(90));
    assert_eq!(splits.validation, Validation::ForwardInTime);
    assert!(
        splits
            .rows
            .iter()
            .all(|row| date(*row).to_string().as_str() >= "2025-06-01")
    );
    let mut predicted = 0;
    for split in &splits.splits {
        let first = split
            .predicted
            .iter()
            .map(|position| date(splits.rows[*position]))
            .min();
        let last = split.fitted.iter().map(|row| date(*row)).max().unwrap();
        assert!(last + chrono::Days::new(90) <= first.unwrap());
        let client = |row: usize| samples.table.client_id(row);
        for position in &split.predicted {
            let own = client(splits.rows[*position]);
            assert!(split.fitted.iter().all(|row| client(*row) != own));
        }
        predicted += split.predicted.len();
    }
    assert_eq!(predicted, splits.rows.len());
}

#[test]
fn months_whose_labels_overlap_are_split_by_client_only() {
    let splits = Splits::of(&dated(3), 5, 0, Some(90));
    assert_eq!(splits.validation, Validation::ByClient);
    assert_eq!(splits.rows.len(), 120);
}

#[test]
fn of_many_rows_whole_clients_are_taken() {
    let samples = dated(12);
    let taken = splits::share_of_clients(&samples.table, 0, 100);
    assert!(
        taken.len() <= 100 && taken.len() >= 60 && taken.len().is_multiple_of(12),
        "{}",
        taken.len()
    );
    assert_eq!(splits::share_of_clients(&samples.table, 0, 480).len(), 480);
}
