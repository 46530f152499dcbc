//! The rule of the original scripts: F1 on newly labelled samples lower than the stored one.

use super::{Findings, Ruling};
use crate::decide::{MIN_OF_A_CLASS, Verdict};

/// What the raw rule says about samples that were not judged before.
pub(super) fn rule(findings: &Findings, min_labelled: u64) -> Ruling {
    let verdict = verdict(findings, min_labelled);
    let found = findings.describe();
    let description = match verdict {
        Verdict::TooFew => format!(
            "{found} That is lower, but {min_labelled} samples with {MIN_OF_A_CLASS} of each class are \
             needed to call it drift; they will be judged together with the next ones."
        ),
        Verdict::Drift => format!("{found} That is drift."),
        _ => found,
    };
    Ruling {
        description,
        is_judged: matches!(verdict, Verdict::NoDrift | Verdict::Drift),
    }
}

/// The verdict under the raw rule.
pub(crate) fn verdict(findings: &Findings, min_labelled: u64) -> Verdict {
    let rarer = findings
        .n_positive
        .min(findings.n_samples.saturating_sub(findings.n_positive));
    let enough = findings.n_samples >= min_labelled && rarer >= MIN_OF_A_CLASS;
    match (findings.n_samples, findings.f1 < findings.stored_f1, enough) {
        (0, ..) => Verdict::NothingNew,
        (_, true, true) => Verdict::Drift,
        (_, true, false) => Verdict::TooFew,
        (_, false, true) => Verdict::NoDrift,
        (_, false, false) => Verdict::NoDriftSoFar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_convicts_only_on_enough_samples() {
        let table = [
            (0, 0, 0.0, Verdict::NothingNew),
            (26, 13, 0.643, Verdict::NoDriftSoFar),
            (26, 13, 0.2, Verdict::TooFew),
            (30, 5, 0.2, Verdict::Drift),
            (30, 4, 0.2, Verdict::TooFew),
            (30, 26, 0.2, Verdict::TooFew),
            (30, 5, 1.0 / 3.0, Verdict::NoDrift),
            (29, 14, 1.0 / 3.0, Verdict::NoDriftSoFar),
        ];
        for (n_samples, n_positive, f1, expected) in table {
            let findings = Findings {
                n_samples,
                n_positive,
                expected_positive: 0.0,
                n_contacted: 0,
                f1,
                stored_f1: 1.0 / 3.0,
            };
            let ruling = rule(&findings, 30);
            assert_eq!(verdict(&findings, 30), expected, "{findings:?}");
            let settled = [Verdict::Drift, Verdict::NoDrift].contains(&expected);
            assert_eq!(ruling.is_judged, settled, "{findings:?}");
        }
    }
}
