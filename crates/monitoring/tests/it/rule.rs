//! The rule of alarm on the cases in which the established tools fail.

use crate::data::Lcg;
use monitoring::alarm::{Rule, Verdict};
use monitoring::published::{Evidently, NumericReference};
use monitoring::sample::{Categories, Numeric};

const RULE: Rule = Rule {
    alpha: 0.001,
    psi_floor: 0.02,
    ks_floor: 0.02,
    n_columns: 8,
};

fn bell(seed: u64, n: usize, scale: f64, shift: f64) -> Vec<f64> {
    let mut random = Lcg(seed);
    (0..n).map(|_| random.bell() * scale + shift).collect()
}

fn judge(reference: &[f64], analysis: &[f64]) -> Verdict {
    RULE.judge_numbers(
        &Numeric::new(reference.to_vec()),
        &Numeric::new(analysis.to_vec()),
    )
}

fn with_outlier(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values[17] = 1e6;
    values
}

#[test]
fn one_outlier_on_either_side_changes_nothing() {
    let (reference, same) = (bell(1, 10_000, 10.0, 100.0), bell(2, 10_000, 10.0, 100.0));
    let shifted = bell(3, 10_000, 20.0, 150.0);
    let quiet = [
        (reference.clone(), same.clone()),
        (with_outlier(&reference), same.clone()),
        (reference.clone(), with_outlier(&same)),
    ];
    for (reference, analysis) in quiet {
        assert!(!judge(&reference, &analysis).alarm);
    }
    let loud = [
        (reference.clone(), shifted.clone()),
        (with_outlier(&reference), shifted.clone()),
        (reference.clone(), with_outlier(&shifted)),
    ];
    let found = loud.map(|(reference, analysis)| judge(&reference, &analysis));
    assert!(found.iter().all(|verdict| verdict.alarm));
    assert!(
        found
            .iter()
            .all(|verdict| (verdict.psi - found[0].psi).abs() < 0.01 * found[0].psi)
    );
    // The figures that it is held against are blinded.
    let blinded = Numeric::new(with_outlier(&reference));
    let shifted = Numeric::new(shifted);
    let js = NumericReference::of(&blinded)
        .unwrap()
        .compare(&shifted)
        .unwrap()
        .jensen_shannon();
    assert!(js.unwrap() < 0.1);
    let psi = Evidently::of_numbers(&blinded, &shifted).unwrap().psi();
    assert!(psi < 0.1);
}

#[test]
fn missing_values_alarm_and_a_column_without_any_value_is_no_error() {
    let (reference, mut analysis) = (bell(1, 10_000, 1.0, 0.0), bell(2, 10_000, 1.0, 0.0));
    analysis[..4_000].fill(f64::NAN);
    let verdict = judge(&reference, &analysis);
    assert!(verdict.alarm && verdict.psi > 3.0, "{verdict:?}");
    let nothing = vec![f64::NAN; 500];
    let all_null = judge(&reference, &nothing);
    assert!(all_null.alarm && all_null.ks.is_none() && all_null.psi.is_finite());
    assert!(judge(&nothing, &reference).alarm);
    assert!(!judge(&nothing, &nothing).alarm);
}

#[test]
fn a_constant_alarms_when_it_moves_or_appears() {
    let constant = vec![5.0; 500];
    assert!(!judge(&constant, &[5.0; 80]).alarm);
    assert!(judge(&constant, &[4.0; 80]).alarm);
    assert!(judge(&constant, &[6.0; 80]).alarm);
    assert!(judge(&bell(1, 500, 1.0, 5.0), &constant).alarm);
}

#[test]
fn the_threshold_grows_as_samples_shrink_and_stops_at_the_floor() {
    let reference = bell(1, 10_000, 1.0, 0.0);
    let threshold = |n| judge(&reference, &bell(2, n, 1.0, 0.0)).psi_threshold;
    assert!(threshold(50) > 0.5 && threshold(250) > 0.1 && threshold(50) > threshold(250));
    assert!((threshold(10_000) - 0.02).abs() < 1e-12);
    // A shift of .1 sd is certain on 100,000 rows, and too small to matter.
    let many = (bell(5, 100_000, 1.0, 0.0), bell(6, 100_000, 1.0, 0.03));
    let verdict = judge(&many.0, &many.1);
    assert!(
        verdict.ks.unwrap().p_value < 1e-6 && !verdict.alarm,
        "{verdict:?}"
    );
}

#[test]
fn samples_too_small_to_tell_are_quiet() {
    assert!(!judge(&[], &[]).alarm);
    assert!(!judge(&[1.0], &[]).alarm);
    assert!(!judge(&[], &[1.0]).alarm);
    let one = judge(&[1.0], &[2.0]);
    assert!(!one.alarm && one.psi.is_finite());
}

fn categories(counts: &[(&str, u64)], n_missing: u64) -> Categories {
    let counts = counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count));
    Categories::new(counts, n_missing)
}

#[test]
fn an_unseen_category_and_missing_ones_alarm() {
    let reference = categories(&[("a", 600), ("b", 400)], 0);
    let judge = |analysis| RULE.judge_categories(&reference, &analysis);
    assert!(!judge(categories(&[("a", 118), ("b", 82)], 0)).alarm);
    assert!(judge(categories(&[("a", 100), ("b", 70), ("new", 30)], 0)).alarm);
    assert!(judge(categories(&[("a", 100), ("b", 70)], 30)).alarm);
    assert!(judge(categories(&[], 200)).alarm);
}

#[test]
fn many_rare_categories_do_not_drown_a_shift() {
    let names: Vec<String> = (0..500).map(|index| format!("c{index}")).collect();
    let side = |big: u64, new: u64| {
        let rare = names.iter().map(|name| (name.clone(), 2));
        Categories::new(
            rare.chain([("big".to_owned(), big), ("new".to_owned(), new)]),
            0,
        )
    };
    assert!(!RULE.judge_categories(&side(1000, 0), &side(1040, 0)).alarm);
    assert!(RULE.judge_categories(&side(1000, 0), &side(1000, 60)).alarm);
}
