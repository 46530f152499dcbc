//! How the predictions that were handed out turned out, once their labels have come.
//!
//! A prediction is counted in the window of the day on which it was first published, for the model that
//! made it: what another model said of the same sample is in that model's windows. A window is stated
//! when the horizon has passed for all of its samples, so that early leavers without the stayers of
//! their month do not make it look as if everybody left.

use chrono::{Days, NaiveDate};
use dataset::newest_snapshot;
use risk_core::history::PublishedPrediction;
use risk_core::metrics::{Estimate, Evaluation, Scored, evaluate};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Display, Formatter};

/// Seed of the intervals.
const SEED: u64 = 0;

/// What became of the predictions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Realized {
    /// Days of publication in a window.
    pub label_window_days: u32,
    /// Every window whose labels have all had the time to come, by model and time.
    pub windows: Vec<Window>,
    /// Predictions in windows whose horizon has not passed.
    pub n_waiting: u64,
}

/// The predictions of one model that were first published within one window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Window {
    /// The model that made them.
    pub model_id: String,
    /// The first day of the window.
    pub from: NaiveDate,
    /// The day after its last one.
    pub until: NaiveDate,
    /// How many of the samples never got a label.
    pub n_without_label: u64,
    /// How many labels are of clients that were called before these had settled.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_contacted: u64,
    /// How many of these are left out of the figures.
    #[serde(skip_serializing_if = "is_zero")]
    pub n_left_out: u64,
    /// How many of the labelled clients were expected to leave: the sum of the risks.
    pub expected_positive: f64,
    /// The figures on the labelled ones, with 95 % intervals; none where there is no labelled one.
    pub evaluation: Option<Evaluation>,
}

/// What is known of the sample of a client on a day.
pub type Outcomes<'a> = HashMap<(&'a str, NaiveDate), bool>;

/// The labels that have come.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// Those that count.
    pub outcomes: Outcomes<'a>,
    /// The samples of clients that were called before their labels had settled; where such labels are
    /// left out, they are not among the outcomes.
    pub contacted: HashSet<(&'a str, NaiveDate)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Which predictions are matured on a day, and into which windows they fall.
#[derive(Debug, Clone, Copy)]
pub struct Maturity {
    /// The day.
    pub today: NaiveDate,
    /// Days after the date of a sample until its label is final.
    pub horizon_days: u32,
    /// Days of publication in a window.
    pub window_days: u32,
}

impl Maturity {
    fn matures_on(&self, observed_at: NaiveDate) -> NaiveDate {
        later(observed_at, self.horizon_days)
    }
}

fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX)
}

/// Joins labels to the predictions made before them, by model and window.
#[must_use]
pub fn realized(
    predictions: &[PublishedPrediction],
    known: &Known<'_>,
    maturity: &Maturity,
) -> Realized {
    let (mut windows, mut n_waiting) = (Vec::new(), 0);
    for ((model_id, from), members) in windows_of(predictions, maturity) {
        let is_mature = |prediction: &&PublishedPrediction| {
            maturity.matures_on(prediction.observed_at) <= maturity.today
        };
        if members.iter().all(is_mature) {
            let until = later(from, maturity.window_days);
            windows.push(window(model_id, (from, until), &members, known));
        } else {
            n_waiting += members.len() as u64;
        }
    }
    windows.sort_by(|a, b| (a.from, &a.model_id).cmp(&(b.from, &b.model_id)));
    Realized {
        label_window_days: maturity.window_days,
        windows,
        n_waiting,
    }
}

/// The predictions without those for clients that the newest snapshot lacked on the day they were first
/// handed out: of these only the leavers would ever be counted, for who stays has a newer sample.
#[must_use]
pub fn of_current_clients(predictions: Vec<PublishedPrediction>) -> Vec<PublishedPrediction> {
    let key =
        |prediction: &PublishedPrediction| (prediction.model_id.clone(), prediction.published_on);
    let mut dates: HashMap<_, Vec<Option<NaiveDate>>> = HashMap::new();
    for prediction in &predictions {
        let of_day = dates.entry(key(prediction)).or_default();
        of_day.push(Some(prediction.observed_at));
    }
    let newest: HashMap<_, Option<NaiveDate>> = (dates.into_iter())
        .map(|(key, dates)| (key, newest_snapshot(dates)))
        .collect();
    let is_current = |prediction: &PublishedPrediction| {
        let newest = newest.get(&key(prediction)).copied().flatten();
        newest.is_none_or(|newest| prediction.observed_at >= newest)
    };
    predictions.into_iter().filter(is_current).collect()
}

type Members<'a> = BTreeMap<(&'a str, NaiveDate), Vec<&'a PublishedPrediction>>;

