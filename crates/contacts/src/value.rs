//! What calling a client is worth.

use crate::success::SuccessRates;

/// What a call costs and how often it keeps a client.
///
/// The value of calling is `risk × success rate × contract value - incentive - cost`. The incentive
/// is counted in full for every client that is called: it is offered in the call, and those who would
/// have stayed take it too. Only leavers who decline it cost none; that part, at most
/// `risk × incentive`, is left out, so the value is rather too small than too large.
#[derive(Debug, Clone, PartialEq)]
pub struct Economics {
    /// The share of called leavers who stay because of the call, by risk.
    pub success: SuccessRates,
    /// What a call costs, in money.
    pub contact_cost: f64,
    /// What is offered in the call, as a share of the contract value, 0 to 1.
    pub incentive_share: f64,
}

impl Economics {
    /// The expected value of calling a client, in money.
    #[must_use]
    pub fn value_of_calling(&self, risk: f64, contract_value: f64) -> f64 {
        let saved = risk * self.success.at(risk) * contract_value;
        saved - self.incentive_share * contract_value - self.contact_cost
    }
}

/// The median of the contract values that are known: for the order of the list it stands in where a
/// value is not known. `None` where none is known.
#[must_use]
pub fn median_value(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values
        .into_iter()
        .filter(|value| value.is_finite())
        .collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_calling_is_what_is_saved_less_incentive_and_cost() {
        for (risk, value, cost, incentive, expected) in [
            (0.5, 1000.0, 0.0, 0.0, 150.0),
            (0.5, 1000.0, 20.0, 0.0, 130.0),
            (0.5, 1000.0, 20.0, 0.10, 30.0),
            (0.1, 1000.0, 20.0, 0.10, -90.0),
            (0.5, -1000.0, 0.0, 0.0, -150.0),
        ] {
            let economics = Economics {
                success: SuccessRates::assumed(0.3),
                contact_cost: cost,
                incentive_share: incentive,
            };
            let found = economics.value_of_calling(risk, value);
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn the_median_needs_a_known_value() {
        assert_eq!(median_value([]), None);
        assert_eq!(median_value([f64::NAN]), None);
        assert_eq!(median_value([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median_value([4.0, 1.0]), Some(2.5));
    }
}
