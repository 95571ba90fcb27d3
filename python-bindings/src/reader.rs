//! [`Reader`]: whatever runs and reads now on this thread: a component that renders, a value that is computed. What it reads, it
//! depends on.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use pyo3::prelude::*;

use crate::{
    error::StateError,
    source::{Input, Source, Watcher},
};

/// Code under way on this thread that depends on what it reads.
pub(crate) struct Reader {
    /// Who is told when something of it changes.
    watcher: Watcher,
    /// What it is called in messages.
    name: String,
    /// What it has read, in that order.
    inputs: Vec<Input>,
    serial: u64,
}

thread_local! {
    static READERS: RefCell<Vec<Reader>> = const { RefCell::new(Vec::new()) };
    /// The number of the reader on top; 0 for none. Apart from the stack, since every read of a field asks for it.
    static SERIAL: Cell<u64> = const { Cell::new(0) };
    /// How many of the readers compute a value.
    static N_COMPUTING: Cell<usize> = const { Cell::new(0) };
}

/// Runs `body` as this reader, and gives what it read as well.
pub(crate) fn within<T>(watcher: Watcher, name: String, body: impl FnOnce() -> T) -> (T, Vec<Input>) {
    static SERIALS: AtomicU64 = AtomicU64::new(1);
    let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
    let is_computing = usize::from(matches!(watcher, Watcher::Derived(_)));
    N_COMPUTING.set(N_COMPUTING.get() + is_computing);
    READERS.with_borrow_mut(|readers| readers.push(Reader { watcher, name, inputs: Vec::new(), serial }));
    SERIAL.set(serial);
    let result = body();
    let reader = READERS.with_borrow_mut(|readers| {
        let reader = readers.pop();
        SERIAL.set(readers.last().map_or(0, |reader| reader.serial));
        reader
    });
    N_COMPUTING.set(N_COMPUTING.get() - is_computing);
    (result, reader.map(|reader| reader.inputs).unwrap_or_default())
}

/// Runs `body` outside of all readers: what it reads nobody depends on.
pub(crate) fn outside<T>(body: impl FnOnce() -> T) -> T {
    let readers = READERS.take();
    let (serial, n_computing) = (SERIAL.replace(0), N_COMPUTING.replace(0));
    let result = body();
    SERIAL.set(serial);
    N_COMPUTING.set(n_computing);
    READERS.set(readers);
    result
}

/// The number of the reader on top; 0 for none.
#[inline]
pub(crate) fn serial() -> u64 {
    SERIAL.get()
}

/// Whether a value is being computed, where nothing can be shown.
pub(crate) fn is_computing() -> bool {
    N_COMPUTING.get() > 0
}

/// The reader on top is told of changes from now on. Before what is read is looked at, so that no change falls in between.
pub(crate) fn watch(source: &Arc<Source>) {
    with_top(|reader| source.add_observer(&reader.watcher));
}

/// The reader on top depends on a source, of which it has seen this.
pub(crate) fn depend(input: Input) {
    with_top(|reader| reader.inputs.push(input));
}

/// What the reader on top is called.
pub(crate) fn name() -> Option<String> {
    with_top(|reader| reader.name.clone())
}

/// The readers from the one that `watcher` is up to the top, by name, if it is one of them: a circle.
pub(crate) fn circle(watcher: &Watcher) -> Option<Vec<String>> {
    READERS.with_borrow(|readers| {
        let first = readers.iter().position(|reader| reader.watcher.is(watcher))?;
        Some(readers[first..].iter().map(|reader| reader.name.clone()).collect())
    })
}

/// What renders or computes has to be a pure function: it may run at any time, and as often as it likes.
pub(crate) fn refuse_to_write(what: &str) -> PyResult<()> {
    let doing = with_top(|reader| match reader.watcher {
        Watcher::Component(_) => format!("`{}` was rendering; rendering only shows state: change it in a handler", reader.name),
        Watcher::Derived(_) => format!("`{}` was being computed; it only reads state: change it in a handler", reader.name),
    });
    doing.map_or(Ok(()), |doing| Err(StateError::new_err(format!("{what} was changed while {doing}"))))
}

fn with_top<T>(body: impl FnOnce(&mut Reader) -> T) -> Option<T> {
    READERS.with_borrow_mut(|readers| readers.last_mut().map(body))
}