/// The first prediction of each model for each sample, made before the label could be known, by model
/// and first day of its window. The windows of a model begin with its first prediction.
fn windows_of<'a>(predictions: &'a [PublishedPrediction], maturity: &Maturity) -> Members<'a> {
    let mut first: BTreeMap<(&str, &str, NaiveDate), &PublishedPrediction> = BTreeMap::new();
    for prediction in predictions {
        if prediction.published_on >= maturity.matures_on(prediction.observed_at) {
            continue;
        }
        let key = (
            prediction.model_id.as_str(),
            prediction.client.as_str(),
            prediction.observed_at,
        );
        let kept = first.entry(key).or_insert(prediction);
        if prediction.published_on < kept.published_on {
            *kept = prediction;
        }
    }
    let mut begins: HashMap<&str, NaiveDate> = HashMap::new();
    for ((model_id, ..), prediction) in &first {
        let begin = begins.entry(model_id).or_insert(prediction.published_on);
        *begin = prediction.published_on.min(*begin);
    }
    let mut windows = Members::new();
    for ((model_id, ..), prediction) in first {
        let begin = begins[model_id];
        let age = (prediction.published_on - begin).num_days();
        let length = i64::from(maturity.window_days.max(1));
        let from = later(begin, u32::try_from(age / length * length).unwrap_or(0));
        windows
            .entry((model_id, from))
            .or_default()
            .push(prediction);
    }
    windows
}

fn window(
    model_id: &str,
    (from, until): (NaiveDate, NaiveDate),
    members: &[&PublishedPrediction],
    known: &Known<'_>,
) -> Window {
    let is_contacted = |member: &&&PublishedPrediction| known.contacted.contains(&sample(member));
    let contacted: Vec<_> = members.iter().filter(is_contacted).collect();
    let is_left_out =
        |member: &&&&PublishedPrediction| !known.outcomes.contains_key(&sample(member));
    let n_left_out = contacted.iter().filter(is_left_out).count();
    let labelled: Vec<(&PublishedPrediction, bool)> = members
        .iter()
        .filter_map(|member| {
            let exited = known.outcomes.get(&sample(member))?;
            Some((*member, *exited))
        })
        .collect();
    let client_ids: Vec<String> = labelled.iter().map(|(p, _)| p.client.clone()).collect();
    let risks: Vec<f64> = labelled.iter().map(|(p, _)| p.risk).collect();
    let exited: Vec<bool> = labelled.iter().map(|(_, exited)| *exited).collect();
    let samples = Scored {
        client_ids: &client_ids,
        risks: &risks,
        exited: &exited,
    };
    let threshold = members.first().map_or(0.5, |member| member.threshold);
    Window {
        model_id: model_id.to_owned(),
        from,
        until,
        n_without_label: (members.len() - labelled.len() - n_left_out) as u64,
        n_contacted: contacted.len() as u64,
        n_left_out: n_left_out as u64,
        expected_positive: risks.iter().sum(),
        evaluation: evaluate(&samples, threshold, SEED).ok(),
    }
}

/// What names a sample: client and date.
fn sample(prediction: &PublishedPrediction) -> (&str, NaiveDate) {
    (prediction.client.as_str(), prediction.observed_at)
}

impl Display for Realized {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for window in &self.windows {
            writeln!(f, "{window}")?;
        }
        if self.n_waiting > 0 {
            writeln!(
                f,
                "{} predictions that were handed out wait for their labels",
                self.n_waiting
            )?;
        }
        Ok(())
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "predictions of {} to {} by model {}: ",
            self.from, self.until, self.model_id
        )?;
        let Some(evaluation) = &self.evaluation else {
            return write!(f, "no label came{}", self.contacted_in_words());
        };
        let said = |estimate: &Estimate| match (estimate.value, estimate.low, estimate.high) {
            (Some(value), Some(low), Some(high)) => format!("{value:.3} ({low:.3} to {high:.3})"),
            (Some(value), ..) => format!("{value:.3}"),
            _ => "not defined".into(),
        };
        write!(
            f,
            "of {} labelled {} left, {:.0} were expected; AUC {}, F1 {}{}",
            evaluation.n_samples,
            evaluation.n_positive,
            self.expected_positive,
            said(&evaluation.metrics.roc_auc),
            said(&evaluation.metrics.f1),
            self.contacted_in_words()
        )
    }
}

