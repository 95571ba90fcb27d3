//! Drives pages of a Python app without a browser: `livefloe::testing`, waited for by the calling thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use livefloe::{
    protocol::{ClientMessage, ServerMessage, describe},
    testing::{Page, Patch, Site, TestError},
};
use pyo3::{exceptions::PyValueError, import_exception, prelude::*, types::PyBytes};

use crate::{
    app::{AppCore, runtime},
    error::exception,
};

import_exception!(livefloe.errors, TestFailed);
import_exception!(livefloe.errors, Refused);

/// An app under test.
#[pyclass(frozen, name = "Site", module = "livefloe._native")]
pub(crate) struct PySite(Site);

#[pymethods]
impl PySite {
    #[new]
    fn new(app: &Bound<'_, AppCore>) -> PyResult<Self> {
        // Entered, since the sessions are tasks.
        let _entered = runtime()?.enter();
        Site::new(app.get().build(true)).map(Self).map_err(|error| exception(&error))
    }

    /// Opens a page as a new visitor.
    fn open(&self, py: Python<'_>, path: &str) -> PyResult<PyPage> {
        let runtime = runtime()?;
        let page = py.detach(|| runtime.block_on(self.0.open(path))).map_err(|error| failed(&error))?;
        Ok(PyPage(Mutex::new(page)))
    }

    /// The status and the body of a GET.
    fn get(&self, py: Python<'_>, path: &str) -> PyResult<(u16, String)> {
        let runtime = runtime()?;
        let (status, body) = py.detach(|| runtime.block_on(self.0.get(path)));
        Ok((status.as_u16(), body))
    }

    /// Ends every session.
    fn close(&self) {
        self.0.close();
    }

    /// How many sessions live.
    fn n_sessions(&self) -> usize {
        self.0.n_sessions()
    }
}

/// A visitor's page.
#[pyclass(frozen, name = "Page", module = "livefloe._native")]
pub(crate) struct PyPage(Mutex<Page>);

macro_rules! act {
    ($self:ident, $py:ident, $page:ident => $action:expr) => {{
        let runtime = runtime()?;
        let result = $py.detach(|| {
            let $page = &mut *$self.lock();
            runtime.block_on(async { $action.await })
        });
        result.map_err(|error| failed(&error))
    }};
}

#[pymethods]
impl PyPage {
    fn click(&self, py: Python<'_>, target: &str) -> PyResult<()> {
        act!(self, py, page => page.click(target))
    }

    fn enter(&self, py: Python<'_>, field: &str, text: &str) -> PyResult<()> {
        act!(self, py, page => page.enter(field, text))
    }

    fn check(&self, py: Python<'_>, field: &str, on: bool) -> PyResult<()> {
        act!(self, py, page => page.check(field, on))
    }

    fn submit(&self, py: Python<'_>, inside: &str) -> PyResult<()> {
        act!(self, py, page => page.submit(inside))
    }

    fn until_sees(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        act!(self, py, page => page.until_sees(text))
    }

    fn until_message(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        act!(self, py, page => page.until(text, |page| page.messages().any(|message| message.contains(text))))
    }

    fn connect(&self, py: Python<'_>) -> PyResult<()> {
        act!(self, py, page => page.connect())
    }

    fn restart(&self, py: Python<'_>) -> PyResult<()> {
        act!(self, py, page => page.restart())
    }

    fn disconnect(&self) {
        self.lock().disconnect();
    }

    fn sees(&self, text: &str) -> bool {
        self.lock().sees(text)
    }

    fn text(&self) -> String {
        self.lock().text()
    }

    fn html(&self) -> String {
        self.lock().html()
    }

    fn title(&self) -> String {
        self.lock().title().to_owned()
    }

    fn value(&self, field: &str) -> PyResult<String> {
        self.lock().value(field).map_err(|error| failed(&error))
    }

    fn messages(&self) -> Vec<String> {
        self.lock().messages().map(str::to_owned).collect()
    }

    fn navigated(&self) -> Option<String> {
        self.lock().navigated().map(str::to_owned)
    }

    /// The patches that came: number, size in bytes and operations in words.
    fn patches(&self) -> Vec<(u64, usize, Vec<String>)> {
        let operations = |patch: &Patch| patch.operations.iter().map(|operation| format!("{operation:?}")).collect();
        self.lock().patches().iter().map(|patch| (patch.seq, patch.bytes, operations(patch))).collect()
    }
}

impl PyPage {
    fn lock(&self) -> MutexGuard<'_, Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error: &TestError) -> PyErr {
    match error {
        TestError::Refused { code, message, fields } => Refused::new_err((*code, message.clone(), fields.clone())),
        _ => TestFailed::new_err(error.to_string()),
    }
}

/// A frame of the wire protocol as JSON.
///
/// `direction` is `client` for one that a client sends, `server` for one of the server's.
#[pyfunction]
pub(crate) fn decode_frame(direction: &str, frame: &[u8]) -> PyResult<String> {
    let wrong = |error: &dyn std::fmt::Display| PyValueError::new_err(format!("malformed frame: {error}"));
    let value = match direction {
        "client" => describe::client_to_json(&ClientMessage::decode(frame).map_err(|error| wrong(&error))?),
        "server" => describe::server_to_json(&ServerMessage::decode(frame).map_err(|error| wrong(&error))?),
        _ => return Err(PyValueError::new_err("direction expected 'client' or 'server'")),
    };
    Ok(value.to_string())
}

/// The frame that the JSON describes.
#[pyfunction]
pub(crate) fn encode_frame<'py>(py: Python<'py>, direction: &str, json: &str) -> PyResult<Bound<'py, PyBytes>> {
    let wrong = |error: serde_json::Error| PyValueError::new_err(format!("no message: {error}"));
    let value = serde_json::from_str(json).map_err(wrong)?;
    let frame = match direction {
        "client" => describe::client_from_json(&value).map_err(wrong)?.encode(),
        "server" => describe::server_from_json(&value).map_err(wrong)?.encode(),
        _ => return Err(PyValueError::new_err("direction expected 'client' or 'server'")),
    };
    Ok(PyBytes::new(py, &frame))
}
