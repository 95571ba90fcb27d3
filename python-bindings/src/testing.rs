//! Drives pages of a Python app without a browser: `livefloe::testing`, waited for by the calling thread.

#![expect(clippy::redundant_closure_for_method_calls, reason = "a method named alone is of one lifetime only")]

use std::{
    hash::{Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use livefloe::{
    protocol::{ClientMessage, ServerMessage, describe},
    testing::{Element, NodeId, Page, Query, Role, Site, Target, TestError, Words},
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    import_exception,
    prelude::*,
    sync::MutexExt as _,
    types::PyBytes,
};

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
    fn open(&self, py: Python<'_>, path: &str, headers: Vec<(String, String)>) -> PyResult<PyPage> {
        let runtime = runtime()?;
        let site = headers.iter().try_fold(self.0.clone(), |site, (name, value)| site.with_header(name, value));
        let site = site.map_err(|error| failed(&error))?;
        let page = py.detach(|| runtime.block_on(site.open(path))).map_err(|error| failed(&error))?;
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

/// Something that was found on a page: good for as long as it is there.
#[pyclass(frozen, eq, hash, from_py_object, name = "Node", module = "livefloe._native")]
#[derive(Clone)]
pub(crate) struct PyNode {
    id: NodeId,
    /// What it was when it was found, for saying so when it is gone.
    was: String,
}

/// The same place in the tree is the same thing, whatever it has become.
impl PartialEq for PyNode {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Hash for PyNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

#[pymethods]
impl PyNode {
    fn __repr__(&self) -> &str {
        &self.was
    }
}

impl From<Element<'_>> for PyNode {
    fn from(element: Element<'_>) -> Self {
        Self { id: element.id(), was: element.to_string() }
    }
}

/// What an action is about: what a person calls it, or what was found.
#[derive(FromPyObject)]
pub(crate) enum What {
    Called(String),
    Found(PyNode),
}

impl What {
    /// As the framework knows it, and what it was.
    fn target(self) -> (Target, Option<String>) {
        match self {
            Self::Called(name) => (name.into(), None),
            Self::Found(node) => (node.id.into(), Some(node.was)),
        }
    }
}

/// Words to look for: all of them, or what a compiled pattern finds.
#[derive(FromPyObject)]
pub(crate) enum Text {
    All(String),
    Pattern(Py<PyAny>),
}

impl Text {
    /// As text that is part of another: a `str` need not be all of it.
    fn part(self, py: Python<'_>) -> PyResult<Words> {
        match self {
            Self::All(part) => Ok(Words::part(&part)),
            pattern @ Self::Pattern(_) => pattern.words(py),
        }
    }

    fn words(self, py: Python<'_>) -> PyResult<Words> {
        match self {
            Self::All(words) => Ok(words.into()),
            Self::Pattern(pattern) => {
                let expected = || PyTypeError::new_err("expected a str or a compiled pattern (re.compile) to look for");
                let shown: String = pattern.bind(py).getattr("pattern").and_then(|text| text.extract()).map_err(|_| expected())?;
                let search = pattern.bind(py).getattr("search").map_err(|_| expected())?.unbind();
                let fits = move |text: &str| Python::attach(|py| search.call1(py, (text,)).is_ok_and(|found| !found.is_none(py)));
                Ok(Words::that(format!("/{shown}/"), fits))
            }
        }
    }
}

/// A visitor's page.
#[pyclass(frozen, name = "Page", module = "livefloe._native")]
pub(crate) struct PyPage(Mutex<Page>);

macro_rules! act {
    ($self:ident, $py:ident, $was:expr, $page:ident => $action:expr) => {{
        let runtime = runtime()?;
        let result = $py.detach(|| {
            let $page = &mut *$self.lock();
            runtime.block_on(async { $action.await })
        });
        result.map_err(|error| failed_about(&error, $was))
    }};
}

#[pymethods]
impl PyPage {
    fn click(&self, py: Python<'_>, target: What) -> PyResult<()> {
        let (target, was) = target.target();
        act!(self, py, was, page => page.click(target))
    }

    fn enter(&self, py: Python<'_>, field: What, text: &str) -> PyResult<()> {
        let (field, was) = field.target();
        act!(self, py, was, page => page.enter(field, text))
    }

    fn select(&self, py: Python<'_>, field: What, choice: &str) -> PyResult<()> {
        let (field, was) = field.target();
        act!(self, py, was, page => page.select(field, choice))
    }

    fn check(&self, py: Python<'_>, field: What, on: bool) -> PyResult<()> {
        let (field, was) = field.target();
        act!(self, py, was, page => page.check(field, on))
    }

    fn upload(&self, py: Python<'_>, field: What, files: Vec<(String, String, Vec<u8>)>) -> PyResult<()> {
        let (field, was) = field.target();
        let files: Vec<_> = files.iter().map(|(name, kind, bytes)| (name.as_str(), kind.as_str(), bytes.as_slice())).collect();
        act!(self, py, was, page => page.upload(field, &files))
    }

    fn submit(&self, py: Python<'_>, inside: What) -> PyResult<()> {
        let (inside, was) = inside.target();
        act!(self, py, was, page => page.submit(inside))
    }

    fn press(&self, py: Python<'_>, field: What, key: &str) -> PyResult<()> {
        let (field, was) = field.target();
        act!(self, py, was, page => page.press(field, key))
    }

    fn until_sees(&self, py: Python<'_>, text: &str, within_s: f64) -> PyResult<()> {
        let patience = seconds(within_s)?;
        act!(self, py, None, page => patiently(page, patience, async |page: &mut Page| page.until_sees(text).await))
    }

    fn until_message(&self, py: Python<'_>, text: &str, within_s: f64) -> PyResult<()> {
        let patience = seconds(within_s)?;
        let expected = format!("a message with {text:?}");
        let has = |page: &Page| page.messages().any(|message| message.contains(text));
        act!(self, py, None, page => patiently(page, patience, async |page: &mut Page| page.until(&expected, has).await))
    }

    fn set_waiting(&self, py: Python<'_>, waits: bool) {
        py.detach(|| self.lock().set_waiting(waits));
    }

    fn settled(&self, py: Python<'_>, within_s: f64) -> PyResult<()> {
        let patience = seconds(within_s)?;
        act!(self, py, None, page => patiently(page, patience, async |page: &mut Page| page.settled().await))
    }

    /// Takes what comes next, waiting at most this long for it.
    fn next(&self, py: Python<'_>, at_most_s: f64) -> PyResult<bool> {
        let at_most = seconds(at_most_s)?;
        act!(self, py, None, page => page.next(at_most))
    }

    fn connect(&self, py: Python<'_>) -> PyResult<()> {
        act!(self, py, None, page => page.connect())
    }

    fn restart(&self, py: Python<'_>) -> PyResult<()> {
        act!(self, py, None, page => page.restart())
    }

    fn disconnect(&self, py: Python<'_>) {
        self.read(py).disconnect();
    }

    /// All that fit; or with `one` the only one that does.
    #[pyo3(signature = (*, role, name, label, text, has, id, test_id, inside, one))]
    #[expect(clippy::too_many_arguments, reason = "each says one more thing about what is looked for")]
    fn find(
        &self,
        py: Python<'_>,
        role: Option<&str>,
        name: Option<Text>,
        label: Option<Text>,
        text: Option<Text>,
        has: Option<Text>,
        id: Option<String>,
        test_id: Option<String>,
        inside: Option<PyNode>,
        one: bool,
    ) -> PyResult<Vec<PyNode>> {
        let mut query = Query::any();
        if let Some(role) = role {
            query = query.with_role(role.parse::<Role>().map_err(|error| PyValueError::new_err(error.to_string()))?);
        }
        for (words, add) in [(name, Query::name as fn(Query, Words) -> Query), (label, Query::labelled), (text, Query::with_text)] {
            if let Some(words) = words {
                query = add(query, words.words(py)?);
            }
        }
        if let Some(has) = has {
            query = query.has(has.part(py)?);
        }
        let was = inside.as_ref().map(|inside| inside.was.clone());
        query = id.map_or(query.clone(), |id| query.with_id(id));
        query = test_id.map_or(query.clone(), |id| query.with_test_id(id));
        query = inside.map_or(query.clone(), |inside| query.inside(inside.id));
        let page = self.read(py);
        let found = if one { page.get(query).map(|only| vec![only]) } else { page.all(query) };
        found.map(|found| found.into_iter().map(PyNode::from).collect()).map_err(|error| failed_about(&error, was))
    }

    fn role_of(&self, py: Python<'_>, node: PyNode) -> PyResult<Option<&'static str>> {
        self.look(py, node, |element| element.role().map(Role::as_str))
    }

    fn name_of(&self, py: Python<'_>, node: PyNode) -> PyResult<String> {
        self.look(py, node, |element| element.name())
    }

    fn text_of(&self, py: Python<'_>, node: PyNode) -> PyResult<String> {
        self.look(py, node, |element| element.text())
    }

    fn value_of(&self, py: Python<'_>, node: PyNode) -> PyResult<Option<String>> {
        self.look(py, node, |element| element.value())
    }

    fn attribute_of(&self, py: Python<'_>, node: PyNode, name: &str) -> PyResult<Option<String>> {
        self.look(py, node, |element| element.attribute(name).map(str::to_owned))
    }

    fn checked_of(&self, py: Python<'_>, node: PyNode) -> PyResult<Option<bool>> {
        self.look(py, node, |element| element.is_checked())
    }

    fn disabled_of(&self, py: Python<'_>, node: PyNode) -> PyResult<bool> {
        self.look(py, node, |element| element.is_disabled())
    }

    fn visible_of(&self, py: Python<'_>, node: PyNode) -> bool {
        self.look(py, node, |element| element.is_visible()).unwrap_or(false)
    }

    fn outline_of(&self, py: Python<'_>, node: PyNode) -> PyResult<String> {
        self.look(py, node, |element| element.outline())
    }

    fn line_of(&self, py: Python<'_>, node: PyNode) -> PyResult<String> {
        self.look(py, node, |element| element.to_string())
    }

    fn sees(&self, py: Python<'_>, text: &str) -> bool {
        self.read(py).sees(text)
    }

    fn text(&self, py: Python<'_>) -> String {
        self.read(py).text()
    }

    fn html(&self, py: Python<'_>) -> String {
        self.read(py).html()
    }

    fn outline(&self, py: Python<'_>) -> String {
        self.read(py).outline()
    }

    /// The outline as errors say it.
    fn shown(&self, py: Python<'_>) -> String {
        self.read(py).shown()
    }

    fn changes(&self, py: Python<'_>) -> Vec<String> {
        self.read(py).changes()
    }

    fn touched(&self, py: Python<'_>) -> Vec<PyNode> {
        self.read(py).touched().into_iter().map(PyNode::from).collect()
    }

    fn title(&self, py: Python<'_>) -> String {
        self.read(py).title().to_owned()
    }

    fn value(&self, py: Python<'_>, field: &str) -> PyResult<String> {
        self.read(py).value(field).map_err(|error| failed(&error))
    }

    fn messages(&self, py: Python<'_>) -> Vec<String> {
        self.read(py).messages().map(str::to_owned).collect()
    }

    fn navigated(&self, py: Python<'_>) -> Option<String> {
        self.read(py).navigated().map(str::to_owned)
    }

    /// The patches that came, or those since the last action: number, size in bytes and operations in words.
    fn patches(&self, py: Python<'_>, new: bool) -> Vec<(u64, usize, Vec<String>)> {
        let page = self.read(py);
        let patches = if new { page.new_patches() } else { page.patches() };
        patches.iter().map(|patch| (patch.seq, patch.bytes, patch.words.clone())).collect()
    }
}

impl PyPage {
    /// Only without the interpreter: who holds the page may be waiting for a handler, which needs it.
    fn lock(&self) -> MutexGuard<'_, Page> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, py: Python<'_>) -> MutexGuard<'_, Page> {
        self.0.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }

    fn look<T>(&self, py: Python<'_>, node: PyNode, look: impl FnOnce(Element<'_>) -> T) -> PyResult<T> {
        self.read(py).element(node.id).map(look).map_err(|error| failed_about(&error, Some(node.was)))
    }
}

/// Does something with another patience than the page's own.
async fn patiently<T>(
    page: &mut Page,
    patience: Duration,
    action: impl AsyncFnOnce(&mut Page) -> Result<T, TestError>,
) -> Result<T, TestError> {
    let before = page.patience();
    page.set_patience(patience);
    let result = action(page).await;
    page.set_patience(before);
    result
}

fn seconds(within_s: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(within_s).map_err(|_| PyValueError::new_err(format!("expected a number of seconds from 0, got {within_s}")))
}

fn failed(error: &TestError) -> PyErr {
    failed_about(error, None)
}

/// `was`: what the action was about, when it was found.
fn failed_about(error: &TestError, was: Option<String>) -> PyErr {
    match (error, was) {
        (TestError::Refused { code, message, fields }, _) => Refused::new_err((*code, message.clone(), fields.clone())),
        (TestError::Gone { page }, Some(was)) => TestFailed::new_err(format!("{was} is no longer on the page, find it again; {page}")),
        _ => TestFailed::new_err(error.to_string()),
    }
}

/// The names of all roles.
#[pyfunction]
pub(crate) fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.as_str()).collect()
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
