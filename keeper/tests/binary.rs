//! The binary itself: what it prints, and with which exit code. What needs a chain is in `e2e`.

use std::net::TcpListener;
use std::process::Command;

/// What has no default.
const NAMED: &str = "keypair = 'KEY'\nexchange = 'CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8'";

/// Exit code, stdout, stderr of `breakwater-keeper` with a configuration.
fn keeper(config: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let key = solana_keypair::Keypair::new();
    let key_file = folder.path().join("key.json");
    solana_keypair::write_keypair_file(&key, &key_file).expect("a key file");
    let file = folder.path().join("keeper.toml");
    std::fs::write(&file, config.replace("KEY", key_file.to_str().expect("a path"))).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakwater-keeper"));
    let output = command.arg("--config").arg(&file).args(arguments).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[track_caller]
fn assert_refused(config: &str, arguments: &[&str], reason: &str) {
    let (code, stdout, stderr) = keeper(config, arguments);
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.lines().any(|line| line.starts_with("error: ") && line.contains(reason)), "{stderr}");
    assert!(!stderr.contains("panicked") && !stderr.contains("secret"), "{stderr}");
}

#[test]
fn check_prints_a_configuration_that_can_be_used_without_its_secrets() {
    let (code, stdout, stderr) = keeper(&format!("{NAMED}\nrpc_url = 'https://node.example/secret'"), &["check"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.starts_with("# signs as ") && !stdout.contains("secret"), "{stdout}");
    let read: toml::Table = toml::from_str(&stdout).expect("TOML");
    assert_eq!(read["rpc_url"].as_str(), Some("https://node.example"));
    assert_eq!(read["money"]["priority_percentile"].as_integer(), Some(75));
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    assert_refused(&NAMED.replace("KEY", "/nowhere.json"), &["check"], "there is no keypair file /nowhere.json");
    assert_refused("keypair = 'KEY'\nrpc = 'x'", &["check"], "unknown field `rpc`");
    assert_refused("keypair = 'KEY'\nrpc_url = https://node.example/secret", &["check"], "line 2");
    assert_refused("rpc_url = 'http://x'", &["check"], "keypair is missing");
    assert_refused("keypair = 'KEY'", &["check"], "exchange is missing: the address of the exchange");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let config = format!("{NAMED}\nrpc_url = 'http://127.0.0.1:{port}/secret'\nlisten = '127.0.0.1:0'");
    assert_refused(&config, &[], &format!("no RPC node answers at http://127.0.0.1:{port}"));
}
