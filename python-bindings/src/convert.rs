//! What Python passes to widgets, as what the widgets take.

use std::{borrow::Cow, fmt::Display};

use livefloe::widget::{Align, Value};
use pyo3::{
    Borrowed,
    exceptions::PyValueError,
    prelude::*,
    pybacked::PyBackedStr,
    types::{PyBool, PyFloat, PyInt, PyString},
};

/// A value: text and numbers as they are, `None` as nothing, anything else by its `str`.
#[derive(Default)]
pub(crate) enum Scalar {
    #[default]
    Nothing,
    Text(PyBackedStr),
    Integer(i64),
    Float(f64),
    Truth(bool),
    Other(String),
}

impl<'py> FromPyObject<'_, 'py> for Scalar {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            return Ok(Self::Text(object.extract()?));
        }
        if object.is_none() {
            return Ok(Self::Nothing);
        }
        if object.is_instance_of::<PyBool>() {
            return Ok(Self::Truth(object.is_truthy()?));
        }
        if object.is_exact_instance_of::<PyInt>()
            && let Ok(number) = object.extract()
        {
            return Ok(Self::Integer(number));
        }
        if object.is_instance_of::<PyFloat>() {
            return Ok(Self::Float(object.extract()?));
        }
        Ok(Self::Other(object.str()?.to_str()?.to_owned()))
    }
}

impl Scalar {
    /// As a number, if it is one.
    #[expect(clippy::cast_precision_loss, reason = "what is shown as a bar has no 53 bits")]
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Nothing => Value::nothing(),
            Self::Text(text) => Value::from(&**text),
            Self::Integer(number) => Value::from(*number),
            Self::Float(number) => Value::from(*number),
            Self::Truth(truth) => Value::from(*truth),
            Self::Other(text) => Value::from(text.as_str()),
        }
    }
}

/// A text that is shown: anything, as `print` would show it; `None` shows nothing.
#[derive(Default)]
pub(crate) enum Shown {
    #[default]
    Nothing,
    Text(PyBackedStr),
    Other(String),
}

impl<'py> FromPyObject<'_, 'py> for Shown {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyString>() {
            Ok(Self::Text(object.extract()?))
        } else if object.is_none() {
            Ok(Self::Nothing)
        } else {
            Ok(Self::Other(object.str()?.to_str()?.to_owned()))
        }
    }
}

impl Shown {
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Text(text) => Some(text),
            Self::Other(text) => Some(text),
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
        Value::from(self.as_str())
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str().unwrap_or_default())
    }
}

/// One of several words, as a parameter such as `variant` takes.
pub(crate) fn one_of<T: Copy>(parameter: &str, given: &str, choices: &[(&str, T)]) -> PyResult<T> {
    if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == given) {
        Ok(*choice)
    } else {
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("'{name}'")).collect();
        Err(unexpected(parameter, &names.join(", "), &format!("'{given}'")))
    }
}

/// An argument that is not what was expected.
pub(crate) fn unexpected(parameter: &str, expected: &str, got: &dyn Display) -> PyErr {
    PyValueError::new_err(format!("{parameter} expected {expected}, got {got}"))
}

pub(crate) fn align(given: Option<&str>) -> PyResult<Option<Align>> {
    let choices = [("start", Align::Start), ("center", Align::Center), ("end", Align::End), ("stretch", Align::Stretch)];
    given.map(|given| one_of("align", given, &choices)).transpose()
}

/// A control's name from its label, for those that are given none: `First name` is `first_name`.
pub(crate) fn name_from(label: &str) -> String {
    let mut name = String::with_capacity(label.len());
    for character in label.chars() {
        if character.is_alphanumeric() {
            name.extend(character.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    let length = name.trim_end_matches('_').len();
    name.truncate(length);
    if name.is_empty() { "value".to_owned() } else { name }
}
