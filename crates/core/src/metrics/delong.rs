//! The area under the ROC curve and its standard error.

use super::ranked::Ranked;
use super::{Figure, MetricsError};

/// Two-sided 95 % quantile of the normal distribution.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// An area under the ROC curve with its 95 % interval, inside 0 to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// The area with DeLong's interval (DeLong, DeLong and Clarke-Pearson 1988), in the form for
/// clients with several samples (Obuchowski 1997), which is DeLong's own where each has one.
///
/// With one leaver, or one client who stayed, the variance is unknown: the interval is then 0 to 1.
pub(super) fn area(ranked: &Ranked) -> Result<Area, MetricsError> {
    let all = ranked.count_all(&ranked.each_once());
    let (leavers, stayers) = (all.exited as f64, (all.samples - all.exited) as f64);
    if all.exited == 0 {
        return Err(MetricsError::Undefined("no client exited"));
    }
    if all.exited == all.samples {
        return Err(MetricsError::Undefined("every client exited"));
    }
    let placements = placements(ranked, leavers, stayers);
    let sum = placements
        .iter()
        .zip(&ranked.exited)
        .filter(|&(_, &exited)| exited);
    let value = sum.map(|(wins, _)| wins).sum::<f64>() / (leavers * stayers);
    let (low, high) = match variance(ranked, &placements, value, [stayers, leavers]) {
        Ok(variance) => {
            let margin = NORMAL_95 * variance.max(0.0).sqrt();
            ((value - margin).max(0.0), (value + margin).min(1.0))
        }
        Err(_) => (0.0, 1.0),
    };
    Ok(Area { value, low, high })
}

/// Number of samples of the other class that each sample is on the right side of, ties half.
fn placements(ranked: &Ranked, leavers: f64, stayers: f64) -> Vec<f64> {
    let copies = ranked.each_once();
    let (mut leavers_above, mut stayers_above) = (0.0, 0.0);
    let mut wins = vec![0.0; ranked.risks.len()];
    for group in ranked.groups() {
        let here = ranked.count(group.clone(), &copies);
        let (leavers_here, stayers_here) =
            (here.exited as f64, (here.samples - here.exited) as f64);
        for i in group {
            wins[i] = if ranked.exited[i] {
                stayers - stayers_above - 0.5 * stayers_here
            } else {
                leavers_above + 0.5 * leavers_here
            };
        }
        leavers_above += leavers_here;
        stayers_above += stayers_here;
    }
    debug_assert_eq!(leavers_above, leavers);
    wins
}

/// Variance of the area from the deviations of the placements, summed by client.
fn variance(ranked: &Ranked, placements: &[f64], area: f64, sizes: [f64; 2]) -> Figure {
    let n_clients = ranked.clients.iter().max().map_or(0, |&last| last + 1);
    // By client and class (stayed, exited): the sum of the deviations, and whether it has any.
    let mut deviations = vec![[0.0; 2]; n_clients];
    let mut has = vec![[false; 2]; n_clients];
    for (i, &client) in ranked.clients.iter().enumerate() {
        let class = usize::from(ranked.exited[i]);
        deviations[client][class] += placements[i] / sizes[1 - class] - area;
        has[client][class] = true;
    }
    let product = |a: usize, b: usize| deviations.iter().map(|d| d[a] * d[b]).sum::<f64>();
    let clients_of = |class: usize| has.iter().filter(|has| has[class]).count();
    let own = |class: usize| {
        unbiased(clients_of(class))
            .map(|factor| factor * product(class, class) / sizes[class].powi(2))
    };
    let cross = unbiased(n_clients)? * product(0, 1) / (sizes[0] * sizes[1]);
    Ok(own(0)? + own(1)? + 2.0 * cross)
}

/// `n / (n - 1)`.
fn unbiased(n: usize) -> Figure {
    if n < 2 {
        return Err(MetricsError::Undefined(
            "the variance of one client is not known",
        ));
    }
    Ok(n as f64 / (n - 1) as f64)
}
