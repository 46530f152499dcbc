//! Kept rows under another schema.

use crate::index::{FileState, Folder};
use crate::part::{PartInfo, Parts};
use anyhow::Result;
use risk_core::schema::Schema;

/// Parses the kept rows again where the way of parsing has changed and the file itself is no longer
/// there in that version.
pub(crate) fn convert_old_parts(folder: &mut Folder, parts: &Parts, schema: &Schema) -> Result<()> {
    // The kept rows say true and false, whatever the file said.
    let canonical = Schema {
        positive: None,
        ..schema.clone()
    };
    for (name, file) in &mut folder.files {
        let Some(accepted) = &file.accepted else {
            continue;
        };
        let source = accepted.converted_from.as_ref().unwrap_or(&accepted.part);
        let parsed = Parts::name(&accepted.sha256, Some(schema));
        let converted = Parts::name(source, Some(schema));
        if accepted.part == parsed || accepted.part == converted {
            continue;
        }
        // What was parsed from the file itself is better than what is converted.
        if let Some(info) = parts.info(&parsed)? {
            replace(file, parsed, None, info);
            continue;
        }
        let text = parts.text(source)?;
        let table = text.as_ref().map_err(Clone::clone);
        let info = parts.make(&converted, table, &canonical)?;
        warn_of_lost_rows(name, &info);
        let source = source.clone();
        replace(file, converted, Some(source), info);
    }
    Ok(())
}

fn replace(file: &mut FileState, part: String, converted_from: Option<String>, info: PartInfo) {
    file.unusable = info.refusal;
    if let Some(accepted) = &mut file.accepted {
        accepted.part = part;
        accepted.converted_from = converted_from;
    }
}

fn warn_of_lost_rows(name: &str, info: &PartInfo) {
    if let Some(reason) = &info.refusal {
        tracing::warn!("the kept rows of {name} do not count under the columns of now: {reason}");
    } else if !info.rejected.is_empty() {
        let rows = info.rejected.len();
        tracing::warn!("{rows} kept rows of {name} are bad under the columns of now");
    }
}
