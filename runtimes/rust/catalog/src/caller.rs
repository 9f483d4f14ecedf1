//! The caller of a tool, as `conformance_whoami` reports it.

use serde::{Deserialize, Serialize};

/// The gateway's claims about a caller. Absent claims grant no rights.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Claims {
    pub email: Option<String>,
    pub teams: Teams,
    pub is_authenticated: bool,
    pub is_admin: bool,
    pub permission_is_admin: bool,
    pub token_use: Option<String>,
    pub scoped_permissions: Vec<String>,
    pub scoped_server_id: Option<String>,
}

/// The teams of a caller. For an administrator, `None` means unrestricted. An empty list means public only (AUTH-8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Teams(pub Option<Vec<String>>);

impl Default for Teams {
    fn default() -> Self {
        Self(Some(Vec::new()))
    }
}

/// The scope and the claims of the call that carried a request, as its tool sees them (AUTH-9).
#[derive(Clone, Debug)]
pub struct CallScope {
    /// The claims of the caller. An anonymous caller has no claims.
    pub claims: Claims,
    /// The virtual server of the call, or "".
    pub server_id: String,
    /// The key of the caller's state. The caller's sessions share it, and other callers cannot access it (AUTH-10).
    pub owner: String,
}
