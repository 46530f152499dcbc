//! Knots, the transform, and that the columns are what the penalty says.

use super::*;

fn ascending(n: usize, place: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..n).map(|i| place((i as f64 + 0.5) / n as f64)).collect()
}

#[test]
fn few_different_numbers_are_their_own_knots() {
    let numbers = [0.0, 0.0, 1.0, 2.0, 2.0, 4.0];
    let spline = spline(&numbers).unwrap();
    assert_eq!(
        (spline.log_scale, spline.knots),
        (None, vec![0.0, 1.0, 2.0, 4.0])
    );
    assert!(super::spline(&[3.0, 3.0]).is_none());
    assert_eq!(super::spline(&[0.0, 1.0, 1.0]).unwrap().n_bends(), 0);
}

#[test]
fn even_numbers_have_knots_at_quantiles_and_no_logarithm() {
    let spline = spline(&ascending(1001, |share| share)).unwrap();
    assert_eq!(spline.log_scale, None);
    for (knot, share) in spline.knots.iter().zip([0.0, 0.2, 0.4, 0.6, 0.8, 1.0]) {
        assert!((knot - share).abs() < 1e-3, "{knot} {share}");
    }
}

#[test]
fn a_heavy_tail_is_taken_logarithmically_in_any_unit() {
    let numbers = ascending(2000, |share| (3.0 * (share - 0.5) * 2.0).exp());
    let small: Vec<f64> = numbers.iter().map(|number| number / 4096.0).collect();
    let (large, small) = (spline(&numbers).unwrap(), spline(&small).unwrap());
    assert!(large.log_scale.is_some());
    for (a, b) in large.knots.iter().zip(&small.knots) {
        assert!((a - b).abs() < 1e-12, "{a} {b}");
    }
}

#[test]
fn a_wild_cell_moves_no_knot_far() {
    let mut numbers = ascending(1000, |share| share);
    let before = spline(&numbers).unwrap();
    numbers.push(1e6);
    let after = spline(&numbers).unwrap();
    assert_eq!(after.log_scale, None);
    for (a, b) in before.knots.iter().zip(&after.knots) {
        assert!((a - b).abs() < 0.01, "{a} {b}");
    }
}

#[test]
fn a_number_that_is_nearly_always_the_same_still_has_a_curve() {
    let mut numbers = vec![0.0; 970];
    numbers.extend((1..=30).map(f64::from));
    let spline = spline(&numbers).unwrap();
    assert_eq!(spline.knots.len(), 3);
    assert!(Curve::of(&numbers, &numbers).is_some());
}

/// The squares of the coefficients of the design are variance and roughness of the curve.
#[test]
fn the_penalty_is_variance_plus_roughness() {
    let numbers = ascending(500, |share| (2.0 * share).exp());
    let (curve, columns) = Curve::of(&numbers, &numbers).unwrap();
    let rotated: Vec<f64> = (0..columns.len()).map(|i| 1.0 - 0.3 * i as f64).collect();
    let raw = curve.raw_coefficients(&rotated);
    let spline = &curve.spline;
    let f = |place: f64| -> f64 {
        let bends = (0..spline.n_bends()).map(|j| raw[j + 1] * spline.bend(j, place));
        raw[0] * place + bends.sum::<f64>()
    };
    let places: Vec<f64> = numbers.iter().map(|number| spline.place(*number)).collect();
    let values: Vec<f64> = places.iter().map(|place| f(*place)).collect();
    let deviation = Moments::of(&places).standard_deviation;
    let (first, last) = (spline.knots[0], spline.knots[spline.knots.len() - 1]);
    let (steps, h) = (20_000, 1e-4);
    let width = (last - first) / f64::from(steps);
    let roughness: f64 = (0..steps)
        .map(|step| {
            let u = first + (f64::from(step) + 0.5) * width;
            let second = (f(u + h) - 2.0 * f(u) + f(u - h)) / (h * h);
            second * second * width
        })
        .sum();
    let variance = Moments::of(&values).standard_deviation.powi(2);
    let expected = variance + deviation.powi(4) / (8.0 * (last - first)) * roughness;
    let found: f64 = rotated.iter().map(|w| w * w).sum();
    assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
    // And the design says the same as place and bends.
    let mean = Moments::of(&values).mean;
    for row in [0, 17, 499] {
        let own: f64 = columns
            .iter()
            .zip(&rotated)
            .map(|(column, w)| column[row] * w)
            .sum();
        assert!((own - (values[row] - mean)).abs() < 1e-9, "{own}");
    }
}
