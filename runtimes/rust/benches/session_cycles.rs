//! Measures the memory of the runtime over cycles that open and close many sessions:
//! `cargo bench --bench session_cycles -- [CYCLES [SESSIONS]]`. Fails if the memory still grows in the second half
//! of the cycles.

use std::{
    error::Error,
    fs,
    process::{Child, Command, ExitCode},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use mcp_runtime::{grpc::connect, proto::McpRequest};
use serde_json::json;
use tokio::time::sleep;

/// The number of concurrent calls.
const CONCURRENCY: usize = 32;

/// The maximum growth in the second half, in percent.
const MAX_GROWTH: u64 = 10;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let cycles = numbers.next().unwrap_or(10);
    let sessions = numbers.next().unwrap_or(10_000);
    let folder = tempfile::tempdir()?;
    let socket_path = folder.path().join("runtime.sock");
    let mut runtime = Command::new(env!("CARGO_BIN_EXE_mcp-runtime"))
        .env("MCP_RUNTIME_GRPC_UDS", &socket_path)
        .env("MCP_RUNTIME_MAX_SESSIONS", sessions.to_string())
        .env("MCP_RUNTIME_LOG_LEVEL", "warn")
        .spawn()?;
    let client = loop {
        match connect(&socket_path).await {
            Ok(client) => break client,
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    };
    println!("at the start: {} KiB", resident_kib(&runtime)?);
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" }
    });
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    let call = |body: String, session_id| McpRequest {
        path: "/mcp".to_owned(),
        body: body.into(),
        session_id,
        ..McpRequest::default()
    };
    let mut after_cycles = Vec::new();
    for cycle in 1..=cycles {
        let ids: Vec<String> = stream::iter(0..sessions)
            .map(|_| {
                let (mut client, call) = (client.clone(), call(message.to_string(), String::new()));
                async move { client.invoke(call).await.unwrap().into_inner() }
            })
            .buffer_unordered(CONCURRENCY)
            .map(|response| response.headers["mcp-session-id"].clone())
            .collect()
            .await;
        let open = resident_kib(&runtime)?;
        stream::iter(ids)
            .map(|id| {
                let (mut client, call) = (client.clone(), call(String::new(), id));
                async move { client.close_session(call).await.unwrap() }
            })
            .buffer_unordered(CONCURRENCY)
            .for_each(async |_| ())
            .await;
        sleep(Duration::from_millis(500)).await;
        let closed = resident_kib(&runtime)?;
        println!("cycle {cycle}: {open} KiB with {sessions} sessions, {closed} KiB without");
        after_cycles.push(open.max(closed));
    }
    runtime.kill()?;
    runtime.wait()?;
    let highest = |cycles: &[u64]| cycles.iter().max().copied().unwrap_or_default();
    let (first, second) = after_cycles.split_at(after_cycles.len() / 2);
    if highest(second) * 100 > highest(first) * (100 + MAX_GROWTH) {
        println!("The memory of the runtime still grows.");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn resident_kib(runtime: &Child) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{}/status", runtime.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    Ok(line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB").parse()?)
}
