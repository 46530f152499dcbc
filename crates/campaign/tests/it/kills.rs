//! The short campaign of kills; the long one is `cargo run -p campaign -- --long`.

use std::process::Command;

#[test]
fn twenty_kills_lose_nothing_and_a_reader_sees_no_torn_release() {
    let output = Command::new(env!("CARGO_BIN_EXE_campaign"))
        .args(["--kills", "20", "--stop-every", "0", "--full-every", "0"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(said.contains("kill -9"), "{said}");
}
