//! The socket file. The runtime replaces only stale sockets, and removes only its own (LIFE-4 to -8).

use std::{
    ffi::OsString,
    fs::{self, Metadata, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, socket_with};
use tokio::{
    net::{UnixListener, UnixStream},
    time::sleep,
};
use tracing::warn;

use crate::random::random_bytes;

/// The maximum length of a Unix domain socket path, in bytes.
const MAX_PATH_BYTES: usize = 107;

const PROBE_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause after a failed attempt to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
const ATTEMPTS: usize = 3;
const BACKLOG: i32 = 1024;

/// The reason that the runtime cannot listen on the socket path.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum SocketUnavailable {
    #[error("The socket path has {0} bytes, but the limit is 107: choose a shorter path")]
    TooLong(usize),
    #[error("Another process listens on {}: stop it or choose another path", .0.display())]
    InUse(PathBuf),
    #[error("{} is not a socket: remove it or choose another path", .0.display())]
    NotASocket(PathBuf),
    #[error("Cannot listen on {}: {}", .0.display(), .1)]
    CannotBind(PathBuf, ErrorKind),
}

/// A socket that this process listens on. Dropping it removes the socket file.
#[derive(Debug)]
pub struct SocketClaim {
    path: PathBuf,
    /// Together with the inode, distinguishes this socket file from a later one at the same path.
    device: u64,
    inode: u64,
}

impl SocketClaim {
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn is_ours(&self, found: &Metadata) -> bool {
        found.dev() == self.device && found.ino() == self.inode
    }
}

/// Removes the socket file, unless another file has replaced it (LIFE-8).
impl Drop for SocketClaim {
    fn drop(&mut self) {
        let removed = match fs::symlink_metadata(&self.path) {
            Ok(found) if self.is_ours(&found) => fs::remove_file(&self.path),
            _ => return,
        };
        if let Err(error) = removed {
            warn!(kind = %error.kind(), "cannot remove the socket file");
        }
    }
}

/// A claimed socket and its listener.
pub type Listening = (SocketClaim, UnixListener);

/// Waits for the next connection to a socket.
pub async fn accept(listener: &UnixListener) -> UnixStream {
    loop {
        match listener.accept().await {
            Ok((connection, _)) => return connection,
            Err(error) => {
                warn!(kind = %error.kind(), "cannot accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Listens on a path. The socket file has mode 0600 (LIFE-7), and replaces a stale socket (LIFE-4).
///
/// # Errors
/// Returns an error if the path is too long, another process listens on it (LIFE-5), the existing file is not a
/// socket (LIFE-6), or the bind fails.
pub async fn claim(path: &Path) -> Result<Listening, SocketUnavailable> {
    let bytes = path.as_os_str().len();
    if bytes > MAX_PATH_BYTES {
        return Err(SocketUnavailable::TooLong(bytes));
    }
    for _ in 0..ATTEMPTS {
        remove_stale(path).await?;
        match bind(path) {
            Ok(claimed) => return Ok(claimed),
            // Another process has bound the path concurrently: check the path again.
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::AddrInUse) => {}
            Err(error) => return Err(cannot_bind(path)(error)),
        }
    }
    Err(SocketUnavailable::InUse(path.to_owned()))
}

fn cannot_bind(path: &Path) -> impl Fn(io::Error) -> SocketUnavailable {
    |error| SocketUnavailable::CannotBind(path.to_owned(), error.kind())
}

fn stat(path: &Path) -> Result<Option<Metadata>, SocketUnavailable> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot_bind(path)(error)),
    }
}

/// Removes the socket file if no process listens on it. It never removes other files.
async fn remove_stale(path: &Path) -> Result<(), SocketUnavailable> {
    let Some(found) = stat(path)? else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        return Err(SocketUnavailable::NotASocket(path.to_owned()));
    }
    if is_listened_on(path).await {
        return Err(SocketUnavailable::InUse(path.to_owned()));
    }
    let is_unchanged = |current: &Metadata| (current.dev(), current.ino()) == (found.dev(), found.ino());
    if stat(path)?.is_some_and(|current| is_unchanged(&current)) {
        fs::remove_file(path).map_err(cannot_bind(path))?;
    }
    Ok(())
}

