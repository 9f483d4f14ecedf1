//! MCP over HTTP for the revisions with sessions: the checks in their order, then the session's work.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    catalog::Catalog,
    failure::{CallRefused, Category, Refusal, RequestRefused},
    grpc::{ChunkStream, StreamHead, StreamSettings},
    http::{Answer, Call, Method},
    identity::{AnonymousPolicy, Caller, identify},
    json_rpc::{ErrorObject, Incoming, RequestMessage, code, error_response, parse},
    limits::Limits,
    mcp::{
        CallScope, Collected, Connection, ConnectionSettings, McpHandler, Outcome, RequestGuard,
        ResponsePath, Subscriptions,
    },
    session::{EventStreams, Place, Session, SessionStore, new_session_id},
};

/// What the service is composed of.
pub struct McpService {
    pub limits: Limits,
    pub anonymous: AnonymousPolicy,
    pub catalog: Arc<Catalog>,
    pub version: &'static str,
    pub sessions: Arc<SessionStore>,
    pub subscriptions: Arc<Subscriptions>,
}

/// The answer to `InvokeStream`.
pub enum StreamAnswer {
    /// Taken, without events (POST-3).
    Accepted(u16),
    /// A stream of events.
    Events(ChunkStream),
}

/// A POST that passed all checks before its message is carried out.
struct Posted {
    caller: Caller,
    message: Incoming,
}

/// A handshake that was carried out; with a session where it succeeded.
struct Handshake {
    session: Option<Arc<Session>>,
    response: String,
}

impl McpService {
    /// One POST.
    pub async fn invoke(&self, call: Call) -> Result<Answer, Refusal> {
        let Posted { caller, message } = self.read_post(&call)?;
        match message {
            Incoming::Request(request) => self
                .answer(&call, &caller, &request)
                .await
                .map_err(|refusal| refusal.answering(&request.id)),
            message => {
                self.session_of(&call, &caller)?.connection.take(message).await;
                Ok(Answer::empty(202))
            }
        }
    }

    /// One GET, or a POST whose answer is a stream.
    pub async fn open_stream(&self, call: Call, settings: &StreamSettings) -> Result<StreamAnswer, Refusal> {
        if call.method != Method::Post {
            let stream = self.read_stream(&call, settings).await?;
            return Ok(StreamAnswer::Events(stream));
        }
        let Posted { caller, message } = self.read_post(&call)?;
        match message {
            Incoming::Request(request) => self
                .stream_answer(&call, &caller, &request, settings)
                .await
                .map(StreamAnswer::Events),
            message => {
                self.session_of(&call, &caller)?.connection.take(message).await;
                Ok(StreamAnswer::Accepted(202))
            }
        }
    }

    /// One DELETE.
    pub fn close_session(&self, call: &Call) -> Result<Answer, RequestRefused> {
        let caller = admit(call)?;
        call.headers.check_protocol_version()?;
        let session = self.session_of(call, &caller)?;
        self.sessions.end(&session);
        Ok(Answer::empty(204))
    }

    fn read_post(&self, call: &Call) -> Result<Posted, RequestRefused> {
        let caller = admit(call)?;
        let max = self.limits.max_body_bytes;
        if call.body.len() > max {
            return Err(RequestRefused::new(
                Category::InvalidArgument,
                "body_too_large",
                format!("The body has more than {max} bytes"),
            )
            .status(413));
        }
        let message = parse(&call.body)?;
        call.headers.check_protocol_version().map_err(|refused| {
            refused.answering(match &message {
                Incoming::Request(request) => Some(&request.id),
                _ => None,
            })
        })?;
        Ok(Posted { caller, message })
    }

    fn session_of(&self, call: &Call, caller: &Caller) -> Result<Arc<Session>, RequestRefused> {
        if call.session_id.is_empty() {
            return Err(RequestRefused::new(
                Category::InvalidArgument,
                "session_required",
                "session_id: is missing; only initialize goes without",
            ));
        }
        let session = self.sessions.find(&call.session_id)?;
        session.admit(caller, &call.server_id)?;
        Ok(session)
    }

