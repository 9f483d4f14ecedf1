//! The tools, resources, prompts and completion that a runtime serves (docs/catalog.md).
#![allow(deprecated, reason = "the supported revisions have logging")]

mod completion;
mod content;
mod contract_tools;
mod interaction_tools;
mod prompts;
mod resources;
mod tool;
mod wait_board;

use std::sync::Arc;

use rmcp::model::{
    ArgumentInfo, CompletionInfo, JsonObject, PromptsCapability, Reference, ResourcesCapability,
    ServerCapabilities, ToolsCapability,
};

use prompts::Prompts;
use resources::Resources;
use tool::Tools;
use wait_board::WaitBoard;

/// Completes a value, with at most 100 candidates (MCP-11). `None` if the argument does not exist.
pub type Completion = fn(&Reference, &ArgumentInfo) -> Option<CompletionInfo>;

/// The features of a runtime. `initialize` does not declare absent ones (MCP-2).
#[derive(Default)]
pub struct Catalog {
    pub tools: Option<Tools>,
    pub resources: Option<Resources>,
    pub prompts: Option<Prompts>,
    pub completion: Option<Completion>,
}

/// The built-in catalogs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CatalogName {
    #[default]
    Conformance,
    Empty,
}

impl Catalog {
    /// A built-in catalog with fresh state.
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

    /// The capabilities that `initialize` declares.
    pub fn capabilities(&self) -> ServerCapabilities {
        let mut capabilities = ServerCapabilities::builder().enable_logging().build();
        if self.tools.is_some() {
            capabilities.tools = Some(ToolsCapability::default());
        }
        if self.resources.is_some() {
            let mut resources = ResourcesCapability::default();
            resources.subscribe = Some(true);
            capabilities.resources = Some(resources);
        }
        if self.prompts.is_some() {
            capabilities.prompts = Some(PromptsCapability::default());
        }
        if self.completion.is_some() {
            capabilities.completions = Some(JsonObject::default());
        }
        capabilities
    }

    /// Whether the runtime carries out requests for a method.
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
        assert!(!empty.serves("tools/list") && !empty.serves("no/such"));
    }
}
