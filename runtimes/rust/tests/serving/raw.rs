use std::path::Path;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

const SETTINGS: u8 = 4;
const HEADERS: u8 = 1;
const DATA: u8 = 0;

/// An HTTP/2 client that sends bytes without changing them.
pub struct RawClient {
    socket: UnixStream,
    stream: u32,
}

impl RawClient {
    pub async fn connect(socket_path: &Path) -> Self {
        let mut socket = UnixStream::connect(socket_path).await.unwrap();
        socket
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .await
            .unwrap();
        let mut client = Self { socket, stream: 0 };
        client.send(SETTINGS, 0, &[]).await;
        client.stream = 1;
        client
    }

    /// Calls `HealthCheck` with an encoded `:authority` field, and returns the type of the first response frame.
    pub async fn health_check(&mut self, authority: &[u8]) -> u8 {
        let path = b"/contextforge.mcp.runtime.v1.McpRuntime/HealthCheck";
        let block = [
            &[0x83, 0x86, 0x04, u8::try_from(path.len()).unwrap()][..],
            path,
            authority,
            b"\x0f\x10\x10application/grpc\x00\x02te\x08trailers",
        ];
        self.send(HEADERS, 4, &block.concat()).await;
        self.send(DATA, 1, &[0; 5]).await;
        let kind = self.first_response_frame().await;
        self.stream += 2;
        kind
    }

    async fn send(&mut self, kind: u8, flags: u8, payload: &[u8]) {
        let length = u8::try_from(payload.len()).unwrap();
        let head = [&[0, 0, length, kind, flags][..], &self.stream.to_be_bytes()].concat();
        self.socket.write_all(&[&head, payload].concat()).await.unwrap();
    }

    async fn first_response_frame(&mut self) -> u8 {
        loop {
            let mut head = [0; 9];
            self.socket.read_exact(&mut head).await.unwrap();
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.socket.read_exact(&mut payload).await.unwrap();
            if head[5..] == self.stream.to_be_bytes() {
                return head[3];
            }
        }
    }
}
