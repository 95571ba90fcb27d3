//! [`Frame`]: one component being rendered. Widgets write into the frame on top of the thread's stack; what it collects
//! becomes the component's [`Output`].

use std::{borrow::Cow, cell::RefCell, collections::HashMap, sync::Arc};

use livefloe::{
    Binding, HandlerId, Identity, Uploads,
    instance::{Child, Presence, Timer},
};
use pyo3::prelude::*;

use crate::{
    error::RenderError,
    handler::Handler,
    lint::{self, Keyless},
    pass::Pass,
    reader, site,
    source::{Input, Mark, Watcher},
    world::World,
};

/// What rendering a component gave.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) html: String,
    pub(crate) title: Option<String>,
    pub(crate) children: Vec<Placed>,
    pub(crate) handlers: Vec<(HandlerId, Arc<Handler>)>,
    pub(crate) presences: Vec<Presence>,
    pub(crate) timers: Vec<Timer>,
}

impl Output {
    pub(crate) fn places(&self, node: u64) -> bool {
        self.children.iter().any(|child| matches!(child, Placed::Node(_, placed) if *placed == node))
    }
}

/// A child in a component's output.
pub(crate) enum Placed {
    /// A Python component: its slot and node.
    Node(u64, u64),
    /// A Rust component.
    Rust(Child),
}

/// A component being rendered.
pub(crate) struct Frame {
    pub(crate) node: u64,
    /// What it is called in messages.
    pub(crate) name: String,
    pub(crate) depth: u32,
    pub(crate) identity: Identity,
    pub(crate) mark: Arc<Mark>,
    pub(crate) output: Output,
    /// What it read; filled in when it has run.
    pub(crate) inputs: Vec<Input>,
    /// Where the walk over Python's stack ends: the frame that called the component, if there is one.
    boundary: Option<Py<PyAny>>,
    /// How often each place in the source has been passed.
    occurrences: HashMap<u64, u64>,
    /// What it mentions in actions and expressions.
    pub(crate) bindings: HashMap<HandlerId, Binding<()>>,
    /// Containers that were made and not entered.
    pub(crate) unopened: Vec<&'static str>,
    /// In development: what was placed without a key.
    pub(crate) keyless: Keyless,
}

/// A rendering of one session under way on this thread.
struct Renderer {
    pass: Pass,
    frames: Vec<Frame>,
}

thread_local! {
    static RENDERER: RefCell<Option<Renderer>> = const { RefCell::new(None) };
}

impl Frame {
    pub(crate) fn new(node: u64, name: String, depth: u32, identity: Identity, mark: Arc<Mark>, boundary: Option<Py<PyAny>>) -> Self {
        Self {
            node,
            name,
            depth,
            identity,
            mark,
            output: Output::default(),
            inputs: Vec::new(),
            boundary,
            occurrences: HashMap::new(),
            bindings: HashMap::new(),
            unopened: Vec::new(),
            keyless: Keyless::new(),
        }
    }
}

/// Runs `work` as a rendering on this thread, and gives back what it staged.
pub(crate) fn render<T>(pass: Pass, work: impl FnOnce() -> PyResult<T>) -> (Pass, PyResult<T>) {
    let outer = RENDERER.replace(Some(Renderer { pass, frames: Vec::new() }));
    let result = reader::outside(work);
    match RENDERER.replace(outer) {
        Some(renderer) => (renderer.pass, result),
        None => unreachable!("a rendering puts back what it took"),
    }
}

/// Puts a frame on the stack, runs `body` and takes it off.
pub(crate) fn within<T>(frame: Frame, body: impl FnOnce() -> PyResult<T>) -> (Frame, PyResult<T>) {
    let watcher = Watcher::Component(Arc::clone(&frame.mark));
    let name = frame.name.clone();
    with(|renderer| renderer.frames.push(frame));
    let (result, inputs) = reader::within(watcher, name, body);
    match with(|renderer| renderer.frames.pop()).flatten() {
        Some(frame) => (Frame { inputs, ..frame }, result),
        None => unreachable!("what is put on the stack here is taken off here"),
    }
}

/// Whether a component is being rendered on this thread.
pub(crate) fn is_rendering() -> bool {
    with(|renderer| !renderer.frames.is_empty()).unwrap_or(false)
}

/// The session that is being rendered.
pub(crate) fn world() -> Option<Arc<World>> {
    with(|renderer| Arc::clone(&renderer.pass.world))
}

/// A path of the app as a link on this page has to have it.
pub(crate) fn href(address: &str) -> Cow<'_, str> {
    match world().filter(|_| address.starts_with('/')).and_then(|world| world.link()) {
        Some(link) => link.href(address).into_owned().into(),
        None => address.into(),
    }
}

/// The right to bring files to the session that is being rendered.
pub(crate) fn uploads() -> Option<Uploads> {
    world()?.link().map(|link| link.session_uploads())
}

/// Uses the frame on top. `what` asks: it is named where there is no frame.
pub(crate) fn use_frame<T>(what: &str, body: impl FnOnce(&mut Frame) -> T) -> PyResult<T> {
    if reader::is_computing() {
        let computed = reader::name().unwrap_or_default();
        return Err(RenderError::new_err(format!("lf.{what} was called by `{computed}`, which gives a value and shows nothing")));
    }
    let used = with(|renderer| renderer.frames.last_mut().map(body)).flatten();
    used.ok_or_else(|| RenderError::new_err(format!("lf.{what} was called outside of rendering: widgets belong in a page or a component")))
}

/// Uses the rendering's staged changes.
pub(crate) fn use_pass<T>(body: impl FnOnce(&mut Pass) -> T) -> PyResult<T> {
    with(|renderer| body(&mut renderer.pass)).ok_or_else(|| RenderError::new_err("nothing is being rendered"))
}

/// Writes into the frame on top.
pub(crate) fn write(what: &str, body: impl FnOnce(&mut String)) -> PyResult<()> {
    use_frame(what, |frame| body(&mut frame.output.html))
}

/// Says which place in the source the running call comes from, within the component. In a loop the key tells them apart, or else
/// how often the place has been passed; with `is_unique`, one key twice is an error.
pub(crate) fn identify(py: Python<'_>, what: &str, key: Option<&Bound<'_, PyAny>>, is_unique: bool) -> PyResult<Identity> {
    let (identity, boundary) = use_frame(what, |frame| (frame.identity, frame.boundary.as_ref().map(|boundary| boundary.clone_ref(py))))?;
    let mut identity = site::mix(py, identity, boundary.as_ref())?;
    if let Some(key) = key {
        identity = site::mix_key(identity, key)?;
    }
    let occurrence = use_frame(what, |frame| {
        let occurrence = frame.occurrences.entry(identity.slot()).or_default();
        *occurrence += 1;
        *occurrence
    })?;
    if is_unique && key.is_none() && lint::is_on() {
        let line = lint::line(py);
        use_frame(what, |frame| drop(frame.keyless.insert(identity.slot(), (occurrence, line))))?;
    }
    match (occurrence, key) {
        (1, _) => Ok(identity),
        (_, Some(key)) if is_unique => {
            Err(RenderError::new_err(format!("two of `{what}` have the key {} here; give each its own", key.repr()?)))
        }
        _ => Ok(identity.number(occurrence)),
    }
}

fn with<T>(body: impl FnOnce(&mut Renderer) -> T) -> Option<T> {
    RENDERER.with_borrow_mut(|renderer| renderer.as_mut().map(body))
}
