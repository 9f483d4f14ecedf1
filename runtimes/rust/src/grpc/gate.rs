//! A filter in front of the generated service.

use std::{
    error::Error,
    task::{Context, Poll},
};

use futures_util::{
    TryFutureExt,
    future::{Either, MapOk, Ready, ready},
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use tonic::{Code, Status, body::Body, server::NamedService};
use tower_service::Service;

use super::deadline::{Limited, limit, set_deadline};
use crate::failure::CallRefused;

/// Passes only gRPC requests to the service (RPC-16), ends them at their deadline (DEADLINE-1), and replaces tonic's
/// error messages in responses (ERROR-3).
#[derive(Clone)]
pub struct Gate<Inner>(pub Inner);

impl<Inner: NamedService> NamedService for Gate<Inner> {
    const NAME: &'static str = Inner::NAME;
}

type Shielded<Answering> = MapOk<Answering, fn(Response<Body>) -> Response<Body>>;

impl<Inner> Service<Request<Body>> for Gate<Inner>
where
    Inner: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = Inner::Error;
    type Future =
        Either<Limited<Shielded<Inner::Future>, Inner::Error>, Ready<Result<Response<Body>, Inner::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Inner::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let refusal = if request.method() != Method::POST {
            StatusCode::METHOD_NOT_ALLOWED
        } else if !is_grpc(request.headers()) {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        } else {
            let deadline = set_deadline(&mut request);
            let answering = self.0.call(request).map_ok(shield as fn(_) -> _);
            return Either::Left(limit(answering, deadline));
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = refusal;
        Either::Right(ready(Ok(response)))
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next()).map(str::trim_end);
    matches!(media_type, Some("application/grpc" | "application/grpc+proto"))
}

/// Replaces statuses that tonic created. tonic itself fails a call only if it cannot read the request, which is an
/// error of the client. However, tonic reports INTERNAL or UNKNOWN, with a message that reveals the library. A status
/// from the runtime has a source and stays unchanged: the client is not to blame for it (ERROR-4).
fn shield(mut response: Response<Body>) -> Response<Body> {
    let Some(status) = response.extensions().get::<Status>() else {
        return response;
    };
    let is_ours = status.source().is_some_and(<dyn Error>::is::<CallRefused>);
    let (code, message) = match status.code() {
        _ if is_ours => return response,
        Code::OutOfRange => (Code::OutOfRange, "The request message is too large"),
        Code::Unimplemented => (Code::Unimplemented, "The compression is not supported"),
        Code::Internal | Code::Unknown => (Code::InvalidArgument, "The call is incomplete or malformed"),
        _ => return response,
    };
    let headers = response.headers_mut();
    headers.insert("grpc-status", HeaderValue::from(code as i32));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    headers.remove("grpc-status-details-bin");
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Category;

    fn shielded(status: Status) -> (Code, String) {
        let response = shield(status.into_http());
        let sent = Status::from_header_map(response.headers()).unwrap();
        (sent.code(), sent.message().to_owned())
    }

    #[test]
    fn an_unreadable_call_is_an_invalid_argument() {
        for status in [
            Status::internal("Unexpected EOF decoding stream."),
            Status::unknown("h2 protocol error: http2 error"),
        ] {
            let sent = shielded(status);
            let expected = (
                Code::InvalidArgument,
                "The call is incomplete or malformed".to_owned(),
            );
            assert_eq!(sent, expected);
        }
    }

    #[test]
    fn messages_of_tonic_are_replaced() {
        let (code, message) = shielded(Status::out_of_range("Error, decoded message length too large"));
        assert_eq!(
            (code, message.as_str()),
            (Code::OutOfRange, "The request message is too large")
        );
        let (code, message) = shielded(Status::unimplemented("Content is compressed with `br`"));
        assert_eq!(
            (code, message.as_str()),
            (Code::Unimplemented, "The compression is not supported")
        );
    }

    #[test]
    fn our_own_failures_keep_their_code_and_message() {
        for (category, code) in [
            (Category::Internal, Code::Internal),
            (Category::UpstreamError, Code::Unknown),
            (Category::InvalidArgument, Code::InvalidArgument),
            (Category::Unsupported, Code::Unimplemented),
        ] {
            let ours = CallRefused::new(category, "our own message");
            assert_eq!(shielded(ours.into()), (code, "our own message".to_owned()));
        }
    }

    #[test]
    fn only_grpc_media_types_are_accepted() {
        let is_accepted = |value| {
            is_grpc(&HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static(value),
            )]))
        };
        for value in [
            "application/grpc",
            "application/grpc+proto",
            "application/grpc; a=b",
        ] {
            assert!(is_accepted(value), "{value}");
        }
        for value in [
            "application/grpc+json",
            "application/grpc-web",
            "application/json",
            "",
        ] {
            assert!(!is_accepted(value), "{value}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
