//! The health check that the `health` command runs.

use std::{future::poll_fn, io, path::Path, pin::Pin, time::Duration};

use http::{Request, StatusCode, header::HOST};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::{net::UnixStream, time::timeout};

use crate::{grpc::connect, proto::HealthRequest, serving::Health, sockets::SocketPaths};

const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// Checks that the runtime is healthy on each of its sockets, within `PROBE_TIMEOUT`.
///
/// # Errors
/// Returns a one-line message if a health check fails or the status is not `ok`.
pub async fn probe(sockets: &SocketPaths) -> Result<(), String> {
    timeout(PROBE_TIMEOUT, async {
        if let Some(path) = &sockets.grpc {
            expect_ok(&grpc_status(path).await?)?;
        }
        if let Some(path) = &sockets.http {
            expect_ok(&http_status(path).await?)?;
        }
        Ok(())
    })
    .await
    .unwrap_or_else(|_| Err("The health check took over 3 seconds".to_owned()))
}

fn expect_ok(status: &str) -> Result<(), String> {
    if status == Health::Ok.name() {
        Ok(())
    } else {
        Err(format!("The runtime is not healthy: its status is {status}"))
    }
}

fn unreachable(path: &Path) -> String {
    format!("No process listens on {}", path.display())
}

async fn grpc_status(path: &Path) -> Result<String, String> {
    connect(path)
        .await
        .map_err(|_| unreachable(path))?
        .health_check(HealthRequest {})
        .await
        .map(|response| response.into_inner().status)
        .map_err(|status| format!("HealthCheck failed with gRPC status {}", status.code() as i32))
}

/// The answer to `GET /health`.
#[derive(Deserialize)]
struct HttpHealth {
    status: String,
}

async fn http_status(path: &Path) -> Result<String, String> {
    let stream = UnixStream::connect(path).await.map_err(|_| unreachable(path))?;
    let (status, body) = get_health(stream)
        .await
        .map_err(|_| format!("GET /health failed on {}", path.display()))?;
    match serde_json::from_slice::<HttpHealth>(&body) {
        Ok(health) if status == StatusCode::OK => Ok(health.status),
        _ => Err(format!("GET /health failed with status {}", status.as_u16())),
    }
}

async fn get_health(stream: UnixStream) -> io::Result<(StatusCode, Vec<u8>)> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    // The task ends when the sender is dropped.
    tokio::spawn(connection);
    let request = Request::get("/health")
        .header(HOST, "runtime")
        .body(String::new());
    let response = sender
        .send_request(request.map_err(io::Error::other)?)
        .await
        .map_err(io::Error::other)?;
    let status = response.status();
    Ok((status, read(response.into_body()).await?))
}

async fn read(mut body: Incoming) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}
