//! Estimated and realized performance against NannyML, to 1e-7.

use crate::data::{Case, Table, assert_close, cases};
use monitoring::cbpe::{Estimator, Metric, Scored, realized};
use monitoring::limits::chunks_of;

const METRICS: [(&str, Metric); 5] = [
    ("roc_auc", Metric::RocAuc),
    ("f1", Metric::F1),
    ("accuracy", Metric::Accuracy),
    ("precision", Metric::Precision),
    ("recall", Metric::Recall),
];

fn scored(table: &Table, rows: std::ops::Range<usize>) -> Scored<'_> {
    Scored {
        risks: &table.numbers["risk"][rows.clone()],
        labels: &table.labels[rows],
    }
}

#[test]
fn estimates_bands_and_limits_are_those_of_nannyml() {
    let mut decisions = Vec::new();
    for case in cases() {
        for (name, size) in [("whole", usize::MAX / 2), ("chunks", case.chunk_size)] {
            decisions.push(compare(&case, name, size));
        }
    }
    assert!(
        decisions.contains(&true) && decisions.contains(&false),
        "one kind of case only"
    );
}

fn compare(case: &Case, name: &str, size: usize) -> bool {
    let expected = &case.expected["performance"];
    let chunks = |table| chunks_of(Table::n_rows(table), size).map(move |rows| scored(table, rows));
    let whole = scored(&case.reference, 0..case.reference.n_rows());
    let estimator = Estimator::fit(whole, 0.5, chunks(&case.reference)).unwrap();
    assert_eq!(
        Some(estimator.is_calibrated()),
        expected["calibrated"].as_bool(),
        "{}",
        case.name
    );
    for (index, chunk) in chunks(&case.reference)
        .chain(chunks(&case.analysis))
        .enumerate()
    {
        let (estimates, truth) = (estimator.estimate(chunk.risks), realized(chunk, 0.5));
        for (metric_name, metric) in METRICS {
            let expected = &expected[name][metric_name];
            let check = |key: &str, found| {
                let what = format!("{} {name} {index} {metric_name} {key}", case.name);
                assert_close(&what, found, &expected[key][index], 1e-7);
            };
            let estimate = estimates.get(metric);
            check("estimate", estimate.estimate);
            check("low", estimate.low);
            check("high", estimate.high);
            check("realized", *truth.get(metric));
            let limits = estimator.limits().get(metric);
            // NannyML makes a limit of the single value of a single chunk; we make none of it.
            if name == "chunks" {
                check("lower_limit", limits.map(|limits| limits.lower));
            } else {
                assert_eq!(*limits, None, "{} {metric_name}", case.name);
            }
        }
    }
    estimator.is_calibrated()
}
