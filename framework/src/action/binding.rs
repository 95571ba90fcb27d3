//! [`Binding`]: a value that the server holds and the client knows.

use std::{marker::PhantomData, ops::Deref};

use maud::Render;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Actions, Expression, expression::scalar, source::Source};
use crate::HandlerId;

/// A value of a component that the client knows, so that an action on it shows at once; see [`Cx::binding`](crate::Cx::binding).
///
/// As an expression it is its value: `&count + 1`, `tab.is("b")`, `!&open`. As the value of an attribute `lf-values` it says what it is: where that
/// stands on some element, a change of it is only that attribute, and not one that says more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding<V> {
    expression: Expression,
    kind: PhantomData<fn(V)>,
}

impl<V> Binding<V> {
    pub(crate) fn new(source: Source) -> Self {
        Self { expression: Expression::source(source), kind: PhantomData }
    }

    /// A binding whose name and value come from another language.
    #[doc(hidden)]
    #[must_use]
    pub fn named(id: HandlerId, value: Value) -> Self {
        Self::new(Source::new(id, value))
    }

    /// Sets it to an expression: `count.set(&count * 2)`, `tab.set("b")`.
    #[must_use]
    pub fn set(&self, value: impl Into<Expression>) -> Actions {
        Actions::new().assign(self, value)
    }

    /// Adds a number to it, which may be negative.
    #[must_use]
    pub fn increment(&self, by: impl Into<Expression>) -> Actions {
        self.set(self + by.into())
    }

    /// Turns true into false, and back.
    #[must_use]
    pub fn toggle(&self) -> Actions {
        self.set(!self)
    }

    /// The same as one of values of another type; for bindings to other languages, which have types of their own.
    #[doc(hidden)]
    #[must_use]
    pub fn cast<W>(&self) -> Binding<W> {
        Binding { expression: self.expression.clone(), kind: PhantomData }
    }

    /// Its name on the wire.
    #[doc(hidden)]
    #[must_use]
    pub fn id(&self) -> HandlerId {
        self.source().id()
    }

    pub(super) fn source(&self) -> &Source {
        // Made of just one.
        &self.expression.sources[0]
    }
}

impl<V> Deref for Binding<V> {
    type Target = Expression;

    fn deref(&self) -> &Expression {
        &self.expression
    }
}

impl<V> From<&Binding<V>> for Expression {
    fn from(binding: &Binding<V>) -> Self {
        binding.expression.clone()
    }
}

/// As the value of `lf-values`.
impl<V> Render for Binding<V> {
    fn render_to(&self, buffer: &mut String) {
        // Once more where it has been said: the same twice does no harm.
        self.source().is_to_say();
        write_values([self.source()], buffer);
    }
}

/// Says what bindings are, as an object of JSON.
pub(super) fn write_values<'s>(sources: impl IntoIterator<Item = &'s Source>, buffer: &mut String) {
    let values = sources.into_iter().map(|source| (source.id().to_string(), source.value().clone())).collect();
    Value::Object(values).to_string().as_str().render_to(buffer);
}

/// Where a component keeps what it has bound.
pub(crate) trait Place<S>: Sync {
    fn read(&self, state: &mut S) -> Result<Value, PlaceError>;
    fn write(&self, state: &mut S, value: Value) -> Result<(), PlaceError>;
}

/// A field of the state, by the function that gives it.
pub(crate) struct Field<V, F> {
    pub(crate) place: F,
    pub(crate) kind: PhantomData<fn(V)>,
}

impl<S, V: Serialize + DeserializeOwned, F: Fn(&mut S) -> &mut V + Sync> Place<S> for Field<V, F> {
    fn read(&self, state: &mut S) -> Result<Value, PlaceError> {
        scalar((self.place)(state)).map_err(|got| PlaceError::Value { got })
    }

    fn write(&self, state: &mut S, value: Value) -> Result<(), PlaceError> {
        let value = serde_json::from_value(value.clone()).map_err(|source| PlaceError::Unfit { value: value.to_string(), source })?;
        *(self.place)(state) = value;
        Ok(())
    }
}

/// A binding can't be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error("a binding is a truth, a number, a text or a variant without data, got {got}")]
    Value { got: String },
    #[error("a binding can't be {value}")]
    Unfit {
        value: String,
        #[source]
        source: serde_json::Error,
    },
}
