//! A batch of each kind and size as files, for the tools themselves.

use crate::batches::{Drift, KINDS, Side, draw};
use crate::rules::{Reference, SIZES, judge, reference_rows};
use crate::{seed_of, stream};
use std::path::Path;

/// Writes the two references, an analysis of each kind and size, and what is decided about each.
pub fn dump(folder: &str) {
    let folder = Path::new(folder);
    std::fs::create_dir_all(folder).unwrap();
    let references = [false, true].map(|outlier| {
        let name = if outlier { "outlier" } else { "plain" };
        write(
            &folder.join(format!("{name}.csv")),
            &reference_rows(seed_of(0), outlier),
        );
        Reference::new(seed_of(0), outlier)
    });
    let mut decisions = "analysis,reference,rows,evidently,nannyml\n".to_owned();
    for size in SIZES {
        for (name, drift) in [("none", Drift::None)].into_iter().chain(KINDS) {
            let analysis = draw(&mut stream(size, 0), size, drift);
            let scores = judge(&references[usize::from(drift.is_before())], size, &analysis);
            let file = format!("{name} {size}.csv").replace(',', "");
            let reference = if drift.is_before() {
                "outlier.csv"
            } else {
                "plain.csv"
            };
            let evidently = match scores.is_error {
                true => "error",
                false if scores.evidently_alarms() => "1",
                false => "0",
            };
            let nannyml = u8::from(scores.nannyml_alarms());
            decisions += &format!("{file},{reference},{size},{evidently},{nannyml}\n");
            write(&folder.join(file), &analysis);
        }
    }
    save(&folder.join("decisions.csv"), &decisions);
}

fn write(path: &Path, side: &Side) {
    let mut text = "x0,x1,x2,x3,x4,x5,risk,category\n".to_owned();
    for row in 0..side.categories.len() {
        for column in &side.numbers {
            if column[row].is_finite() {
                text += &column[row].to_string();
            }
            text.push(',');
        }
        text += &format!("c{}\n", side.categories[row]);
    }
    save(path, &text);
}

#[allow(
    clippy::disallowed_methods,
    reason = "files that nobody keeps need no sync"
)]
fn save(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}
