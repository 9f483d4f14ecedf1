use std::process::ExitCode;

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    mcp_runtime::process::run(command.as_deref())
}
