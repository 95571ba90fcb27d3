//! [`Derived`]: a value that is made from others, and made again when one of those has changed: what is computed, and what is loaded.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicBool, Ordering},
};

use pyo3::{
    prelude::*,
    types::{PyDict, PyList, PySet, PyWeakrefMethods, PyWeakrefReference},
};

use crate::{
    error::StateError,
    reader,
    resource::Run,
    source::{Input, Source, Watcher, leave},
};

/// A value that is made from others.
pub(crate) struct Derived {
    /// Read by those who use the value.
    pub(crate) source: Arc<Source>,
    /// `Chat.bucket`, for messages.
    pub(crate) name: String,
    /// The method that makes it.
    pub(crate) function: Py<PyAny>,
    /// The state that it is part of. Weakly: that owns this.
    owner: Py<PyWeakrefReference>,
    memo: Mutex<Memo>,
    /// One of its inputs may have changed.
    is_suspect: AtomicBool,
    /// How it is loaded, if that takes its time; `None` for what is computed at once.
    pub(crate) run: Option<Run>,
    me: Weak<Self>,
}

/// What was made the last time.
#[derive(Default)]
struct Memo {
    /// `None` if there was no last time, or it failed.
    value: Option<Py<PyAny>>,
    /// What it was made from.
    inputs: Arc<[Input]>,
}

impl Derived {
    pub(crate) fn new(name: String, function: Py<PyAny>, owner: &Bound<'_, PyAny>, run: Option<Run>) -> PyResult<Arc<Self>> {
        let owner = PyWeakrefReference::new(owner)?.unbind();
        Ok(Arc::new_cyclic(|me: &Weak<Self>| Self {
            source: Source::of(me.clone()),
            name,
            function,
            owner,
            memo: Mutex::default(),
            is_suspect: AtomicBool::new(false),
            run,
            me: me.clone(),
        }))
    }

    /// One of its inputs may have changed. Whether that is news.
    pub(crate) fn suspect(&self) -> bool {
        !self.is_suspect.swap(true, Ordering::AcqRel)
    }

    /// From now on changes of inputs are news again. To be called before those are looked at.
    pub(crate) fn trust(&self) {
        self.is_suspect.store(false, Ordering::Release);
    }

    pub(crate) fn is_suspect(&self) -> bool {
        self.is_suspect.load(Ordering::Acquire)
    }

    /// Brings it up to date, so that its source's version says whether it is another.
    pub(crate) fn refresh(&self, py: Python<'_>) {
        match &self.run {
            // What fails is another value than before, and is told to whoever reads it.
            None => drop(self.value(py)),
            Some(run) => run.refresh(py, self),
        }
    }

    /// The value, made if need be.
    pub(crate) fn value(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let present = || self.memo().value.as_ref().map(|value| value.clone_ref(py));
        if let Some(value) = present().filter(|_| !self.is_suspect()) {
            return Ok(value);
        }
        if present().is_some() {
            self.trust();
            if !self.have_inputs_changed(py)
                && let Some(value) = present()
            {
                return Ok(value);
            }
        }
        self.compute(py)
    }

    fn compute(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let watcher = self.watcher();
        if let Some(mut circle) = reader::circle(&watcher) {
            circle.push(self.name.clone());
            return Err(StateError::new_err(format!("values are computed from each other in a circle: {}", circle.join(" → "))));
        }
        let owner = self.owner(py)?;
        self.trust();
        let (made, inputs) = reader::within(watcher, self.name.clone(), || self.function.call1(py, (owner,)));
        self.set_inputs(inputs.into());
        let value = made.as_ref().ok().map(|value| value.clone_ref(py));
        let before = std::mem::replace(&mut self.memo().value, value);
        let is_same = matches!((&before, &made), (Some(before), Ok(made)) if is_same(before.bind(py), made.bind(py)));
        if !is_same {
            self.source.change();
        }
        made
    }

    pub(crate) fn owner<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.owner
            .bind(py)
            .upgrade()
            .ok_or_else(|| StateError::new_err(format!("`{}` was read when its state was gone with its session", self.name)))
    }

    pub(crate) fn watcher(&self) -> Watcher {
        Watcher::Derived(self.me.clone())
    }

    pub(crate) fn shared(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Whether what it was made from is another now.
    pub(crate) fn have_inputs_changed(&self, py: Python<'_>) -> bool {
        let inputs = Arc::clone(&self.memo().inputs);
        inputs.iter().any(|input| input.has_changed(py))
    }

    /// It was made from these.
    pub(crate) fn set_inputs(&self, inputs: Arc<[Input]>) {
        let before = std::mem::replace(&mut self.memo().inputs, Arc::clone(&inputs));
        leave(&self.watcher(), &before, &inputs);
    }

    /// Ends with its session: what it holds may hold its state in turn.
    pub(crate) fn close(&self, py: Python<'_>) {
        self.set_inputs(Arc::default());
        drop(self.memo().value.take());
        if let Some(run) = &self.run {
            run.close(py);
        }
    }

    fn memo(&self) -> MutexGuard<'_, Memo> {
        self.memo.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Derived {
    fn drop(&mut self) {
        let inputs = std::mem::take(&mut self.memo().inputs);
        leave(&self.watcher(), &inputs, &[]);
    }
}

/// Whether a value is as good as the one before. Of a list and the like that was changed in place nobody can tell.
fn is_same(before: &Bound<'_, PyAny>, now: &Bound<'_, PyAny>) -> bool {
    if before.is(now) {
        let is_container =
            now.is_exact_instance_of::<PyList>() || now.is_exact_instance_of::<PyDict>() || now.is_exact_instance_of::<PySet>();
        return !is_container;
    }
    // Arrays can't say in one word whether they are equal: they are not.
    before.get_type().is(now.get_type()) && before.eq(now).unwrap_or(false)
}
