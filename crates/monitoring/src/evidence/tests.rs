use super::*;

/// The samples of `reference/evidence.py`.
fn samples() -> Vec<Labelled> {
    (0..300_u64)
        .map(|i| {
            let log_odds = -3.0 + 4.0 * ((i * 7919) % 1000) as f64 / 1000.0;
            let truth = logistic(0.4 * log_odds - 0.6);
            let exited = (((i * 104_729 + 37) % 1000) as f64) / 1000.0 < truth;
            Labelled::new(logistic(log_odds), exited)
        })
        .collect()
}

fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn wide() -> Recalibration {
    Recalibration {
        intercept: 0.05,
        slope: 0.9,
        covariance: [[0.02, 0.006], [0.006, 0.01]],
    }
}

fn narrow() -> Recalibration {
    Recalibration {
        intercept: 0.0,
        slope: 1.0,
        covariance: [[1e-6, 0.0], [0.0, 1e-6]],
    }
}

fn gathered(recalibration: &Recalibration, samples: &[Labelled]) -> Evidence {
    let mut evidence = Evidence::new(recalibration).unwrap();
    evidence.add(samples).unwrap();
    evidence
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() < tolerance, "{a} is not {b}");
}

const RULE: Rule = Rule {
    alpha: 0.01,
    min_labelled: 30,
    min_gain: 0.0,
};

#[test]
fn sums_match_the_independent_reference() {
    let evidence = gathered(&wide(), &samples());
    assert_eq!((evidence.n_samples, evidence.n_positive), (300, 86));
    close(evidence.champion, -181.080_227_277_306_85, 1e-9);
    close(evidence.mislabelled, -181.024_511_859_135_2, 1e-9);
    close(
        evidence.alternatives.log_mixture(),
        -175.526_986_516_329_23,
        1e-9,
    );
    close(
        evidence.expectation.z().unwrap(),
        3.286_361_777_145_660_6,
        1e-9,
    );
}

#[test]
fn the_supremum_is_the_exact_one_or_a_little_more() {
    let exact = -172.433_056_675_029_9;
    let evidence = gathered(&wide(), &samples());
    let (lower, upper) = (evidence.region.greatest(), evidence.region.supremum());
    assert!(lower <= exact && exact <= upper, "{lower} {exact} {upper}");
    assert!(upper - exact < 0.1, "{upper} is far above {exact}");
}

#[test]
fn the_supremum_holds_however_many_labels_there_are() {
    // The same labels a hundred times: a hundred times the log-likelihood, and the points too sparse.
    let many: Vec<Labelled> = std::iter::repeat_n(samples(), 100).flatten().collect();
    let evidence = gathered(&wide(), &many);
    let exact = -17_243.305_667_502_99;
    assert!(evidence.region.supremum() >= exact);
    assert!(evidence.region.supremum() - exact < 10.0);
}

#[test]
fn evidence_adds_up_in_any_pieces_and_through_storage() {
    let samples = samples();
    let at_once = gathered(&wide(), &samples);
    let mut piecewise = Evidence::new(&wide()).unwrap();
    for piece in samples.chunks(7) {
        piecewise.add(piece).unwrap();
        let text = serde_json::to_string(&piecewise).unwrap();
        assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), piecewise);
        piecewise = serde_json::from_str(&text).unwrap();
    }
    close(piecewise.log_ratio(), at_once.log_ratio(), 1e-9);
    assert_eq!(piecewise.n_positive, at_once.n_positive);
}

#[test]
fn copies_of_one_label_count_once() {
    let samples = samples();
    let thirds: Vec<Labelled> = samples
        .iter()
        .flat_map(|sample| {
            [Labelled {
                weight: 1.0 / 3.0,
                ..*sample
            }; 3]
        })
        .collect();
    let (once, thrice) = (gathered(&wide(), &samples), gathered(&wide(), &thirds));
    close(once.log_ratio(), thrice.log_ratio(), 1e-9);
    close(once.weight, thrice.weight, 1e-9);
    close(
        once.expectation.z().unwrap(),
        thrice.expectation.z().unwrap(),
        1e-9,
    );
}

#[test]
fn a_champion_that_is_too_sure_has_drifted_unless_its_training_data_allows_for_it() {
    let more: Vec<Labelled> = std::iter::repeat_n(samples(), 3).flatten().collect();
    let convicted = gathered(&narrow(), &more).finding(&RULE);
    assert!(convicted.drift, "{convicted:?}");
    assert_eq!(convicted.best, (-0.5, 0.5));
    assert!(convicted.gain > 0.02 && convicted.log_ratio > convicted.threshold);
    let allowed = gathered(&wide(), &more).finding(&RULE);
    assert!(!allowed.drift, "{allowed:?}");
}

#[test]
fn drift_once_found_stays_found_and_the_rule_can_ask_for_more() {
    let more: Vec<Labelled> = std::iter::repeat_n(samples(), 3).flatten().collect();
    let mut evidence = gathered(&narrow(), &more);
    let greatest = evidence.finding(&RULE).greatest_log_ratio;
    let right: Vec<Labelled> = (0..4000).map(|i| Labelled::new(0.25, i % 4 == 0)).collect();
    evidence.add(&right).unwrap();
    let finding = evidence.finding(&RULE);
    assert!(finding.log_ratio < greatest);
    assert!(finding.drift && finding.greatest_log_ratio == greatest);
    let min_gain = 0.5;
    assert!(!evidence.finding(&Rule { min_gain, ..RULE }).drift);
    let min_labelled = 5000;
    assert!(
        !evidence
            .finding(&Rule {
                min_labelled,
                ..RULE
            })
            .drift
    );
}

