//! [`StateCore`] and [`Field`]: the values of a state, and the descriptors through which Python reads and writes them.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use pyo3::{intern, prelude::*, types::PyType};

use crate::{
    derived::Derived,
    error::{NoSessionError, StateError},
    executor::{self, Admission},
    session::{self, Session},
    slots::Slots,
    source::PySource,
    world::World,
};

/// The base of `livefloe.State`.
#[pyclass(frozen, subclass, weakref, module = "livefloe._native")]
pub(crate) struct StateCore {
    pub(crate) slots: Arc<Slots>,
    /// The session that it is of; unset for what is shared.
    pub(crate) world: OnceLock<Weak<World>>,
    /// What is made from those, by the address of its descriptor; each from when it is first asked for.
    derived: Mutex<Vec<(usize, Arc<Derived>)>>,
}

#[pymethods]
impl StateCore {
    #[new]
    #[classmethod]
    fn new(class: &Bound<'_, PyType>) -> PyResult<Self> {
        let n_fields = class.getattr("__livefloe_fields__")?.len()?;
        Ok(Self { slots: Slots::new(n_fields), world: OnceLock::new(), derived: Mutex::default() })
    }
}

impl StateCore {
    /// A field's value, if it has been given one. Reads nothing, as far as components are concerned.
    pub(crate) fn value(&self, py: Python<'_>, field: &Field) -> Option<Py<PyAny>> {
        self.slots.peek(py, field.index)
    }

    /// What a descriptor makes of this state.
    pub(crate) fn derived(&self, descriptor: usize, make: impl FnOnce() -> PyResult<Arc<Derived>>) -> PyResult<Arc<Derived>> {
        let find =
            |all: &[(usize, Arc<Derived>)]| all.iter().find(|(known, _)| *known == descriptor).map(|(_, derived)| Arc::clone(derived));
        if let Some(derived) = find(&self.lock_derived()) {
            return Ok(derived);
        }
        let fresh = make()?; // may run Python: no lock is held
        let mut all = self.lock_derived();
        if let Some(derived) = find(&all) {
            return Ok(derived); // another thread was faster
        }
        all.push((descriptor, Arc::clone(&fresh)));
        Ok(fresh)
    }

    /// Ends what it loads and forgets what it has computed: that may hold the state itself.
    pub(crate) fn close(&self, py: Python<'_>) {
        let derived = std::mem::take(&mut *self.lock_derived());
        for (_, derived) in derived {
            derived.close(py);
        }
    }

    fn lock_derived(&self) -> MutexGuard<'_, Vec<(usize, Arc<Derived>)>> {
        self.derived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A field of a state: a descriptor. On an instance it is the value, on the class the field itself, to bind widgets to.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Field {
    index: usize,
    /// Its name in the class.
    #[pyo3(get)]
    pub(crate) name: String,
    /// The class that it belongs to.
    #[pyo3(get)]
    pub(crate) owner: Py<PyType>,
}

#[pymethods]
impl Field {
    #[new]
    fn new(owner: Py<PyType>, index: usize, name: String) -> Self {
        Self { index, name, owner }
    }

    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Ok(state) = instance.cast::<StateCore>() else { return Ok(slf.clone().into_any()) };
        state.get().slots.read(slf.py(), slf.get().index).ok_or_else(|| slf.get().missing(slf.py()))
    }

    fn __set__(&self, instance: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        instance.cast::<StateCore>()?.get().slots.write(self.index, value, || self.path(instance.py()))
    }

    /// The value, for a component to which only matters which items it holds: of a list of messages, which there are, and not what they say.
    fn shallow<'py>(&self, instance: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = instance.py();
        let value = instance.cast::<StateCore>()?.get().slots.read_shallow(py, self.index).ok_or_else(|| self.missing(py))?;
        if let Some(source) = value.getattr_opt(intern!(py, "__livefloe_source__"))?
            && let Ok(source) = source.cast::<PySource>()
        {
            source.get().0.read_shallow();
        }
        Ok(value)
    }

    /// Says that the value was changed in a way that can't be noticed, such as an array's elements.
    fn touch(&self, instance: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = instance.py();
        instance.cast::<StateCore>()?.get().slots.touch(py, self.index, || self.path(py))
    }

    /// Rises with each change that is noticed.
    fn version(&self, instance: &Bound<'_, PyAny>) -> PyResult<u64> {
        Ok(instance.cast::<StateCore>()?.get().slots.source(self.index).version())
    }

    /// How many components would render again if the value changed.
    fn n_observers(&self, instance: &Bound<'_, PyAny>) -> PyResult<usize> {
        Ok(instance.cast::<StateCore>()?.get().slots.source(self.index).n_observers())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<field {}>", self.path(py)?))
    }
}

impl Field {
    /// `Chat.messages`, for messages.
    fn path(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("{}.{}", self.owner.bind(py).name()?, self.name))
    }

    fn missing(&self, py: Python<'_>) -> PyErr {
        let path = self.path(py).unwrap_or_else(|_| self.name.clone());
        StateError::new_err(format!("`{path}` has no value yet: give it a default in the class, or set it before it is read"))
    }
}

