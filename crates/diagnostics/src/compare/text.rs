//! The comparison for people: what alarms, how large it is in words, and what it does to the list.

use super::features::{Description, Feature};
use super::outcome::Comparison;
use crate::text::{self, Align};
use std::fmt::{self, Display, Formatter};

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (reference, analysis) = (&self.reference, &self.analysis);
        writeln!(
            f,
            "{} rows of {} judged against {} rows of {}",
            analysis.rows, analysis.path, reference.rows, reference.path
        )?;
        writeln!(f, "{}", headline(self))?;
        for name in &self.missing_columns {
            writeln!(f, "  {name}: the column is missing in the analysis")?;
        }
        for name in &self.ignored_columns {
            writeln!(
                f,
                "  {name}: only the analysis has this column; it is not judged"
            )?;
        }
        for name in &self.alarms {
            if let Some(feature) = self.features.get(name) {
                writeln!(
                    f,
                    "  {name}: {} change: {}",
                    text::size_of_change(feature.figures.psi),
                    change(feature)
                )?;
            }
        }
        performance(self, f)?;
        list(self, f)?;
        limits(self, f)?;
        if self.details {
            write!(f, "\n{}", figures(self))?;
        } else {
            writeln!(f, "-v shows all figures, --json prints them for programs")?;
        }
        Ok(())
    }
}

fn headline(comparison: &Comparison) -> String {
    let rule = &comparison.rule;
    let rate = format!(
        "without any drift, weekly looks at {} columns raise at most {} false alarms a year",
        rule.columns,
        text::number(Some(rule.false_alarms_a_year))
    );
    let n = comparison.alarms.len() + comparison.missing_columns.len();
    let total = rule.columns + comparison.missing_columns.len();
    match n {
        0 => format!("no drift in {total} columns ({rate})"),
        _ => format!("drift in {n} of {total} columns ({rate}):"),
    }
}

/// What changed most, in the unit of the column; by the median, which an outlier does not move.
fn change(feature: &Feature) -> String {
    let (before, after) = (&feature.reference, &feature.analysis);
    let mut parts = Vec::new();
    if (before.missing_percent - after.missing_percent).abs() >= 1.0 {
        parts.push(format!(
            "missing {:.1} % before, {:.1} % now",
            before.missing_percent, after.missing_percent
        ));
    }
    if let (Some(from), Some(to)) = (before.median, after.median) {
        parts.push(middle(from, to, before.interquartile_range));
        parts.extend(spread(before, after));
    }
    if let Some((name, before, after)) = &feature.most_changed {
        parts.push(format!("{name} {before:.1} % before, {after:.1} % now"));
    }
    parts.join("; ")
}

fn middle(from: f64, to: f64, range: Option<f64>) -> String {
    let (old, new) = (text::number(Some(from)), text::number(Some(to)));
    if from == to {
        return format!("median {old} as before");
    }
    let shift = range
        .filter(|range| *range > 0.0)
        .map(|range| (to - from) / range);
    let relative = shift.map_or(String::new(), |shift| {
        format!(", {:+.2} of the range of the middle half", shift)
    });
    format!("median {old} before, {new} now{relative}")
}

fn spread(before: &Description, after: &Description) -> Option<String> {
    let (old, new) = (before.interquartile_range?, after.interquartile_range?);
    let ratio = new / old;
    (old > 0.0 && !(0.8..=1.25).contains(&ratio))
        .then(|| format!("the middle half is {ratio:.1} times as wide"))
}

