//! The binary itself: what it prints, where, and with which exit code. What needs a chain is in `e2e`.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

/// Address of an exchange.
const EXCHANGE: &str = "CktRuQ2mttgRGkXJtyksdKHjUdc2C4TgDzyB98oEzy8";

/// Exit code, stdout, stderr.
type Outcome = (Option<i32>, String, String);

/// Runs `breakwater` as somebody without a Solana configuration.
fn breakwater(arguments: &[&str]) -> Outcome {
    let home = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakwater"));
    let output = command.args(arguments).env("HOME", home.path()).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A refusal: nothing on stdout, one sentence on stderr that begins with `error: ` and holds `reason`.
#[track_caller]
fn assert_refused((code, stdout, stderr): Outcome, reason: &str) {
    assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
    assert!(stderr.starts_with("error: ") && stderr.contains(reason), "{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn market_file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations/markets").join(name);
    path.to_str().expect("a path").to_owned()
}

/// SOL's file with one line changed.
fn changed(folder: &tempfile::TempDir, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(market_file("sol.toml")).expect("the file");
    assert!(text.contains(from), "{from}");
    let path = folder.path().join("changed.toml");
    std::fs::write(&path, text.replace(from, to)).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn market_files_within_bounds_are_said_to_be_so() {
    let files = ["sol.toml", "btc.toml", "eth.toml"].map(market_file);
    let (code, stdout, stderr) = breakwater(&["market", "check", &files[0], &files[1], &files[2]]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(stdout.lines().filter(|line| line.ends_with(": within the program's bounds")).count(), 3, "{stdout}");

    let (code, stdout, _) = breakwater(&["--json", "market", "check", &files[0]]);
    let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON and nothing else");
    assert_eq!((code, &json[0]["lot_exponent"]), (Some(0), &serde_json::json!(-5)));
    assert_eq!(json[0]["params"]["maintenance_base_ppm"], 50_000);
}

#[test]
fn a_market_file_that_breaks_a_rule_is_refused_with_the_rule_and_its_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        (
            "charge_max_ppm = 25_000",
            "charge_max_ppm = 26_000",
            "charge_max_ppm over half of maintenance: 26000 is not within 0 and 25000",
        ),
        ("pace_z = 3", "pace_z = 0", "pace_z: 0 is not within 1 and 10"),
        ("pace_z = 3", "pace_z = 3\nsurprise = 1", "surprise"),
        ("pace_z = 3", "", "pace_z"),
        ("pace_z = 3", "pace_z = -3", "pace_z"),
    ];
    for (from, to, reason) in cases {
        let file = changed(&folder, from, to);
        assert_refused(breakwater(&["market", "check", &file]), reason);
    }
    assert_refused(
        breakwater(&["market", "check", &market_file("sol.toml"), "nowhere.toml"]),
        "cannot read nowhere.toml",
    );
}

#[test]
fn a_node_that_does_not_answer_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let url = format!("http://127.0.0.1:{port}");
    for arguments in [["exchange", "show"], ["market", "list"], ["params", "show"]] {
        let mut all = vec!["-u", &url, "-e", EXCHANGE];
        all.extend(arguments);
        if arguments[0] == "params" {
            all.push("0");
        }
        assert_refused(breakwater(&all), &format!("no RPC node answers at {url}"));
    }
}

#[test]
fn an_exchange_that_is_named_by_an_id_needs_the_key_of_its_creator() {
    let refused = breakwater(&["-u", "http://127.0.0.1:1", "exchange", "show"]);
    assert_refused(
        refused,
        "an id is that of an exchange of the signer; --exchange ADDRESS names any: there is no keypair",
    );
    let (code, _, stderr) = breakwater(&["-e", "65536", "exchange", "show"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("an exchange is named by its address"), "{stderr}");
}

#[test]
fn what_is_missing_or_misspelt_is_refused_before_anything_is_asked() {
    assert_refused(breakwater(&["-C", "/nowhere.yml", "exchange", "show"]), "cannot read /nowhere.yml");
    let (code, _, stderr) = breakwater(&["exchange", "show", "--bogus"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("--bogus"), "{stderr}");
    let (code, _, stderr) = breakwater(&["account", "show", "not-an-address"]);
    assert_eq!(code, Some(2), "{stderr}");
    let (code, _, stderr) = breakwater(&["exchange", "create", "--mint", "x"]);
    assert_eq!(code, Some(2), "{stderr}");
}

#[test]
fn a_keypair_file_is_never_shown_whatever_it_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("id.json");
    std::fs::write(&file, "[1, 2, 3, \"secret\"]").expect("a file");
    let file = file.to_str().expect("a path");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let url = format!("http://127.0.0.1:{port}");
    let (code, stdout, stderr) = breakwater(&["-u", &url, "-k", file, "exchange", "apply-receivers"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("holds no keypair") && !stderr.contains("secret"), "{stderr}");
    let missing = breakwater(&["-u", &url, "-k", "/nowhere.json", "exchange", "apply-receivers"]);
    assert_refused(missing, "there is no keypair file /nowhere.json");
}