/// The calling session's instance of a state, or the app's; made when it is asked for first.
#[pyfunction]
pub(crate) fn state_of(class: &Bound<'_, PyType>) -> PyResult<Py<PyAny>> {
    let py = class.py();
    let Some(world) = session::world(py)? else {
        if scope(class)? == Scope::App {
            return Err(NoSessionError::new_err(format!(
                "no session is running here, so {name}() can't know which app is meant: outside of pages, components and handlers write {name}.of(app)",
                name = class.name()?
            )));
        }
        return Err(NoSessionError::new_err(format!(
            "{name}() is a visitor's own, and no session is running here: call it in a page, a component or a handler (a thread of your own \
             has no session: hand it what lf.session() gives and write {name}.of(session) there; `asyncio.to_thread` and `lf.spawn` keep it)",
            name = class.name()?
        )));
    };
    of(class, &world)
}

/// A session's instance of a state, for code that knows the session.
#[pyfunction]
pub(crate) fn state_in(class: &Bound<'_, PyType>, session: &Session) -> PyResult<Py<PyAny>> {
    match session.world() {
        Some(world) if world.link().is_some() => of(class, &world),
        _ => Err(NoSessionError::new_err(format!("{}.of(session) was called when the session had ended", class.name()?))),
    }
}

/// How many share an instance.
#[derive(PartialEq, Eq)]
enum Scope {
    Session,
    User,
    App,
}

fn scope(class: &Bound<'_, PyType>) -> PyResult<Scope> {
    Ok(match class.getattr(intern!(class.py(), "__livefloe_scope__"))?.extract::<&str>()? {
        "app" => Scope::App,
        "user" => Scope::User,
        _ => Scope::Session,
    })
}

fn of(class: &Bound<'_, PyType>, world: &Arc<World>) -> PyResult<Py<PyAny>> {
    let py = class.py();
    // Most are the session's own, and there already.
    if let Some(state) = world.states.find(class) {
        return Ok(state);
    }
    match scope(class)? {
        Scope::App => return world.app_states.get(class, |_| Ok(())),
        Scope::User => {
            let Some(user) = world.user_states() else {
                return Err(NoSessionError::new_err(format!("{}() was called when its session had ended", class.name()?)));
            };
            return user.states.get(class, |_| Ok(()));
        }
        Scope::Session => {}
    }
    let mut is_mirrored = false;
    let (state, is_new) = world.states.make(class, |made| {
        // A new one has none.
        let _ = made.cast::<StateCore>()?.get().world.set(Arc::downgrade(world));
        is_mirrored = world.mirrors.fill(made)?;
        // What the session had is newer than what it was opened with.
        world.saved.fill(made)
    })?;
    if is_new && is_mirrored {
        world.mirrors.enter(py, world, &state)?;
    }
    Ok(state)
}

/// Instances by class, of a session, a user or an app.
#[derive(Default)]
pub(crate) struct States(Mutex<Vec<(Py<PyType>, Py<PyAny>)>>);

impl States {
    /// The instance of a class. A new one is given to `fill` when it has its defaults.
    pub(crate) fn get(&self, class: &Bound<'_, PyType>, fill: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()>) -> PyResult<Py<PyAny>> {
        match self.find(class) {
            Some(state) => Ok(state),
            None => self.make(class, fill).map(|(state, _)| state),
        }
    }

    /// Makes the instance of a class that has none. Whether it is this one: another thread may be faster.
    fn make(&self, class: &Bound<'_, PyType>, fill: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()>) -> PyResult<(Py<PyAny>, bool)> {
        let py = class.py();
        // Filling in the defaults runs Python: no lock may be held.
        let made = class.call_method0("__livefloe_make__")?;
        fill(&made)?;
        made.cast::<StateCore>()?.get().slots.finish();
        let mut states = self.lock();
        if let Some((_, state)) = states.iter().find(|(known, _)| known.is(class)) {
            return Ok((state.clone_ref(py), false));
        }
        states.push((class.clone().unbind(), made.clone().unbind()));
        Ok((made.unbind(), true))
    }

    /// All instances that there are, with their classes.
    pub(crate) fn all(&self, py: Python<'_>) -> Vec<(Py<PyType>, Py<PyAny>)> {
        self.lock().iter().map(|(class, state)| (class.clone_ref(py), state.clone_ref(py))).collect()
    }

    pub(crate) fn clear(&self) {
        let states = std::mem::take(&mut *self.lock());
        if states.is_empty() {
            return;
        }
        // On a thread for Python: this one must not wait for the interpreter, and what is dropped without it stays until somebody has it.
        let closing = executor::submit(Admission::Rest, move |py| {
            for (class, state) in states {
                if let Ok(core) = state.bind(py).cast::<StateCore>() {
                    core.get().close(py);
                }
                state.drop_ref(py);
                class.drop_ref(py);
            }
        });
        if let Err(failure) = closing {
            tracing::debug!(%failure, "states of a session end with the program");
        }
    }

    fn find(&self, class: &Bound<'_, PyType>) -> Option<Py<PyAny>> {
        let states = self.lock();
        let (_, state) = states.iter().find(|(known, _)| known.is(class))?;
        Some(state.clone_ref(class.py()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Py<PyType>, Py<PyAny>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
