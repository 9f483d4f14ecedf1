//! The SDK's handler, which serves the catalog to one request.

use std::{borrow::Cow, sync::Arc};

use mcp_conformance_catalog::{
    Era, LogThreshold, Modern, Refused, SHARED_TTL_MS, Subscriptions, ToolContext, complete,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult,
        DiscoverResult, GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ServerConfig,
    },
    service::RequestContext,
};

use super::exchange::{AnswerChannel, Exchange};
use crate::exchange::rpc_failure::{catalog_failure, invalid_params};

type Answer<T> = Result<T, ErrorData>;
type Context = RequestContext<RoleServer>;
type Page = Option<PaginatedRequestParams>;

/// The revisions that this handler serves.
const REVISIONS: &[ProtocolVersion] = &[ProtocolVersion::V_2026_07_28];

/// Serves the catalog to one request. The service refuses the methods of features that the catalog does not have.
pub struct ModernHandler {
    pub modern: Arc<Modern>,
    pub version: &'static str,
    pub subscriptions: Arc<Subscriptions>,
    pub exchange: Arc<Exchange>,
}

/// Checks that a list request asks for the first page, because every list has one page.
fn first_page(params: Page) -> Answer<()> {
    match params.and_then(|params| params.cursor) {
        Some(_) => Err(invalid_params("cursor: this server did not issue it")),
        None => Ok(()),
    }
}

impl ServerHandler for ModernHandler {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(self.modern.catalog.capabilities(Era::Modern))
            .with_server_info(Implementation::new(super::SERVER_NAME, self.version))
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        Cow::Borrowed(REVISIONS)
    }

    async fn discover(&self, _context: Context) -> Answer<DiscoverResult> {
        Ok(
            DiscoverResult::from_server_info(REVISIONS.to_vec(), self.get_info())
                .with_ttl_ms(SHARED_TTL_MS)
                .with_cache_scope(CacheScope::Public),
        )
    }

    async fn list_tools(&self, params: Page, _context: Context) -> Answer<ListToolsResult> {
        first_page(params)?;
        Ok(self.modern.list_tools())
    }

    async fn call_tool(&self, params: CallToolRequestParams, context: Context) -> Answer<CallToolResponse> {
        let exchange = &self.exchange;
        let context = ToolContext {
            scope: exchange.scope.clone(),
            progress_token: exchange.caller_token(),
            cancellation: exchange.cancelled.clone(),
            channel: Arc::new(AnswerChannel),
            peer: context.peer,
            threshold: Arc::new(LogThreshold::of_request(exchange.log_level)),
            subscriptions: self.subscriptions.clone(),
            round: None,
        };
        tokio::select! {
            biased;
            // Cancelling the request drops the work and its resources.
            () = exchange.cancelled.cancelled() => {
                Err(ErrorData::internal_error("the request was cancelled", None))
            }
            response = self.modern.call_tool(params, exchange.declared.clone(), context) => {
                response.map_err(catalog_failure)
            }
        }
    }

    async fn list_resources(&self, params: Page, _context: Context) -> Answer<ListResourcesResult> {
        first_page(params)?;
        Ok(self.modern.list_resources())
    }

    async fn list_resource_templates(
        &self,
        params: Page,
        _context: Context,
    ) -> Answer<ListResourceTemplatesResult> {
        first_page(params)?;
        Ok(self.modern.list_resource_templates())
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        _context: Context,
    ) -> Answer<ReadResourceResponse> {
        let Exchange { declared, scope, .. } = &*self.exchange;
        let response = self.modern.read_resource(params, declared.clone(), scope);
        response.map_err(catalog_failure)
    }

    async fn list_prompts(&self, params: Page, _context: Context) -> Answer<ListPromptsResult> {
        first_page(params)?;
        Ok(self.modern.list_prompts())
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        _context: Context,
    ) -> Answer<GetPromptResponse> {
        let Exchange { declared, scope, .. } = &*self.exchange;
        let response = self.modern.get_prompt(params, declared.clone(), scope);
        response.map_err(catalog_failure)
    }

    async fn complete(&self, params: CompleteRequestParams, _context: Context) -> Answer<CompleteResult> {
        complete(&params.r#ref, &params.argument)
            .map(CompleteResult::new)
            .ok_or_else(|| {
                let message = "ref: no such prompt, resource template or argument";
                catalog_failure(Refused::invalid(message))
            })
    }
}
