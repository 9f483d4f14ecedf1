//! The incoming requests of a connection, whose framing is unambiguous.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BytesMut};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::UnixStream,
};

use super::framing::Framing;
use crate::accepted::Filter;

const READ_BYTES: usize = 16 * 1024;

/// The incoming requests of a connection, which pass through `Framing`.
pub struct Requests {
    framing: Framing,
    arrived: Box<[u8]>,
    checked: BytesMut,
}

impl Requests {
    pub fn new(max_head_bytes: usize) -> Self {
        Self {
            framing: Framing::new(max_head_bytes),
            arrived: vec![0; READ_BYTES].into(),
            checked: BytesMut::new(),
        }
    }
}

impl Filter for Requests {
    fn poll_read(
        &mut self,
        mut socket: Pin<&mut UnixStream>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.checked.is_empty() {
            let mut arrived = ReadBuf::new(&mut self.arrived);
            ready!(socket.as_mut().poll_read(context, &mut arrived))?;
            if arrived.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.framing.check(arrived.filled(), &mut self.checked);
        }
        let size = self.checked.len().min(buffer.remaining());
        buffer.put_slice(&self.checked[..size]);
        self.checked.advance(size);
        Poll::Ready(Ok(()))
    }
}
