//! Performance of the risk: estimated without labels, and realized where there are some.

use super::features::{Chunk, in_chunks};
use super::tables::{Side, Tables, place};
use monitoring::cbpe::{
    BLIND_SPOT, Estimate, Estimator, ExpectedLeavers, Metric, NoBands, PerMetric, Scored,
    expected_leavers, realized,
};
use serde::Serialize;

/// Estimated (NannyML's CBPE) and realized performance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Performance {
    /// The risk from which a client is predicted to leave.
    pub threshold: f64,
    /// Whether the risks are calibrated on the reference first.
    pub calibrated: bool,
    /// The metrics that the risks of the analysis let expect.
    pub estimated: PerMetric<Option<f64>>,
    /// The bands of these: three standard errors to either side.
    pub bands: PerMetric<Band>,
    /// Why there are no bands, or why those of no width are no certainty.
    pub bands_reason: Option<String>,
    /// The metrics of the labelled rows of the analysis; `None` without labels.
    pub realized: PerMetric<Option<f64>>,
    /// Below this an estimate is worse than the chunks of the reference ever were: their mean less
    /// 3 sd.
    pub lower_limits: PerMetric<Option<f64>>,
    /// Why a limit is missing, and so its alert.
    pub limits_reason: Option<String>,
    /// How many of the clients with the highest risks are expected to leave.
    pub expected_leavers: ExpectedLeavers,
    /// What the estimate cannot see.
    pub note: &'static str,
    /// The same in chunks, those of the reference first.
    pub chunks: Vec<Chunk<ChunkPerformance>>,
}

/// The ends of a band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// Each metric in a chunk.
pub type ChunkPerformance = PerMetric<MetricInChunk>;

/// A metric in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MetricInChunk {
    /// The expected value.
    pub estimate: Option<f64>,
    /// The lower end of its band.
    pub low: Option<f64>,
    /// The upper end of its band.
    pub high: Option<f64>,
    /// The value on the labelled rows.
    pub realized: Option<f64>,
    /// Whether the estimate is worse than the reference ever was.
    pub alert: bool,
}

/// Estimates, or says why it cannot: there is no risk column, no labelled row in the reference, or what is
/// named a risk is no probability. `capacity`: how many clients are listed.
pub fn estimate(tables: &Tables, threshold: f64, capacity: usize) -> Result<Performance, String> {
    let (reference, analysis) = (&tables.reference, &tables.analysis);
    if reference.risks().is_empty() {
        return Err("no --risk-column is named".into());
    }
    if reference.labels().iter().all(Option::is_none) {
        let path = reference.path.display();
        return Err(format!(
            "{path} has no label to learn from; --target names their column"
        ));
    }
    if let Some(why) = [reference, analysis].into_iter().find_map(no_probability) {
        return Err(why);
    }
    let ordered = [reference, analysis]
        .map(|side| (side.in_order(side.risks()), side.in_order(side.labels())));
    let chunk = |side: &Side, rows: std::ops::Range<usize>| {
        let (risks, labels) = &ordered[usize::from(std::ptr::eq(side, analysis))];
        let labels = if labels.is_empty() {
            &[][..]
        } else {
            &labels[rows.clone()]
        };
        Scored {
            risks: &risks[rows],
            labels,
        }
    };
    let whole = Scored {
        risks: reference.risks(),
        labels: reference.labels(),
    };
    let of_reference = tables.chunks_of_reference();
    let of_reference = of_reference.into_iter().map(|rows| chunk(reference, rows));
    let estimator = Estimator::fit(whole, threshold, of_reference)
        .ok_or_else(|| "no row of the reference has both risk and label".to_owned())?;
    let chunks = in_chunks(tables, |side, rows| {
        in_chunk(&estimator, chunk(side, rows), threshold)
    });
    let all = Scored {
        risks: analysis.risks(),
        labels: analysis.labels(),
    };
    let estimates = estimator.estimate(all.risks);
    Ok(Performance {
        threshold,
        calibrated: estimator.is_calibrated(),
        estimated: PerMetric::from_fn(|metric| estimates.get(metric).estimate),
        bands: PerMetric::from_fn(|metric| {
            let estimate = estimates.get(metric);
            Band {
                low: estimate.low,
                high: estimate.high,
            }
        }),
        bands_reason: what_bands_lack(estimator.no_bands(), &estimates),
        realized: realized(all, threshold),
        lower_limits: PerMetric::from_fn(|metric| {
            estimator.limits().get(metric).map(|limits| limits.lower)
        }),
        limits_reason: tables.no_limits().or_else(|| undefined_limits(&estimator)),
        expected_leavers: leavers(&estimator, all.risks, capacity),
        note: BLIND_SPOT,
        chunks: chunks.unwrap_or_default(),
    })
}

