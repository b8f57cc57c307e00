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

/// What a subcommand says on stdout; it must succeed.
fn said(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_breakwater-sim")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Arguments for a market of few accounts, on two short scenarios in a folder.
fn small(name: &str) -> Vec<String> {
    let windows = folder(name).join("windows");
    fs::create_dir_all(&windows).unwrap();
    fs::write(windows.join("fall.csv"), FALL).unwrap();
    fs::write(windows.join("other.csv"), FALL.replace("183,184", "179,184")).unwrap();
    fs::write(windows.join("notes.txt"), "not a scenario").unwrap();
    let windows = windows.to_str().unwrap();
    let market = ["--accounts", "20", "--open-interest", "2000000", "--seeds", "5,6", "--json"];
    ["--windows", windows].iter().chain(&market).map(ToString::to_string).collect()
}

fn json_of(said: &str) -> Value {
    serde_json::from_str(said.lines().last().unwrap()).unwrap()
}

#[test]
fn a_comparison_shows_every_engine_and_every_control_in_one_table_and_one_plot() {
    let small = small("comparison");
    let out = folder("comparison").join("report");
    let small = small.iter().map(String::as_str);
    let arguments = ["compare", "--without", "each", "--out", out.to_str().unwrap()];
    let arguments: Vec<&str> = arguments.into_iter().chain(small).collect();
    let text = said(&arguments);
    let json = json_of(&text);
    let variants = json["comparison"]["variants"].as_array().unwrap();
    assert_eq!(variants[0]["variant"], "breakwater");
    assert_eq!(variants.last().unwrap()["variant"], "drift");
    assert!(variants.iter().any(|variant| variant["variant"] == "without damping"));
    assert!(variants.iter().all(|variant| variant["identities_exact"] == true));
    assert_eq!(json["comparison"]["scenarios"].as_array().unwrap().len(), 2);
    assert_eq!(json["comparison"]["by_rate_alone"].as_array().unwrap().len(), 4);
    assert!(text.contains("Accounts that an undamped maintenance rate would have liquidated by itself"));
    let page = fs::read_to_string(out.join("comparison.html")).unwrap();
    assert_eq!(page.matches("<figure").count(), 1);
    assert!(page.contains("without backstop") && !page.contains("{{"));
}

#[test]
fn a_search_prints_its_seed_and_what_it_found() {
    let small = small("search");
    let arguments = ["tune", "--samples", "2", "--rounds", "0", "--search-seed", "9"];
    let arguments: Vec<&str> = arguments.into_iter().chain(small.iter().map(String::as_str)).collect();
    let text = said(&arguments);
    assert!(text.contains("seeds 5, 6; 2 samples with seed 9"), "{text}");
    let json = json_of(&text);
    assert_eq!((json["seed"].as_u64(), json["trials"].as_u64()), (Some(9), Some(3)));
    assert!(json["best"]["objective"].as_f64() <= json["start"]["objective"].as_f64());
    assert_eq!(json["left_out"].as_array().unwrap().len(), 2);
    assert_eq!(json_of(&said(&arguments)), json, "the same seed gives the same answer");
}

#[test]
fn an_hour_of_drought_on_the_real_program_leaves_nobody_stuck() {
    let text = said(&["drought", "--hours", "1", "--accounts", "6", "--open-interest", "1000000", "--json"]);
    let json = json_of(&text);
    assert_eq!(json["failures"].as_array().unwrap().len(), 0, "{text}");
    assert_eq!(json["summary"]["identities_exact"], true);
}

#[test]
fn what_subcommands_cannot_do_is_refused_in_a_sentence() {
    let empty = folder("empty-windows");
    let empty = empty.to_str().unwrap();
    for (arguments, why) in [
        (vec!["compare", "--without", "brakes"], "there is no control `brakes`, only delay"),
        (vec!["compare", "--without", "delay", "--engines", "drift"], "--without switches controls of breakwater off"),
        (vec!["compare", "--engines", "gmx"], "there is no engine `gmx`"),
        (vec!["compare", "--windows", empty], "there is no .csv or .csv.gz file in"),
        (vec!["compare", "--windows", "/no/such/folder"], "cannot list /no/such/folder"),
        (vec!["compare", "--seeds", "1,1"], "a seed is named twice"),
        (vec!["tune", "--prices", "/no/such/file"], "cannot read /no/such/file"),
        (vec!["tune", "--depth", "0.5"], "depth_base_atoms is 500000"),
        (vec!["drought", "--hours", "0"], "a drought lasts 1 to 240 hours, not 0"),
        (vec!["drought", "--insurance", "0"], "somebody must stake at least $1"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_breakwater-sim")).args(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
}
