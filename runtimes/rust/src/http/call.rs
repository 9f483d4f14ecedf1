//! Calls as HTTP requests.

use bytes::Bytes;

use super::Headers;
use crate::{
    failure::CallRefused,
    proto::{McpAuthContext, McpRequest},
};

/// The RPCs that carry an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rpc {
    Invoke,
    InvokeStream,
    CloseSession,
}

/// The HTTP methods of those requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Post,
    Get,
    Delete,
}

impl Rpc {
    /// The HTTP method of a call. The RPC decides it, and an empty `method` agrees with any RPC (RPC-5).
    fn method(self, method: &str) -> Result<Method, CallRefused> {
        match (self, method) {
            (Self::Invoke, "" | "POST") | (Self::InvokeStream, "POST") => Ok(Method::Post),
            (Self::InvokeStream, "" | "GET") => Ok(Method::Get),
            (Self::CloseSession, "" | "DELETE") => Ok(Method::Delete),
            (Self::Invoke, _) => Err(CallRefused::invalid("method: Invoke carries POST only")),
            (Self::InvokeStream, _) => Err(CallRefused::invalid(
                "method: InvokeStream carries GET or POST only",
            )),
            (Self::CloseSession, _) => Err(CallRefused::invalid("method: CloseSession carries DELETE only")),
        }
    }
}

/// An HTTP request from the gateway that passed the checks of the gRPC layer.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub headers: Headers,
    pub body: Bytes,
    /// The scope of the call, or "" (RPC-8).
    pub server_id: String,
    /// The session of the call, or "" (SESSION-7).
    pub session_id: String,
    pub auth_context: Option<McpAuthContext>,
}

impl Call {
    /// Reads a call from its request message, and ignores `affinity_forwarded` (RPC-10).
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` (RPC-5, RPC-9, HEADER-3, HEADER-4).
    pub fn read(rpc: Rpc, request: McpRequest) -> Result<Self, CallRefused> {
        for (name, value) in [
            ("method", &request.method),
            ("path", &request.path),
            ("query", &request.query),
            ("server_id", &request.server_id),
            ("session_id", &request.session_id),
        ] {
            if value.chars().any(char::is_control) {
                return Err(CallRefused::invalid(format!(
                    "{name}: contains a control character"
                )));
            }
        }
        Ok(Self {
            method: rpc.method(&request.method)?,
            path: request.path,
            headers: Headers::read(request.headers)?,
            body: request.body,
            server_id: request.server_id,
            session_id: request.session_id,
            auth_context: request.auth_context,
        })
    }

    /// Whether the path is the MCP endpoint: only `/mcp` and `/servers/ID/mcp` are (RPC-6, RPC-7).
    pub fn is_for_endpoint(&self) -> bool {
        if self.path == "/mcp" {
            return true;
        }
        self.path
            .strip_prefix("/servers/")
            .and_then(|rest| rest.strip_suffix("/mcp"))
            .is_some_and(|id| !matches!(id, "" | "." | "..") && !id.contains(['/', '?', '#']))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> McpRequest {
        McpRequest {
            path: path.to_owned(),
            ..McpRequest::default()
        }
    }

    #[test]
    fn only_two_paths_are_the_endpoint() {
        let is_endpoint = |path| Call::read(Rpc::Invoke, request(path)).unwrap().is_for_endpoint();
        for path in ["/mcp", "/servers/a/mcp", "/servers/a%2Fb/mcp"] {
            assert!(is_endpoint(path), "{path}");
        }
        for path in [
            "",
            "/",
            "mcp",
            "/mcp/",
            "/MCP",
            "/mcp?x",
            "/servers/mcp",
            "/servers//mcp",
            "/servers/../mcp",
            "/servers/a/b/mcp",
            "/_internal/mcp",
        ] {
            assert!(!is_endpoint(path), "{path}");
        }
    }

    #[test]
    fn the_rpc_decides_the_method() {
        let method = |rpc, method: &str| {
            let request = McpRequest {
                method: method.to_owned(),
                ..McpRequest::default()
            };
            Call::read(rpc, request).map(|call| call.method).ok()
        };
        assert_eq!(method(Rpc::Invoke, ""), Some(Method::Post));
        assert_eq!(method(Rpc::Invoke, "GET"), None);
        assert_eq!(method(Rpc::Invoke, "post"), None);
        assert_eq!(method(Rpc::InvokeStream, ""), Some(Method::Get));
        assert_eq!(method(Rpc::InvokeStream, "POST"), Some(Method::Post));
        assert_eq!(method(Rpc::InvokeStream, "DELETE"), None);
        assert_eq!(method(Rpc::CloseSession, "DELETE"), Some(Method::Delete));
    }

    #[test]
    fn control_characters_are_refused() {
        for control in ['\0', '\n', '\u{7f}', '\u{9f}'] {
            let request = McpRequest {
                session_id: format!("a{control}"),
                ..McpRequest::default()
            };
            assert!(Call::read(Rpc::Invoke, request).is_err(), "{control:?}");
        }
    }
}
