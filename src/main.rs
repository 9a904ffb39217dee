//! The `entobs` binary: the exit code, and nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    entobs::cli::main()
}