    /// The session that a request is for, where it may be carried out there.
    fn session_for(
        &self,
        call: &Call,
        caller: &Caller,
        request: &RequestMessage,
    ) -> Result<Arc<Session>, RequestRefused> {
        let session = self.session_of(call, caller)?;
        if request.method == "initialize" {
            return Err(RequestRefused::new(
                Category::InvalidArgument,
                "already_initialized",
                "The session is initialized already",
            )
            .rpc_code(code::INVALID_REQUEST));
        }
        if session.connection.under_way() >= self.limits.max_requests_per_session {
            return Err(RequestRefused::new(
                Category::RateLimited,
                "too_many_requests",
                "The session has too many requests under way",
            ));
        }
        Ok(session)
    }

    async fn answer(
        &self,
        call: &Call,
        caller: &Caller,
        request: &RequestMessage,
    ) -> Result<Answer, Refusal> {
        if is_handshake(call, request) {
            let handshake = self.handshake(call, caller, request).await?;
            let answer = Answer::json(200, handshake.response);
            return Ok(match handshake.session {
                Some(session) => answer.header("mcp-session-id", &session.id),
                None => answer,
            });
        }
        let session = self.session_for(call, caller, request)?;
        let (path, collected) = ResponsePath::collected(self.limits.collected_bytes);
        let guard = begin(&session, call, caller, request, path).await;
        let Collected { messages, outcome } = collected.await.unwrap_or(Collected {
            messages: Vec::new(),
            outcome: Outcome::Closed,
        });
        let response = response_of(request, outcome)?;
        guard.release();
        if messages.is_empty() {
            return Ok(Answer::json(200, response));
        }
        let stream = session.streams.open();
        let events: Vec<Bytes> = messages
            .iter()
            .chain([&response])
            .map(|message| session.streams.record(stream, message))
            .collect();
        session.streams.end(stream);
        Ok(Answer::events(events.concat().into()))
    }

    async fn stream_answer(
        &self,
        call: &Call,
        caller: &Caller,
        request: &RequestMessage,
        settings: &StreamSettings,
    ) -> Result<ChunkStream, Refusal> {
        if is_handshake(call, request) {
            let handshake = self.handshake(call, caller, request).await?;
            return Ok(handshake_stream(&handshake, settings));
        }
        let session = self.session_for(call, caller, request)?;
        let stream = session.streams.open();
        let (sink, chunks) = ChunkStream::new(StreamHead::events(), settings);
        session.streams.attach(Place::now(stream), sink);
        let path = ResponsePath::Streamed {
            streams: session.streams.clone(),
            stream,
        };
        let guard = begin(&session, call, caller, request, path).await;
        Ok(chunks.carries(guard))
    }

    /// No session comes of a handshake that fails, or whose caller has gone (INIT-4).
    async fn handshake(
        &self,
        call: &Call,
        caller: &Caller,
        request: &RequestMessage,
    ) -> Result<Handshake, Refusal> {
        if *caller == Caller::Anonymous && self.anonymous == AnonymousPolicy::Refuse {
            return Err(RequestRefused::new(
                Category::Unauthenticated,
                "identity_required",
                "auth_context: callers without identity are refused",
            )
            .into());
        }
        let _room = self.sessions.room()?;
        let id = new_session_id();
        let streams = Arc::new(EventStreams::new(&self.limits));
        let settings = ConnectionSettings {
            handler: McpHandler::new(
                self.catalog.clone(),
                self.version,
                self.subscriptions.clone(),
                self.limits.max_subscriptions,
            ),
            streams: streams.clone(),
        };
        let (path, mut collected) = ResponsePath::collected(self.limits.collected_bytes);
        let scope = CallScope::new(caller, &call.server_id, &id);
        let connection = Connection::open(settings, request, scope, path).await;
        let outcome = collected
            .try_recv()
            .map_or(Outcome::Closed, |collected| collected.outcome);
        let response = response_of(request, outcome)?;
        let session = connection.map(|connection| {
            let server_id = call.server_id.clone();
            Arc::new(Session::new(id, caller, server_id, connection, streams))
        });
        if let Some(session) = &session {
            self.sessions.add(session.clone());
        }
        Ok(Handshake { session, response })
    }

