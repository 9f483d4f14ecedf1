//! The health check that the `health` command runs.

use std::{path::Path, time::Duration};

use crate::{
    grpc::{Health, connect},
    proto::HealthRequest,
};

const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// Checks that the runtime on a socket is healthy, within `PROBE_TIMEOUT`.
///
/// # Errors
/// Returns a one-line message if `HealthCheck` fails or the status is not `ok`.
pub async fn probe(socket_path: &Path) -> Result<(), String> {
    let status = tokio::time::timeout(PROBE_TIMEOUT, status(socket_path))
        .await
        .unwrap_or_else(|_| Err("HealthCheck took over 3 seconds".to_owned()))?;
    if status == Health::Ok.name() {
        Ok(())
    } else {
        Err(format!("The runtime is not healthy: its status is {status}"))
    }
}

async fn status(socket_path: &Path) -> Result<String, String> {
    connect(socket_path)
        .await
        .map_err(|_| format!("No process listens on {}", socket_path.display()))?
        .health_check(HealthRequest {})
        .await
        .map(|response| response.into_inner().status)
        .map_err(|status| format!("HealthCheck failed with gRPC status {}", status.code() as i32))
}
