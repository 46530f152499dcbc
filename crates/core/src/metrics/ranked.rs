//! Samples sorted once by risk: every figure is then one walk over them.

use std::collections::HashMap;
use std::ops::Range;

use super::{ConfusionMatrix, MetricsError, Scored};

/// Samples from the highest risk to the lowest, those of equal risk in order of client id.
///
/// The figures take the number of copies of each sample, which is how a bootstrap draw is judged
/// without being sorted again.
pub(super) struct Ranked {
    /// Risk of each sample, falling.
    pub risks: Vec<f64>,
    /// Whether each sample exited.
    pub exited: Vec<bool>,
    /// Client of each sample, numbered in order of first appearance in the ranking.
    pub clients: Vec<usize>,
    /// First sample of every group of equal risks, and the number of samples at the end.
    group_starts: Vec<usize>,
}

/// How many samples there are, and how many of them exited.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub samples: u64,
    pub exited: u64,
}

impl Ranked {
    /// Checks and sorts samples whose clients are known.
    pub fn new(samples: &Scored<'_>) -> Result<Self, MetricsError> {
        check(samples.risks, samples.exited)?;
        let (risks, client_ids) = (samples.risks.len(), samples.client_ids.len());
        if client_ids != risks {
            return Err(MetricsError::ClientIds { risks, client_ids });
        }
        let order = order_by(samples.risks, |a, b| {
            samples.client_ids[a].cmp(&samples.client_ids[b])
        });
        let clients = number_clients(&order, samples.client_ids);
        Ok(Self::sorted(samples.risks, samples.exited, &order, clients))
    }

    /// Checks and sorts samples, each taken for another client.
    pub fn without_clients(risks: &[f64], exited: &[bool]) -> Result<Self, MetricsError> {
        check(risks, exited)?;
        let order = order_by(risks, |_, _| std::cmp::Ordering::Equal);
        Ok(Self::sorted(
            risks,
            exited,
            &order,
            (0..risks.len()).collect(),
        ))
    }

    fn sorted(risks: &[f64], exited: &[bool], order: &[usize], clients: Vec<usize>) -> Self {
        let risks: Vec<f64> = order.iter().map(|&row| risks[row]).collect();
        let mut group_starts: Vec<usize> = (0..risks.len())
            .filter(|&i| i == 0 || risks[i] != risks[i - 1])
            .collect();
        group_starts.push(risks.len());
        let exited = order.iter().map(|&row| exited[row]).collect();
        Self {
            risks,
            exited,
            clients,
            group_starts,
        }
    }

    /// Every sample once.
    pub fn each_once(&self) -> Vec<u32> {
        vec![1; self.risks.len()]
    }

    /// Ranges of samples of equal risk, highest risk first.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = Range<usize>> {
        self.group_starts.windows(2).map(|ends| ends[0]..ends[1])
    }

    /// Number of samples, from the first, whose risk reaches the threshold.
    pub fn predicted(&self, threshold: f64) -> usize {
        self.risks.partition_point(|&risk| risk >= threshold)
    }

    /// Counts the copies in a range of samples.
    pub fn count(&self, range: Range<usize>, copies: &[u32]) -> Counts {
        let mut counts = Counts::default();
        for (&copies, &exited) in copies[range.clone()].iter().zip(&self.exited[range]) {
            counts.samples += u64::from(copies);
            counts.exited += u64::from(copies) * u64::from(exited);
        }
        counts
    }

    /// Counts all copies.
    pub fn count_all(&self, copies: &[u32]) -> Counts {
        self.count(0..self.risks.len(), copies)
    }

    /// The matrix when the first `predicted` samples are predicted to exit.
    pub fn confusion(&self, predicted: usize, copies: &[u32]) -> ConfusionMatrix {
        let above = self.count(0..predicted, copies);
        let below = self.count(predicted..self.risks.len(), copies);
        ConfusionMatrix {
            true_negative: below.samples - below.exited,
            false_positive: above.samples - above.exited,
            false_negative: below.exited,
            true_positive: above.exited,
        }
    }
}

fn check(risks: &[f64], exited: &[bool]) -> Result<(), MetricsError> {
    if risks.len() != exited.len() {
        return Err(MetricsError::Labels {
            risks: risks.len(),
            labels: exited.len(),
        });
    }
    if risks.is_empty() {
        return Err(MetricsError::NoSamples);
    }
    // Written so that NaN is refused too.
    match risks.iter().position(|risk| !(0.0..=1.0).contains(risk)) {
        Some(i) => Err(MetricsError::NotARisk {
            row: i + 1,
            risk: risks[i],
        }),
        None => Ok(()),
    }
}

/// Rows by falling risk, then by `tie`, then as they came.
fn order_by(risks: &[f64], tie: impl Fn(usize, usize) -> std::cmp::Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..risks.len()).collect();
    order.sort_by(|&a, &b| {
        // `partial_cmp` and not `total_cmp`: -0 and 0 are the same risk. NaN was refused before.
        let falling = risks[b].partial_cmp(&risks[a]);
        falling
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| tie(a, b))
    });
    order
}

fn number_clients(order: &[usize], ids: &[String]) -> Vec<usize> {
    let mut numbers: HashMap<&str, usize> = HashMap::with_capacity(order.len());
    order
        .iter()
        .map(|&row| {
            let next = numbers.len();
            *numbers.entry(ids[row].as_str()).or_insert(next)
        })
        .collect()
}
