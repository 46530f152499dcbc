//! The recalibration that is kept with the model: what the training samples cannot rule out.

use crate::compiled::{csv, drawn, project, schema};
use crate::running::trained;
use dataset::{ModelInput, RawTable, check};
use monitoring::evidence::{Labelled, fit_recalibration};
use risk_core::calibration::Recalibration;
use risk_core::model::Model;

/// Whether the 99 % ellipse holds an intercept and a slope.
fn holds(found: &Recalibration, (intercept, slope): (f64, f64)) -> bool {
    let (a, b) = (intercept - found.intercept, slope - found.slope);
    let [[aa, ab], [_, bb]] = found.covariance;
    (bb * a * a - 2.0 * ab * a * b + aa * b * b) / (aa * bb - ab * ab) < 9.2103
}

/// How the risks of the model would have to be read, by 20,000 other clients.
fn truth(model: &Model) -> (f64, f64) {
    let rows = drawn(99, 20_000);
    let text = csv(&rows);
    let raw = RawTable::from_csv(text.as_bytes().to_vec()).unwrap();
    let table = check(&raw, &schema(&text), false).unwrap().table;
    let risks = ModelInput::new(model, table.schema())
        .unwrap()
        .risks(&table);
    let labelled: Vec<Labelled> = (risks.iter().zip(&rows))
        .map(|(risk, (_, exited))| Labelled::new(*risk, *exited))
        .collect();
    let found = fit_recalibration(&labelled).unwrap();
    (found.intercept, found.slope)
}

#[test]
fn of_a_model_that_fits_it_is_near_the_truth_and_its_ellipse_holds_it() {
    let project = project(&csv(&drawn(7, 1200)));
    trained(&project, &[]);
    let model = Model::read(&project.path("models/trainedmodel.json")).unwrap();
    let found = model.recalibration.unwrap();
    assert!(found.intercept.abs() < 0.2, "{found:?}");
    assert!((found.slope - 1.0).abs() < 0.2, "{found:?}");
    let truth = truth(&model);
    assert!(holds(&found, (0.0, 1.0)), "{found:?}");
    assert!(holds(&found, truth), "{found:?} {truth:?}");
    assert!(!holds(&found, (1.0, 1.0)) && !holds(&found, (0.0, 0.3)));
}
