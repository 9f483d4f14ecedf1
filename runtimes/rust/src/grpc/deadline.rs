//! `grpc-timeout`.

use std::time::Duration;

use futures_util::{
    FutureExt,
    future::{Either, Map},
};
use http::{Extensions, HeaderMap, Request, Response};
use tokio::time::{Instant, Timeout, error::Elapsed, timeout_at};
use tonic::{Status, body::Body};

/// The deadline of a call.
#[derive(Clone, Copy)]
struct Deadline(Instant);

/// Returns the deadline of a call that arrives now (RPC-15), or `None` if its timeout is missing or invalid. Keeps it with
/// the request for `deadline_of`, because the message may arrive much later than the head of the request.
pub fn set_deadline<Message>(request: &mut Request<Message>) -> Option<Instant> {
    let deadline = Instant::now().checked_add(timeout_of(request.headers())?)?;
    request.extensions_mut().insert(Deadline(deadline));
    Some(deadline)
}

/// Returns the deadline of a call, if it has one.
pub fn deadline_of(extensions: &Extensions) -> Option<Instant> {
    extensions.get().map(|&Deadline(at)| at)
}

/// A call that ends at its deadline.
pub type Limited<Answering, Failure> =
    Either<Answering, Map<Timeout<Answering>, fn(Result<Answered<Failure>, Elapsed>) -> Answered<Failure>>>;

type Answered<Failure> = Result<Response<Body>, Failure>;

/// Ends a call at its deadline with `DEADLINE_EXCEEDED` (DEADLINE-1) if the head of the response has not been sent.
/// tonic's server has a timer for the same time, but ends the call with CANCELLED. A client that receives CANCELLED
/// before its own timer fires would not recognize the deadline.
pub fn limit<Answering, Failure>(
    answering: Answering,
    deadline: Option<Instant>,
) -> Limited<Answering, Failure>
where
    Answering: Future<Output = Answered<Failure>>,
{
    match deadline {
        None => Either::Left(answering),
        Some(at) => Either::Right(timeout_at(at, answering).map(or_deadline_exceeded)),
    }
}

fn or_deadline_exceeded<Failure>(outcome: Result<Answered<Failure>, Elapsed>) -> Answered<Failure> {
    outcome.unwrap_or_else(|_| Ok(Status::deadline_exceeded("Deadline exceeded").into_http()))
}

fn timeout_of(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if !(1..=8).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        future::{pending, ready},
    };

    use http::{HeaderName, HeaderValue};
    use tonic::Code;

    use super::*;

    #[test]
    fn the_deadline_is_kept_with_the_request() {
        let mut request = Request::new(());
        assert_eq!(set_deadline(&mut request), None);
        assert_eq!(deadline_of(request.extensions()), None);
        let timeout = HeaderValue::from_static("1S");
        request.headers_mut().insert("grpc-timeout", timeout);
        let deadline = set_deadline(&mut request);
        assert!(deadline.is_some());
        assert_eq!(deadline_of(request.extensions()), deadline);
    }

    fn timeout(value: &'static str) -> Option<Duration> {
        timeout_of(&HeaderMap::from_iter([(
            HeaderName::from_static("grpc-timeout"),
            HeaderValue::from_static(value),
        )]))
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_its_deadline() {
        let deadline = Instant::now() + Duration::from_secs(1);
        let endless = pending::<Result<Response<Body>, Infallible>>();
        let Ok(response) = limit(endless, Some(deadline)).await;
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(Instant::now(), deadline);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_before_the_deadline_is_unchanged() {
        let answer = ready(Ok::<_, Infallible>(Response::new(Body::empty())));
        let Ok(response) = limit(answer, Some(Instant::now() + Duration::from_secs(1))).await;
        assert!(Status::from_header_map(response.headers()).is_none());
    }

    #[test]
    fn every_unit_is_supported() {
        assert_eq!(timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        assert_eq!(timeout("2M"), Some(Duration::from_secs(120)));
        assert_eq!(timeout("3S"), Some(Duration::from_secs(3)));
        assert_eq!(timeout("4m"), Some(Duration::from_millis(4)));
        assert_eq!(timeout("5u"), Some(Duration::from_micros(5)));
        assert_eq!(timeout("6n"), Some(Duration::from_nanos(6)));
    }

    #[test]
    fn invalid_timeouts_are_ignored() {
        for value in ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S"] {
            assert_eq!(timeout(value), None, "{value}");
        }
    }
}
