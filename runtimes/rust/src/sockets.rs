//! The sockets of a runtime, one for each transport.

use std::path::PathBuf;

use crate::socket::{Listening, SocketUnavailable, claim};

/// The paths of the sockets. The runtime does not serve a transport without a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocketPaths {
    pub grpc: Option<PathBuf>,
    pub http: Option<PathBuf>,
}

/// The claimed sockets. Dropping them removes their files.
#[derive(Debug)]
pub struct Sockets {
    pub grpc: Option<Listening>,
    pub http: Option<Listening>,
}

impl Sockets {
    /// Listens on every path. If one fails, the other socket file is removed again.
    ///
    /// # Errors
    /// Returns the error of `claim`.
    pub async fn claim(paths: &SocketPaths) -> Result<Self, SocketUnavailable> {
        Ok(Self {
            grpc: claim_if_set(paths.grpc.as_ref()).await?,
            http: claim_if_set(paths.http.as_ref()).await?,
        })
    }
}

async fn claim_if_set(path: Option<&PathBuf>) -> Result<Option<Listening>, SocketUnavailable> {
    match path {
        Some(path) => claim(path).await.map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_removed_if_the_other_is_unavailable() {
        let folder = tempfile::tempdir().unwrap();
        let (grpc, http) = (folder.path().join("grpc"), folder.path().join("http"));
        let paths = SocketPaths {
            grpc: Some(grpc.clone()),
            http: Some(http.clone()),
        };
        std::fs::write(&http, "x").unwrap();
        let refused = Sockets::claim(&paths).await.unwrap_err();
        assert_eq!(refused, SocketUnavailable::NotASocket(http.clone()));
        assert!(!grpc.exists());
        std::fs::remove_file(&http).unwrap();
        let sockets = Sockets::claim(&paths).await.unwrap();
        assert!(grpc.exists() && http.exists());
        drop(sockets);
        assert!(!grpc.exists() && !http.exists());
    }
}