fn performance(comparison: &Comparison, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(performance) = &comparison.performance else {
        let reason = comparison.performance_reason.as_deref().unwrap_or_default();
        return writeln!(f, "performance is not estimated: {reason}");
    };
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let row = |name: &str, estimated: Option<f64>, band: &super::performance::Band, realized| {
        let band = match (band.low, band.high) {
            (None, None) => "-".to_owned(),
            (low, high) => format!("{} to {}", number(low), number(high)),
        };
        [name.to_owned(), number(estimated), band, number(realized)]
    };
    let (estimated, bands, realized) = (
        &performance.estimated,
        &performance.bands,
        &performance.realized,
    );
    let rows = vec![
        row(
            "ROC AUC",
            estimated.roc_auc,
            &bands.roc_auc,
            realized.roc_auc,
        ),
        row("F1", estimated.f1, &bands.f1, realized.f1),
        row(
            "accuracy",
            estimated.accuracy,
            &bands.accuracy,
            realized.accuracy,
        ),
        row(
            "precision",
            estimated.precision,
            &bands.precision,
            realized.precision,
        ),
        row("recall", estimated.recall, &bands.recall, realized.recall),
    ];
    let columns = [
        ("performance", Align::Left),
        ("estimated", Align::Right),
        ("band", Align::Left),
        ("realized", Align::Right),
    ];
    writeln!(f, "\n{}", text::table(columns, rows).trim_end())?;
    if let Some(reason) = &performance.bands_reason {
        writeln!(f, "about the bands: {reason}")?;
    }
    let leavers = &performance.expected_leavers;
    writeln!(
        f,
        "of the {} clients with the highest risks about {:.0} are expected to leave ({:.0} to {:.0})",
        leavers.k, leavers.expected, leavers.low, leavers.high
    )?;
    writeln!(f, "note: {}", performance.note)
}

fn list(comparison: &Comparison, f: &mut Formatter<'_>) -> fmt::Result {
    let Some(impact) = &comparison.list_impact else {
        return Ok(());
    };
    writeln!(
        f,
        "list: {} of the {} clients with the highest risks are the same as before (rank-biased \
         overlap {:.2})",
        impact.overlap, impact.k, impact.rank_biased_overlap
    )?;
    for (word, names) in [("new", &impact.enters), ("gone", &impact.leaves)] {
        if !names.is_empty() {
            let shown: Vec<&str> = names.iter().take(10).map(String::as_str).collect();
            let more = names.len() - shown.len();
            let rest = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            writeln!(f, "  {word}: {}{rest}", shown.join(", "))?;
        }
    }
    Ok(())
}

/// Limits matter where chunks are looked at.
fn limits(comparison: &Comparison, f: &mut Formatter<'_>) -> fmt::Result {
    let joint = comparison.multivariate.as_ref();
    let performance = comparison.performance.as_ref();
    let has_chunks = joint.is_some_and(|joint| !joint.chunks.is_empty())
        || performance.is_some_and(|performance| !performance.chunks.is_empty());
    let reason = joint
        .and_then(|joint| joint.limits_reason.as_ref())
        .or_else(|| performance?.limits_reason.as_ref());
    match reason {
        Some(reason) if has_chunks => writeln!(f, "no limits, and so no alerts: {reason}"),
        _ => Ok(()),
    }
}

fn figures(comparison: &Comparison) -> String {
    const COLUMNS: [(&str, Align); 11] = [
        ("column", Align::Left),
        ("alarm", Align::Left),
        ("psi", Align::Right),
        ("psi threshold", Align::Right),
        ("psi evidently", Align::Right),
        ("js evidently", Align::Right),
        ("js nannyml", Align::Right),
        ("wasserstein", Align::Right),
        ("hellinger", Align::Right),
        ("ks", Align::Right),
        ("ks p", Align::Right),
    ];
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
    let rows = comparison.features.iter().map(|(name, feature)| {
        let figures = &feature.figures;
        [
            name.clone(),
            if figures.alarm { "ALARM" } else { "" }.to_owned(),
            number(Some(figures.psi)),
            number(Some(figures.psi_threshold)),
            number(figures.psi_evidently),
            number(figures.js_evidently),
            number(figures.js_nannyml),
            number(figures.wasserstein),
            number(figures.hellinger_nannyml),
            number(figures.ks_statistic),
            figures
                .ks_p_value
                .map_or("-".to_owned(), |p| format!("{p:.2e}")),
        ]
    });
    let mut shown = text::table(COLUMNS, rows.collect());
    if let Some(joint) = &comparison.multivariate {
        shown += &format!(
            "reconstruction error ({} components): {} before, {} now, {}\n",
            joint.components,
            number(joint.reference_error),
            number(joint.analysis_error),
            match (joint.lower_limit, joint.upper_limit) {
                (None, None) => "no limits".to_owned(),
                (lower, upper) => format!("limits {} to {}", number(lower), number(upper)),
            }
        );
    }
    shown
}
