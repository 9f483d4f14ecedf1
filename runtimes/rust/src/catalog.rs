//! What a runtime serves: tools, resources, prompts and completion (docs/catalog.md).
#![allow(deprecated, reason = "logging is served to the revisions that have it")]

mod completion;
mod content;
mod contract_tools;
mod interaction_tools;
mod prompts;
mod resources;
mod tool;
mod wait_board;

use std::sync::Arc;

use rmcp::model::{ArgumentInfo, CompletionInfo, Reference, ServerCapabilities};

pub use prompts::{Prompt, Prompts};
pub use resources::Resources;
pub use tool::{Tool, ToolFailure, ToolResult, Tools};
use wait_board::WaitBoard;

/// Completes a value; `None` where there is nothing that could be completed. At most 100 values (MCP-11).
pub type Completion = fn(&Reference, &ArgumentInfo) -> Option<CompletionInfo>;

/// What a runtime serves. What is absent is not declared by `initialize` (MCP-2).
#[derive(Default)]
pub struct Catalog {
    pub tools: Option<Tools>,
    pub resources: Option<Resources>,
    pub prompts: Option<Prompts>,
    pub completion: Option<Completion>,
}

/// The catalogs that come with the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CatalogName {
    Conformance,
    Empty,
}

impl Catalog {
    /// A catalog with fresh state.
    pub fn named(name: CatalogName) -> Self {
        match name {
            CatalogName::Empty => Self::default(),
            CatalogName::Conformance => {
                let mut tools = content::tools();
                tools.extend(interaction_tools::tools());
                tools.extend(contract_tools::tools(&Arc::new(WaitBoard::default())));
                Self {
                    tools: Some(Tools::new(tools)),
                    resources: Some(Resources),
                    prompts: Some(prompts::conformance()),
                    completion: Some(completion::complete),
                }
            }
        }
    }

    /// What `initialize` declares.
    pub fn capabilities(&self) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities::builder().enable_logging().build();
        if self.tools.is_some() {
            capabilities.tools = Some(Default::default());
        }
        if self.resources.is_some() {
            let mut resources = rmcp::model::ResourcesCapability::default();
            resources.subscribe = Some(true);
            capabilities.resources = Some(resources);
        }
        if self.prompts.is_some() {
            capabilities.prompts = Some(Default::default());
        }
        if self.completion.is_some() {
            capabilities.completions = Some(Default::default());
        }
        capabilities
    }

    /// Whether requests for a method are carried out.
    pub fn serves(&self, method: &str) -> bool {
        match method {
            "initialize" | "ping" | "logging/setLevel" => true,
            "tools/list" | "tools/call" => self.tools.is_some(),
            "resources/list"
            | "resources/templates/list"
            | "resources/read"
            | "resources/subscribe"
            | "resources/unsubscribe" => self.resources.is_some(),
            "prompts/list" | "prompts/get" => self.prompts.is_some(),
            "completion/complete" => self.completion.is_some(),
            _ => false,
        }
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
    fn declares_what_it_serves() {
        assert_eq!(declared(CatalogName::Empty), json!({ "logging": {} }));
        assert_eq!(
            declared(CatalogName::Conformance),
            json!({
                "tools": {}, "resources": { "subscribe": true }, "prompts": {}, "completions": {}, "logging": {}
            })
        );
    }

    #[test]
    fn an_empty_catalog_serves_ping_and_log_levels_alone() {
        let empty = Catalog::named(CatalogName::Empty);
        assert!(empty.serves("ping") && empty.serves("logging/setLevel"));
        assert!(!empty.serves("tools/list") && !empty.serves("no/such"));
    }
}
