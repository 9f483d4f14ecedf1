//! Lets only gRPC through to the service.

use std::task::{Context, Poll};

use futures_util::future::{Either, Ready, ready};
use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use tonic::{body::Body, server::NamedService};
use tower_service::Service;

/// Refuses calls of another media type, or of none, before anything is read (RPC-13).
#[derive(Clone)]
pub struct GrpcOnly<Inner>(pub Inner);

impl<Inner: NamedService> NamedService for GrpcOnly<Inner> {
    const NAME: &'static str = Inner::NAME;
}

impl<Inner> Service<Request<Body>> for GrpcOnly<Inner>
where
    Inner: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = Inner::Error;
    type Future = Either<Inner::Future, Ready<Result<Response<Body>, Inner::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Inner::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let refusal = if request.method() != Method::POST {
            StatusCode::METHOD_NOT_ALLOWED
        } else if !is_grpc(&request) {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        } else {
            return Either::Left(self.0.call(request));
        };
        let mut response = Response::new(Body::empty());
        *response.status_mut() = refusal;
        Either::Right(ready(Ok(response)))
    }
}

fn is_grpc(request: &Request<Body>) -> bool {
    let media_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(str::trim_end);
    matches!(
        media_type,
        Some("application/grpc" | "application/grpc+proto")
    )
}
