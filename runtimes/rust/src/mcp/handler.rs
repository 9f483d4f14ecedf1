//! The SDK's handler, which serves the catalog to one session.
#![allow(deprecated, reason = "the supported revisions have logging and subscriptions")]

use std::{borrow::Cow, sync::Arc};

use mcp_conformance_catalog::{Catalog, Era, LogThreshold, Outcome, ToolContext, complete, resources};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, Implementation, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
        ResourceContents, ServerConfig, SetLevelRequestParams, SubscribeRequestParams,
        UnsubscribeRequestParams,
    },
    service::RequestContext,
};

use super::subscriptions::SessionSubscriptions;
use crate::{
    exchange::{
        Exchange, ExchangeChannel,
        rpc_failure::{invalid_params, rpc_failure},
    },
    failure::Category,
    json_rpc::code,
    revision,
};

type Answer<T> = Result<T, ErrorData>;
type Context = RequestContext<RoleServer>;
type Page = Option<PaginatedRequestParams>;

/// Serves a catalog to one session. The connection refuses the methods of features that the catalog does not have.
pub struct McpHandler {
    catalog: Arc<Catalog>,
    version: &'static str,
    subscriptions: SessionSubscriptions,
    threshold: Arc<LogThreshold>,
}

impl McpHandler {
    pub fn new(catalog: Arc<Catalog>, version: &'static str, subscriptions: SessionSubscriptions) -> Self {
        Self {
            catalog,
            version,
            subscriptions,
            threshold: Arc::default(),
        }
    }

    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// Ends the subscriptions of the session.
    pub fn close(&self) {
        self.subscriptions.close();
    }
}

fn contents(uri: &str) -> Answer<ResourceContents> {
    resources::read(uri).ok_or_else(|| {
        rpc_failure(
            Category::NotFound,
            code::RESOURCE_NOT_FOUND,
            "resource_not_found",
            "uri: no such resource",
        )
    })
}

/// Checks that a list request asks for the first page, because every list has one page.
fn first_page(params: Page) -> Answer<()> {
    match params.and_then(|params| params.cursor) {
        Some(_) => Err(invalid_params("cursor: this server did not issue it")),
        None => Ok(()),
    }
}

impl ServerHandler for McpHandler {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(self.catalog.capabilities(Era::Legacy))
            .with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
            .with_server_info(Implementation::new("mcp-runtime-conformance", self.version))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(revision::SUPPORTED_VERSIONS)
    }

    async fn set_level(&self, params: SetLevelRequestParams, _context: Context) -> Answer<()> {
        self.threshold.set(params.level);
        Ok(())
    }

    async fn list_tools(&self, params: Page, _context: Context) -> Answer<ListToolsResult> {
        first_page(params)?;
        Ok(ListToolsResult::with_all_items(self.catalog.tools(Era::Legacy)))
    }

    async fn call_tool(&self, params: CallToolRequestParams, context: Context) -> Answer<CallToolResponse> {
        let tool = self
            .catalog
            .tool(Era::Legacy, &params.name)
            .ok_or_else(|| invalid_params("name: no such tool"))?;
        let exchange = context
            .extensions
            .get::<Arc<Exchange>>()
            .cloned()
            .ok_or_else(|| ErrorData::internal_error("the request has no exchange", None))?;
        let channel = ExchangeChannel(exchange.clone());
        let context = ToolContext {
            scope: exchange.scope.clone(),
            progress_token: channel.progress_token(),
            cancellation: exchange.cancelled.clone(),
            channel: Arc::new(channel),
            peer: context.peer,
            threshold: self.threshold.clone(),
            subscriptions: self.subscriptions.subscribers().clone(),
            round: None,
        };
        tokio::select! {
            biased;
            // Cancelling the request drops the work and its resources.
            () = exchange.cancelled.cancelled() => {
                Err(ErrorData::internal_error("the request was cancelled", None))
            }
            outcome = tool.call(params.arguments.unwrap_or_default(), context) => match outcome {
                Outcome::Result(result) => Ok(result.into()),
                Outcome::Question(_) => Err(ErrorData::internal_error("a session has no questions", None)),
            },
        }
    }

    async fn list_resources(&self, params: Page, _context: Context) -> Answer<ListResourcesResult> {
        first_page(params)?;
        Ok(ListResourcesResult::with_all_items(resources::list()))
    }

    async fn list_resource_templates(
        &self,
        params: Page,
        _context: Context,
    ) -> Answer<ListResourceTemplatesResult> {
        first_page(params)?;
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        _context: Context,
    ) -> Answer<ReadResourceResponse> {
        Ok(ReadResourceResult::new(vec![contents(&params.uri)?]).into())
    }

    async fn subscribe(&self, params: SubscribeRequestParams, context: Context) -> Answer<()> {
        contents(&params.uri)?;
        self.subscriptions.add(params.uri, context.peer)
    }

    async fn unsubscribe(&self, params: UnsubscribeRequestParams, _context: Context) -> Answer<()> {
        self.subscriptions.remove(&params.uri);
        Ok(())
    }

    async fn list_prompts(&self, params: Page, _context: Context) -> Answer<ListPromptsResult> {
        first_page(params)?;
        Ok(ListPromptsResult::with_all_items(
            self.catalog.prompts(Era::Legacy),
        ))
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        _context: Context,
    ) -> Answer<GetPromptResponse> {
        let prompt = self
            .catalog
            .prompt(Era::Legacy, &params.name)
            .ok_or_else(|| invalid_params("name: no such prompt"))?;
        let arguments = params.arguments.unwrap_or_default();
        let messages = prompt
            .render(&arguments)
            .ok_or_else(|| invalid_params("arguments: a required argument is missing"))?;
        let mut result = GetPromptResult::new(messages);
        result.description.clone_from(&prompt.definition.description);
        Ok(result.into())
    }

    async fn complete(&self, params: CompleteRequestParams, _context: Context) -> Answer<CompleteResult> {
        complete(&params.r#ref, &params.argument)
            .map(CompleteResult::new)
            .ok_or_else(|| invalid_params("ref: no such prompt, resource template or argument"))
    }
}
