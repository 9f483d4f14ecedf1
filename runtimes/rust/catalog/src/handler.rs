//! The SDK's handler of a server with the catalog.
#![allow(deprecated, reason = "the supported revisions have logging and subscriptions")]

use std::borrow::Cow;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam,
        CompleteRequestParams, CompleteResult, CustomNotification, CustomRequest, CustomResult,
        GetPromptRequestParams, GetPromptResponse, GetPromptResult, GetTaskParams, GetTaskResult,
        InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam,
        ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
        ResourceContents, ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter,
        Tool, UnsubscribeRequestParams, UpdateTaskParams,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};

use crate::{
    Era, Mounted, Outcome, complete,
    listeners::forward_changes,
    mount::{declared_by, era_of},
    resources,
};

type Answer<T> = Result<T, ErrorData>;
type Context = RequestContext<RoleServer>;
type Notice = NotificationContext<RoleServer>;
type Page = Option<PaginatedRequestParams>;

fn invalid_params(message: &'static str) -> ErrorData {
    ErrorData::invalid_params(message, None)
}

fn contents(uri: &str) -> Answer<ResourceContents> {
    resources::read(uri).ok_or_else(|| ErrorData::resource_not_found("uri: no such resource", None))
}

/// Returns a page of a list. The items of the catalog come first, on the first page. `$own` is whether the server has a
/// list of its own.
macro_rules! page {
    ($self:ident.$list:ident($params:ident, $context:ident) -> $result:ident, $own:expr, $member:ident: $items:expr) => {{
        let mut found = if $own {
            $self.own.$list(None, $context.clone()).await?
        } else {
            $result::default()
        };
        if $params.as_ref().is_none_or(|params| params.cursor.is_none()) {
            found.$member.splice(0..0, $items);
            Ok(found)
        } else if found.next_cursor.is_some() {
            $self.own.$list($params, $context).await
        } else {
            Err(invalid_params("cursor: this server did not issue it"))
        }
    }};
}

