//! JSON values as they were written.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The id of a message: a string or a number, as the token that it was written as (JSONRPC-2).
#[derive(Clone, Debug)]
pub struct MessageId(Box<RawValue>);

impl MessageId {
    /// The id that a token is, `None` where it is neither a string nor a number.
    pub fn from_token(token: &RawValue) -> Option<Self> {
        match token.get().as_bytes().first()? {
            b'"' | b'-' | b'0'..=b'9' => Some(Self(token.to_owned())),
            _ => None,
        }
    }

    pub fn token(&self) -> &RawValue {
        &self.0
    }

    /// The text of a string; the token of a number.
    pub fn text(&self) -> String {
        serde_json::from_str(self.0.get()).unwrap_or_else(|_| self.0.get().to_owned())
    }

    fn is_string(&self) -> bool {
        self.0.get().starts_with('"')
    }
}

/// Strings are the same however they are escaped; numbers are the same digit by digit.
impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
            || (self.is_string() && other.is_string() && self.text() == other.text())
    }
}

/// The value of a member of an object; of equal names the last counts.
pub fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    let mut deserializer = serde_json::Deserializer::from_str(object.get());
    deserializer.deserialize_map(Member(name)).ok()?
}

struct Member<'n>(&'n str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = members.next_key_seed(Named(self.0))? {
            if is_it {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Named<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Named<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).unwrap()
    }

    fn id(text: &str) -> MessageId {
        MessageId::from_token(&raw(text)).unwrap()
    }

    #[test]
    fn ids_keep_their_token() {
        for token in ["1", "-0", "1.50", "9007199254740993", "\"\\u0041\"", "1e3"] {
            assert_eq!(id(token).token().get(), token);
        }
        for token in ["null", "true", "[1]", "{}"] {
            assert!(MessageId::from_token(&raw(token)).is_none(), "{token}");
        }
    }

    #[test]
    fn ids_are_equal_by_value_of_strings_and_by_token_of_numbers() {
        assert_eq!(id("\"\\u0041\""), id("\"A\""));
        assert_ne!(id("1"), id("1.0"));
        assert_ne!(id("1"), id("\"1\""));
    }

    #[test]
    fn the_last_member_of_a_name_counts() {
        let object = raw(r#"{"a": 1, "b": {"a": 3}, "\u0061": 2.50}"#);
        assert_eq!(member(&object, "a").map(RawValue::get), Some("2.50"));
        assert!(member(&object, "c").is_none());
        assert!(member(&raw("[1]"), "a").is_none());
    }
}
