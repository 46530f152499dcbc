//! Why a client is at risk, in short phrases.

use dataset::format_number;
use risk_core::model::{Feature, Model, Value};

/// How many reasons are given.
const MOST: usize = 3;
/// Log-odds below which a feature is no reason: it raises the odds of leaving by less than 5 %.
const LEAST: f64 = 0.05;

/// The features that raise the risk of a client most against a typical client, the strongest first;
/// at most three.
///
/// `values` are in the order of the features of the model. The typical client has the median of the
/// training samples for a number, and for a category the mean contribution over them. The
/// contributions are exact: they are the terms of the log-odds themselves.
#[must_use]
pub fn reasons(model: &Model, values: &[Value<'_>]) -> Vec<String> {
    let mut raising: Vec<(f64, &Feature, Value<'_>)> = model
        .features
        .iter()
        .zip(values)
        .map(|(feature, value)| (against_typical(feature, *value), feature, *value))
        .filter(|(contribution, ..)| *contribution >= LEAST)
        .collect();
    // The sort is stable: equal contributions stay in the order of the features.
    raising.sort_by(|a, b| b.0.total_cmp(&a.0));
    raising.truncate(MOST);
    raising
        .into_iter()
        .map(|(_, feature, value)| phrase(feature, value))
        .collect()
}

fn against_typical(feature: &Feature, value: Value<'_>) -> f64 {
    let typical = match feature {
        Feature::Numeric(numeric) => feature.contribution(Value::Number(numeric.imputation)),
        Feature::Category(_) => 0.0,
    };
    feature.contribution(value) - typical
}

fn phrase(feature: &Feature, value: Value<'_>) -> String {
    let name = feature.name();
    match (feature, value) {
        (Feature::Numeric(numeric), Value::Number(number)) => {
            let (number, typical) = (readable(number), readable(numeric.imputation));
            format!("{name} {number} (typical {typical})")
        }
        (Feature::Category(_), Value::Text(text)) => format!("{name} {text}"),
        _ => format!("{name} not known"),
    }
}

/// At most four significant digits, but all digits of a whole number.
fn readable(number: f64) -> String {
    let digits = if number == 0.0 {
        0.0
    } else {
        number.abs().log10().floor()
    };
    let decimals = (3.0 - digits).clamp(0.0, 15.0);
    let scale = 10_f64.powi(decimals as i32);
    let rounded = (number * scale).round() / scale;
    format_number(if rounded.is_finite() { rounded } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use risk_core::model::{CategoryFeature, Level, NumericFeature, Term};

    fn term(mean: f64, coefficient: f64) -> Term {
        Term {
            mean,
            standard_deviation: 1.0,
            coefficient,
            standardised_coefficient: coefficient,
        }
    }

    fn number(name: &str, median: f64, coefficient: f64) -> Feature {
        Feature::Numeric(NumericFeature {
            name: name.into(),
            imputation: median,
            term: term(median + 50.0, coefficient),
            min: None,
            max: None,
            required: false,
        })
    }

    fn industry() -> Feature {
        let level = |level: &str, share, coefficient| Level {
            level: level.into(),
            term: term(share, coefficient),
        };
        Feature::Category(CategoryFeature {
            name: "industry".into(),
            levels: vec![level("Energy", 0.25, 0.8), level("Retail", 0.5, -0.4)],
            other: Some(term(0.15, 0.0)),
            missing: Some(term(0.1, 0.6)),
            required: false,
        })
    }

    fn found(features: Vec<Feature>, values: &[Value<'_>]) -> Vec<String> {
        let model = Model {
            features,
            ..crate::testing::model()
        };
        reasons(&model, values)
    }

    #[test]
    fn numbers_are_compared_with_the_median_and_not_with_the_mean() {
        let feature = || vec![number("activity", 73.0, -0.1)];
        assert_eq!(
            found(feature(), &[Value::Number(3.0)]),
            ["activity 3 (typical 73)"]
        );
        for not_below in [Value::Number(73.0), Value::Number(80.0), Value::Missing] {
            assert!(found(feature(), &[not_below]).is_empty(), "{not_below:?}");
        }
    }

    #[test]
    fn categories_are_compared_with_the_mean_over_the_levels() {
        // The mean contribution is 0.25·0.8 - 0.5·0.4 + 0.1·0.6 = 0.06.
        for (value, expected) in [
            (Value::Text("Energy"), Some("industry Energy")),
            (Value::Text("Retail"), None),
            (Value::Text("never seen"), None),
            (Value::Missing, Some("industry not known")),
        ] {
            let found = found(vec![industry()], &[value]);
            assert_eq!(found.first().map(String::as_str), expected, "{value:?}");
        }
    }

    #[test]
    fn the_three_strongest_come_first_and_weak_ones_are_left_out() {
        let features = |n: usize| {
            let coefficients = [0.1, 0.4, 0.04, 0.3, 0.2];
            (0..n)
                .map(|i| number(["a", "b", "c", "d", "e"][i], 0.0, coefficients[i]))
                .collect()
        };
        let ones = [Value::Number(1.0); 5];
        assert_eq!(
            found(features(5), &ones),
            ["b 1 (typical 0)", "d 1 (typical 0)", "e 1 (typical 0)"]
        );
        assert_eq!(
            found(features(3), &ones),
            ["b 1 (typical 0)", "a 1 (typical 0)"]
        );
    }

    #[test]
    fn numbers_are_short() {
        for (number, text) in [
            (3.0, "3"),
            (0.0, "0"),
            (1_234_567.4, "1234567"),
            (12.345_67, "12.35"),
            (0.001_234_56, "0.001235"),
            (-73.5, "-73.5"),
        ] {
            assert_eq!(readable(number), text);
        }
    }
}
