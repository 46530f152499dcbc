//! Samples sorted once by risk: every figure is then one walk over them.

use std::collections::HashMap;

use super::{ConfusionMatrix, MetricsError, Scored};

/// Samples from the highest risk to the lowest, those of equal risk in order of client id.
pub(super) struct Ranked {
    /// Risk of each sample, falling.
    pub risks: Vec<f64>,
    /// Whether each sample exited.
    pub exited: Vec<bool>,
    /// Client of each sample, numbered in order of first appearance in the ranking.
    pub clients: Vec<usize>,
    /// Group of equal risks of each sample, numbered from the highest risk.
    pub groups: Vec<usize>,
    /// Risk of each group, falling.
    group_risks: Vec<f64>,
}

impl Ranked {
    /// Checks and sorts samples whose clients are known.
    pub fn new(samples: &Scored<'_>) -> Result<Self, MetricsError> {
        check(samples.risks, samples.exited)?;
        let (risks, client_ids) = (samples.risks.len(), samples.client_ids.len());
        if client_ids != risks {
            return Err(MetricsError::ClientIds { risks, client_ids });
        }
        let ids = samples.client_ids;
        let order = order_by(samples.risks, |a, b| ids[a].cmp(&ids[b]));
        let clients = number_clients(&order, ids);
        Ok(Self::sorted(samples.risks, samples.exited, &order, clients))
    }

    /// Checks and sorts samples, each taken for another client.
    pub fn without_clients(risks: &[f64], exited: &[bool]) -> Result<Self, MetricsError> {
        check(risks, exited)?;
        let order = order_by(risks, |_, _| std::cmp::Ordering::Equal);
        let clients = (0..risks.len()).collect();
        Ok(Self::sorted(risks, exited, &order, clients))
    }

    fn sorted(risks: &[f64], exited: &[bool], order: &[usize], clients: Vec<usize>) -> Self {
        let risks: Vec<f64> = order.iter().map(|&row| risks[row]).collect();
        let exited = order.iter().map(|&row| exited[row]).collect();
        let mut group_risks = risks.clone();
        group_risks.dedup();
        let mut group = 0;
        let group_of = |&risk: &f64| {
            group += usize::from(risk != group_risks[group]);
            group
        };
        let groups = risks.iter().map(group_of).collect();
        Self {
            risks,
            exited,
            clients,
            groups,
            group_risks,
        }
    }

    /// Number of clients.
    pub fn n_clients(&self) -> usize {
        self.clients.iter().max().map_or(0, |&last| last + 1)
    }

    /// Number of groups, from the first, whose risk reaches the threshold.
    pub fn groups_from(&self, threshold: f64) -> usize {
        self.group_risks.partition_point(|&risk| risk >= threshold)
    }
}

/// How many samples there are, and how many of them exited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub samples: u64,
    pub exited: u64,
}

impl Counts {
    /// Adds to the counts.
    pub fn add(&mut self, more: Self) {
        self.samples += more.samples;
        self.exited += more.exited;
    }

    /// How many samples stayed.
    pub fn stayed(self) -> u64 {
        self.samples - self.exited
    }
}

/// Ranked samples, each taken a number of times: a bootstrap draw that needs no sorting.
pub(super) struct Draw<'a> {
    /// The samples.
    pub ranked: &'a Ranked,
    /// How often each sample is taken.
    pub copies: Vec<u32>,
    /// Counts of all copies.
    pub all: Counts,
    /// Counts of the copies in each group of equal risks.
    groups: Vec<Counts>,
}

impl<'a> Draw<'a> {
    /// Every sample once.
    pub fn each_once(ranked: &'a Ranked) -> Self {
        let copies = vec![1; ranked.risks.len()];
        let groups = vec![Counts::default(); ranked.group_risks.len()];
        let mut draw = Self {
            ranked,
            copies,
            all: Counts::default(),
            groups,
        };
        draw.count();
        draw
    }

    /// Takes the samples of each client as often as the client was drawn.
    pub fn take(&mut self, drawn: &[u32]) {
        for (copies, &client) in self.copies.iter_mut().zip(&self.ranked.clients) {
            *copies = drawn[client];
        }
        self.count();
    }

    fn count(&mut self) {
        self.groups.fill(Counts::default());
        let rows = self
            .copies
            .iter()
            .zip(&self.ranked.exited)
            .zip(&self.ranked.groups);
        for ((&copies, &exited), &group) in rows {
            let samples = u64::from(copies);
            let exited = samples * u64::from(exited);
            self.groups[group].add(Counts { samples, exited });
        }
        self.all = Counts::default();
        for &group in &self.groups {
            self.all.add(group);
        }
    }

    /// Risk and counts of every group, highest risk first. A group may have no copy.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = (f64, Counts)> {
        let risks = self.ranked.group_risks.iter().copied();
        risks.zip(self.groups.iter().copied())
    }

    /// The matrix when the samples of the first groups are predicted to exit.
    pub fn confusion(&self, predicted_groups: usize) -> ConfusionMatrix {
        let mut above = Counts::default();
        for &group in &self.groups[..predicted_groups] {
            above.add(group);
        }
        ConfusionMatrix {
            true_negative: self.all.stayed() - above.stayed(),
            false_positive: above.stayed(),
            false_negative: self.all.exited - above.exited,
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
