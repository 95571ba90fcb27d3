//! One of the things that a `select` or `radio` offers.

use super::Value;

/// A value, which is sent, and its label, which is shown.
///
/// Made from a value (which is then its own label) or from a pair of value and label:
///
/// ```
/// use livefloe::widget::{Choice, select};
///
/// let sizes = select("Size", "size").options(["small", "large"]);
/// let models = select("Model", "model").options([("s", "Small, 3 M"), ("l", "Large, 7 B")]);
/// let one = Choice::from((3, "Three"));
/// # let _ = (sizes, models, one);
/// ```
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    pub(super) value: Value<'a>,
    pub(super) label: Value<'a>,
}

impl<'a, V: Into<Value<'a>>> From<V> for Choice<'a> {
    fn from(value: V) -> Self {
        let value = value.into();
        Self { label: value.clone(), value }
    }
}

impl<'a, V: Into<Value<'a>>, L: Into<Value<'a>>> From<(V, L)> for Choice<'a> {
    fn from((value, label): (V, L)) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}
