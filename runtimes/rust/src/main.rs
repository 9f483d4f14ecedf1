use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Replaces the system allocator, whose memory fragments as sessions open and close (see `benches/session_cycles.rs`).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    mcp_runtime::process::run(command.as_deref())
}
