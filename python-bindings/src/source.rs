//! [`Source`]: something that is read and changes: a field of a state, a list inside of it, a value that is computed from others.
//!
//! Every source has a *version*, which rises when it changes. Who reads a source (a component that renders, a value that is computed)
//! remembers the version. So a change does two things: it marks what may be out of date downwards, and who is asked then looks upwards
//! whether a version really is another; a computed value that came out equal ends the matter there. (The two colours of the Rust
//! compiler's queries and of Salsa.)

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use pyo3::prelude::*;

use crate::{derived::Derived, reader, turn, world::World};

/// A mounted component, as the sources that it read know it.
pub(crate) struct Mark {
    /// Its session; gone when that has ended.
    pub(crate) world: Weak<World>,
    /// Its node in that session.
    pub(crate) node: u64,
    /// Something that it read may have changed and it has not run since.
    pub(crate) is_dirty: AtomicBool,
}

/// Who read a source.
#[derive(Clone)]
pub(crate) enum Watcher {
    Component(Arc<Mark>),
    Derived(Weak<Derived>),
}

impl Watcher {
    fn address(&self) -> usize {
        match self {
            Self::Component(mark) => Arc::as_ptr(mark) as usize,
            Self::Derived(derived) => derived.as_ptr() as usize,
        }
    }

    /// Whether both are the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.address() == other.address()
    }
}

/// A source as a reader has seen it.
#[derive(Clone)]
pub(crate) struct Input {
    pub(crate) source: Arc<Source>,
    version: u64,
    /// What is inside of it doesn't matter to this reader.
    is_shallow: bool,
}

impl Input {
    pub(crate) fn new(source: &Arc<Source>, version: u64) -> Self {
        Self { source: Arc::clone(source), version, is_shallow: false }
    }

    fn shallow(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), version: source.own_version(), is_shallow: true }
    }

    /// Whether it is another now. What is computed is brought up to date first, which runs Python.
    pub(crate) fn has_changed(&self, py: Python<'_>) -> bool {
        if let Some(derived) = self.source.derived() {
            derived.refresh(py);
        }
        let version = if self.is_shallow { self.source.own_version() } else { self.source.version() };
        version != self.version
    }
}

/// Something that is read and changes.
#[derive(Default)]
pub(crate) struct Source {
    /// Rises with each change of it, and of what is inside of it.
    version: AtomicU64,
    /// Rises with each change of it alone.
    own_version: AtomicU64,
    /// Who read it, by address.
    observers: Mutex<HashMap<usize, Watcher>>,
    /// What this is part of: a list's field, a message's list. Whoever read those has read this.
    parents: Mutex<Vec<Weak<Self>>>,
    /// What makes its value, if that is computed.
    derived: OnceLock<Weak<Derived>>,
    /// The last reader that read it, so that reading it again in the same run costs a comparison.
    reader: AtomicU64,
    /// The last turn that changed it.
    turn: AtomicU64,
}

impl Source {
    /// The source of a computed value.
    pub(crate) fn of(derived: Weak<Derived>) -> Arc<Self> {
        Arc::new(Self { derived: OnceLock::from(derived), ..Self::default() })
    }

    /// Notes that the running reader, if any, has read this. To be called before its value is looked at.
    #[inline]
    pub(crate) fn read(self: &Arc<Self>) {
        if self.is_news() {
            reader::watch(self);
            reader::depend(Input::new(self, self.version()));
        }
    }

    /// The same for a reader to whom only this matters, and nothing that is inside of it: which items a list has, and not what they say.
    pub(crate) fn read_shallow(self: &Arc<Self>) {
        if reader::serial() != 0 {
            reader::watch(self);
            reader::depend(Input::shallow(self));
        }
    }

    /// Whether there is a reader which has not read this yet.
    #[inline]
    pub(crate) fn is_news(&self) -> bool {
        let reader = reader::serial();
        reader != 0 && self.reader.swap(reader, Ordering::Relaxed) != reader
    }

    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    fn own_version(&self) -> u64 {
        self.own_version.load(Ordering::Acquire)
    }

    /// It has another value now. Marks what is computed from it; showing it is the turn's business.
    pub(crate) fn change(&self) {
        self.own_version.fetch_add(1, Ordering::Release);
        self.version.fetch_add(1, Ordering::Release);
        self.suspect_readers();
        let mut rest = self.parents();
        let mut seen: Vec<*const Self> = vec![];
        while let Some(source) = rest.pop() {
            if std::ptr::eq(Arc::as_ptr(&source), self) || seen.contains(&Arc::as_ptr(&source)) {
                continue;
            }
            seen.push(Arc::as_ptr(&source));
            source.version.fetch_add(1, Ordering::Release);
            source.suspect_readers();
            rest.extend(source.parents());
        }
    }

