//! Rust components in Python pages: a registry by name, and `lf.rust` that places one.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use livefloe::instance::Child;
use pyo3::{exceptions::PyValueError, prelude::*, sync::PyOnceLock};

use crate::{
    convert::unexpected,
    frame::{self, Placed},
};

/// Makes a child of the properties that Python gave, or says why they don't fit. The slot goes into the child as it is.
pub type MakeChild = fn(slot: u64, properties: serde_json::Value) -> Result<Child, String>;

static COMPONENTS: Mutex<BTreeMap<&'static str, MakeChild>> = Mutex::new(BTreeMap::new());

/// Makes a Rust component available to Python pages as `lf.rust("name", properties)`. A later one of the same name replaces it.
///
/// ```ignore
/// livefloe_python::register_component("tally", |slot, properties| {
///     let properties = serde_json::from_value(properties).map_err(|error| error.to_string())?;
///     Ok(livefloe::instance::typed_child::<Tally>(slot, properties))
/// });
/// ```
pub fn register_component(name: &'static str, make: MakeChild) {
    components().insert(name, make);
}

/// Places a Rust component: its state and handlers are Rust's, in the same page.
///
/// Args:
///     name: The name that it was registered by.
///     properties: What it takes, as `json.dumps` can write it. When they change, it renders again and keeps its state.
///     key: What tells it from its neighbours in a loop.
///
/// Raises:
///     ValueError: There is none of that name, or the properties don't fit it.
#[pyfunction]
#[pyo3(signature = (name, properties = None, *, key = None))]
pub(crate) fn rust(py: Python<'_>, name: &str, properties: Option<Bound<'_, PyAny>>, key: Option<Bound<'_, PyAny>>) -> PyResult<()> {
    static DUMPS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let slot = frame::identify(py, "rust", key.as_ref(), true)?.bytes(name.as_bytes()).slot();
    let make = components().get(name).copied();
    let make = make.ok_or_else(|| {
        let known: Vec<_> = components().keys().copied().collect();
        unexpected("name", &format!("a registered Rust component ({})", known.join(", ")), &name)
    })?;
    let json = DUMPS.import(py, "json", "dumps")?.call1((properties,))?;
    let properties = serde_json::from_str(json.extract()?).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let child = make(slot, properties).map_err(|reason| PyValueError::new_err(format!("the properties don't fit `{name}`: {reason}")))?;
    frame::use_frame("rust", |frame| {
        livefloe::tree::write_placeholder(slot, &mut frame.output.html);
        frame.output.children.push(Placed::Rust(child));
    })
}

/// The names of the registered Rust components.
#[pyfunction]
pub(crate) fn rust_components() -> Vec<&'static str> {
    components().keys().copied().collect()
}

fn components() -> MutexGuard<'static, BTreeMap<&'static str, MakeChild>> {
    COMPONENTS.lock().unwrap_or_else(PoisonError::into_inner)
}
