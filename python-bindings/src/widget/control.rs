//! What the controls have in common: the keywords that all of them take, and what they are bound to.

use livefloe::widget;
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyDict, PyString, PyTuple},
};

use crate::{
    cell::Cell,
    convert::{Scalar, Shown, name_from, unexpected},
    frame,
    handler::{Expects, On, Registration, register},
    manner::HandlerFunction,
    state::Field,
};

/// The keywords that all controls take.
#[derive(Default)]
pub(crate) struct Options<'py> {
    pub(crate) name: Option<String>,
    pub(crate) id: Scalar,
    pub(crate) help: Shown,
    pub(crate) error: Shown,
    pub(crate) hide_label: bool,
    pub(crate) required: bool,
    pub(crate) disabled: bool,
    pub(crate) debounce_ms: Option<u32>,
    pub(crate) throttle_ms: Option<u32>,
    bind: Option<Target<'py>>,
    on_input: Option<Bound<'py, PyAny>>,
    on_change: Option<Bound<'py, PyAny>>,
    args: Option<Bound<'py, PyTuple>>,
    pending: Option<Bound<'py, PyAny>>,
    key: Option<Bound<'py, PyAny>>,
}

/// What a control is bound to.
enum Target<'py> {
    Field(Bound<'py, Field>),
    Cell(Bound<'py, Cell>),
}

/// The handlers that a control was given.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) on_input: widget::On,
    pub(crate) on_change: widget::On,
}

impl<'py> Options<'py> {
    /// Reads the keywords. `what` is the control, for messages.
    pub(crate) fn read(what: &str, keywords: Option<&Bound<'py, PyDict>>) -> PyResult<Self> {
        let mut options = Self::default();
        let Some(keywords) = keywords else { return Ok(options) };
        for (name, value) in keywords.iter() {
            let name = name.cast_into::<PyString>()?;
            match name.to_str()? {
                "name" => options.name = value.extract()?,
                "id" => options.id = value.extract()?,
                "help" => options.help = value.extract()?,
                "error" => options.error = value.extract()?,
                "hide_label" => options.hide_label = value.extract()?,
                "required" => options.required = value.extract()?,
                "disabled" => options.disabled = value.is_truthy()?,
                "debounce_ms" => options.debounce_ms = value.extract()?,
                "throttle_ms" => options.throttle_ms = value.extract()?,
                "bind" => options.bind = bound(what, value)?,
                "on_input" => options.on_input = given(value),
                "on_change" => options.on_change = given(value),
                "args" => options.args = given(value).map(pyo3::Bound::cast_into).transpose()?,
                "pending" => options.pending = given(value),
                "key" => options.key = given(value),
                other => return Err(PyTypeError::new_err(format!("lf.{what}() got an unexpected keyword argument '{other}'"))),
            }
        }
        Ok(options)
    }

    /// What the control is called in the payload: as said, else as its field, else as its label.
    pub(crate) fn name(&self, label: &Shown) -> String {
        let bound = || match &self.bind {
            Some(Target::Field(field)) => Some(field.get().name.clone()),
            _ => None,
        };
        self.name.clone().or_else(bound).unwrap_or_else(|| name_from(&label.text()))
    }

    /// The value of what the control is bound to.
    pub(crate) fn bound_value(&self) -> PyResult<Option<Bound<'py, PyAny>>> {
        match &self.bind {
            None => Ok(None),
            Some(Target::Field(field)) => {
                let state = field.get().owner.bind(field.py()).call0()?;
                state.getattr(field.get().name.as_str()).map(Some)
            }
            Some(Target::Cell(cell)) => Ok(Some(cell.get().get(cell.py()))),
        }
    }

    /// The value to show: that of the field, or else the one that was given.
    pub(crate) fn value(&self, given: Scalar) -> PyResult<Scalar> {
        self.bound_value()?.map_or(Ok(given), |value| value.extract())
    }

    /// Registers the control's handlers. What it is bound to is written by `writes`.
    pub(crate) fn handlers(&mut self, py: Python<'py>, what: &str, expects: Expects, writes: On) -> PyResult<Handlers> {
        if self.bind.is_none() && self.on_input.is_none() && self.on_change.is_none() {
            return Ok(Handlers::default());
        }
        // How often it runs may be said where it is made, too.
        if let Some(handler) = self.on_input.as_ref().and_then(|function| function.cast_exact::<HandlerFunction>().ok()) {
            let manner = handler.get().manner;
            self.debounce_ms = self.debounce_ms.or(manner.debounce_ms);
            self.throttle_ms = self.throttle_ms.or(manner.throttle_ms);
        }
        let site = frame::identify(py, what, self.key.as_ref(), false)?;
        let handler = |on: On, function: Option<&Bound<'py, PyAny>>| {
            let bound = self.bind.as_ref().filter(|_| on as u8 == writes as u8).map(|bound| match bound {
                Target::Field(field) => field.as_any(),
                Target::Cell(cell) => cell.as_any(),
            });
            register(
                py,
                what,
                site,
                &Registration { on, function, args: self.args.as_ref(), expects, bound, pending: function.and(self.pending.as_ref()) },
            )
        };
        Ok(Handlers { on_input: handler(On::Input, self.on_input.as_ref())?, on_change: handler(On::Change, self.on_change.as_ref())? })
    }
}

fn given(value: Bound<'_, PyAny>) -> Option<Bound<'_, PyAny>> {
    (!value.is_none()).then_some(value)
}

fn bound<'py>(what: &str, value: Bound<'py, PyAny>) -> PyResult<Option<Target<'py>>> {
    if value.is_none() {
        return Ok(None);
    }
    let value = match value.cast_into::<Field>() {
        Ok(field) => return Ok(Some(Target::Field(field))),
        Err(error) => error.into_inner(),
    };
    value.cast_into::<Cell>().map(|cell| Some(Target::Cell(cell))).map_err(|error| {
        let got = error.into_inner();
        unexpected(&format!("lf.{what}(bind=…)"), "a field of a state's class, such as Chat.temperature, or a cell", &got)
    })
}

/// Puts the common keywords into a widget's builder.
macro_rules! apply {
    ($widget:expr, $options:expr, $handlers:expr) => {{
        let widget = $widget
            .id($options.id.value())
            .help($options.help.value())
            .error($options.error.value())
            .required($options.required)
            .disabled($options.disabled)
            .on_input($handlers.on_input)
            .on_change($handlers.on_change)
            .debounce_ms($options.debounce_ms)
            .throttle_ms($options.throttle_ms);
        if $options.hide_label { widget.hide_label() } else { widget }
    }};
}
pub(crate) use apply;
