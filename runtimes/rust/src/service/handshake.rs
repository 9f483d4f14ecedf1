//! The handshake that opens a session.

use std::sync::Arc;

use super::{McpService, checks::Admitted, response_of};
use crate::{
    exchange::{Outcome, ResponsePath},
    failure::Refusal,
    http::Answer,
    json_rpc::RequestMessage,
    mcp::{Connection, McpHandler, SessionSubscriptions},
    session::{Session, new_session_id},
    stream::{EventSink, EventStreams, OpenStream},
};

/// A finished handshake. It has a session only if it succeeded.
pub struct Handshake {
    session: Option<Arc<Session>>,
    response: String,
}

impl McpService {
    /// Opens a session, unless the handshake fails or its call ends early (INIT-4).
    pub(super) async fn handshake(
        &self,
        call: &Admitted,
        request: &RequestMessage,
    ) -> Result<Handshake, Refusal> {
        self.check_anonymous(&call.caller)?;
        let _room = self.sessions.room(call.caller.owner())?;
        let id = new_session_id();
        let streams = Arc::new(EventStreams::new(&self.limits));
        let handler = McpHandler::new(
            self.catalog.clone(),
            self.version,
            SessionSubscriptions::new(self.subscriptions.clone(), call.caller.owner()),
        );
        let (path, mut collected) = ResponsePath::collected(self.limits.collected_bytes);
        let connection = Connection::open(handler, streams.clone(), request, call.scope(&id), path).await;
        let outcome = collected
            .try_recv()
            .map_or(Outcome::Closed, |collected| collected.outcome);
        let response = response_of(request, outcome)?;
        let session = connection.map(|connection| {
            let server_id = call.call.server_id.clone();
            Arc::new(Session::new(id, &call.caller, server_id, connection, streams))
        });
        if let Some(session) = &session {
            self.sessions.add(session.clone());
        }
        Ok(Handshake { session, response })
    }
}

impl Handshake {
    /// Converts the handshake to a complete answer.
    pub fn into_answer(self) -> Answer {
        let answer = Answer::json(200, self.response);
        match self.session {
            Some(session) => answer.header("mcp-session-id", &session.id),
            None => answer,
        }
    }

    /// Converts the handshake to a stream with one event.
    pub fn into_stream(self) -> OpenStream {
        let (sink, reader) = EventSink::new(usize::MAX);
        let mut stream = OpenStream::new(reader);
        if let Some(session) = &self.session {
            sink.write(&session.streams.record([&self.response]));
            let id = ("mcp-session-id".to_owned(), session.id.clone());
            stream.headers.extend([id]);
        } else {
            let id = new_session_id();
            sink.write(format!("id: {id}\ndata: {}\n\n", self.response).as_bytes());
        }
        sink.end();
        stream
    }
}
