//! The handlers of the RPCs.

use std::pin::Pin;

use futures_util::{Stream, stream};
use tonic::{Request, Response, Status};

use super::{
    chunks::{ChunkStream, answer_chunks, status_chunk},
    deadline::deadline_of,
};
use crate::{
    proto::{HealthRequest, HealthResponse, McpChunk, McpRequest, McpResponse, mcp_runtime_server},
    service::StreamAnswer,
    serving::Serving,
};

/// The implementation of the RPCs.
pub struct Handlers(pub Serving);

/// The chunks of a stream.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<McpChunk, Status>> + Send>>;

#[tonic::async_trait]
impl mcp_runtime_server::McpRuntime for Handlers {
    type InvokeStreamStream = Chunks;

    async fn invoke(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let answer = self.0.invoke(request.into_inner()).await?;
        Ok(Response::new(answer.into()))
    }

    async fn invoke_stream(&self, request: Request<McpRequest>) -> Result<Response<Chunks>, Status> {
        let deadline = deadline_of(request.extensions());
        let request = request.into_inner();
        let is_post = request.method == "POST";
        let chunks: Chunks = match self.0.open_stream(request).await? {
            StreamAnswer::Events(mut open) => {
                let headers = std::mem::take(&mut open.headers);
                Box::pin(ChunkStream::new(headers, self.0.pieces(open), deadline))
            }
            StreamAnswer::Whole(answer) if is_post => {
                let chunks = answer_chunks(answer, self.0.service.limits.chunk_bytes);
                Box::pin(stream::iter(chunks.into_iter().map(Ok)))
            }
            // The refusal of a GET has no body (STREAM-2).
            StreamAnswer::Whole(answer) => Box::pin(stream::iter([Ok(status_chunk(answer.status))])),
            StreamAnswer::Accepted(status) => Box::pin(stream::iter([Ok(status_chunk(status))])),
        };
        Ok(Response::new(chunks))
    }

    async fn close_session(&self, request: Request<McpRequest>) -> Result<Response<McpResponse>, Status> {
        let answer = self.0.close_session(request.into_inner()).await?;
        Ok(Response::new(answer.into()))
    }

    async fn health_check(
        &self,
        _request: Request<HealthRequest>,
    ) -> Result<Response<HealthResponse>, Status> {
        Ok(Response::new(self.0.health()))
    }
}
