//! [`Handler`]: a Python function that an event runs, as rendering registered it.

use std::sync::Arc;

use livefloe::{HandlerId, Identity};
use pyo3::{prelude::*, types::PyTuple};

use crate::{
    error::HandlerError,
    frame,
    manner::{HandlerFunction, Manner},
};

/// What an event brings for its handler. The numbers are those of `_handler.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expects {
    Nothing = 0,
    Text = 1,
    Number = 2,
    Truth = 3,
    Form = 4,
    Picture = 5,
    Strokes = 6,
}

/// A Python function that an event runs.
pub(crate) struct Handler {
    /// `None` where the event only writes what it is bound to.
    pub(crate) function: Option<Py<PyAny>>,
    /// What the server bound to it.
    pub(crate) args: Py<PyTuple>,
    pub(crate) expects: Expects,
    /// The field of a state, or the cell, that the event writes first.
    pub(crate) bound: Option<Py<PyAny>>,
    pub(crate) manner: Manner,
}

/// The events of a control. The numbers go into ids: never change them.
#[derive(Clone, Copy)]
pub(crate) enum On {
    Click = 1,
    Input = 2,
    Change = 3,
    Submit = 4,
    Timer = 5,
}

/// What a widget was given for one of its events.
pub(crate) struct Registration<'a, 'py> {
    pub(crate) on: On,
    pub(crate) function: Option<&'a Bound<'py, PyAny>>,
    pub(crate) args: Option<&'a Bound<'py, PyTuple>>,
    pub(crate) expects: Expects,
    pub(crate) bound: Option<&'a Bound<'py, PyAny>>,
}

/// Enters a handler into the table of the component that is being rendered. `None` when there is nothing to run.
pub(crate) fn register(py: Python<'_>, what: &str, site: Identity, registration: &Registration<'_, '_>) -> PyResult<Option<HandlerId>> {
    let Registration { on, function, args, expects, bound } = *registration;
    if function.is_none() && bound.is_none() {
        return Ok(None);
    }
    if let Some(function) = function
        && !function.is_callable()
    {
        let kind = function.get_type().name()?;
        return Err(HandlerError::new_err(format!(
            "lf.{what}({name}=…) expected a function, got {kind}; give the function itself, not what it returns",
            name = on.name()
        )));
    }
    // What says how it runs is taken off: what is called is the function itself.
    let (function, manner) = match function.map(|function| (function, function.cast_exact::<HandlerFunction>())) {
        Some((_, Ok(handler))) => (Some(handler.get().function.clone_ref(py)), handler.get().manner),
        Some((function, Err(_))) => (Some(function.clone().unbind()), Manner::default()),
        None => (None, Manner::default()),
    };
    let handler = Handler {
        function,
        manner,
        args: args.map_or_else(|| PyTuple::empty(py), Clone::clone).unbind(),
        expects,
        bound: bound.map(|bound| bound.clone().unbind()),
    };
    let id = site.number(on as u64).handler();
    frame::use_frame(what, |frame| frame.output.handlers.push((id, Arc::new(handler))))?;
    Ok(Some(id))
}

impl On {
    fn name(self) -> &'static str {
        match self {
            Self::Click => "on_click",
            Self::Input => "on_input",
            Self::Change => "on_change",
            Self::Submit => "on_submit",
            Self::Timer => "handler",
        }
    }
}
