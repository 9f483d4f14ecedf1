//! Serves the entries of the catalog to requests of the revisions without sessions.

use std::sync::Arc;

use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, GetPromptRequestParams, GetPromptResponse,
    GetPromptResult, JsonObject, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResultType,
};
use serde_json::json;

use crate::{
    CallScope, Catalog, Era, ToolContext,
    refused::Refused,
    resources,
    rounds::{Binding, Rounds},
    tool::Outcome,
};

/// How long any cache may keep the lists and the discovery of the catalog, in milliseconds. They do not depend on the
/// caller and change only with the program.
pub const SHARED_TTL_MS: u64 = 60_000;

/// The catalog for requests of the revisions without sessions, each of which declares its capabilities.
pub struct Modern {
    pub catalog: Arc<Catalog>,
    pub rounds: Rounds,
}

/// Adds the hints for caches to a list.
macro_rules! shared {
    ($list:expr) => {
        $list
            .with_ttl_ms(SHARED_TTL_MS)
            .with_cache_scope(CacheScope::Public)
    };
}

impl Modern {
    pub fn list_tools(&self) -> ListToolsResult {
        shared!(ListToolsResult::with_all_items(self.catalog.tools(Era::Modern)))
    }

    pub fn list_prompts(&self) -> ListPromptsResult {
        shared!(ListPromptsResult::with_all_items(
            self.catalog.prompts(Era::Modern)
        ))
    }

    pub fn list_resources(&self) -> ListResourcesResult {
        let of_caller = resources::of_caller().into_iter();
        let of_caller = of_caller.map(|resource| resource.definition);
        let all = resources::list().into_iter().chain(of_caller);
        shared!(ListResourcesResult::with_all_items(all.collect()))
    }

    pub fn list_resource_templates(&self) -> ListResourceTemplatesResult {
        shared!(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    /// Runs one round of a tool call.
    ///
    /// # Errors
    /// Returns an error if the request does not fit the tool, or if its state is invalid.
    pub async fn call_tool(
        &self,
        params: CallToolRequestParams,
        declared: JsonObject,
        context: ToolContext,
    ) -> Result<CallToolResponse, Refused> {
        let tool = self
            .catalog
            .tool(Era::Modern, &params.name)
            .ok_or_else(|| Refused::invalid("name: no such tool"))?;
        tool.check_capabilities(&declared)?;
        let arguments = params.arguments.unwrap_or_default();
        let common = json!({ "name": params.name, "arguments": arguments });
        let binding = Binding::new(&context.scope, "tools/call", common);
        let retry = (params.input_responses, params.request_state.as_deref());
        let round = self.rounds.begin(&binding, declared.clone(), retry)?;
        let context = ToolContext {
            round: Some(round),
            ..context
        };
        match tool.call(arguments, context).await {
            Outcome::Result(mut result) => {
                result.result_type = Some(ResultType::COMPLETE);
                Ok(result.into())
            }
            Outcome::Question(question) => Ok(self.rounds.ask(&binding, &declared, question)?.into()),
        }
    }

    /// Renders a prompt, or asks its question.
    ///
    /// # Errors
    /// Returns an error if the request does not fit the prompt, or if its state is invalid.
    pub fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        declared: JsonObject,
        scope: &CallScope,
    ) -> Result<GetPromptResponse, Refused> {
        let prompt = self
            .catalog
            .prompt(Era::Modern, &params.name)
            .ok_or_else(|| Refused::invalid("name: no such prompt"))?;
        let arguments = params.arguments.unwrap_or_default();
        let messages = prompt
            .render(&arguments)
            .ok_or_else(|| Refused::invalid("arguments: a required argument is missing"))?;
        let common = json!({ "name": params.name, "arguments": arguments });
        let binding = Binding::new(scope, "prompts/get", common);
        let retry = (params.input_responses, params.request_state.as_deref());
        let round = self.rounds.begin(&binding, declared, retry)?;
        if let Some(question) = prompt.question(&round)? {
            return Ok(self.rounds.ask(&binding, &round.capabilities, question)?.into());
        }
        let mut result = GetPromptResult::new(messages);
        result.description.clone_from(&prompt.definition.description);
        Ok(result.into())
    }

    /// Returns whether the catalog has a resource.
    pub fn has_resource(&self, uri: &str) -> bool {
        let mut of_caller = resources::of_caller().into_iter();
        resources::read(uri).is_some() || of_caller.any(|resource| resource.definition.uri == uri)
    }

    /// Reads a resource, or asks its question.
    ///
    /// # Errors
    /// Returns an error if the resource does not exist, or if the state of the request is invalid.
    pub fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        declared: JsonObject,
        scope: &CallScope,
    ) -> Result<ReadResourceResponse, Refused> {
        let binding = Binding::new(scope, "resources/read", json!({ "uri": params.uri }));
        let retry = (params.input_responses, params.request_state.as_deref());
        let round = self.rounds.begin(&binding, declared, retry)?;
        let mut of_caller = resources::of_caller().into_iter();
        if let Some(resource) = of_caller.find(|resource| resource.definition.uri == params.uri) {
            return match resource.read(scope, &round)? {
                Ok(contents) => {
                    let result = ReadResourceResult::new(vec![contents]);
                    Ok(result.with_ttl_ms(0).with_cache_scope(CacheScope::Private).into())
                }
                Err(question) => Ok(self.rounds.ask(&binding, &round.capabilities, question)?.into()),
            };
        }
        let contents = resources::read(&params.uri).ok_or(Refused::NoSuchResource(params.uri))?;
        let result = ReadResourceResult::new(vec![contents]);
        Ok(result.with_ttl_ms(0).with_cache_scope(CacheScope::Public).into())
    }
}
