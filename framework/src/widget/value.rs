//! What a widget shows or carries: text, a number or nothing.
//!
//! Every builder method takes `impl Into<Value>`, so `&str`, `String`, numbers, `bool` and `Option` of
//! each are passed as they are, and `None` leaves the attribute or the part out.

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter},
};

use maud::Render;

/// A piece of data in a widget. Made by `into()`, never by hand.
///
/// Numbers are shown in their shortest decimal form, without grouping; `None` is [`Value::nothing`].
///
/// ```
/// use livefloe::widget::Value;
///
/// assert_eq!(Value::from(0.1_f32).to_string(), "0.1");
/// assert_eq!(Value::from(Some("ice")).to_string(), "ice");
/// assert!(Value::from(None::<i64>).is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Value<'a>(Kind<'a>);

#[derive(Clone, Debug, Default)]
enum Kind<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Integer(i64),
    Natural(u64),
    Float(f64),
    // Kept apart from `Float`: 0.1_f32 widened would show as 0.10000000149011612.
    Single(f32),
}

impl<'a> Value<'a> {
    /// No value: attributes and parts that would show it are left out.
    #[must_use]
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Whether there is nothing to show: no value, or empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Kind::Nothing => true,
            Kind::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// Whether this is no value at all; empty text is one.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.0, Kind::Nothing)
    }

    /// Whether this is a number, which tables align to the right.
    pub(super) fn is_number(&self) -> bool {
        !matches!(self.0, Kind::Nothing | Kind::Text(_))
    }

    /// The text as it was given, borrowed where that is possible.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        match self.0 {
            Kind::Text(text) => text,
            _ => Cow::Owned(self.to_string()),
        }
    }

    /// Whether both would be written the same, which is how a form sends them back.
    pub(super) fn is_written_like(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Nothing, _) | (_, Kind::Nothing) => self.is_nothing() == other.is_nothing(),
            (Kind::Text(left), Kind::Text(right)) => left == right,
            _ => self.to_string() == other.to_string(),
        }
    }
}

impl Display for Value<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Nothing => Ok(()),
            Kind::Text(text) => formatter.write_str(text),
            Kind::Integer(number) => Display::fmt(number, formatter),
            Kind::Natural(number) => Display::fmt(number, formatter),
            Kind::Float(number) => Display::fmt(number, formatter),
            Kind::Single(number) => Display::fmt(number, formatter),
        }
    }
}

impl Render for Value<'_> {
    fn render_to(&self, buffer: &mut String) {
        match &self.0 {
            Kind::Nothing => {}
            Kind::Text(text) => text.render_to(buffer),
            Kind::Integer(number) => number.render_to(buffer),
            Kind::Natural(number) => number.render_to(buffer),
            Kind::Float(number) => number.render_to(buffer),
            Kind::Single(number) => number.render_to(buffer),
        }
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::nothing, Into::into)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self(Kind::Text(Cow::Borrowed(text)))
    }
}

impl<'a> From<&&'a str> for Value<'a> {
    fn from(text: &&'a str) -> Self {
        Self::from(*text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self(Kind::Text(Cow::Owned(text)))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self(Kind::Text(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::from(if truth { "true" } else { "false" })
    }
}

/// One `From` for each number type, through the widest of its kind without loss.
macro_rules! from_numbers {
    ($($number:ty => $kind:ident),+ $(,)?) => {$(
        impl From<$number> for Value<'_> {
            fn from(number: $number) -> Self {
                Self(Kind::$kind(number.into()))
            }
        }
    )+};
}

from_numbers! {
    i8 => Integer, i16 => Integer, i32 => Integer, i64 => Integer,
    u8 => Natural, u16 => Natural, u32 => Natural, u64 => Natural,
    f64 => Float, f32 => Single,
}

// `usize` and `isize` have no `Into` for a fixed width; Rust has no target where they are wider than 64 bits.
impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self(Kind::Natural(number as u64))
    }
}

impl From<isize> for Value<'_> {
    fn from(number: isize) -> Self {
        Self(Kind::Integer(number as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn values_that_are_written_alike_are_found_equal() {
        assert!(Value::from(3).is_written_like(&Value::from("3")));
        assert!(Value::from(3_u8).is_written_like(&Value::from(3_i64)));
        assert!(Value::nothing().is_written_like(&Value::from(None::<&str>)));
        assert!(!Value::nothing().is_written_like(&Value::from("")));
        assert!(!Value::from(1.5).is_written_like(&Value::from("1.50")));
    }

    #[test]
    fn numbers_are_written_in_their_shortest_form() {
        let cases = [
            (Value::from(0.1_f32), "0.1"),
            (Value::from(1.0_f64), "1"),
            (Value::from(u64::MAX), "18446744073709551615"),
            (Value::from(-3_isize), "-3"),
            (Value::from(true), "true"),
        ];
        for (value, expected) in cases {
            assert_eq!(value.to_string(), expected);
        }
    }
}
