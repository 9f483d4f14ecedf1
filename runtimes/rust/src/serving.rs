//! Carries out the calls of all transports, so that a call has the same meaning over each of them.

mod calls;
mod pieces;

use std::sync::Arc;

use tracing::debug;

pub use calls::{Calls, Health};
pub use pieces::Pieces;

use crate::{
    failure::{CallRefused, Category, Refusal},
    http::{Answer, Call, Method},
    proto::{HealthResponse, McpRequest},
    recovery::recovered,
    service::{McpService, StreamAnswer},
    stream::OpenStream,
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

/// The fixed part of the health of a runtime.
#[derive(Clone, Debug)]
pub struct About {
    pub mode: Mode,
    pub version: &'static str,
    pub capabilities: &'static [&'static str],
}

/// The calls of a runtime. Clones share its state.
#[derive(Clone)]
pub struct Serving {
    pub service: Arc<McpService>,
    pub about: About,
    pub calls: Calls,
}

impl Serving {
    /// Handles a POST request. The answer may be a refusal.
    ///
    /// # Errors
    /// Returns an error if the call cannot be carried out.
    pub async fn invoke(&self, request: McpRequest) -> Result<Answer, CallRefused> {
        let _in_flight = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(&[Method::Post], request)?;
        let service = self.service.clone();
        let body_bytes = call.body.len();
        let answer = Box::pin(async move { service.invoke(call).await });
        let answer = recovered(self.service.large_bodies.carry_out(body_bytes, answer)).await?;
        answer.or_else(answer_of)
    }

    /// Handles a DELETE request. The answer may be a refusal.
    ///
    /// # Errors
    /// Returns an error if the call cannot be carried out.
    pub async fn close_session(&self, request: McpRequest) -> Result<Answer, CallRefused> {
        let _in_flight = self.calls.begin().ok_or_else(stopping)?;
        let call = Call::read(&[Method::Delete], request)?;
        let answer = recovered(async { self.service.close_session(call) }).await?;
        answer.or_else(|refused| answer_of(refused.into()))
    }

    /// Handles a GET request, or a POST request whose answer is a stream. A refusal is an answer with a body.
    ///
    /// # Errors
    /// Returns an error if the call cannot be carried out.
    pub async fn open_stream(&self, request: McpRequest) -> Result<StreamAnswer, CallRefused> {
        if self.calls.health() == Health::Stopping {
            return Err(stopping());
        }
        let call = Call::read(&[Method::Get, Method::Post], request)?;
        let service = self.service.clone();
        let body_bytes = call.body.len();
        let answer = Box::pin(async move { service.open_stream(call).await });
        let answer = recovered(self.service.large_bodies.carry_out(body_bytes, answer)).await?;
        answer.or_else(|refusal| answer_of(refusal).map(StreamAnswer::Whole))
    }

    /// Encodes an open stream.
    pub fn pieces(&self, stream: OpenStream) -> Pieces {
        Pieces::new(stream, &self.service.limits)
    }

    /// Returns the health of the runtime (HEALTH-1 to -6).
    pub fn health(&self) -> HealthResponse {
        let About {
            mode,
            version,
            capabilities,
        } = self.about;
        HealthResponse {
            status: self.calls.health().name().to_owned(),
            mode: mode.name().to_owned(),
            version: version.to_owned(),
            capabilities: capabilities.iter().map(ToString::to_string).collect(),
        }
    }
}

fn stopping() -> CallRefused {
    CallRefused::new(Category::Unavailable, "The runtime is stopping")
}

/// Converts a refusal on the HTTP layer to an answer (ERROR-1).
fn answer_of(refusal: Refusal) -> Result<Answer, CallRefused> {
    match refusal {
        Refusal::Request(refused) => {
            debug!(
                code = refused.code,
                status = refused.http_status(),
                "request refused"
            );
            Ok(Answer::from(&refused))
        }
        Refusal::Call(refused) => Err(refused),
    }
}