    async fn read_stream(
        &self,
        call: &Call,
        settings: &StreamSettings,
    ) -> Result<ChunkStream, RequestRefused> {
        let caller = admit(call)?;
        call.headers.check_protocol_version()?;
        let session = self.session_of(call, &caller)?;
        let place = match call.headers.last_event_id() {
            None => Place::now(EventStreams::LIVE),
            Some(id) => session.streams.place_of(id).ok_or_else(|| {
                RequestRefused::new(
                    Category::InvalidArgument,
                    "unknown_event_id",
                    "last-event-id: was not given in this session, or is too old",
                )
            })?,
        };
        if let Some(reader) = session.streams.reader(place.stream) {
            // It may be going away at this moment.
            let _ = tokio::time::timeout(self.limits.takeover, reader.closed()).await;
        }
        let (sink, chunks) = ChunkStream::new(StreamHead::events(), settings);
        if session.streams.attach(place, sink) {
            return Ok(chunks);
        }
        Err(RequestRefused::new(
            Category::Conflict,
            "stream_is_open",
            "The stream is open already: one call reads it at a time",
        ))
    }
}

/// What holds for every call: it is for the endpoint, and says readably who makes it.
fn admit(call: &Call) -> Result<Caller, RequestRefused> {
    if !call.is_for_endpoint() {
        return Err(RequestRefused::new(
            Category::NotFound,
            "no_such_path",
            "path: is not the MCP endpoint",
        ));
    }
    identify(call.auth_context.as_ref())
}

/// Whether a request is the handshake that opens a session (INIT-1, SESSION-1).
fn is_handshake(call: &Call, request: &RequestMessage) -> bool {
    request.method == "initialize" && call.session_id.is_empty()
}

async fn begin(
    session: &Session,
    call: &Call,
    caller: &Caller,
    request: &RequestMessage,
    path: ResponsePath,
) -> RequestGuard {
    let scope = CallScope::new(caller, &call.server_id, &session.id);
    session.connection.begin(request, scope, path).await
}

/// The response to a request, whichever way it ended.
fn response_of(request: &RequestMessage, outcome: Outcome) -> Result<String, Refusal> {
    match outcome {
        Outcome::Response(response) => Ok(response),
        Outcome::Cancelled => {
            let data = crate::failure::ErrorData::new(Category::FailedPrecondition, "request_cancelled");
            let error = ErrorObject {
                code: code::REQUEST_CANCELLED,
                message: "The request was cancelled",
                data: Some(data.into_value()),
            };
            Ok(error_response(Some(&request.id), &error))
        }
        Outcome::Closed => {
            Err(
                RequestRefused::new(Category::NotFound, "session_closed", "The session was closed")
                    .rpc_code(code::SESSION_NOT_FOUND)
                    .into(),
            )
        }
        Outcome::TooLarge => Err(CallRefused::new(
            Category::RateLimited,
            "The answer has more messages than one response may hold",
        )
        .into()),
    }
}

/// A handshake's answer as a stream: one event, then the end.
fn handshake_stream(handshake: &Handshake, settings: &StreamSettings) -> ChunkStream {
    let mut head = StreamHead::events();
    let event = match &handshake.session {
        Some(session) => {
            let id = ("mcp-session-id".to_owned(), session.id.clone());
            head.headers.extend([id]);
            let stream = session.streams.open();
            let event = session.streams.record(stream, &handshake.response);
            session.streams.end(stream);
            event
        }
        None => {
            let id = new_session_id();
            format!("id: {id}\ndata: {}\n\n", handshake.response).into()
        }
    };
    let (sink, chunks) = ChunkStream::new(head, settings);
    sink.write(&event);
    sink.end();
    chunks
}
