//! The lines of business: names, shares, and what they mean for the risk to leave.

use Industry::*;

/// A client's line of business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Industry {
    Manufacturing,
    Retail,
    Services,
    Construction,
    Logistics,
    Software,
    Hospitality,
    Energy,
}

impl Industry {
    /// All of them, the largest first.
    pub const ALL: [Industry; 8] = [
        Manufacturing,
        Retail,
        Services,
        Construction,
        Logistics,
        Software,
        Hospitality,
        Energy,
    ];

    /// As written in the data.
    pub fn name(self) -> &'static str {
        match self {
            Manufacturing => "manufacturing",
            Retail => "retail",
            Services => "professional services",
            Construction => "construction",
            Logistics => "logistics",
            Software => "software",
            Hospitality => "hospitality",
            Energy => "energy",
        }
    }

    /// Its share of the clients that join.
    pub fn share(self) -> f64 {
        match self {
            Manufacturing => 0.15,
            Retail => 0.18,
            Services => 0.13,
            Construction => 0.19,
            Logistics => 0.1,
            Software => 0.06,
            Hospitality => 0.16,
            Energy => 0.03,
        }
    }

    /// What it adds to the log-odds to leave in a month.
    pub fn effect(self) -> f64 {
        match self {
            Manufacturing => -1.2,
            Retail => 0.8,
            Services => 0.0,
            Construction => 1.9,
            Logistics => -0.6,
            Software => -2.0,
            Hospitality => 3.0,
            Energy => -2.4,
        }
    }

    /// Whether small companies of it leave more often than their size and it explain.
    pub fn is_troubled(self) -> bool {
        matches!(self, Construction | Hospitality)
    }

    /// Second words of company names.
    pub fn company_words(self) -> &'static [&'static str] {
        match self {
            Manufacturing => &[
                "Works",
                "Metals",
                "Tools",
                "Plastics",
                "Castings",
                "Industries",
            ],
            Retail => &["Stores", "Trading", "Outlets", "Markets", "Home"],
            Services => &["Partners", "Consulting", "Advisory", "Audit", "Legal"],
            Construction => &["Builders", "Roofing", "Timber", "Interiors", "Concrete"],
            Logistics => &["Freight", "Lines", "Haulage", "Storage", "Couriers"],
            Software => &["Systems", "Software", "Data", "Digital", "Labs"],
            Hospitality => &["Hotels", "Catering", "Travel", "Kitchens", "Leisure"],
            Energy => &["Energy", "Power", "Solar", "Gas"],
        }
    }
}
