//! A client for one question.

use std::{path::Path, time::Duration};

use crate::{grpc::connect, proto::HealthRequest};

const PROBE_LIMIT: Duration = Duration::from_secs(3);

/// Asks a runtime for its health, within 3 seconds.
///
/// # Errors
/// One line that says why there is no status.
pub async fn probe(socket_path: &Path) -> Result<String, String> {
    tokio::time::timeout(PROBE_LIMIT, ask(socket_path))
        .await
        .unwrap_or_else(|_| Err("HealthCheck took over 3 seconds".to_owned()))
}

async fn ask(socket_path: &Path) -> Result<String, String> {
    let failed = |_| format!("Nobody listens on {}", socket_path.display());
    connect(socket_path)
        .await
        .map_err(failed)?
        .health_check(HealthRequest {})
        .await
        .map(|response| response.into_inner().status)
        .map_err(|status| format!("HealthCheck failed with gRPC status {}", status.code() as i32))
}