impl Window {
    /// What became of labels of contacted clients, in a clause; empty where there are none.
    fn contacted_in_words(&self) -> String {
        match (self.n_contacted, self.n_left_out) {
            (0, _) => String::new(),
            (count, 0) => format!("; {count} of them were called meanwhile"),
            (_, count) => format!("; {count} labels of clients that were called are left out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn prediction(model: &str, client: &str, published: &str, risk: f64) -> PublishedPrediction {
        PublishedPrediction {
            model_id: model.into(),
            client: client.into(),
            observed_at: day("2026-01-31"),
            published_on: day(published),
            risk,
            threshold: 0.5,
        }
    }

    fn maturity(today: &str) -> Maturity {
        Maturity {
            today: day(today),
            horizon_days: 90,
            window_days: 30,
        }
    }

    #[test]
    fn labels_join_to_the_first_prediction_of_each_model_before_them() {
        let predictions = [
            prediction("m1", "a", "2026-02-09", 0.9),
            prediction("m1", "a", "2026-02-02", 0.8),
            prediction("m1", "b", "2026-02-02", 0.4),
            prediction("m2", "a", "2026-02-20", 0.7),
            // Published when the label was out already: no prediction any more.
            prediction("m2", "b", "2026-05-01", 0.1),
        ];
        let date = day("2026-01-31");
        let known = Known {
            outcomes: Outcomes::from([(("a", date), true), (("b", date), false)]),
            ..Known::default()
        };
        let found = realized(&predictions, &known, &maturity("2026-05-01"));
        let stated: Vec<_> = found
            .windows
            .iter()
            .map(|window| {
                let evaluation = window.evaluation.as_ref().unwrap();
                (
                    window.model_id.as_str(),
                    window.from.to_string(),
                    evaluation.n_samples,
                    window.expected_positive,
                )
            })
            .collect();
        assert_eq!(
            stated,
            [
                ("m1", "2026-02-02".into(), 2, 0.8 + 0.4),
                ("m2", "2026-02-20".into(), 1, 0.7)
            ]
        );
    }

    #[test]
    fn predictions_for_clients_that_have_vanished_are_not_counted() {
        let on = |observed_at, name: String| PublishedPrediction {
            observed_at: day(observed_at),
            ..prediction("m1", &name, "2026-07-02", 0.2)
        };
        let seen = (0..40).map(|client| on("2026-06-30", format!("c{client}")));
        let vanished = (0..9).map(|client| on("2026-04-30", format!("v{client}")));
        let all: Vec<_> = seen.chain(vanished).collect();
        let kept = of_current_clients(all.clone());
        assert_eq!(kept, all[..40]);
        // What another model said of them when they were in the newest snapshot counts.
        let earlier: Vec<_> = (all[40..].iter().cloned())
            .map(|prediction| PublishedPrediction {
                model_id: "m0".into(),
                ..prediction
            })
            .collect();
        assert_eq!(of_current_clients(earlier.clone()), earlier);
    }

    #[test]
    fn a_window_waits_until_all_of_its_horizons_have_passed() {
        let predictions = [
            prediction("m1", "a", "2026-02-02", 0.8),
            PublishedPrediction {
                observed_at: day("2026-02-28"),
                ..prediction("m1", "b", "2026-03-01", 0.4)
            },
            PublishedPrediction {
                observed_at: day("2026-02-28"),
                ..prediction("m1", "c", "2026-03-05", 0.4)
            },
        ];
        let known = Known {
            outcomes: Outcomes::from([(("a", day("2026-01-31")), true)]),
            ..Known::default()
        };
        let early = realized(&predictions, &known, &maturity("2026-05-02"));
        assert_eq!((early.windows.len(), early.n_waiting), (0, 3));
        let due = realized(&predictions, &known, &maturity("2026-05-29"));
        let days: Vec<_> = due
            .windows
            .iter()
            .map(|window| (window.from.to_string(), window.n_without_label))
            .collect();
        assert_eq!(days, [("2026-02-02".into(), 1), ("2026-03-04".into(), 1)]);
        assert!(due.windows[1].evaluation.is_none());
    }

    #[test]
    fn labels_of_contacted_clients_are_told_whether_they_count_or_not() {
        let predictions = [
            prediction("m1", "a", "2026-02-02", 0.8),
            prediction("m1", "b", "2026-02-02", 0.4),
            prediction("m1", "c", "2026-02-02", 0.4),
        ];
        let date = day("2026-01-31");
        let used = Known {
            outcomes: Outcomes::from([(("a", date), false), (("b", date), true)]),
            contacted: HashSet::from([("a", date)]),
        };
        let mut left_out = used.clone();
        left_out.outcomes.remove(&("a", date));
        for (known, expected, said) in [
            (&used, (2, 1, 1, 0), "1 of them were called"),
            (
                &left_out,
                (1, 1, 1, 1),
                "1 labels of clients that were called are left out",
            ),
        ] {
            let found = realized(&predictions, known, &maturity("2026-05-01"));
            let window = &found.windows[0];
            let n_samples = window.evaluation.as_ref().unwrap().n_samples;
            let figures = (
                n_samples,
                window.n_without_label,
                window.n_contacted,
                window.n_left_out,
            );
            assert_eq!(figures, expected);
            assert!(window.to_string().contains(said), "{window}");
        }
    }
}
