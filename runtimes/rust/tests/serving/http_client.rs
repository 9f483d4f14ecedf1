use std::{future::poll_fn, path::Path, pin::Pin};

use http::{HeaderMap, Request, Response, StatusCode};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

/// A client with one HTTP connection, which closes when the client is dropped.
pub struct HttpClient(SendRequest<String>);

/// A response with its whole body.
pub struct Answered {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl HttpClient {
    pub async fn connect(socket_path: &Path) -> Self {
        let stream = UnixStream::connect(socket_path).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request, and returns the response, whose body is still unread.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: String,
    ) -> hyper::Result<Response<Incoming>> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "runtime");
        for &(name, value) in fields {
            request = request.header(name, value);
        }
        self.0.ready().await?;
        self.0.send_request(request.body(body).unwrap()).await
    }

    pub async fn answer(
        &mut self,
        method: &str,
        fields: &[(&str, &str)],
        message: &Value,
    ) -> hyper::Result<Answered> {
        let (head, body) = self
            .send(method, "/mcp", fields, message.to_string())
            .await?
            .into_parts();
        Ok(Answered {
            status: head.status,
            headers: head.headers,
            body: text(body).await?,
        })
    }
}

/// Reads the rest of a body.
///
/// # Errors
/// Fails if the body is incomplete.
pub async fn text(mut body: Incoming) -> hyper::Result<String> {
    let mut text = String::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data = frame?.into_data().unwrap_or_default();
        text.push_str(std::str::from_utf8(&data).unwrap());
    }
    Ok(text)
}
