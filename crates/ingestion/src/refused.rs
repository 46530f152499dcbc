//! The files that are refused, as the index knows them.

use crate::index::Index;
use anyhow::Result;
use dataset::input_folder_name;
use risk_core::Layout;

/// A file of the input folder whose newest version was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedFile {
    /// Its base name.
    pub name: String,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Why.
    pub reason: String,
}

/// The files of the input folder that were refused when they were last looked at, in name order.
///
/// # Errors
/// When the index of the parts cannot be read.
pub fn refused_files(layout: &Layout) -> Result<Vec<RefusedFile>> {
    let mut index = Index::read(&layout.parts_index())?;
    let folder = index.folders.remove(&input_folder_name(layout));
    let files = folder.unwrap_or_default().files.into_iter();
    let refused = files.filter_map(|(name, file)| {
        let refused = file.refused?;
        Some(RefusedFile {
            name,
            sha256: refused.version.sha256,
            reason: refused.reason,
        })
    });
    Ok(refused.collect())
}