fn in_chunk(estimator: &Estimator, chunk: Scored<'_>, threshold: f64) -> ChunkPerformance {
    let (estimates, truth) = (estimator.estimate(chunk.risks), realized(chunk, threshold));
    PerMetric::from_fn(|metric| {
        let estimate = estimates.get(metric);
        MetricInChunk {
            estimate: estimate.estimate,
            low: estimate.low,
            high: estimate.high,
            realized: *truth.get(metric),
            alert: estimator.is_alert(metric, estimate),
        }
    })
}

/// Why there are no bands, or why some are no certainty.
fn what_bands_lack(no_bands: Option<NoBands>, estimates: &PerMetric<Estimate>) -> Option<String> {
    let what = match no_bands {
        Some(NoBands::OneRow) => "the reference has one row with risk and label",
        Some(NoBands::OneClass) => "the labels of the reference are all of one class",
        None => return zero_width(estimates),
    };
    Some(format!(
        "{what}, which shows no sampling error; give one with more rows and both classes"
    ))
}

/// A metric that is 0 or 1 on the reference shows no sampling error there either.
fn zero_width(estimates: &PerMetric<Estimate>) -> Option<String> {
    let names = metrics_where(|metric| {
        let Estimate { low, high, .. } = estimates.get(metric);
        low.is_some() && low == high
    })?;
    Some(format!(
        "bands of no width ({names}) are no certainty: on the reference these metrics are 0 or 1, \
         which shows no sampling error; give a longer one"
    ))
}

/// Where there are chunks enough, a metric may still be defined in fewer than two of them.
fn undefined_limits(estimator: &Estimator) -> Option<String> {
    let names = metrics_where(|metric| estimator.limits().get(metric).is_none())?;
    Some(format!(
        "fewer than two chunks of the reference have both classes among their labels and \
         predictions, without which there is no {names}; cut larger ones, or give a longer reference"
    ))
}

fn metrics_where(holds: impl Fn(Metric) -> bool) -> Option<String> {
    let those = Metric::ALL.into_iter().filter(|metric| holds(*metric));
    let names: Vec<&str> = those.map(Metric::name).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn leavers(estimator: &Estimator, risks: &[f64], capacity: usize) -> ExpectedLeavers {
    let mut top: Vec<f64> = risks
        .iter()
        .copied()
        .filter(|risk| risk.is_finite())
        .collect();
    let descending = |a: &f64, b: &f64| b.total_cmp(a);
    if capacity < top.len() {
        top.select_nth_unstable_by(capacity, descending);
        top.truncate(capacity);
    }
    top.sort_unstable_by(descending);
    let probabilities: Vec<f64> = top
        .into_iter()
        .map(|risk| estimator.probability(risk))
        .collect();
    expected_leavers(&probabilities)
}

/// What says that the risks of a side are no probabilities.
fn no_probability(side: &Side) -> Option<String> {
    let risks = side.risks();
    let row = (0..risks.len())
        .find(|row| !risks[*row].is_nan() && !(0.0..=1.0).contains(&risks[*row]))?;
    Some(format!(
        "the risk column holds values outside 0 to 1: {} in {} of {}",
        risks[row],
        place(&side.path, row),
        side.path.display()
    ))
}
