//! The handlers of the four RPCs, which call the service directly.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, stream};
use tonic::{Request, Response, Status};
use tracing::debug;

use super::{
    calls::Calls,
    chunks::{StreamHead, StreamSettings},
    deadline::timeout_of,
};
use crate::{
    failure::{CallRefused, Category, Refusal},
    http::{Answer, Call, Rpc},
    proto::{HealthRequest, HealthResponse, McpChunk, McpRequest, McpResponse, mcp_runtime_server},
    service::{McpService, StreamAnswer},
};

/// What HealthCheck says of a runtime, beside its status.
#[derive(Clone, Debug)]
pub struct About {
    pub mode: &'static str,
    pub version: &'static str,
    pub capabilities: &'static [&'static str],
}

/// The implementation of the service.
#[derive(Clone)]
pub struct Handlers {
    pub service: Arc<McpService>,
    pub about: About,
    pub calls: Calls,
}

fn stopping() -> CallRefused {
    CallRefused::new(Category::Unavailable, "The runtime is stopping")
}

/// An answer as the message that carries it: what MCP over HTTP refuses travels with gRPC OK (ERROR-1).
fn response_of(answer: Result<Answer, Refusal>) -> Result<Response<McpResponse>, Status> {
    match answer {
        Ok(answer) => Ok(Response::new(answer.into())),
        Err(Refusal::Request(refused)) => {
            debug!(
                code = refused.code,
                status = refused.http_status(),
                "request refused"
            );
            Ok(Response::new(Answer::from(&refused).into()))
        }
        Err(Refusal::Call(refused)) => Err(refused.into()),
    }
}

/// The chunks of a stream.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<McpChunk, Status>> + Send>>;

fn only(chunk: McpChunk) -> Chunks {
    Box::pin(stream::iter([Ok(chunk)]))
}

#[tonic::async_trait]
impl mcp_runtime_server::McpRuntime for Handlers {
    type InvokeStreamStream = Chunks;

    async fn invoke(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let _under_way = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(Rpc::Invoke, request.into_inner())?;
        response_of(self.service.invoke(call).await)
    }

    async fn invoke_stream(&self, request: Request<McpRequest>) -> Result<Response<Chunks>, Status> {
        if self.calls.are_stopping() {
            return Err(stopping().into());
        }
        let settings = StreamSettings::new(&self.service.limits, timeout_of(request.metadata()));
        let call = Call::read(Rpc::InvokeStream, request.into_inner())?;
        let chunks = match self.service.open_stream(call, &settings).await {
            Ok(StreamAnswer::Events(chunks)) => Box::pin(chunks),
            Ok(StreamAnswer::Accepted(status)) => only(StreamHead::alone(status)),
            Err(Refusal::Request(refused)) => {
                debug!(
                    code = refused.code,
                    status = refused.http_status(),
                    "stream refused"
                );
                only(StreamHead::alone(refused.http_status()))
            }
            Err(Refusal::Call(refused)) => return Err(refused.into()),
        };
        Ok(Response::new(chunks))
    }

    async fn close_session(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let _under_way = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(Rpc::CloseSession, request.into_inner())?;
        response_of(self.service.close_session(&call).map_err(Refusal::from))
    }

    async fn health_check(
        &self,
        _request: Request<HealthRequest>,
    ) -> Result<Response<HealthResponse>, Status> {
        let status = if self.calls.are_stopping() {
            "stopping"
        } else {
            "ok"
        };
        Ok(Response::new(HealthResponse {
            status: status.to_owned(),
            mode: self.about.mode.to_owned(),
            version: self.about.version.to_owned(),
            capabilities: self
                .about
                .capabilities
                .iter()
                .map(|&name| name.to_owned())
                .collect(),
        }))
    }
}
