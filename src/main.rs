//! The `entobs` binary: the exit code, and nothing else.

use std::process::ExitCode;

/// Queries and typesetting make and drop many small objects: a quarter of the processor time
/// of an edition was the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    entobs::cli::main()
}
