//! The HTTP request that a call carries.

use bytes::Bytes;

use super::Headers;
use crate::{
    failure::CallRefused,
    proto::{McpAuthContext, McpRequest},
};

/// The HTTP methods that an RPC can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Post,
    Get,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
            Self::Delete => "DELETE",
        }
    }

    /// Returns the method of a call whose RPC carries `methods`. An empty `method` means the first one (RPC-5).
    fn read(methods: &[Self], method: &str) -> Result<Self, CallRefused> {
        let agrees = |each: &Self| method.is_empty() || each.name() == method;
        methods.iter().copied().find(agrees).ok_or_else(|| {
            let names: Vec<_> = methods.iter().map(|each| each.name()).collect();
            CallRefused::invalid(format!("method: this RPC accepts only {}", names.join(" or ")))
        })
    }
}

/// An HTTP request from the gateway, after the checks of the gRPC layer.
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
    /// Decodes the request message of an RPC that carries `methods`. It ignores `affinity_forwarded` (RPC-10).
    ///
    /// # Errors
    /// Fails with `INVALID_ARGUMENT` (RPC-5, RPC-9, HEADER-3, HEADER-4).
    pub fn read(methods: &[Method], request: McpRequest) -> Result<Self, CallRefused> {
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
            method: Method::read(methods, &request.method)?,
            path: request.path,
            headers: Headers::read(request.headers)?,
            body: request.body,
            server_id: request.server_id,
            session_id: request.session_id,
            auth_context: request.auth_context,
        })
    }

    /// Returns whether the path is the MCP endpoint: `/mcp` or `/servers/ID/mcp`, with an optional final slash (RPC-6,
    /// RPC-7).
    pub fn is_for_endpoint(&self) -> bool {
        let path = self.path.strip_suffix('/').unwrap_or(&self.path);
        if path == "/mcp" {
            return true;
        }
        path.strip_prefix("/servers/")
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
    fn only_mcp_and_server_paths_are_the_endpoint() {
        let is_endpoint = |path| {
            Call::read(&[Method::Post], request(path))
                .unwrap()
                .is_for_endpoint()
        };
        for path in [
            "/mcp",
            "/mcp/",
            "/servers/a/mcp",
            "/servers/a/mcp/",
            "/servers/a%2Fb/mcp",
        ] {
            assert!(is_endpoint(path), "{path}");
        }
        for path in [
            "",
            "/",
            "mcp",
            "/mcp//",
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
    fn the_rpc_determines_the_valid_methods() {
        let method = |methods: &[Method], method: &str| {
            let request = McpRequest {
                method: method.to_owned(),
                ..McpRequest::default()
            };
            Call::read(methods, request).map(|call| call.method).ok()
        };
        assert_eq!(method(&[Method::Post], ""), Some(Method::Post));
        assert_eq!(method(&[Method::Post], "GET"), None);
        assert_eq!(method(&[Method::Post], "post"), None);
        assert_eq!(method(&[Method::Get, Method::Post], ""), Some(Method::Get));
        assert_eq!(method(&[Method::Get, Method::Post], "POST"), Some(Method::Post));
        assert_eq!(method(&[Method::Get, Method::Post], "DELETE"), None);
        assert_eq!(method(&[Method::Delete], "DELETE"), Some(Method::Delete));
    }

    #[test]
    fn control_characters_are_refused() {
        for control in ['\0', '\n', '\u{7f}', '\u{9f}'] {
            let request = McpRequest {
                session_id: format!("a{control}"),
                ..McpRequest::default()
            };
            assert!(Call::read(&[Method::Post], request).is_err(), "{control:?}");
        }
    }
}
