//! The conformance catalog (docs/catalog.md) for servers of rmcp. It adds the tools, resources and prompts that the
//! cases of mcp-runtime-conformance use to any `ServerHandler`:
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
pub mod capabilities;
mod completion;
mod content;
mod contract_tools;
mod era;
mod handler;
mod input_tools;
mod interaction_tools;
mod json;
mod listeners;
mod modern;
mod mount;
mod prompts;
mod questions;
mod refused;
pub mod resources;
mod round;
mod rounds;
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
pub use era::Era;
pub use listeners::{Change, Listeners, Listening};
pub use modern::{Modern, SHARED_TTL_MS};
pub use mount::{Mount, Mounted, mount};
pub use prompts::Prompt;
pub use refused::Refused;
pub use round::{Question, Round};
pub use rounds::{Binding, Rounds, STATE_LIFETIME, StateKey};
pub use subscriptions::Subscriptions;
pub use tool::{Outcome, Tool};
pub use tool_context::{CallerToken, Channel, LogMessage, LogTarget, LogThreshold, ToolContext, ToolFailure};
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
            tools.extend(input_tools::tools());
            tools.extend(contract_tools::tools(&Arc::new(WaitBoard::default())));
            prompts.extend(prompts::prompts());
        }
        Self { name, tools, prompts }
    }

    /// Adds a tool.
    #[must_use]
    pub fn with_tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Returns the capabilities that `initialize` declares, or `server/discover` in the modern era.
    pub fn capabilities(&self, era: Era) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities::builder().enable_logging().build();
        if self.name == CatalogName::Conformance {
            let mut resources = ResourcesCapability::default();
            resources.subscribe = Some(true);
            capabilities.resources = Some(resources);
            capabilities.tools = Some(ToolsCapability::default());
            capabilities.prompts = Some(PromptsCapability::default());
            capabilities.completions = Some(JsonObject::default());
            if era == Era::Modern {
                let changes = Some(true);
                capabilities.tools.get_or_insert_default().list_changed = changes;
                capabilities.prompts.get_or_insert_default().list_changed = changes;
                capabilities.resources.get_or_insert_default().list_changed = changes;
            }
        }
        capabilities
    }

    /// Returns whether this catalog supports an MCP method of an era.
    pub fn serves(&self, era: Era, method: &str) -> bool {
        let is_without_catalog = match era {
            Era::Legacy => matches!(method, "initialize" | "ping" | "logging/setLevel"),
            Era::Modern => matches!(method, "server/discover" | "subscriptions/listen"),
        };
        let is_of_era = match era {
            Era::Legacy => matches!(method, "resources/subscribe" | "resources/unsubscribe"),
            Era::Modern => false,
        };
        let is_of_both = matches!(
            method,
            "tools/list"
                | "tools/call"
                | "resources/list"
                | "resources/templates/list"
                | "resources/read"
                | "prompts/list"
                | "prompts/get"
                | "completion/complete"
        );
        is_without_catalog || self.name == CatalogName::Conformance && (is_of_era || is_of_both)
    }

    pub fn tools(&self, era: Era) -> Vec<model::Tool> {
        let served = self.tools.iter().filter(|tool| tool.is_in(era));
        served.map(|tool| tool.definition.clone()).collect()
    }

    pub fn tool(&self, era: Era, name: &str) -> Option<&Tool> {
        let mut served = self.tools.iter().filter(|tool| tool.is_in(era));
        served.find(|tool| tool.definition.name == name)
    }

    pub fn prompts(&self, era: Era) -> Vec<model::Prompt> {
        let served = self.prompts.iter().filter(|prompt| prompt.is_in(era));
        served.map(|prompt| prompt.definition.clone()).collect()
    }

    pub fn prompt(&self, era: Era, name: &str) -> Option<&Prompt> {
        let mut served = self.prompts.iter().filter(|prompt| prompt.is_in(era));
        served.find(|prompt| prompt.definition.name == name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared(name: CatalogName, era: Era) -> serde_json::Value {
        serde_json::to_value(Catalog::named(name).capabilities(era)).unwrap()
    }

    #[test]
    fn declares_its_features() {
        for era in [Era::Legacy, Era::Modern] {
            assert_eq!(declared(CatalogName::Empty, era), json!({ "logging": {} }));
        }
        assert_eq!(
            declared(CatalogName::Conformance, Era::Legacy),
            json!({
                "tools": {}, "resources": { "subscribe": true }, "prompts": {}, "completions": {}, "logging": {}
            })
        );
        assert_eq!(
            declared(CatalogName::Conformance, Era::Modern),
            json!({
                "tools": { "listChanged": true },
                "resources": { "subscribe": true, "listChanged": true },
                "prompts": { "listChanged": true },
                "completions": {},
                "logging": {}
            })
        );
    }

    #[test]
    fn an_empty_catalog_serves_only_ping_and_log_levels() {
        let empty = Catalog::named(CatalogName::Empty);
        assert!(empty.serves(Era::Legacy, "ping") && empty.serves(Era::Legacy, "logging/setLevel"));
        assert!(!empty.serves(Era::Legacy, "tools/list"));
        assert!(empty.serves(Era::Modern, "server/discover") && !empty.serves(Era::Modern, "tools/list"));
        assert!(empty.tools(Era::Modern).is_empty() && empty.prompts(Era::Modern).is_empty());
    }

    #[test]
    fn an_era_serves_only_its_own_entries() {
        let catalog = Catalog::named(CatalogName::Conformance);
        for (name, legacy, modern) in [
            ("conformance_echo", true, true),
            ("test_tool_with_progress", true, true),
            ("test_sampling", true, false),
            ("test_missing_capability", false, true),
        ] {
            assert_eq!(catalog.tool(Era::Legacy, name).is_some(), legacy, "{name}");
            assert_eq!(catalog.tool(Era::Modern, name).is_some(), modern, "{name}");
        }
        let prompt = "test_input_required_result_prompt";
        assert!(
            catalog.prompt(Era::Legacy, prompt).is_none() && catalog.prompt(Era::Modern, prompt).is_some()
        );
        for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe"] {
            assert!(
                catalog.serves(Era::Legacy, method) && !catalog.serves(Era::Modern, method),
                "{method}"
            );
        }
        for method in ["server/discover", "subscriptions/listen"] {
            assert!(
                !catalog.serves(Era::Legacy, method) && catalog.serves(Era::Modern, method),
                "{method}"
            );
        }
    }
}