/// Returns whether a process is listening on a socket. A timeout counts as true.
async fn is_listened_on(path: &Path) -> bool {
    match tokio::time::timeout(PROBE_TIMEOUT, UnixStream::connect(path)).await {
        Ok(Err(error)) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        Ok(Ok(_)) | Err(_) => true,
    }
}

/// Binds a temporary path in the same folder, then publishes it at `path`. Fails if `path` exists.
fn bind(path: &Path) -> io::Result<Listening> {
    let temporary = temporary_path(path);
    if temporary.as_os_str().len() > MAX_PATH_BYTES {
        let listener = listen(path)?;
        return Ok((claim_of(path)?, listener));
    }
    let listener = listen(&temporary)?;
    let published = publish(&temporary, path);
    if published.is_err() {
        // A failed removal does no harm, because only this process uses the temporary path. `published` has the error
        // to report.
        let _ = fs::remove_file(&temporary);
    }
    published?;
    Ok((claim_of(path)?, listener))
}

fn temporary_path(path: &Path) -> PathBuf {
    let [a, b, c] = random_bytes();
    path.with_file_name(OsString::from(format!(".{a:02x}{b:02x}{c:02x}")))
}

/// Listens with mode 0600 (LIFE-7). The socket does not accept connections until its mode is set.
fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )?;
    rustix::net::bind(&socket, &SocketAddrUnix::new(path)?)?;
    fs::set_permissions(path, Permissions::from_mode(0o600))?;
    rustix::net::listen(&socket, BACKLOG)?;
    UnixListener::from_std(socket.into())
}

/// Moves a socket to its path without replacing another file. Renames the socket if the file system does not support
/// hard links.
fn publish(temporary: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, path) {
        Ok(()) => fs::remove_file(temporary),
        Err(error) if error.kind() == ErrorKind::AlreadyExists || path.symlink_metadata().is_ok() => {
            Err(error)
        }
        Err(_) => fs::rename(temporary, path),
    }
}

fn claim_of(path: &Path) -> io::Result<SocketClaim> {
    let found = fs::symlink_metadata(path)?;
    Ok(SocketClaim {
        path: path.to_owned(),
        device: found.dev(),
        inode: found.ino(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener as BlockingListener;

    use super::*;

    fn socket_path() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.sock");
        (folder, path)
    }

    async fn refusal(path: &Path) -> SocketUnavailable {
        claim(path).await.map(drop).unwrap_err()
    }

    #[tokio::test]
    async fn a_socket_is_private_and_removed_with_its_claim() {
        let (folder, path) = socket_path();
        let (claim, _incoming) = claim(&path).await.unwrap();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(claim);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn only_a_stale_socket_is_replaced() {
        let (_folder, path) = socket_path();
        drop(BlockingListener::bind(&path).unwrap());
        let first = claim(&path).await.unwrap();
        assert_eq!(refusal(&path).await, SocketUnavailable::InUse(path.clone()));
        assert!(path.exists());
        drop(first);
    }

    #[tokio::test]
    async fn a_file_that_is_not_a_socket_is_kept() {
        let (folder, path) = socket_path();
        fs::write(&path, "a file").unwrap();
        assert_eq!(refusal(&path).await, SocketUnavailable::NotASocket(path.clone()));
        assert_eq!(fs::read_to_string(&path).unwrap(), "a file");
        let folder = folder.path().to_owned();
        assert_eq!(refusal(&folder).await, SocketUnavailable::NotASocket(folder));
    }

    #[tokio::test]
    async fn a_failed_claim_has_its_reason() {
        let (folder, _) = socket_path();
        let nowhere = folder.path().join("no/such/folder");
        assert_eq!(
            refusal(&nowhere).await,
            SocketUnavailable::CannotBind(nowhere.clone(), ErrorKind::NotFound)
        );
        let long = folder.path().join("x".repeat(200));
        assert!(matches!(refusal(&long).await, SocketUnavailable::TooLong(_)));
    }

    #[tokio::test]
    async fn a_socket_that_replaced_ours_is_not_removed() {
        let (_folder, path) = socket_path();
        let (claim, _incoming) = claim(&path).await.unwrap();
        fs::remove_file(&path).unwrap();
        let _other = BlockingListener::bind(&path).unwrap();
        drop(claim);
        assert!(path.exists());
    }
}
