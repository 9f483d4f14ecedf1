//! JSON without spaces.

use serde::Serialize;

/// Writes a value as JSON.
///
/// # Panics
/// Panics if the value cannot be serialized. All values of this crate can.
pub fn write(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values of the catalog are valid JSON")
}
