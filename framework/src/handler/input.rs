//! What a handler is called with: the argument that the server bound, and the payload that the client sent.

use std::iter;

use serde::{
    Serialize,
    de::{
        DeserializeOwned,
        value::{self, SeqDeserializer, UnitDeserializer},
    },
};

/// One form field that did not fit, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name; empty when the form as a whole does not fit.
    pub field: String,
    /// What was expected and what came, for the person who typed it.
    pub message: String,
}

/// A payload that does not fit the type that its handler takes. The event is refused; nothing typed is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the input does not fit: {}", self.summary())]
pub struct Invalid {
    /// The fields that did not fit.
    pub fields: Vec<FieldError>,
}

impl Invalid {
    /// An error at one field, for handlers that validate by hand.
    ///
    /// ```
    /// # use livefloe::Invalid;
    /// fn positive(amount: i64) -> Result<i64, Invalid> {
    ///     if amount > 0 { Ok(amount) } else { Err(Invalid::field("amount", "must be more than 0")) }
    /// }
    /// assert!(positive(-1).is_err());
    /// ```
    #[must_use]
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { fields: vec![FieldError { field: field.into(), message: message.into() }] }
    }

    /// The same error with one more field.
    #[must_use]
    pub fn and(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push(FieldError { field: field.into(), message: message.into() });
        self
    }

    fn summary(&self) -> String {
        let fields: Vec<_> = self.fields.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
        fields.join("; ")
    }
}

/// Writes a bound argument: `MessagePack`, which keeps types that describe themselves (untagged enums, flattened fields).
pub(crate) fn encode_argument<V: Serialize>(value: &V, into: &mut Vec<u8>) -> Result<(), rmp_serde::encode::Error> {
    rmp_serde::encode::write_named(into, value)
}

/// Reads a bound argument again. The bytes are our own, so a failure means that the type doesn't survive serde.
pub(crate) fn decode_argument<V: DeserializeOwned>(bytes: &[u8]) -> Result<V, rmp_serde::decode::Error> {
    rmp_serde::from_slice(bytes)
}

/// Reads a whole form.
pub(crate) fn decode_form<F: DeserializeOwned>(payload: &str) -> Result<F, Invalid> {
    let deserializer = serde_html_form::Deserializer::from_bytes(payload.as_bytes());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let field = if path == "." { missing_field(&message).unwrap_or_default().to_owned() } else { control(path) };
        Invalid { fields: vec![FieldError { field, message: in_words(&message) }] }
    })
}

/// What the standard library's and serde's parsers say, for a person who fills in a form.
fn in_words(message: &str) -> String {
    const MOST: usize = 200;
    let known = [
        ("missing field", "is missing"),
        ("invalid digit found", "expected a whole number"),
        ("cannot parse integer from empty string", "expected a whole number"),
        ("cannot parse float from empty string", "expected a number"),
        ("invalid float literal", "expected a number"),
        ("number too large", "expected a smaller number"),
        ("number too small", "expected a larger number"),
        ("provided string was not `true` or `false`", "expected true or false"),
        ("too many characters in string", "expected one character"),
        ("unsupported value", "expected another kind of value"),
    ];
    match known.iter().find(|(start, _)| message.starts_with(start)) {
        Some((_, words)) => (*words).to_owned(),
        None => message.chars().take(MOST).collect(),
    }
}

/// Reads the one value that a control sends with its event, whatever the control is called.
pub(crate) fn decode_value<V: DeserializeOwned>(payload: &str) -> Result<V, Invalid> {
    #[derive(serde::Deserialize)]
    struct Only<V> {
        value: V,
    }
    let mut pairs = form_urlencoded::parse(payload.as_bytes());
    let Some((name, value)) = pairs.next() else {
        // Nothing is chosen in a list, or a box with a value of its own is not ticked.
        let none = SeqDeserializer::<_, value::Error>::new(iter::empty::<()>());
        return V::deserialize(none)
            .or_else(|_| V::deserialize(UnitDeserializer::<value::Error>::new()))
            .map_err(|_| Invalid::field("value", "expected a value, got none"));
    };
    // One pair under a known name: the form decoder then turns text into numbers, options, and lists alike.
    let mut only = form_urlencoded::Serializer::new(String::new());
    only.append_pair("value", &value);
    only.extend_pairs(pairs.filter(|(other, _)| *other == name).map(|(_, value)| ("value", value)));
    decode_form::<Only<V>>(&only.finish()).map(|only| only.value).map_err(|mut invalid| {
        for error in &mut invalid.fields {
            error.field.clear();
            error.field.push_str(&name);
        }
        invalid
    })
}

/// The control that a path leads into: one of a list, `tags[1]`, came from the control of the list.
fn control(mut path: String) -> String {
    if path.ends_with(']')
        && let Some(at) = path.rfind('[')
    {
        path.truncate(at);
    }
    path
}

/// serde reports a missing field for the whole form; the person needs to know which one it was.
fn missing_field(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Signup {
        name: String,
        age: u8,
        #[serde(default)]
        tags: Vec<String>,
        #[serde(default)]
        scores: Vec<u8>,
        #[serde(default)]
        news: bool,
    }

    #[test]
    fn form_text_becomes_typed_fields() {
        let form: Signup = decode_form("name=Ada+L%C3%B6w&age=36&tags=a&tags=b&news=true").unwrap();
        assert_eq!(form, Signup { name: "Ada Löw".into(), age: 36, tags: vec!["a".into(), "b".into()], scores: Vec::new(), news: true });
    }

    #[test]
    fn a_field_that_does_not_fit_is_named() {
        let cases = [
            ("name=Ada&age=many", "age"),
            ("name=Ada&age=300", "age"),
            ("name=Ada&age=", "age"),
            ("name=Ada", "age"),
            ("age=3", "name"),
            ("name=Ada&age=3&news=perhaps", "news"),
            ("name=Ada&age=3&scores=1&scores=x", "scores"),
        ];
        for (payload, field) in cases {
            let invalid = decode_form::<Signup>(payload).unwrap_err();
            assert_eq!(invalid.fields[0].field, field, "{payload}: {invalid}");
        }
    }

    #[test]
    fn a_control_sends_its_value_under_any_name() {
        assert_eq!(decode_value::<f32>("volume=0.5").map(f32::to_bits), Ok(0.5_f32.to_bits()));
        assert_eq!(decode_value::<String>("value=").unwrap(), "");
        assert_eq!(decode_value::<Vec<u32>>("pick=1&pick=2").unwrap(), vec![1, 2]);
        assert_eq!(decode_value::<f64>("volume=loud").unwrap_err().fields[0].field, "volume");
        assert!(decode_value::<String>("").is_err());
        assert!(decode_value::<u32>("").is_err());
        assert_eq!(decode_value::<Vec<u32>>("").unwrap(), Vec::<u32>::new());
        assert_eq!(decode_value::<Option<String>>("").unwrap(), None);
    }

    #[test]
    fn argument_comes_back_as_it_was_bound() {
        let mut bytes = Vec::new();
        encode_argument(&("row", 7_u64, Some(-1_i8)), &mut bytes).unwrap();
        assert_eq!(decode_argument::<(String, u64, Option<i8>)>(&bytes).unwrap(), ("row".to_owned(), 7, Some(-1)));
    }
}
