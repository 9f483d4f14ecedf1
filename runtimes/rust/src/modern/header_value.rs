//! Header fields that repeat a part of the body.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use crate::http::Headers;

/// A header field that does not repeat the body.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Mismatch {
    pub field: String,
    pub problem: &'static str,
}

/// Checks that a field repeats a value.
///
/// # Errors
/// Returns an error if the field is missing, cannot be decoded or differs.
pub fn check_field(
    headers: &Headers,
    field: &str,
    agrees: impl FnOnce(&str) -> bool,
) -> Result<(), Mismatch> {
    let problem = match headers.get(field).map(decode) {
        None => "is missing",
        Some(None) => "is not valid base64",
        Some(Some(value)) if agrees(&value) => return Ok(()),
        Some(Some(_)) => "differs from the body",
    };
    Err(Mismatch {
        field: field.to_owned(),
        problem,
    })
}

/// Decodes a value of the form `=?base64?TEXT?=`. Returns any other value unchanged, and `None` for invalid text.
fn decode(value: &str) -> Option<String> {
    let encoded = value
        .strip_prefix("=?base64?")
        .and_then(|rest| rest.strip_suffix("?="));
    match encoded {
        None => Some(value.to_owned()),
        Some(encoded) => String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok(),
    }
}

/// Checks the fields `mcp-param-*` of a tool call, which repeat the arguments that the input schema annotates.
///
/// # Errors
/// Returns an error if an annotated argument has a value that its field does not repeat.
pub fn check_params(
    headers: &Headers,
    schema: &Map<String, Value>,
    arguments: &Value,
) -> Result<(), Mismatch> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Ok(());
    };
    for (name, property) in properties {
        let (Some(property), Some(argument)) = (property.as_object(), arguments.get(name)) else {
            continue;
        };
        if let Some(header) = property.get("x-mcp-header").and_then(Value::as_str) {
            let field = format!("mcp-param-{}", header.to_ascii_lowercase());
            match argument {
                Value::String(text) => check_field(headers, &field, |value| value == text)?,
                Value::Bool(truth) => check_field(headers, &field, |value| value == truth.to_string())?,
                Value::Number(number) => {
                    check_field(headers, &field, |value| {
                        is_same_number(value, &number.to_string())
                    })?;
                }
                Value::Null | Value::Array(_) | Value::Object(_) => {}
            }
        }
        check_params(headers, property, argument)?;
    }
    Ok(())
}

fn is_same_number(one: &str, other: &str) -> bool {
    if let (Ok(one), Ok(other)) = (one.parse::<i128>(), other.parse::<i128>()) {
        return one == other;
    }
    let decimal = |text: &str| {
        let is_decimal = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        is_decimal.then(|| text.parse::<f64>().ok()).flatten()
    };
    decimal(one).is_some_and(|one| decimal(other) == Some(one))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        Headers::read(fields.iter().map(owned).collect::<HashMap<_, _>>()).unwrap()
    }

    fn problem(value: &str) -> Option<&'static str> {
        check_field(&headers(&[("mcp-name", value)]), "mcp-name", |value| value == "é")
            .err()
            .map(|mismatch| mismatch.problem)
    }

    #[test]
    fn a_value_may_be_in_base64() {
        assert_eq!(problem(" =?base64?w6k=?= "), None);
        for invalid in [
            "=?base64?w6k?=",
            "=?base64?w6l=?=",
            "=?base64?%%?=",
            "=?base64?/w==?=",
        ] {
            assert_eq!(problem(invalid), Some("is not valid base64"), "{invalid}");
        }
        for other in [
            "w6k=",
            "=?BASE64?w6k=?=",
            "=?base64?w6k=",
            "=?base64?w6k=?=!",
            "=?base64?w6o=?=",
        ] {
            assert_eq!(problem(other), Some("differs from the body"), "{other}");
        }
        let missing = check_field(&headers(&[]), "mcp-name", |_| true).unwrap_err();
        assert_eq!(missing.to_string(), "mcp-name: is missing");
    }

    #[test]
    fn annotated_arguments_are_repeated() {
        let schema = json!({
            "properties": {
                "region": { "type": "string", "x-mcp-header": "Region" },
                "size": { "type": "integer", "x-mcp-header": "Size" },
                "more": { "type": "object", "properties": { "dry": { "type": "boolean", "x-mcp-header": "Dry" } } }
            }
        });
        let schema = schema.as_object().unwrap();
        let agrees = |fields: &[(&str, &str)], arguments: Value| {
            check_params(&headers(fields), schema, &arguments).is_ok()
        };
        assert!(agrees(&[("Mcp-Param-Region", "a")], json!({ "region": "a" })));
        assert!(agrees(
            &[("mcp-param-region", "=?base64?YQ==?=")],
            json!({ "region": "a" })
        ));
        assert!(!agrees(&[("mcp-param-region", "b")], json!({ "region": "a" })));
        assert!(!agrees(&[], json!({ "region": "a" })));
        assert!(agrees(&[], json!({ "region": null })));
        assert!(agrees(&[("mcp-param-region", "a")], json!({})));
        assert!(agrees(&[("mcp-param-size", "42.0")], json!({ "size": 42 })));
        assert!(!agrees(
            &[("mcp-param-size", "9007199254740993")],
            json!({ "size": 9_007_199_254_740_992_i64 })
        ));
        assert!(!agrees(&[("mcp-param-size", "inf")], json!({ "size": 42 })));
        assert!(agrees(
            &[("mcp-param-dry", "true")],
            json!({ "more": { "dry": true } })
        ));
        assert!(!agrees(
            &[("mcp-param-dry", "false")],
            json!({ "more": { "dry": true } })
        ));
    }
}
