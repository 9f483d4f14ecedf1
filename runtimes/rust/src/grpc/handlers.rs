//! The handlers of the RPCs.

use std::{pin::Pin, sync::Arc};

use futures_util::{Stream, stream};
use tonic::{Request, Response, Status};
use tracing::debug;

use super::{
    calls::{Calls, Health},
    chunks::{ChunkStream, answer_chunks, status_chunk},
    deadline::deadline_of,
};
use crate::{
    failure::{CallRefused, Category, Refusal, RequestRefused},
    http::{Answer, Call, Method},
    proto::{HealthRequest, HealthResponse, McpChunk, McpRequest, McpResponse, mcp_runtime_server},
    service::{McpService, StreamAnswer},
};

/// The division of MCP work between the runtime and its gateway (HEALTH-2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Full,
    Edge,
    Shadow,
    Off,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Full, Self::Edge, Self::Shadow, Self::Off];

    /// Returns the name for settings and for `HealthResponse.mode`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Edge => "edge",
            Self::Shadow => "shadow",
            Self::Off => "off",
        }
    }
}

/// The fixed part of the answer to `HealthCheck`.
#[derive(Clone, Debug)]
pub struct About {
    pub mode: Mode,
    pub version: &'static str,
    pub capabilities: &'static [&'static str],
}

/// The implementation of the RPCs.
#[derive(Clone)]
pub struct Handlers {
    pub service: Arc<McpService>,
    pub about: About,
    pub calls: Calls,
}

fn stopping() -> CallRefused {
    CallRefused::new(Category::Unavailable, "The runtime is stopping")
}

fn log_refusal(refused: &RequestRefused) {
    debug!(
        code = refused.code,
        status = refused.http_status(),
        "request refused"
    );
}

/// Converts an answer to the response of a unary call. A refusal on the HTTP layer has gRPC status OK (ERROR-1).
fn response_of(answer: Result<Answer, Refusal>) -> Result<Response<McpResponse>, Status> {
    match answer {
        Ok(answer) => Ok(Response::new(answer.into())),
        Err(Refusal::Request(refused)) => {
            log_refusal(&refused);
            Ok(Response::new(Answer::from(&refused).into()))
        }
        Err(Refusal::Call(refused)) => Err(refused.into()),
    }
}

/// The chunks of a stream.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<McpChunk, Status>> + Send>>;

fn only_status(status: u16) -> Chunks {
    Box::pin(stream::iter([Ok(status_chunk(status))]))
}

/// The chunks of an answer with a body (POST-6).
fn whole(answer: Answer, chunk_bytes: usize) -> Chunks {
    Box::pin(stream::iter(
        answer_chunks(answer, chunk_bytes).into_iter().map(Ok),
    ))
}

#[tonic::async_trait]
impl mcp_runtime_server::McpRuntime for Handlers {
    type InvokeStreamStream = Chunks;

    async fn invoke(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let _in_flight = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(&[Method::Post], request.into_inner())?;
        response_of(self.service.invoke(call).await)
    }

    async fn invoke_stream(&self, request: Request<McpRequest>) -> Result<Response<Chunks>, Status> {
        if self.calls.health() == Health::Stopping {
            return Err(stopping().into());
        }
        let deadline = deadline_of(request.metadata());
        let call = Call::read(&[Method::Get, Method::Post], request.into_inner())?;
        let method = call.method;
        let chunks = match self.service.open_stream(call).await {
            Ok(StreamAnswer::Events(stream)) => {
                Box::pin(ChunkStream::new(stream, &self.service.limits, deadline))
            }
            Ok(StreamAnswer::Accepted(status)) => only_status(status),
            Ok(StreamAnswer::Whole(answer)) => whole(answer, self.service.limits.chunk_bytes),
            Err(Refusal::Request(refused)) => {
                log_refusal(&refused);
                match method {
                    Method::Post => whole(Answer::from(&refused), self.service.limits.chunk_bytes),
                    _ => only_status(refused.http_status()),
                }
            }
            Err(Refusal::Call(refused)) => return Err(refused.into()),
        };
        Ok(Response::new(chunks))
    }

    async fn close_session(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let _in_flight = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(&[Method::Delete], request.into_inner())?;
        response_of(self.service.close_session(call).map_err(Refusal::from))
    }

    async fn health_check(
        &self,
        _request: Request<HealthRequest>,
    ) -> Result<Response<HealthResponse>, Status> {
        let About {
            mode,
            version,
            capabilities,
        } = self.about;
        Ok(Response::new(HealthResponse {
            status: self.calls.health().name().to_owned(),
            mode: mode.name().to_owned(),
            version: version.to_owned(),
            capabilities: capabilities.iter().map(ToString::to_string).collect(),
        }))
    }
}
