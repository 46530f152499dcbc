//! Gathers what may ask for a new model besides drift of the champion.

use crate::decide::{DataDrift, Triggers};
use crate::retrial;
use anyhow::Result;
use dataset::Table;
use diagnostics::drift;
use risk_core::Run;
use risk_core::error::age_days;
use risk_core::history::History;
use risk_core::release::Release;

/// What may ask for a new model besides, and what it goes by.
pub(super) fn triggers(
    run: &Run,
    champion: &Release,
    table: &Table,
    history: Option<&History>,
) -> Result<Triggers> {
    let config = &run.config.monitoring;
    let data_drift = match config.retrain_on_list_impact {
        Some(_) => data_drift(run, champion, table),
        None => None,
    };
    Ok(Triggers {
        retrain_on_list_impact: config.retrain_on_list_impact,
        data_drift,
        retrain_after_days: config.retrain_after_days,
        model_age_days: model_age_days(run, champion),
        last_try: match history {
            Some(history) => retrial::last(run, champion, history)?,
            None => None,
        },
    })
}

/// How long ago the champion was trained.
pub(crate) fn model_age_days(run: &Run, champion: &Release) -> Option<f64> {
    age_days(run.now, Some(&champion.model.created_at))
}

/// Drift of the data as the diagnostics find it; `None` where it cannot be found out.
fn data_drift(run: &Run, champion: &Release, table: &Table) -> Option<DataDrift> {
    match drift::judge(run, champion, table) {
        Ok(found) => Some(DataDrift {
            k: found.list_impact.as_ref().map_or(0, |it| it.k as u64),
            n_others: found
                .list_impact
                .as_ref()
                .map_or(0, |it| (it.k - it.overlap) as u64),
            alarms: found.alarms,
        }),
        Err(error) => {
            tracing::warn!("whether the data has drifted is unknown: {error:#}");
            None
        }
    }
}
