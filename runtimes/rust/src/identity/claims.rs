//! The claims in an auth context.

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use mcp_conformance_catalog::Claims;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::json_rpc::members;

/// The reason that claims cannot be decoded (AUTH-4). It never contains the value of a claim.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ClaimsError {
    #[error("not base64url")]
    Base64,
    #[error("not UTF-8")]
    Utf8,
    #[error("not JSON")]
    Json,
    #[error("not a JSON object")]
    Object,
    #[error("the claim {0} has the wrong type")]
    Claim(&'static str),
}

/// Accepts padding (AUTH-4) and non-zero trailing bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes `auth_context.encoded`, a base64url-encoded JSON object. Unknown members are ignored.
///
/// # Errors
/// Returns an error if the encoding is invalid, or a member has the wrong type.
pub fn decode(encoded: &str) -> Result<Claims, ClaimsError> {
    if encoded.is_empty() {
        return Err(ClaimsError::Base64);
    }
    let bytes = BASE64.decode(encoded).map_err(|_| ClaimsError::Base64)?;
    let text = str::from_utf8(&bytes).map_err(|_| ClaimsError::Utf8)?;
    let object: &RawValue = serde_json::from_str(text).map_err(|_| ClaimsError::Json)?;
    let values = members(object, NAMES).ok_or(ClaimsError::Object)?;
    let claim = |index: usize| Claim {
        name: NAMES[index],
        value: values[index],
    };
    Ok(Claims {
        email: claim(0).decode::<Option<String>>()?,
        teams: claim(1).decode()?,
        is_authenticated: claim(2).decode()?,
        is_admin: claim(3).decode()?,
        permission_is_admin: claim(4).decode()?,
        token_use: claim(5).decode::<Option<String>>()?,
        scoped_permissions: claim(6).decode()?,
        scoped_server_id: claim(7).decode::<Option<String>>()?,
    })
}

const NAMES: [&str; 8] = [
    "email",
    "teams",
    "is_authenticated",
    "is_admin",
    "permission_is_admin",
    "token_use",
    "scoped_permissions",
    "scoped_server_id",
];

/// A claim with its unparsed value, unless it is absent.
struct Claim<'a> {
    name: &'static str,
    value: Option<&'a RawValue>,
}

impl Claim<'_> {
    /// Decodes the claim. An absent claim has the default value.
    fn decode<T: DeserializeOwned + Default>(self) -> Result<T, ClaimsError> {
        match self.value {
            None => Ok(T::default()),
            Some(value) => serde_json::from_str(value.get()).map_err(|_| ClaimsError::Claim(self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use mcp_conformance_catalog::Teams;

    use super::*;

    fn decode(json: &str) -> Result<Claims, ClaimsError> {
        super::decode(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }

    #[test]
    fn absent_claims_grant_no_rights() {
        let claims = decode("{}").unwrap();
        assert_eq!(claims, Claims::default());
        assert_eq!(claims.teams, Teams(Some(Vec::new())));
    }

    #[test]
    fn null_teams_differ_from_empty_teams() {
        assert_eq!(decode(r#"{"teams":null}"#).unwrap().teams, Teams(None));
        assert_eq!(decode(r#"{"teams":[]}"#).unwrap().teams, Teams(Some(Vec::new())));
        assert_eq!(
            decode(r#"{"teams":["a"]}"#).unwrap().teams,
            Teams(Some(vec!["a".to_owned()]))
        );
    }

    #[test]
    fn every_claim_is_type_checked() {
        for (json, name) in [
            (r#"{"email":7}"#, "email"),
            (r#"{"teams":"a"}"#, "teams"),
            (r#"{"teams":[1]}"#, "teams"),
            (r#"{"is_authenticated":"true"}"#, "is_authenticated"),
            (r#"{"is_admin":1}"#, "is_admin"),
            (r#"{"permission_is_admin":null}"#, "permission_is_admin"),
            (r#"{"scoped_permissions":null}"#, "scoped_permissions"),
            (r#"{"scoped_server_id":1}"#, "scoped_server_id"),
        ] {
            assert_eq!(decode(json), Err(ClaimsError::Claim(name)), "{json}");
        }
        assert!(decode(r#"{"scoped_server_id":null,"later":1}"#).is_ok());
        assert!(decode(r#"{"\ud800":1}"#).is_ok());
        assert_eq!(decode(r#"{"email":"\ud800"}"#), Err(ClaimsError::Claim("email")));
        let null = decode(r#"{"email":null,"token_use":null}"#).unwrap();
        assert_eq!(null, Claims::default());
    }

    #[test]
    fn invalid_claims_report_the_reason() {
        assert_eq!(super::decode(""), Err(ClaimsError::Base64));
        assert_eq!(super::decode("a+b/"), Err(ClaimsError::Base64));
        assert_eq!(super::decode("e30=="), Err(ClaimsError::Base64));
        assert_eq!(
            super::decode(&BASE64_URL_SAFE_NO_PAD.encode([0xff])),
            Err(ClaimsError::Utf8)
        );
        assert_eq!(decode("{"), Err(ClaimsError::Json));
        assert_eq!(decode("[]"), Err(ClaimsError::Object));
        assert!(super::decode(&BASE64_URL_SAFE.encode("{}")).is_ok());
    }
}
