//! The binary as a user meets it: what it prints, and how it refuses.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::Value;

/// A folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn replay(name: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_breakwater-sim"))
        .args(["replay", "--out"])
        .arg(folder(name))
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs on a file of these lines; returns what is said on stderr, and checks that it failed with a sentence.
fn refusal(name: &str, lines: &str) -> String {
    let file = folder(name).join("minutes.csv");
    fs::write(&file, lines).unwrap();
    let output = replay(name, &["--prices", file.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    said
}

const FALL: &str = "1760000000,200,200,196,196,1\n1760000060,196,196,183,184,1\n1760000120,184,188,176,187,1\n";

#[test]
fn a_replay_ends_with_the_sums_of_every_engine_as_json() {
    let file = folder("json").join("fall.csv");
    fs::write(&file, FALL).unwrap();
    let prices = file.to_str().unwrap();
    let arguments = ["--prices", prices, "--accounts", "20", "--open-interest", "2000000", "--json", "--seed", "5"];
    let run = || {
        let output = replay("json", &arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().last().unwrap().to_owned()
    };
    let line = run();
    let json: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((json["scenario"].as_str(), json["seed"].as_u64()), (Some("fall.csv"), Some(5)));
    let engines = json["engines"].as_array().unwrap();
    assert_eq!(engines.len(), 2);
    assert_eq!(engines[0]["engine"], "breakwater");
    for engine in engines {
        for figure in [
            "extra_fall_bp",
            "liquidated",
            "absorbed",
            "unwound",
            "deleveraged",
            "accounts_touched",
            "bad_debt",
            "backstop_result",
            "backstop_holds",
        ] {
            assert!(engine[figure].is_number(), "{figure}");
        }
        assert!(engine["insurance_change"].is_number());
        assert_eq!(engine["identities_exact"], true);
        assert!(engine["accounts_touched"].as_u64() > Some(0));
    }
    assert_eq!(run(), line, "the same seed gives the same figures");
    assert!(folder("json").join("report.html").exists());
}

#[test]
fn the_engines_that_are_named_are_run_in_their_order() {
    let file = folder("engines").join("fall.csv");
    fs::write(&file, FALL).unwrap();
    let prices = ["--prices", file.to_str().unwrap(), "--accounts", "20", "--open-interest", "2000000", "--json"];
    let output = replay("engines", &[&prices[..], &["--engines", "drift,dydx,synthetix,hyperliquid"]].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    let json: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let engines = json["engines"].as_array().unwrap();
    let names: Vec<_> = engines.iter().map(|engine| engine["engine"].as_str().unwrap()).collect();
    assert_eq!(names, ["drift", "dydx", "synthetix", "hyperliquid"]);
    assert!(engines.iter().all(|engine| engine["identities_exact"] == true));

    let output = replay("engines", &["--engines", "drift,gmx"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("there is no engine `gmx`, only breakwater, generation-1, hyperliquid"), "{said}");
}

#[test]
fn the_model_gives_the_figures_of_the_program() {
    let file = folder("model").join("fall.csv");
    fs::write(&file, FALL).unwrap();
    let arguments = ["--prices", file.to_str().unwrap(), "--accounts", "20", "--open-interest", "2000000", "--json"];
    let last_line = |more: &[&str]| {
        let output = replay("model", &[&arguments[..], more].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains("breakwater: entrants that opened: "), "{said}");
        said.lines().last().unwrap().to_owned()
    };
    assert_eq!(last_line(&["--entrants", "10", "--model"]), last_line(&["--entrants", "10"]));
}

#[test]
fn files_that_cannot_be_replayed_are_refused_with_line_and_reason() {
    assert!(refusal("empty", "").contains("the file holds no minutes"));
    assert!(refusal("gap", "1760000000,2,2,2,2,1\n1760000120,2,2,2,2,1\n").contains("line 2: a gap"));
    assert!(refusal("negative", "1760000000,2,2,-2,2,1\n").contains("line 1: the low price `-2`"));
    assert!(refusal("words", "this is not a table\n").contains("line 1"));
}

#[test]
fn settings_out_of_range_are_refused_in_a_sentence() {
    for (arguments, why) in [
        (["--accounts", "1"], "the number of accounts must be 2 to 10000, not 1"),
        (["--open-interest", "0"], "--open-interest must be a positive amount of USD"),
        (["--backstop", "NaN"], "--backstop must be an amount of USD or 0, not NaN"),
        (["--insurance", "inf"], "--insurance must be an amount of USD or 0, not inf"),
        (["--depth", "0.5"], "depth_base_atoms is 500000"),
        (["--prices", "/no/such/file"], "cannot read /no/such/file"),
    ] {
        let output = replay("settings", &arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
    }
}
