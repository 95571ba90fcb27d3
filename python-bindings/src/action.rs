//! Actions and expressions as Python has them (`action.py`), as the framework does.

use livefloe::{Actions, Binding, Expression, HandlerId, Identity};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyFloat, PyInt, PyString, PyTuple, PyType},
};
use serde_json::Value;

use crate::{cell::Cell, error::HandlerError, frame, state::Field};

/// What an expression's bindings are: in a rendering the frame's, so that the first that mentions one says its value.
type Bind<'a, 'py> = &'a mut dyn FnMut(&Bound<'py, PyAny>) -> PyResult<Binding<()>>;

/// The binding that a cell or a field of a state is, in the component that is being rendered.
pub(crate) fn binding(target: &Bound<'_, PyAny>) -> PyResult<Binding<()>> {
    let id = id_of(target)?;
    if let Some(known) = frame::use_frame("action", |frame| frame.bindings.get(&id).cloned())? {
        return Ok(known);
    }
    let made = Binding::named(id, to_json(&read_binding(target)?)?);
    frame::use_frame("action", |frame| frame.bindings.insert(id, made.clone()))?;
    Ok(made)
}

/// What a binding is called on the wire: the same in every rendering and every process.
fn id_of(target: &Bound<'_, PyAny>) -> PyResult<HandlerId> {
    if let Ok(cell) = target.cast::<Cell>() {
        return Ok(Identity::ROOT.number(3).number(cell.get().identity).handler());
    }
    let field = field(target)?;
    let owner = field.get().owner.bind(target.py());
    let identity = ["__module__", "__qualname__"].iter().try_fold(Identity::ROOT.number(4), |identity, part| {
        let part = owner.getattr(*part)?;
        PyResult::Ok(identity.bytes(part.cast::<PyString>()?.to_str()?.as_bytes()))
    })?;
    Ok(identity.bytes(field.get().name.as_bytes()).handler())
}

fn field<'a, 'py>(target: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, Field>> {
    let kind = || target.get_type().name().map_or_else(|_| "something else".to_owned(), |name| name.to_string());
    target
        .cast::<Field>()
        .map_err(|_| PyTypeError::new_err(format!("expected a cell, or a field of a state's class such as Chat.open, got {}", kind())))
}

/// The present value of a binding.
#[pyfunction]
pub(crate) fn read_binding<'py>(target: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(cell) = target.cast::<Cell>() {
        return Ok(cell.get().get(target.py()));
    }
    let field = field(target)?;
    field.get().owner.bind(target.py()).call0()?.getattr(field.get().name.as_str())
}

/// What an expression is by what the session has now.
#[pyfunction]
pub(crate) fn evaluate<'py>(py: Python<'py>, given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let bind: Bind<'_, 'py> = &mut |target| Ok(Binding::named(id_of(target)?, to_json(&read_binding(target)?)?));
    let value = expression_of(given, bind)?.now().map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(match value {
        Value::Bool(truth) => PyBool::new(py, truth).to_owned().into_any(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => PyInt::new(py, whole).into_any(),
            None => PyFloat::new(py, number.as_f64().unwrap_or_default()).into_any(),
        },
        Value::String(text) => PyString::new(py, &text).into_any(),
        _ => py.None().into_bound(py),
    })
}

/// An expression, a binding or a value, in the component that is being rendered.
pub(crate) fn expression(given: &Bound<'_, PyAny>) -> PyResult<Expression> {
    expression_of(given, &mut |target| binding(target))
}

/// Whether it is something that the client can follow: an expression or a binding.
pub(crate) fn is_followed(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(given.is_instance_of::<Cell>() || given.is_instance_of::<Field>() || given.is_instance(class(given.py(), "Expression")?)?)
}

fn expression_of<'py>(given: &Bound<'py, PyAny>, bind: Bind<'_, 'py>) -> PyResult<Expression> {
    let py = given.py();
    if given.is_instance_of::<Cell>() || given.is_instance_of::<Field>() {
        return Ok(Expression::from(&bind(given)?));
    }
    if !given.is_instance(class(py, "Expression")?)? {
        return Ok(Expression::value(to_json(given)?));
    }
    let operator = given.getattr(intern!(py, "operator"))?;
    let operator = operator.cast::<PyString>()?.to_str()?;
    let parts = given.getattr(intern!(py, "parts"))?.cast_into::<PyTuple>()?;
    if operator == "get" {
        return Ok(Expression::from(&bind(&parts.get_item(0)?)?));
    }
    if operator == "value" {
        return Ok(Expression::value(to_json(&parts.get_item(0)?)?));
    }
    let parts = parts.iter().map(|part| expression_of(&part, &mut *bind)).collect::<PyResult<Vec<_>>>()?;
    Expression::of(operator, parts).ok_or_else(|| PyValueError::new_err(format!("`{operator}` is no operator of an expression")))
}

