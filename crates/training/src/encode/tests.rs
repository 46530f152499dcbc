//! Imputation, indicators, standardisation, and both scales.

use super::*;
use dataset::{RawTable, check};
use risk_core::model::Value;
use risk_core::schema::{Kind, Role, Schema};

fn table(rows: &str) -> Table {
    let schema = Schema::new(vec![
        Column::new("id", Role::ClientId, Kind::Category),
        Column::new("size", Role::Feature, Kind::Numeric),
        Column::new("industry", Role::Feature, Kind::Category),
    ]);
    let raw = RawTable::from_csv(format!("id,size,industry\n{rows}").into_bytes()).unwrap();
    check(&raw, &schema, false).unwrap().table
}

fn twelve_of_each(last: &str) -> String {
    let rows = (0..24).map(|row| format!("c{row},{row},{}\n", ["a", "b"][row % 2]));
    rows.collect::<String>() + last
}

#[test]
fn design_columns_have_mean_0_and_population_deviation_1() {
    let (_, design) = Encoding::of(&table(&twelve_of_each("x,,\n")), Basis::Linear).unwrap();
    assert_eq!(design.n_columns(), 4); // size, industry a, b, missing
    for column in design.columns() {
        let n = column.len() as f64;
        let mean = column.iter().sum::<f64>() / n;
        let square = column.iter().map(|cell| cell * cell).sum::<f64>() / n;
        assert!(mean.abs() < 1e-12 && (square - 1.0).abs() < 1e-12);
    }
}

#[test]
fn rare_levels_share_one_indicator_and_missing_has_its_own() {
    let (encoding, _) = Encoding::of(
        &table(&twelve_of_each("x,1,rare\ny,2,rarer\nz,3,\n")),
        Basis::Linear,
    )
    .unwrap();
    assert_eq!(
        encoding.names(),
        [
            "size",
            "industry=a",
            "industry=b",
            "industry=(other)",
            "industry=(missing)"
        ]
    );
}

#[test]
fn both_scales_give_the_same_log_odds() {
    let (encoding, design) =
        Encoding::of(&table(&twelve_of_each("x,100,rare\n")), Basis::Linear).unwrap();
    let coefficients = [0.3, -0.7, 0.2, 0.5];
    let (intercept, features) = encoding.features(0.25, &coefficients);
    let standardised: f64 = design
        .columns()
        .iter()
        .zip(coefficients)
        .map(|(column, coefficient)| column[3] * coefficient)
        .sum();
    let raw: f64 = 3.0 * features[0].coefficients()[0].1 + features[1].coefficients()[1].1;
    let contributions =
        features[0].contribution(Value::Number(3.0)) + features[1].contribution(Value::Text("b"));
    assert!((0.25 + standardised - (intercept + raw)).abs() < 1e-12);
    assert!((standardised - contributions).abs() < 1e-12);
}

#[test]
fn the_median_imputes_and_constant_features_are_left_out() {
    assert_eq!(order::median(&[1.0, 2.0, 3.0]), 2.0);
    assert_eq!(order::median(&[1.0, 2.0]), 1.5);
    let constant = table("a,7,x\nb,7,x\n");
    let error = Encoding::of(&constant, Basis::Linear).unwrap_err();
    assert!(
        error.to_string().contains("no feature that varies"),
        "{error}"
    );
}
