//! Writes `idl/breakwater.json` from the program, or checks that it is current.

use anchor_lang_idl::build::IdlBuilder;
use anchor_lang_idl::types::{IdlDefinedFields, IdlSerialization, IdlTypeDefTy};
use anyhow::{bail, Context, Result};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Name of the field that the build with the feature `next-layout` adds to accounts (tests/next).
const NEXT_LAYOUT_FIELD: &str = "next";

/// Writes the interface file of the program from its source.
#[derive(Parser)]
struct Arguments {
    /// Write nothing; fail if the file is not what would be written.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this crate lies in the project's folder")?;
    let file = root.join("idl/breakwater.json");
    let present = build(root)?;
    if !arguments.check {
        std::fs::write(&file, present).with_context(|| format!("cannot write {}", file.display()))?;
        println!("wrote idl/breakwater.json");
        return Ok(());
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    if committed != present {
        let place = committed.lines().zip(present.lines()).position(|(old, new)| old != new).unwrap_or(0) + 1;
        bail!("idl/breakwater.json is not that of the program, from line {place} on. Run: cargo run -p breakwater-idl");
    }
    println!("idl/breakwater.json is current");
    Ok(())
}

/// The file's text. A folder of its own for what is built, since the builder changes the compiler's flags.
fn build(root: &Path) -> Result<String> {
    // Set by rustup for what cargo runs; the builder would ask rustup to install what it names.
    std::env::remove_var("RUSTUP_TOOLCHAIN");
    let target: PathBuf = root.join("target/idl");
    let arguments = ["--lib", "--locked", "--target-dir", &target.display().to_string()].map(str::to_owned);
    let mut idl = IdlBuilder::new()
        .program_path(root.join("programs/breakwater"))
        // Account checks are explained where the accounts are defined.
        .skip_lint(true)
        .cargo_args(arguments.into())
        .build()?;
    // A stored struct has a stated layout; what `risk` derives does not say that its bytes are that layout.
    for described in idl.types.iter_mut().filter(|described| described.repr.is_some()) {
        described.serialization = IdlSerialization::Bytemuck;
        // The builder lists fields whatever their `cfg` says: what only the build of the next layout has is not in this one.
        if let IdlTypeDefTy::Struct { fields: Some(IdlDefinedFields::Named(fields)) } = &mut described.ty {
            fields.retain(|field| field.name != NEXT_LAYOUT_FIELD);
        }
    }
    Ok(serde_json::to_string_pretty(&idl)? + "\n")
}
