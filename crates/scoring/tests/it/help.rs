//! The help text.

use crate::running::score;
use testkit::Project;

#[test]
fn the_help_is_that_of_the_golden_file() {
    let ran = score(&Project::new(), &["--help"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, include_str!("help.txt"));
}

#[test]
fn the_version_is_that_of_the_package() {
    let ran = score(&Project::new(), &["--version"]);
    assert_eq!(ran.out, format!("scoring {}\n", env!("CARGO_PKG_VERSION")));
}
