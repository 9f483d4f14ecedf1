//! Answers HTTP requests.

use std::{convert::Infallible, future::poll_fn, mem, pin::Pin};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response, header};
use hyper::body::{Body, Incoming};
use serde_json::json;

use super::{
    request::{accepts_event_stream, message_of},
    response::{ResponseBody, failure_of, response_of, stream_response},
};
use crate::{
    failure::CallRefused, http::Answer, proto::HealthResponse, service::StreamAnswer, serving::Serving,
};

/// The path of the health endpoint (HTTP-2).
const HEALTH_PATH: &str = "/health";

/// Answers a request (HTTP-3). The body is read first, so that the connection stays usable after a refusal.
///
/// # Errors
/// Never: every failure is a response.
pub async fn handle(
    serving: Serving,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    let (parts, incoming) = request.into_parts();
    let body = match read_body(incoming, serving.service.limits.max_body_bytes).await {
        Ok(body) => body,
        Err(refused) => return Ok(closing(failure_of(refused))),
    };
    let response = match answer(&serving, &parts, body.bytes).await {
        Ok(response) => response,
        Err(refused) => failure_of(refused),
    };
    Ok(if body.is_complete {
        response
    } else {
        closing(response)
    })
}

async fn answer(
    serving: &Serving,
    parts: &http::request::Parts,
    body: Bytes,
) -> Result<Response<ResponseBody>, CallRefused> {
    let is_stream = match parts.method {
        Method::GET if parts.uri.path() == HEALTH_PATH => return Ok(health(serving.health())),
        Method::GET => true,
        Method::POST => accepts_event_stream(&parts.headers),
        Method::DELETE => {
            let message = message_of(parts, body)?;
            return serving.close_session(message).await.map(response_of);
        }
        _ => {
            let refusal = Answer::empty(405).header("allow", "GET, POST, DELETE");
            return Ok(response_of(refusal));
        }
    };
    let message = message_of(parts, body)?;
    if !is_stream {
        return serving.invoke(message).await.map(response_of);
    }
    Ok(match serving.open_stream(message).await? {
        StreamAnswer::Accepted(status) => response_of(Answer::empty(status)),
        StreamAnswer::Whole(answer) => response_of(answer),
        StreamAnswer::Events(mut open) => {
            let headers = mem::take(&mut open.headers);
            stream_response(headers, serving.pieces(open))
        }
    })
}

fn health(health: HealthResponse) -> Response<ResponseBody> {
    let body = json!({
        "status": health.status,
        "mode": health.mode,
        "version": health.version,
        "capabilities": health.capabilities,
    });
    response_of(Answer::json(200, body.to_string()))
}

/// Announces that the server closes the connection, because it has not read the whole request.
fn closing(mut response: Response<ResponseBody>) -> Response<ResponseBody> {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// The body of a request, up to one byte over the limit, which makes the service refuse it (LIMIT-2).
struct ReadBody {
    bytes: Bytes,
    is_complete: bool,
}

/// Reads a body. To keep the connection usable, discards bytes over the limit, up to as many as the limit itself.
///
/// # Errors
/// Fails with `INVALID_ARGUMENT` if the body is incomplete or malformed.
async fn read_body(mut incoming: Incoming, max_bytes: usize) -> Result<ReadBody, CallRefused> {
    let mut bytes = BytesMut::new();
    let mut discarded = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut incoming).poll_frame(context)).await {
        let frame = frame.map_err(|_| CallRefused::invalid("The body is incomplete or malformed"))?;
        // A trailer is not part of the body.
        let Ok(data) = frame.into_data() else { continue };
        let kept = data.len().min(max_bytes + 1 - bytes.len());
        bytes.extend_from_slice(&data[..kept]);
        discarded += data.len() - kept;
        if discarded > max_bytes {
            return Ok(ReadBody {
                bytes: bytes.freeze(),
                is_complete: false,
            });
        }
    }
    Ok(ReadBody {
        bytes: bytes.freeze(),
        is_complete: true,
    })
}
