use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The system's allocator does not return the memory of closed sessions: it fragments.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    mcp_runtime::process::run(command.as_deref())
}