#[test]
fn a_few_wrong_labels_are_no_drift_whatever_the_champion_said() {
    // Of those at a risk of .2 a fifth left, of those at .4 two fifths.
    let mut labels: Vec<Labelled> = (0..2000)
        .map(|i| match i % 10 {
            0 | 2 | 4 | 6 | 8 => Labelled::new(0.2, i % 10 == 0),
            last => Labelled::new(0.4, last == 1 || last == 3),
        })
        .collect();
    labels[0] = Labelled::new(0.0, true);
    labels[1] = Labelled::new(1.0, false);
    let finding = gathered(&narrow(), &labels).finding(&RULE);
    assert!(
        finding.log_ratio.is_finite() && !finding.drift,
        "{finding:?}"
    );
}

#[test]
fn risks_of_zero_and_one_give_finite_figures() {
    let labels = [(0.0, true), (1.0, false), (0.0, false), (1.0, true)];
    let labels: Vec<Labelled> = std::iter::repeat_n(labels, 100)
        .flatten()
        .map(|(risk, exited)| Labelled::new(risk, exited))
        .collect();
    let everything = Recalibration {
        covariance: [[1e6, 10.0], [10.0, 1e6]],
        ..narrow()
    };
    for recalibration in [narrow(), wide(), everything] {
        let evidence = gathered(&recalibration, &labels);
        let finding = evidence.finding(&RULE);
        let sums = evidence.region.sums();
        assert!(sums.iter().flatten().all(|sum| sum.is_finite()));
        assert!(finding.log_ratio.is_finite() && finding.gain.is_finite());
        assert!(evidence.expectation.z().unwrap().is_finite());
    }
}

#[test]
fn what_cannot_be_used_is_refused_and_changes_nothing() {
    let mut evidence = gathered(&wide(), &samples());
    let before = evidence.clone();
    for (risk, weight) in [(f64::NAN, 1.0), (1.1, 1.0), (0.5, 0.0), (0.5, 1.5)] {
        let bad = Labelled {
            risk,
            exited: true,
            weight,
        };
        let error = evidence.add(&[Labelled::new(0.5, true), bad]).unwrap_err();
        assert!(error.to_string().starts_with("sample 2"), "{error}");
        assert_eq!(evidence, before);
    }
    for covariance in [
        [[0.0; 2]; 2],
        [[1.0, 2.0], [2.0, 1.0]],
        [[f64::NAN, 0.0], [0.0, 1.0]],
    ] {
        let recalibration = Recalibration {
            covariance,
            ..wide()
        };
        assert!(Evidence::new(&recalibration).is_err(), "{covariance:?}");
    }
    let newer = serde_json::to_string(&evidence).unwrap().replacen(
        "\"format_version\":1",
        "\"format_version\":2",
        1,
    );
    let message = serde_json::from_str::<Evidence>(&newer)
        .unwrap_err()
        .to_string();
    assert!(message.contains("newer version"), "{message}");
}

#[test]
fn calibration_matches_the_independent_reference() {
    let fit = fit_recalibration(&samples()).unwrap();
    close(fit.intercept, -0.505_402_75, 1e-7);
    close(fit.slope, 0.469_604_76, 1e-7);
    close(fit.covariance[0][0], 0.024_802_973_932_779_627, 1e-9);
    close(fit.covariance[0][1], 0.010_235_501_133_087_082, 1e-9);
    close(fit.covariance[1][1], 0.013_901_115_401_910_7, 1e-9);
}

#[test]
fn no_calibration_is_made_up_where_none_is_determined() {
    let one_class: Vec<Labelled> = (1..50)
        .map(|i| Labelled::new(f64::from(i) / 50.0, true))
        .collect();
    assert_eq!(fit_recalibration(&one_class), None);
    let equal: Vec<Labelled> = (0..50).map(|i| Labelled::new(0.3, i % 3 == 0)).collect();
    assert_eq!(fit_recalibration(&equal), None);
    let separated: Vec<Labelled> = (1..50)
        .map(|i| Labelled::new(f64::from(i) / 50.0, i > 25))
        .collect();
    assert_eq!(fit_recalibration(&separated), None);
    assert_eq!(fit_recalibration(&[]), None);
}

/// The evidence of labels of called clients alone.
fn of_called(recalibration: &Recalibration, called: &[Labelled]) -> f64 {
    let mut evidence = Evidence::new(recalibration).unwrap();
    evidence.add_with_called(&[], called).unwrap();
    assert_eq!((evidence.n_samples, evidence.weight), (0, 0.0));
    evidence.log_ratio()
}

#[test]
fn whatever_calls_achieve_a_called_client_adds_one_or_less_on_average() {
    for recalibration in [wide(), narrow()] {
        for risk in [0.01, 0.2, 0.5, 0.9] {
            let ratio = |exited| of_called(&recalibration, &[Labelled::new(risk, exited)]).exp();
            for kept in [0.0, 0.3, 0.7, 1.0] {
                let leaves = risk * (1.0 - kept);
                let mean = leaves * ratio(true) + (1.0 - leaves) * ratio(false);
                assert!(mean <= 1.0 + 1e-9, "risk {risk}, kept {kept}: {mean}");
            }
        }
    }
}

#[test]
fn called_clients_that_stay_are_no_sign_of_drift_and_many_that_leave_are() {
    let called = |leavers: usize| -> Vec<Labelled> {
        let of = |row| Labelled::new(0.2, row < leavers);
        (0..300).map(of).collect()
    };
    assert!(of_called(&narrow(), &called(0)) < 0.0);
    assert!(of_called(&narrow(), &called(30)) < 0.0);
    assert!(of_called(&narrow(), &called(120)) > 100_f64.ln());
    let counted: Vec<Labelled> = called(0);
    assert!(gathered(&narrow(), &counted).log_ratio() > 100_f64.ln());
}