/// The steps of an action, in the component that is being rendered.
pub(crate) fn actions(action: &Bound<'_, PyAny>) -> PyResult<Actions> {
    let steps = action.getattr(intern!(action.py(), "steps"))?.cast_into::<PyTuple>()?;
    steps.iter().try_fold(Actions::new(), |actions, step| add_step(actions, step.cast::<PyTuple>()?))
}

fn add_step(actions: Actions, step: &Bound<'_, PyTuple>) -> PyResult<Actions> {
    let kind: String = step.get_item(0)?.extract()?;
    if kind == "let" {
        return Ok(actions.assign(&binding(&step.get_item(1)?)?, expression(&step.get_item(2)?)?));
    }
    let selector: String = step.get_item(1)?.extract()?;
    if kind == "go" {
        return Ok(actions.navigate(frame::href(&selector)));
    }
    let actions = actions.on(selector);
    let word = |index| -> PyResult<String> { step.get_item(index)?.extract() };
    Ok(match kind.as_str() {
        "set" => match step.get_item(3)?.extract::<Option<String>>()? {
            Some(value) => actions.set(word(2)?, value),
            None => actions.unset(word(2)?),
        },
        "flip" => actions.flip(word(2)?),
        "class" => match step.get_item(3)?.extract::<Option<bool>>()? {
            Some(true) => actions.add_class(word(2)?),
            Some(false) => actions.remove_class(word(2)?),
            None => actions.toggle_class(word(2)?),
        },
        "text" => actions.text(word(2)?),
        "focus" => actions.focus(),
        "scroll" => actions.scroll(),
        "open" => actions.open(),
        "close" => actions.close(),
        "copy" => actions.copy(expression(&step.get_item(2)?)?),
        "copy_shown" => actions.copy_shown(),
        "dispatch" => {
            let detail: Value = serde_json::from_str(&word(3)?).map_err(|error| PyValueError::new_err(error.to_string()))?;
            actions.dispatch(word(2)?, detail)
        }
        other => return Err(PyValueError::new_err(format!("`{other}` is no step of an action"))),
    })
}

/// A value that a binding may have, for the client.
fn to_json(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Null);
    }
    if value.is_instance_of::<PyBool>() {
        return Ok(value.is_truthy()?.into());
    }
    // Before the others: one of `StrEnum` is a text, too, but not by its class.
    if value.is_instance(enumeration(value.py())?)? {
        return to_json(&value.getattr(intern!(value.py(), "value"))?);
    }
    if value.is_instance_of::<PyInt>()
        && let Ok(number) = value.extract::<i64>()
    {
        return Ok(number.into());
    }
    if value.is_instance_of::<PyFloat>() && value.extract::<f64>()?.is_finite() {
        return Ok(value.extract::<f64>()?.into());
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(text.to_str()?.into());
    }
    let kind = value.get_type().name()?;
    let repr: String = value.repr()?.to_string().chars().take(80).collect();
    Err(PyTypeError::new_err(format!("an action is about truths, numbers, texts, enums and None, got {repr} ({kind})")))
}

fn class<'py>(py: Python<'py>, name: &str) -> PyResult<&'py Bound<'py, PyType>> {
    static EXPRESSION: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static ACTION: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let known = if name == "Action" { &ACTION } else { &EXPRESSION };
    known.import(py, "livefloe.action", name)
}

fn enumeration(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static ENUM: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    ENUM.import(py, "enum", "Enum")
}

/// What was given for an event: what the server runs, and what the client does.
pub(crate) fn resolve<'py>(given: &Bound<'py, PyAny>) -> PyResult<(Option<Bound<'py, PyAny>>, Option<Actions>)> {
    static RESOLVE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    // A function is what is given mostly.
    if given.is_callable() && !given.is_instance(class(given.py(), "Action")?)? {
        return Ok((Some(given.clone()), None));
    }
    let resolved = RESOLVE.import(given.py(), "livefloe.action", "resolve")?.call1((given,))?.cast_into::<PyTuple>()?;
    let (function, action) = (resolved.get_item(0)?, resolved.get_item(1)?);
    let actions = (!action.is_none()).then(|| actions(&action)).transpose()?;
    Ok(((!function.is_none()).then_some(function), actions))
}

/// What shows while an event is on its way: an action, or a list of them.
pub(crate) fn expected(given: &Bound<'_, PyAny>) -> PyResult<Actions> {
    match resolve(given)? {
        (_, Some(actions)) => Ok(actions),
        _ => Err(HandlerError::new_err("pending= expected an lf.action, or a list of them: what shows until the handler is done")),
    }
}