impl<Server: ServerHandler> ServerHandler for Mounted<Server> {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.own.get_info();
        // `initialize` declares less.
        info.capabilities = self.capabilities(Era::Modern);
        info
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.own.supported_protocol_versions()
    }

    async fn initialize(
        &self,
        params: InitializeRequestParams,
        context: Context,
    ) -> Answer<InitializeResult> {
        let mut result = self.own.initialize(params, context).await?;
        result.capabilities = self.capabilities(Era::Legacy);
        Ok(result)
    }

    async fn set_level(&self, params: SetLevelRequestParams, context: Context) -> Answer<()> {
        self.threshold.set(params.level);
        if self.own_capabilities().logging.is_some() {
            self.own.set_level(params, context).await?;
        }
        Ok(())
    }

    async fn list_tools(&self, params: Page, context: Context) -> Answer<ListToolsResult> {
        let own = self.own_capabilities().tools.is_some();
        page!(self.list_tools(params, context) -> ListToolsResult, own, tools: self.catalog().tools(era_of(&context)))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let catalog = self.catalog();
        let tool = catalog
            .tool(Era::Modern, name)
            .or_else(|| catalog.tool(Era::Legacy, name));
        tool.map(|tool| tool.definition.clone())
            .or_else(|| self.own.get_tool(name))
    }

    async fn call_tool(&self, params: CallToolRequestParams, context: Context) -> Answer<CallToolResponse> {
        let era = era_of(&context);
        if let Some(tool) = self.catalog().tool(era, &params.name) {
            let call = self.tool_context(&context);
            let work = async {
                if era == Era::Modern {
                    return Ok(self
                        .modern()
                        .call_tool(params, declared_by(&context), call)
                        .await?);
                }
                match tool.call(params.arguments.unwrap_or_default(), call).await {
                    Outcome::Result(result) => Ok(result.into()),
                    Outcome::Question(_) => {
                        Err(ErrorData::internal_error("a session has no questions", None))
                    }
                }
            };
            return tokio::select! {
                biased;
                // Cancelling the request drops the work and its resources.
                () = context.ct.cancelled() => Err(ErrorData::internal_error("the request was cancelled", None)),
                result = work => result,
            };
        }
        if self.own_capabilities().tools.is_some() {
            return self.own.call_tool(params, context).await;
        }
        Err(invalid_params("name: no such tool"))
    }

    async fn list_resources(&self, params: Page, context: Context) -> Answer<ListResourcesResult> {
        let own = self.own_capabilities().resources.is_some();
        page!(self.list_resources(params, context) -> ListResourcesResult, own, resources: self.resources(era_of(&context)))
    }

    async fn list_resource_templates(
        &self,
        params: Page,
        context: Context,
    ) -> Answer<ListResourceTemplatesResult> {
        let own = self.own_capabilities().resources.is_some();
        page!(
            self.list_resource_templates(params, context) -> ListResourceTemplatesResult,
            own,
            resource_templates: resources::templates()
        )
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        context: Context,
    ) -> Answer<ReadResourceResponse> {
        let is_modern = era_of(&context) == Era::Modern;
        if is_modern && self.modern().has_resource(&params.uri) {
            let scope = self.scope(&context);
            return Ok(self
                .modern()
                .read_resource(params, declared_by(&context), &scope)?);
        }
        match contents(&params.uri) {
            Err(_) if self.own_capabilities().resources.is_some() => {
                self.own.read_resource(params, context).await
            }
            found => Ok(ReadResourceResult::new(vec![found?]).into()),
        }
    }

    async fn subscribe(&self, params: SubscribeRequestParams, context: Context) -> Answer<()> {
        match contents(&params.uri) {
            Ok(_) => {
                self.add_subscription(params.uri, context);
                Ok(())
            }
            Err(_) if self.has_own_subscriptions() => self.own.subscribe(params, context).await,
            Err(error) => Err(error),
        }
    }

    async fn unsubscribe(&self, params: UnsubscribeRequestParams, context: Context) -> Answer<()> {
        if contents(&params.uri).is_err() && self.has_own_subscriptions() {
            return self.own.unsubscribe(params, context).await;
        }
        self.remove_subscription(&params.uri);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Answer<()> {
        forward_changes(self.listeners(), &context).await;
        Ok(())
    }

    async fn list_prompts(&self, params: Page, context: Context) -> Answer<ListPromptsResult> {
        let own = self.own_capabilities().prompts.is_some();
        page!(self.list_prompts(params, context) -> ListPromptsResult, own, prompts: self.catalog().prompts(era_of(&context)))
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        context: Context,
    ) -> Answer<GetPromptResponse> {
        let era = era_of(&context);
        if era == Era::Modern && self.catalog().prompt(era, &params.name).is_some() {
            let scope = self.scope(&context);
            return Ok(self.modern().get_prompt(params, declared_by(&context), &scope)?);
        }
        if let Some(prompt) = self.catalog().prompt(era, &params.name) {
            let messages = prompt
                .render(&params.arguments.unwrap_or_default())
                .ok_or_else(|| invalid_params("arguments: a required argument is missing"))?;
            let mut result = GetPromptResult::new(messages);
            result.description.clone_from(&prompt.definition.description);
            return Ok(result.into());
        }
        if self.own_capabilities().prompts.is_some() {
            return self.own.get_prompt(params, context).await;
        }
        Err(invalid_params("name: no such prompt"))
    }

    async fn complete(&self, params: CompleteRequestParams, context: Context) -> Answer<CompleteResult> {
        match complete(&params.r#ref, &params.argument) {
            Some(found) => Ok(CompleteResult::new(found)),
            None if self.own_capabilities().completions.is_some() => self.own.complete(params, context).await,
            None => Err(invalid_params(
                "ref: no such prompt, resource template or argument",
            )),
        }
    }

    async fn ping(&self, context: Context) -> Answer<()> {
        self.own.ping(context).await
    }

    async fn on_custom_request(&self, request: CustomRequest, context: Context) -> Answer<CustomResult> {
        self.own.on_custom_request(request, context).await
    }

    async fn get_task(&self, params: GetTaskParams, context: Context) -> Answer<GetTaskResult> {
        self.own.get_task(params, context).await
    }

    async fn update_task(&self, params: UpdateTaskParams, context: Context) -> Answer<()> {
        self.own.update_task(params, context).await
    }

    async fn cancel_task(&self, params: CancelTaskParams, context: Context) -> Answer<()> {
        self.own.cancel_task(params, context).await
    }

    async fn on_cancelled(&self, params: CancelledNotificationParam, context: Notice) {
        self.own.on_cancelled(params, context).await;
    }

    async fn on_progress(&self, params: ProgressNotificationParam, context: Notice) {
        self.own.on_progress(params, context).await;
    }

    async fn on_initialized(&self, context: Notice) {
        self.own.on_initialized(context).await;
    }

    async fn on_roots_list_changed(&self, context: Notice) {
        self.own.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(&self, notification: CustomNotification, context: Notice) {
        self.own.on_custom_notification(notification, context).await;
    }
}
