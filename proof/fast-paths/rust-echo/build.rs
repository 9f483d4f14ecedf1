//! Generates the messages and the service of the contract. This script does not need protoc.

use std::{env, path::PathBuf};

const PROTO: &str = "contextforge/mcp/runtime/v1/mcp_runtime.proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../../proto");
    println!("cargo::rerun-if-changed={}", root.join(PROTO).display());
    let descriptors = protox::compile([PROTO], [&root])?;
    tonic_prost_build::configure()
        .bytes(".")
        .build_client(false)
        .emit_rerun_if_changed(false)
        .compile_fds(descriptors)?;
    Ok(())
}
