//! The binary `breakwater-sim`; everything it does lives in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    breakwater_sim::cli::main()
}
