use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The memory of the system's allocator fragments when sessions come and go (see `benches/session_cycles.rs`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    mcp_runtime::process::run(command.as_deref())
}
