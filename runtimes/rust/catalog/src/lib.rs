//! The conformance catalog (docs/catalog.md) for servers of rmcp. It adds the tools, resources and prompts that the cases
//! of mcp-runtime-conformance use to any `ServerHandler`:
//!
//! ```
//! # use rmcp::{ServerHandler, ServiceExt};
//! # struct MyServer;
//! # impl ServerHandler for MyServer {}
//! # async fn serve(transport: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
//! let running = mcp_conformance_catalog::mount(MyServer).serve(transport).await?;
//! # Ok(()) }
//! ```
//!
//! Use it in test builds only: its tools block, flood and fail on request.
#![allow(deprecated, reason = "the supported revisions have logging")]

mod caller;
mod completion;
mod content;
mod contract_tools;
mod handler;
mod interaction_tools;
mod json;
mod mount;
mod prompts;
pub mod resources;
mod subscriptions;
mod tool;
mod tool_context;
mod wait_board;

use std::sync::Arc;

use rmcp::model::{
    self, JsonObject, PromptsCapability, ResourcesCapability, ServerCapabilities, ToolsCapability,
};

pub use caller::{CallScope, Claims, Teams};
pub use completion::complete;
pub use mount::{Mount, Mounted, mount};
pub use prompts::Prompt;
pub use subscriptions::Subscriptions;
pub use tool::Tool;
pub use tool_context::{CallerToken, Channel, LogTarget, LogThreshold, ToolContext, ToolFailure};
use wait_board::WaitBoard;

/// The features of a runtime. An empty catalog has no features (MCP-2).
pub struct Catalog {
    name: CatalogName,
    tools: Vec<Tool>,
    prompts: Vec<Prompt>,
}

/// The built-in catalogs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatalogName {
    #[default]
    Conformance,
    Empty,
}

impl Catalog {
    /// Creates a built-in catalog with fresh state.
    pub fn named(name: CatalogName) -> Self {
        let (mut tools, mut prompts) = (Vec::new(), Vec::new());
        if name == CatalogName::Conformance {
            tools.extend(content::tools());
            tools.extend(interaction_tools::tools());
            tools.extend(contract_tools::tools(&Arc::new(WaitBoard::default())));
            prompts.extend(prompts::prompts());
        }
        Self { name, tools, prompts }
    }

    /// Returns the capabilities that `initialize` declares.
    pub fn capabilities(&self) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities::builder().enable_logging().build();
        if self.name == CatalogName::Conformance {
            let mut resources = ResourcesCapability::default();
            resources.subscribe = Some(true);
            capabilities.resources = Some(resources);
            capabilities.tools = Some(ToolsCapability::default());
            capabilities.prompts = Some(PromptsCapability::default());
            capabilities.completions = Some(JsonObject::default());
        }
        capabilities
    }

    /// Returns whether this catalog supports an MCP method.
    pub fn serves(&self, method: &str) -> bool {
        self.name == CatalogName::Conformance || matches!(method, "initialize" | "ping" | "logging/setLevel")
    }

    pub fn tools(&self) -> Vec<model::Tool> {
        self.tools.iter().map(|tool| tool.definition.clone()).collect()
    }

    pub fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.definition.name == name)
    }

    pub fn prompts(&self) -> Vec<model::Prompt> {
        self.prompts
            .iter()
            .map(|prompt| prompt.definition.clone())
            .collect()
    }

    pub fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.definition.name == name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared(name: CatalogName) -> serde_json::Value {
        serde_json::to_value(Catalog::named(name).capabilities()).unwrap()
    }

    #[test]
    fn declares_its_features() {
        assert_eq!(declared(CatalogName::Empty), json!({ "logging": {} }));
        assert_eq!(
            declared(CatalogName::Conformance),
            json!({
                "tools": {}, "resources": { "subscribe": true }, "prompts": {}, "completions": {}, "logging": {}
            })
        );
    }

    #[test]
    fn an_empty_catalog_serves_only_ping_and_log_levels() {
        let empty = Catalog::named(CatalogName::Empty);
        assert!(empty.serves("ping") && empty.serves("logging/setLevel"));
        assert!(!empty.serves("tools/list"));
        assert!(empty.tools().is_empty() && empty.prompts().is_empty());
    }
}
