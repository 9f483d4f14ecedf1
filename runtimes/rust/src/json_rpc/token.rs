//! JSON values that keep their original text.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The id of a message: a string or a number that keeps its original token (JSONRPC-2).
#[derive(Clone, Debug)]
pub struct MessageId(Box<RawValue>);

impl MessageId {
    /// Creates an id from a token. Returns `None` if the token is neither a string nor a number.
    pub fn from_token(token: &RawValue) -> Option<Self> {
        match token.get().as_bytes().first()? {
            b'"' | b'-' | b'0'..=b'9' => Some(Self(token.to_owned())),
            _ => None,
        }
    }

    pub fn token(&self) -> &RawValue {
        &self.0
    }

    /// Returns the text of a string, or the token of a number.
    pub fn text(&self) -> String {
        serde_json::from_str(self.0.get()).unwrap_or_else(|_| self.0.get().to_owned())
    }

    /// Returns whether the id is a string or an integer, as the revisions without sessions require.
    pub fn is_string_or_integer(&self) -> bool {
        let token = self.0.get();
        self.is_string()
            || token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
            || token.parse().is_ok_and(|number: f64| number.fract() == 0.0)
    }

    fn is_string(&self) -> bool {
        self.0.get().starts_with('"')
    }
}

/// Compares strings by value, regardless of escapes, and numbers by their token.
impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
            || (self.is_string() && other.is_string() && self.text() == other.text())
    }
}

/// Deserializes JSON of any nesting. `parse` has already checked the nesting of the whole message. If a name occurs more
/// than once in an object, the last value counts.
pub fn read<T: DeserializeOwned>(value: &RawValue) -> Option<T> {
    // Derived types refuse repeated names. A `Value` keeps only the last one, but costs more.
    read_directly(value).or_else(|| serde_json::from_value(read_directly(value)?).ok())
}

fn read_directly<T: DeserializeOwned>(value: &RawValue) -> Option<T> {
    let mut deserializer = serde_json::Deserializer::from_str(value.get());
    deserializer.disable_recursion_limit();
    T::deserialize(&mut deserializer).ok()
}

/// Returns the value of a member of an object. If its name occurs more than once, the last value counts.
pub fn member<'a>(object: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    members(object, [name])?[0]
}

/// Returns the values of several members of an object, as `member` does. Returns `None` if the JSON is not an object.
pub fn members<'a, const N: usize>(
    object: &'a RawValue,
    names: [&str; N],
) -> Option<[Option<&'a RawValue>; N]> {
    serde_json::Deserializer::from_str(object.get())
        .deserialize_map(Members(names))
        .ok()
}

struct Members<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de RawValue>; N];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [None; N];
        while let Some(index) = map.next_key_seed(IndexOf(&self.0))? {
            match index {
                // Deserializing an `Option` would turn null into an absent member.
                Some(index) => found[index] = Some(map.next_value::<&RawValue>()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// Deserializes a name to its index in the list, without copying the name.
struct IndexOf<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for IndexOf<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        // As bytes, because a name may contain an unpaired surrogate, which no text can represent.
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for IndexOf<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|known| known.as_bytes() == name))
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
    fn a_fraction_is_no_integer() {
        for token in ["1", "-7", "1.0", "2e3", "9007199254740993", "\"1.5\""] {
            assert!(id(token).is_string_or_integer(), "{token}");
        }
        for token in ["1.5", "-0.1", "1e-1", "1e999"] {
            assert!(!id(token).is_string_or_integer(), "{token}");
        }
    }

    #[test]
    fn string_ids_compare_by_value_and_numbers_by_token() {
        assert_eq!(id("\"\\u0041\""), id("\"A\""));
        assert_ne!(id("1"), id("1.0"));
        assert_ne!(id("1"), id("\"1\""));
    }

    #[test]
    fn the_last_of_several_equal_names_counts() {
        let object = raw(r#"{"a": 1, "b": {"a": 3}, "\u0061": 2.50}"#);
        assert_eq!(member(&object, "a").map(RawValue::get), Some("2.50"));
        assert!(member(&object, "c").is_none());
        assert!(member(&raw("[1]"), "a").is_none());
    }

    #[test]
    fn a_type_is_read_in_spite_of_equal_names() {
        #[derive(serde::Deserialize)]
        struct Named {
            a: i32,
        }
        let named: Option<Named> = read(&raw(r#"{"a": 1, "b": [], "\u0061": 2}"#));
        assert_eq!(named.map(|named| named.a), Some(2));
    }

    #[test]
    fn an_unpaired_surrogate_in_another_name_does_no_harm() {
        let object = raw(r#"{"\ud800": 1, "a": 2, "a\udc00": 3}"#);
        assert_eq!(member(&object, "a").map(RawValue::get), Some("2"));
    }
}
