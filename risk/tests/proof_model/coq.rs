//! Writes runs as a Coq file and has coqc execute the model on them.

use crate::world::{Call, World, ACCOUNTS, MARKETS};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HEAD: &str = "(* Written by risk/tests/proof_model.rs: calls of the code and the figures they changed. *)
From Coq Require Import NArith ZArith List.
From Breakwater Require Import Model Transitions Compare.
Import ListNotations.
";

/// Where proofs are built: never in the source tree.
pub fn build_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("proofs")
}

/// The file of all runs: one computation a run, one line a call.
pub fn vectors(runs: &[World]) -> String {
    let mut text = String::from(HEAD);
    for (number, run) in runs.iter().enumerate() {
        writeln!(text, "\nDefinition run_{number} := Eval vm_compute in compare_run {ACCOUNTS} {MARKETS} [").unwrap();
        let calls: Vec<String> = run.calls.iter().map(line).collect();
        writeln!(text, "{}\n].", calls.join(";\n")).unwrap();
        writeln!(text, "Example run_{number}_agrees : run_{number} = Agrees.\nProof. vm_compute. reflexivity. Qed.")
            .unwrap();
    }
    text
}

fn line(call: &Call) -> String {
    let changed = call.changed.as_ref().map_or("None".into(), |figures| {
        let figures: Vec<String> = figures.iter().map(|(name, value)| format!("Became {name} ({value})")).collect();
        format!("(Some [{}])", figures.join("; "))
    });
    format!("Call [{}] {changed}", call.transitions.join("; "))
}

/// Compiles a file of the build folder.
fn coqc(dir: &Path, file: &str) -> std::io::Result<Output> {
    Command::new("coqc").args(["-q", "-R", ".", "Breakwater", file]).current_dir(dir).output()
}

/// Has coqc check the vectors. `false` where there is no coqc. Panics with what differs.
pub fn check(dir: &Path, vectors: &str, replay: &str) -> bool {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proofs");
    std::fs::create_dir_all(dir).unwrap();
    std::fs::write(dir.join("Runs.v"), vectors).unwrap();
    for file in ["Model.v", "Transitions.v", "Compare.v", "Runs.v"] {
        if file != "Runs.v" {
            std::fs::copy(sources.join(file), dir.join(file)).unwrap();
        }
        let Ok(output) = coqc(dir, file) else { return false };
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            panic!("\n{}{message}replay: {replay}\n", explain(vectors, &message));
        }
    }
    true
}

/// Which run and which call coqc rejected: it names the line of the run's proof.
fn explain(vectors: &str, message: &str) -> String {
    let number_after = |text: &str, mark: &str| -> Option<usize> {
        let rest = text.split_once(mark)?.1;
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
    };
    let lines: Vec<&str> = vectors.lines().collect();
    let start = number_after(message, "line ")
        .and_then(|proof| (0..proof.min(lines.len())).rev().find(|line| lines[*line].starts_with("Definition")));
    let call =
        ["Differs ", "OnlyModelRefuses ", "OnlyCodeRefuses "].iter().find_map(|mark| number_after(message, mark));
    let (Some(start), Some(call)) = (start, call) else { return String::new() };
    let name = lines[start].trim_start_matches("Definition ").split(' ').next().unwrap_or_default();
    let call_line = lines.get(start + 1 + call).unwrap_or(&"");
    format!("model and code differ in {name}, call {call} (Differs: figure, code, model):\n{call_line}\n")
}