    /// Marks what is computed from this, and from that, as maybe out of date.
    fn suspect_readers(&self) {
        let derived: Vec<_> = {
            let observers = lock(&self.observers);
            observers
                .values()
                .filter_map(|watcher| if let Watcher::Derived(derived) = watcher { derived.upgrade() } else { None })
                .collect()
        };
        for derived in derived {
            if derived.suspect() {
                derived.source.suspect_readers();
            }
        }
    }

    fn derived(&self) -> Option<Arc<Derived>> {
        self.derived.get().and_then(Weak::upgrade)
    }

    pub(crate) fn add_observer(&self, watcher: &Watcher) {
        lock(&self.observers).insert(watcher.address(), watcher.clone());
    }

    pub(crate) fn remove_observer(&self, watcher: &Watcher) {
        lock(&self.observers).remove(&watcher.address());
    }

    pub(crate) fn n_observers(&self) -> usize {
        lock(&self.observers).len()
    }

    pub(crate) fn add_parent(&self, parent: &Arc<Self>) {
        let mut parents = lock(&self.parents);
        let mut is_known = false;
        parents.retain(|known| {
            is_known |= known.as_ptr() == Arc::as_ptr(parent);
            known.strong_count() > 0
        });
        if !is_known {
            parents.push(Arc::downgrade(parent));
        }
    }

    fn parents(&self) -> Vec<Arc<Self>> {
        lock(&self.parents).iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether this is the first change in that turn.
    pub(crate) fn is_first_change(&self, turn: u64) -> bool {
        self.turn.swap(turn, Ordering::Relaxed) != turn
    }

    /// What one turn changed another answers for now, unless a third has changed it since.
    pub(crate) fn pass_on(&self, from: u64, to: u64) {
        let _ = self.turn.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The last turn that changed it; 0 for none.
    pub(crate) fn last_turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }
}

/// The components that show one of these sources, what it is part of, or what is computed from it: they may be out of date.
pub(crate) fn observers(sources: &[Arc<Source>]) -> Vec<Arc<Mark>> {
    let mut marks = HashMap::new();
    let mut seen = HashSet::new();
    let mut rest: Vec<_> = sources.to_vec();
    while let Some(source) = rest.pop() {
        if !seen.insert(Arc::as_ptr(&source)) {
            continue;
        }
        for watcher in lock(&source.observers).values() {
            match watcher {
                Watcher::Component(mark) => drop(marks.insert(watcher.address(), Arc::clone(mark))),
                Watcher::Derived(derived) => rest.extend(derived.upgrade().map(|derived| Arc::clone(&derived.source))),
            }
        }
        rest.extend(source.parents());
    }
    marks.into_values().collect()
}

/// No longer tells `watcher` of what is in `before` and not in `now`.
pub(crate) fn leave(watcher: &Watcher, before: &[Input], now: &[Input]) {
    if before.is_empty() {
        return;
    }
    let kept: HashSet<_> = now.iter().map(|input| Arc::as_ptr(&input.source)).collect();
    for input in before {
        if !kept.contains(&Arc::as_ptr(&input.source)) {
            input.source.remove_observer(watcher);
        }
    }
}

/// The source of a tracked list, dict, set or data class, for Python.
#[pyclass(frozen, name = "Source", module = "livefloe._native")]
pub(crate) struct PySource(pub(crate) Arc<Source>);

#[pymethods]
impl PySource {
    #[new]
    fn new() -> Self {
        Self(Arc::default())
    }

    /// Says what this is part of.
    fn adopt(&self, parent: &Self) {
        if !Arc::ptr_eq(&self.0, &parent.0) {
            self.0.add_parent(&parent.0);
        }
    }

    /// Before a change. 0: outside of a turn; 1: the first change in this turn, give `on_undo` the way back; 2: a later one.
    fn begin(&self, py: Python<'_>, what: &str) -> PyResult<u8> {
        reader::refuse_to_write(what)?;
        let Some(turn) = turn::current(py)? else { return Ok(0) };
        Ok(if turn.touch(&self.0) { 1 } else { 2 })
    }

    /// Keeps what takes the changes of this turn back.
    fn on_undo(&self, py: Python<'_>, undo: Py<PyAny>) -> PyResult<()> {
        if let Some(turn) = turn::current(py)? {
            turn.on_undo(&self.0, undo);
        }
        Ok(())
    }

    /// After the change; `begun` is what `begin` said. Outside of a turn whoever shows it renders again.
    fn end(&self, begun: u8) {
        self.0.change();
        if begun == 0 {
            crate::world::publish(&[Arc::clone(&self.0)]);
        }
    }

    /// Notes that what renders or computes has read this.
    fn read(&self) {
        self.0.read();
    }

    /// How many components would render again.
    fn n_observers(&self) -> usize {
        self.0.n_observers()
    }

    /// A copy of what it belongs to has a source of its own.
    fn __reduce__(slf: &Bound<'_, Self>) -> (Py<PyAny>, ()) {
        (slf.get_type().into_any().unbind(), ())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
