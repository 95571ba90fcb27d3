//! [`Handler`]: a Python function that an event runs, as rendering registered it.

use std::sync::Arc;

use livefloe::{Act, HandlerId, Identity, widget};
use pyo3::{
    prelude::*,
    types::{PyList, PyTuple},
};

use crate::{
    action,
    error::HandlerError,
    frame, lint,
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
    File = 7,
    Files = 8,
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
    /// What shows while the event is on its way.
    pub(crate) pending: Option<&'a Bound<'py, PyAny>>,
}

/// Enters a handler into the table of the component that is being rendered. Nothing when there is nothing to do.
pub(crate) fn register(py: Python<'_>, what: &str, site: Identity, registration: &Registration<'_, '_>) -> PyResult<widget::On> {
    let Registration { on, function: given, mut args, mut expects, bound, pending } = *registration;
    let (function, actions) = match given {
        None => (None, None),
        Some(given) => action::resolve(given).map_err(|error| {
            if !error.is_instance_of::<HandlerError>(py) || given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
                return error;
            }
            let kind = given.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
            HandlerError::new_err(format!(
                "lf.{what}({name}=…) expected a function or an lf.action, got {kind}; give the function itself, not what it returns",
                name = on.name()
            ))
        })?,
    };
    // What comes with the event of an action alone is nothing to it.
    if actions.is_some() && !given.is_some_and(|given| given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>()) {
        args = None;
        if bound.is_none() {
            expects = Expects::Nothing;
        }
    }
    let id = enter(py, what, site.number(on as u64), function.as_ref(), args, expects, bound)?;
    let on = match actions {
        Some(actions) => widget::On::from(Act::new(id, actions)),
        None => widget::On::from(id),
    };
    Ok(match pending {
        Some(pending) => on.pending(action::expected(pending)?),
        None => on,
    })
}

/// Enters a function into the table. `None` when there is nothing to run.
pub(crate) fn enter(
    py: Python<'_>,
    what: &str,
    identity: Identity,
    function: Option<&Bound<'_, PyAny>>,
    args: Option<&Bound<'_, PyTuple>>,
    expects: Expects,
    bound: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<HandlerId>> {
    if function.is_none() && bound.is_none() {
        return Ok(None);
    }
    if lint::is_on() {
        function.into_iter().for_each(lint::closure);
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
    let id = identity.handler();
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
