//! The clients that were erased and whose rows are never taken in again, known by salted hashes only.
//!
//! The list is a file beside the compiled data and not a part of the history: losing the history
//! must not bring an erased client back.

use crate::error::timestamp;
use crate::layout::Layout;
use crate::{files, hash, records};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

/// The erased clients of a project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasedClients {
    /// Version of the record.
    format_version: u32,
    /// Random, so that the hashes of two projects have nothing in common and no table of hashed
    /// names can be prepared.
    salt: String,
    /// When each client was erased, by its hash.
    clients: BTreeMap<String, String>,
}

impl ErasedClients {
    /// Reads the list; it is empty where nobody was erased.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(layout: &Layout) -> Result<Self> {
        let path = layout.erased_clients();
        let Some(bytes) = files::read_if_exists(&path)? else {
            return Ok(Self::default());
        };
        records::parse(&bytes).with_context(|| path.display().to_string())
    }

    /// Whether nobody was erased.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// Whether a client was erased.
    #[must_use]
    pub fn contains(&self, client: &str) -> bool {
        !self.is_empty() && self.clients.contains_key(&self.hash(client))
    }

    /// A name for the list as it is; `None` where it is empty.
    #[must_use]
    pub fn fingerprint(&self) -> Option<String> {
        let hashes = || self.clients.keys().map(String::as_str).collect::<Vec<_>>();
        (!self.is_empty()).then(|| hash::sha256_hex(hashes().join(" ")))
    }

    /// Adds a client, where it is not there yet, and writes the list; gives the hash of the client.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub fn add(&mut self, client: &str, now: DateTime<Utc>, layout: &Layout) -> Result<String> {
        if self.salt.is_empty() {
            self.salt = random_salt().context("cannot make a salt")?;
        }
        let hash = self.hash(client);
        if !self.clients.contains_key(&hash) {
            self.clients.insert(hash.clone(), timestamp(now));
            self.format_version = records::FORMAT_VERSION;
            files::write_json(&layout.erased_clients(), self)?;
        }
        Ok(hash)
    }

    fn hash(&self, client: &str) -> String {
        hash::sha256_hex(format!("{}\u{1f}{client}", self.salt))
    }
}

/// 256 random bits in hexadecimal.
fn random_salt() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hash::sha256_hex(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn an_erased_client_is_known_again_and_not_named() {
        let folder = tempfile::tempdir().unwrap();
        let keys = ["input_folder", "output_folder", "test_data", "output_model"];
        let mut keys: BTreeMap<_, _> = keys.map(|key| (format!("{key}_path"), key)).into();
        keys.insert("prod_deployment_path".into(), "prod");
        let path = folder.path().join("config.json");
        files::write_json(&path, &keys).unwrap();
        let layout = config::load(&path, &[]).unwrap().layout();

        let mut erased = ErasedClients::read(&layout).unwrap();
        assert_eq!(
            (erased.contains("Acme"), erased.fingerprint()),
            (false, None)
        );
        let hash = erased.add("Acme", DateTime::UNIX_EPOCH, &layout).unwrap();
        let read = ErasedClients::read(&layout).unwrap();
        assert!(read.contains("Acme") && !read.contains("acme"));
        assert!(read.fingerprint().is_some());
        let text = files::read_text(&layout.erased_clients()).unwrap();
        assert!(text.contains(&hash) && !text.contains("Acme"));
        let mut other = ErasedClients::default();
        assert_ne!(
            other.add("Acme", DateTime::UNIX_EPOCH, &layout).unwrap(),
            hash
        );
    }
}
