//! Converts answers to HTTP responses.

use std::{
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::body::{Body, Frame, SizeHint};

use crate::{
    failure::{CallRefused, RequestRefused},
    http::Answer,
    serving::Pieces,
};

/// The body of a response.
pub enum ResponseBody {
    /// hyper sends its length, except for status 204.
    Whole(Bytes),
    /// An error breaks the stream: hyper closes the connection before the body is complete (HTTP-6).
    Events(Pieces),
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = CallRefused;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CallRefused>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Events(pieces) => {
                let piece = Pin::new(pieces).poll_next(context);
                piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Events(_) => SizeHint::default(),
        }
    }
}

/// Returns a complete response.
pub fn response_of(answer: Answer) -> Response<ResponseBody> {
    response(answer.status, answer.headers, ResponseBody::Whole(answer.body))
}

/// Returns a response whose body is a stream. hyper sends the head at once (HEAD-3).
pub fn stream_response(headers: HashMap<String, String>, pieces: Pieces) -> Response<ResponseBody> {
    response(200, headers, ResponseBody::Events(pieces))
}

/// Returns the response to a call that could not be carried out, with the status of its category (ERROR-4).
pub fn failure_of(refused: CallRefused) -> Response<ResponseBody> {
    let refused = RequestRefused::new(refused.category, "call_refused", refused.message);
    response_of(Answer::from(&refused))
}

fn response(status: u16, headers: HashMap<String, String>, body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    response.headers_mut().extend(fields);
    response
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::{
        failure::Category,
        limits::Limits,
        stream::{EventSink, OpenStream},
    };

    async fn next(body: &mut ResponseBody) -> Option<Result<Bytes, CallRefused>> {
        let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
        Some(frame.map(|frame| frame.into_data().unwrap()))
    }

    #[tokio::test]
    async fn an_answer_is_complete() {
        let mut response = response_of(Answer::json(404, "{}".to_owned()));
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.body().size_hint().exact(), Some(2));
        assert_eq!(next(response.body_mut()).await.unwrap().unwrap(), "{}");
        assert!(next(response.body_mut()).await.is_none());
        assert!(response_of(Answer::empty(204)).body().is_end_stream());
    }

    #[tokio::test]
    async fn a_stream_has_events_and_may_break() {
        let limits = Limits::default();
        let (sink, reader) = EventSink::new(limits.stream_high_water_bytes);
        let pieces = Pieces::new(OpenStream::new(reader), &limits);
        let headers = HashMap::from([("content-type".to_owned(), "text/event-stream".to_owned())]);
        let mut response = stream_response(headers, pieces);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.body().size_hint().exact(), None);
        sink.write(b"data: 1\n\n");
        assert_eq!(next(response.body_mut()).await.unwrap().unwrap(), "data: 1\n\n");
        sink.fail(CallRefused::new(Category::RateLimited, "too slow"));
        assert!(next(response.body_mut()).await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_failed_call_has_the_status_of_its_category() {
        let mut response = failure_of(CallRefused::new(Category::Unavailable, "The runtime is stopping"));
        assert_eq!(response.status(), 503);
        let body = next(response.body_mut()).await.unwrap().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(r#""message":"The runtime is stopping""#), "{body}");
    }
}
