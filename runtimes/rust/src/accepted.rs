//! An accepted connection whose incoming bytes pass through a filter.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};

/// Checks or changes the bytes that a server reads from a connection.
pub trait Filter: Unpin {
    /// Reads bytes from the socket into the buffer, as `AsyncRead::poll_read` does.
    ///
    /// # Errors
    /// Fails if the socket does.
    fn poll_read(
        &mut self,
        socket: Pin<&mut UnixStream>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;
}

/// An accepted connection. Outgoing bytes do not pass through the filter.
pub struct Accepted<Incoming> {
    socket: UnixStream,
    incoming: Incoming,
}

impl<Incoming: Filter> Accepted<Incoming> {
    pub fn new(socket: UnixStream, incoming: Incoming) -> Self {
        Self { socket, incoming }
    }
}

impl<Incoming: Filter> AsyncRead for Accepted<Incoming> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, incoming } = &mut *self;
        incoming.poll_read(Pin::new(socket), context, buffer)
    }
}

impl<Incoming: Filter> AsyncWrite for Accepted<Incoming> {
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
