//! What holds for any samples.

use super::*;
use proptest::prelude::*;

fn any_samples() -> impl Strategy<Value = (Samples, Vec<usize>)> {
    let row = (0_u8..=20, any::<bool>());
    prop::collection::vec(row, 1..60).prop_flat_map(|rows| {
        let samples = Samples {
            client_ids: (0..rows.len()).map(|i| format!("c{i}")).collect(),
            risks: rows.iter().map(|row| f64::from(row.0) / 20.0).collect(),
            exited: rows.iter().map(|row| row.1).collect(),
        };
        let order: Vec<usize> = (0..rows.len()).collect();
        (Just(samples.in_order(&order)), Just(order).prop_shuffle())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_the_samples_does_not_matter((samples, order) in any_samples()) {
        let shuffled = samples.in_order(&order);
        let expected = evaluate(&samples.scored(), 0.5, 0).unwrap();
        prop_assert_eq!(evaluate(&shuffled.scored(), 0.5, 0).unwrap(), expected);
    }

    #[test]
    fn a_value_lies_in_its_interval_and_both_in_their_range((samples, _) in any_samples()) {
        let evaluation = evaluate(&samples.scored(), 0.5, 0).unwrap();
        let metrics = json_metrics(&evaluation);
        for name in NAMES {
            let Some(value) = metrics[name]["value"].as_f64() else {
                prop_assert!(metrics[name]["reason"].is_string());
                continue;
            };
            let low = metrics[name]["low"].as_f64().unwrap();
            let high = metrics[name]["high"].as_f64().unwrap();
            prop_assert!(0.0 <= low && low <= value && value <= high, "{}", name);
            let unbounded = ["log_loss", "lift_at_10_percent"].contains(&name);
            prop_assert!(unbounded || high <= 1.0, "{}", name);
        }
    }

    #[test]
    fn turning_the_risks_round_turns_the_area_round((samples, _) in any_samples()) {
        let turned: Vec<f64> = samples.risks.iter().map(|risk| 1.0 - risk).collect();
        let area = roc_auc(&samples.risks, &samples.exited);
        if let Ok(area) = area {
            let other = roc_auc(&turned, &samples.exited).unwrap();
            prop_assert!((area + other - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_area_is_the_area_under_the_curve((samples, _) in any_samples()) {
        let curve = roc_curve(&samples.risks, &samples.exited);
        if let Ok(area) = roc_auc(&samples.risks, &samples.exited) {
            let trapezes = curve.windows(2).map(|ends| (ends[1].0 - ends[0].0) * (ends[0].1 + ends[1].1) / 2.0);
            prop_assert!((trapezes.sum::<f64>() - area).abs() < 1e-12);
        }
    }
}
