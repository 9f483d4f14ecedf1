//! A stdio server with the catalog, for `mcp-runtime-conformance serve --stdio`.

use mcp_conformance_catalog::mount;
use rmcp::{ServerHandler, ServiceExt};
use tokio::io::{stdin, stdout};

struct Plain;

impl ServerHandler for Plain {}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    mount(Plain).serve((stdin(), stdout())).await?.waiting().await?;
    Ok(())
}
