//! The connections that a socket accepts.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{Stream, stream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{UnixListener, UnixStream},
    time::sleep,
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;
use tracing::warn;

use super::authority::AuthorityRewriter;

/// The pause after a failed attempt to accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Returns an endless stream of the connections to a socket. All connections close when `closing` is cancelled.
pub fn connections(
    listener: UnixListener,
    closing: CancellationToken,
) -> impl Stream<Item = io::Result<Accepted>> {
    stream::unfold((listener, closing), |(listener, closing)| async move {
        loop {
            match listener.accept().await {
                Ok((socket, _)) => {
                    let accepted = Accepted {
                        socket,
                        rewriter: AuthorityRewriter::default(),
                        closed: Box::pin(closing.clone().cancelled_owned()),
                    };
                    return Some((Ok(accepted), (listener, closing)));
                }
                Err(error) => {
                    warn!(kind = %error.kind(), "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    })
}

/// An accepted connection. Once the server closes it, reads return the end of the stream.
pub struct Accepted {
    socket: UnixStream,
    rewriter: AuthorityRewriter,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Connected for Accepted {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Accepted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.closed.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(context, buffer);
        self.rewriter.rewrite(&mut buffer.filled_mut()[before..]);
        read
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
