//! The connections that a socket accepts.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, stream};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::{UnixListener, UnixStream},
};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::server::Connected;

use super::authority::AuthorityRewriter;
use crate::{
    accepted::{Accepted, Filter},
    socket::accept,
};

/// Returns an endless stream of the connections to a socket. All connections close when `closing` is cancelled.
pub fn connections(
    listener: UnixListener,
    closing: CancellationToken,
) -> impl Stream<Item = io::Result<Accepted<Frames>>> {
    stream::unfold((listener, closing), |(listener, closing)| async move {
        let socket = accept(&listener).await;
        let frames = Frames {
            rewriter: AuthorityRewriter::default(),
            closed: Box::pin(closing.clone().cancelled_owned()),
        };
        Some((Ok(Accepted::new(socket, frames)), (listener, closing)))
    })
}

/// The incoming frames of a connection. Once the server closes the connection, reads return the end of the stream.
pub struct Frames {
    rewriter: AuthorityRewriter,
    closed: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Filter for Frames {
    fn poll_read(
        &mut self,
        socket: Pin<&mut UnixStream>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.closed.as_mut().poll(context).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = socket.poll_read(context, buffer);
        self.rewriter.rewrite(&mut buffer.filled_mut()[before..]);
        read
    }
}

impl Connected for Accepted<Frames> {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}
