//! What holding clients out teaches and costs.

use serde::{Deserialize, Serialize};

/// What setting a share of the eligible aside would teach and cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HoldoutPlan {
    /// The share, in percent.
    pub percent: f64,
    /// How many names of a list like this would be set aside.
    pub names: f64,
    /// The expected value of calling them that is given up, in money; `None` where no value is known.
    pub cost: Option<f64>,
    /// Half the width of the 95 % interval of the saved share after a year, when each horizon brings
    /// one such list of new names (without a horizon: from one list); at most 1.
    pub half_width_after_a_year: f64,
}

/// From the risks of the names of a list and the expected value of calling each.
#[must_use]
pub fn holdout_plan(
    percent: f64,
    risks: &[f64],
    values: Option<&[f64]>,
    assumed: f64,
    horizon_days: Option<u32>,
) -> HoldoutPlan {
    let share = percent / 100.0;
    let names = share * risks.len() as f64;
    let rounds = horizon_days.map_or(1.0, |days| (365.0 / f64::from(days.max(1))).max(1.0));
    let mean = risks.iter().sum::<f64>() / risks.len().max(1) as f64;
    let kept = assumed.clamp(0.0, 0.95);
    let spread = log_ratio_variance(mean, kept, share) / (names * rounds);
    HoldoutPlan {
        percent,
        names,
        cost: values.map(|values| share * values.iter().sum::<f64>()),
        half_width_after_a_year: (1.96 * (1.0 - kept) * spread.sqrt()).min(1.0),
    }
}

/// How many clients have to be set aside, beside the called ones of the same lists, until a saved
/// share of `assumed` can be told from none: until the 95 % interval of the logarithm of the ratio of
/// the two rates of leaving excludes 0.
#[must_use]
pub fn needed_holdout(mean_risk: f64, assumed: f64, holdout_share: f64) -> u64 {
    let kept = assumed.clamp(0.05, 0.95);
    let share = if holdout_share > 0.0 {
        holdout_share
    } else {
        0.05
    };
    let reach = -(1.0 - kept).ln() / 1.96;
    (log_ratio_variance(mean_risk, kept, share) / (reach * reach)).ceil() as u64
}

/// The variance of the logarithm of the ratio of the two rates of leaving, for one client set aside
/// and as many called ones as the share leaves for it.
fn log_ratio_variance(mean_risk: f64, kept: f64, share: f64) -> f64 {
    let aside = mean_risk.clamp(0.01, 0.99);
    let called = aside * (1.0 - kept);
    let called_for_each = (1.0 - share).max(0.01) / share.max(1e-6);
    (1.0 - aside) / aside + (1.0 - called) / called / called_for_each
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_states_names_cost_and_what_is_learned() {
        let plan = holdout_plan(5.0, &[0.5; 200], Some(&[100.0; 200]), 0.3, Some(90));
        assert_eq!((plan.names, plan.cost), (10.0, Some(1000.0)));
        // (1 + 0.65/0.35/19) / (10 · 365/90) = 0.02707; 1.96 · 0.7 · 0.1645 = 0.2257.
        assert!(
            (plan.half_width_after_a_year - 0.2257).abs() < 1e-3,
            "{plan:?}"
        );
        let none = holdout_plan(5.0, &[], None, 0.3, Some(90));
        assert_eq!(
            (none.names, none.cost, none.half_width_after_a_year),
            (0.0, None, 1.0)
        );
        let once = holdout_plan(5.0, &[0.5; 200], None, 0.3, None);
        assert!(
            (once.half_width_after_a_year - 0.4546).abs() < 1e-3,
            "{once:?}"
        );
    }

    #[test]
    fn the_rarer_leaving_is_the_more_clients_are_needed() {
        // (1 + 0.65/0.35/19) / (0.35667/1.96)² = 33.15.
        assert_eq!(needed_holdout(0.5, 0.3, 0.05), 34);
        assert!(needed_holdout(0.1, 0.3, 0.05) > 250);
    }
}
