//! Project folders: a small panel, and copies of a folder as it stands.

use std::fs;
use std::path::Path;
use testkit::Scenario;
use testkit::sample::{self, Month, Size};

/// Small, so that a run takes about a second without optimisation.
const SIZE: Size = Size::SMALL;

/// The earliest day on which all labels of the first data are old enough.
pub const NOW: &str = "2026-07-01T06:00:00Z";

/// The months that may follow, and when their data is looked at.
pub const MONTHS: [(&str, &str); 8] = [
    ("2026-07", "2026-08-01T06:00:00Z"),
    ("2026-08", "2026-09-01T06:00:00Z"),
    ("2026-09", "2026-10-01T06:00:00Z"),
    ("2026-10", "2026-11-01T06:00:00Z"),
    ("2026-11", "2026-12-01T06:00:00Z"),
    ("2026-12", "2027-01-01T06:00:00Z"),
    ("2027-01", "2027-02-01T06:00:00Z"),
    ("2027-02", "2027-03-01T06:00:00Z"),
];

/// Writes the configuration and the data of a new project.
pub fn create(folder: &Path) {
    for (name, text) in sample::files(&SIZE) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a data folder")).expect("a data folder");
        fs::write(path, text).expect("a data file");
    }
    let config = serde_json::json!({
        "input_folder_path": "sourcedata",
        "output_folder_path": "ingesteddata",
        "test_data_path": "testdata",
        "output_model_path": "models",
        "prod_deployment_path": "production_deployment",
        "dataset": {
            "observed_at": "observed_at",
            "horizon_days": 90,
            "ignore": ["account_manager"],
            "contract_value": "annual_contract_value"
        },
        "contacts": { "capacity": 20 },
        // Where no service answers, whatever runs on this machine.
        "api": { "bind": "127.0.0.1:1" }
    });
    fs::write(folder.join("config.json"), format!("{config:#}\n")).expect("the configuration");
}

/// Writes a further month into the input folder.
pub fn deliver(folder: &Path, month: &str, scenario: Scenario) {
    let month: Month = month.parse().expect("a month");
    sample::deliver(&SIZE, &folder.join("sourcedata"), month, scenario).expect("a delivery");
}

/// The clients on the published list, in its order.
pub fn listed(folder: &Path) -> Vec<String> {
    let path = folder.join("models/contactlist.csv");
    let mut list = csv::Reader::from_path(path).expect("a list");
    let names = list.records().map(|row| row.expect("a row")[1].to_owned());
    names.collect()
}

/// Copies a folder with all that is in it; links stay links.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder for the copy");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().expect("a file type");
        if kind.is_symlink() {
            let leads = fs::read_link(&source).expect("a link");
            std::os::unix::fs::symlink(leads, target).expect("a copied link");
        } else if kind.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a copied file");
        }
    }
}
