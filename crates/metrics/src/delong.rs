//! The area under the ROC curve and its standard error.

use super::MetricsError;
use super::ranked::{Counts, Draw, Ranked};

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
    let draw = Draw::each_once(ranked);
    if draw.all.exited == 0 {
        return Err(MetricsError::Undefined("no client exited"));
    }
    if draw.all.stayed() == 0 {
        return Err(MetricsError::Undefined("every client exited"));
    }
    let placements = placements(&draw);
    let of_leavers = placements
        .iter()
        .zip(&ranked.exited)
        .filter(|&(_, &exited)| exited);
    let wins: f64 = of_leavers.map(|(wins, _)| wins).sum();
    let value = wins / (draw.all.exited as f64 * draw.all.stayed() as f64);
    let (low, high) = match variance(&draw, &placements, value) {
        Some(variance) => {
            let margin = NORMAL_95 * variance.max(0.0).sqrt();
            ((value - margin).max(0.0), (value + margin).min(1.0))
        }
        None => (0.0, 1.0),
    };
    Ok(Area { value, low, high })
}

/// Number of samples of the other class that each sample is on the right side of, ties half.
fn placements(draw: &Draw<'_>) -> Vec<f64> {
    let mut above = Counts::default();
    let mut by_group = Vec::new();
    for (_, group) in draw.groups() {
        let stayed_below = draw.all.stayed() - above.stayed() - group.stayed();
        let wins_of_stayer = above.exited as f64 + 0.5 * group.exited as f64;
        let wins_of_leaver = stayed_below as f64 + 0.5 * group.stayed() as f64;
        by_group.push([wins_of_stayer, wins_of_leaver]);
        above.add(group);
    }
    let samples = draw.ranked.groups.iter().zip(&draw.ranked.exited);
    samples
        .map(|(&group, &exited)| by_group[group][usize::from(exited)])
        .collect()
}

/// Variance of the area from the deviations of the placements, summed by client; none where a class
/// has one client only.
fn variance(draw: &Draw<'_>, placements: &[f64], area: f64) -> Option<f64> {
    let ranked = draw.ranked;
    let sizes = [draw.all.stayed() as f64, draw.all.exited as f64];
    // By client and class (stayed, exited): the sum of the deviations, and whether it has any.
    let mut deviations = vec![[0.0; 2]; ranked.n_clients()];
    let mut has = vec![[false; 2]; ranked.n_clients()];
    for (i, &client) in ranked.clients.iter().enumerate() {
        let class = usize::from(ranked.exited[i]);
        deviations[client][class] += placements[i] / sizes[1 - class] - area;
        has[client][class] = true;
    }
    let product = |a: usize, b: usize| deviations.iter().map(|d| d[a] * d[b]).sum::<f64>();
    let own = |class: usize| {
        let clients = has.iter().filter(|has| has[class]).count();
        Some(unbiased(clients)? * product(class, class) / sizes[class].powi(2))
    };
    let both = unbiased(ranked.n_clients())? * product(0, 1) / (sizes[0] * sizes[1]);
    Some(own(0)? + own(1)? + 2.0 * both)
}

/// `n / (n - 1)`; none for one.
fn unbiased(n: usize) -> Option<f64> {
    (n > 1).then(|| n as f64 / (n - 1) as f64)
}
