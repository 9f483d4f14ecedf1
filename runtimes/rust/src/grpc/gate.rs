//! What surrounds the generated service.

use std::task::{Context, Poll};

use futures_util::{
    TryFutureExt,
    future::{Either, MapOk, Ready, ready},
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use tonic::{Code, body::Body, server::NamedService};
use tower_service::Service;

/// Lets only gRPC through to the service (RPC-16), and no words of its library back (ERROR-3).
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
    type Future = Either<Shielded<Inner::Future>, Ready<Result<Response<Body>, Inner::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Inner::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let refusal = if request.method() != Method::POST {
            StatusCode::METHOD_NOT_ALLOWED
        } else if !is_grpc(request.headers()) {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        } else {
            return Either::Left(self.0.call(request).map_ok(shield));
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

/// Our handlers end calls with other codes than tonic does where it cannot read a call: what that says is the caller's
/// fault, and its words are replaced.
fn shield(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    let Some(status) = headers.get("grpc-status") else {
        return response;
    };
    let (code, message) = match Code::from_bytes(status.as_bytes()) {
        Code::OutOfRange => (Code::OutOfRange, "The request message is too large"),
        Code::Unimplemented if headers.contains_key("grpc-message") => {
            (Code::Unimplemented, "The compression is not supported")
        }
        Code::Internal | Code::Unknown => (Code::InvalidArgument, "The call is not whole"),
        _ => return response,
    };
    headers.insert("grpc-status", HeaderValue::from(code as i32));
    headers.insert("grpc-message", HeaderValue::from_static(message));
    headers.remove("grpc-status-details-bin");
    response
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    fn shielded(status: &Status) -> Status {
        let response = shield(status.clone().into_http());
        Status::from_header_map(response.headers()).unwrap()
    }

    #[test]
    fn the_words_of_the_library_stay_inside() {
        let status = shielded(&Status::internal("Unexpected EOF decoding stream."));
        assert_eq!(
            (status.code(), status.message()),
            (Code::InvalidArgument, "The call is not whole")
        );
        let status = shielded(&Status::out_of_range("Error, decoded message length too large"));
        assert_eq!(
            (status.code(), status.message()),
            (Code::OutOfRange, "The request message is too large")
        );
    }

    #[test]
    fn our_own_words_are_sent() {
        let ours = Status::invalid_argument("path: has a control character");
        assert_eq!(shielded(&ours).message(), ours.message());
    }

    #[test]
    fn grpc_is_known_by_its_media_type() {
        let is_one = |value| {
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
            assert!(is_one(value), "{value}");
        }
        for value in [
            "application/grpc+json",
            "application/grpc-web",
            "application/json",
            "",
        ] {
            assert!(!is_one(value), "{value}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
