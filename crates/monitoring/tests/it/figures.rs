//! Drift figures against Evidently, NannyML and scipy, to 1e-9.

use crate::data::{CATEGORIES, Case, NUMERIC, assert_close, cases};
use monitoring::alarm::KolmogorovSmirnov;
use monitoring::limits::{Limits, chunks_of, three_sigma};
use monitoring::published::{
    CategoryReference, Evidently, NumericReference, Transport, chi_squared, chi_squared_p_value,
};
use monitoring::reconstruction::Reconstruction;

const TOLERANCE: f64 = 1e-9;

#[test]
fn figures_of_numbers_are_those_of_the_tools() {
    for case in cases() {
        for column in NUMERIC.into_iter().chain(["risk"]) {
            numbers(&case, column);
        }
    }
}

fn numbers(case: &Case, column: &str) {
    let expected = &case.expected["features"][column];
    let all = |table: &crate::data::Table| table.sample(column, 0..table.n_rows());
    let (reference, analysis) = (all(&case.reference), all(&case.analysis));
    let check = |name: &str, found: Option<f64>| {
        let what = format!("{} {column} {name}", case.name);
        assert_close(&what, found, &expected[name], TOLERANCE);
    };
    let evidently = Evidently::of_numbers(&reference, &analysis).unwrap();
    check("psi_evidently", Some(evidently.psi()));
    check("js_evidently", evidently.jensen_shannon());
    let transport = Transport::from(&reference).unwrap();
    let distance = transport.distance(&analysis).unwrap();
    check("wasserstein", Some(distance));
    check("wasserstein_evidently", Some(transport.normed(distance)));
    let ks = KolmogorovSmirnov::of(&reference, &analysis).unwrap();
    check("ks_statistic", Some(ks.statistic));
    check("ks_p_value", Some(ks.p_value));
    let nannyml = NumericReference::of(&reference).unwrap();
    let compared = nannyml.compare(&analysis).unwrap();
    check("js_nannyml", compared.jensen_shannon());
    check("hellinger_nannyml", Some(compared.hellinger()));

    let transport = transport.for_small_samples();
    let sides = [&case.reference, &case.analysis];
    let chunks = sides.into_iter().flat_map(|table| {
        chunks_of(table.n_rows(), case.chunk_size).map(move |rows| table.sample(column, rows))
    });
    for (index, chunk) in chunks.enumerate() {
        let check = |name: &str, found: Option<f64>| {
            let what = format!("{} {column} {name} of chunk {index}", case.name);
            let expected = &expected[format!("{name}_chunks")];
            if expected.is_array() {
                assert_close(&what, found, &expected[index], TOLERANCE);
            }
        };
        let compared = nannyml.compare(&chunk);
        check(
            "js_nannyml",
            compared.as_ref().and_then(|it| it.jensen_shannon()),
        );
        check(
            "hellinger_nannyml",
            compared.as_ref().map(|it| it.hellinger()),
        );
        check("wasserstein", transport.distance(&chunk));
        let ks = KolmogorovSmirnov::of(&reference, &chunk);
        check("ks_statistic", ks.map(|ks| ks.statistic));
    }
}

#[test]
fn figures_of_categories_are_those_of_the_tools() {
    for case in cases() {
        for column in CATEGORIES {
            categories(&case, column);
        }
    }
}

fn categories(case: &Case, column: &str) {
    let expected = &case.expected["features"][column];
    let all = |table: &crate::data::Table| table.category(column, 0..table.n_rows());
    let (reference, analysis) = (all(&case.reference), all(&case.analysis));
    let check = |name: &str, found: Option<f64>| {
        let what = format!("{} {column} {name}", case.name);
        assert_close(&what, found, &expected[name], TOLERANCE);
    };
    let evidently = Evidently::of_categories(&reference, &analysis).unwrap();
    check("psi_evidently", Some(evidently.psi()));
    check("js_evidently", evidently.jensen_shannon());
    check(
        "chi_squared_p_value_evidently",
        chi_squared_p_value(&reference, &analysis),
    );
    let nannyml = CategoryReference::of(&reference).unwrap();
    let compared = nannyml.compare(&analysis).unwrap();
    check("js_nannyml", compared.jensen_shannon());
    check("hellinger_nannyml", Some(compared.hellinger()));
    check(
        "chi_squared_nannyml",
        chi_squared(&reference, &analysis).map(|found| found.0),
    );
    let sides = [&case.reference, &case.analysis];
    let chunks = sides.into_iter().flat_map(|table| {
        chunks_of(table.n_rows(), case.chunk_size).map(move |rows| table.category(column, rows))
    });
    for (index, chunk) in chunks.enumerate() {
        let check = |name: &str, found: Option<f64>| {
            let what = format!("{} {column} {name} of chunk {index}", case.name);
            assert_close(
                &what,
                found,
                &expected[format!("{name}_chunks")][index],
                TOLERANCE,
            );
        };
        let compared = nannyml.compare(&chunk).unwrap();
        check("js_nannyml", compared.jensen_shannon());
        check("hellinger_nannyml", Some(compared.hellinger()));
        check(
            "chi_squared_nannyml",
            chi_squared(&reference, &chunk).map(|found| found.0),
        );
    }
}

#[test]
fn reconstruction_errors_are_those_of_nannyml() {
    for case in cases() {
        let expected = &case.expected["multivariate"];
        let columns = |table: &'static str| {
            let side = if table == "reference" {
                &case.reference
            } else {
                &case.analysis
            };
            NUMERIC.map(|name| side.numbers[name].as_slice())
        };
        let (reference, analysis) = (columns("reference"), columns("analysis"));
        let fitted = Reconstruction::fit(&reference).unwrap();
        assert_eq!(
            Some(fitted.n_components() as u64),
            expected["components"].as_u64()
        );
        let chunks = |columns: &[&[f64]], size: usize| -> Vec<f64> {
            let ranges = chunks_of(columns[0].len(), size);
            ranges
                .map(|rows| fitted.mean_error(columns, rows).unwrap())
                .collect()
        };
        for (name, size) in [("whole", usize::MAX / 2), ("chunks", case.chunk_size)] {
            let of_reference = chunks(&reference, size);
            let all = of_reference
                .iter()
                .chain(&chunks(&analysis, size))
                .copied()
                .collect::<Vec<_>>();
            assert_eq!(all.len(), expected[name].as_array().unwrap().len());
            for (index, error) in all.into_iter().enumerate() {
                let what = format!("{} {name} {index}", case.name);
                assert_close(&what, Some(error), &expected[name][index], TOLERANCE);
            }
            if name == "chunks" {
                let possible = Limits {
                    lower: 0.0,
                    upper: f64::INFINITY,
                };
                let limits = three_sigma(&of_reference, possible).unwrap();
                assert_close(
                    case.name,
                    Some(limits.lower),
                    &expected["lower_limit"],
                    TOLERANCE,
                );
                assert_close(
                    case.name,
                    Some(limits.upper),
                    &expected["upper_limit"],
                    TOLERANCE,
                );
            }
        }
    }
}
