//! Which place in the source a call comes from: what makes ids that are the same at every rendering, without anybody naming anything.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use livefloe::Identity;
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyInt, PyString},
};

/// What is known of a piece of code. Kept, since asking Python for it costs more than all the rest.
struct Code {
    /// Holds the code, whose address is the key.
    _held: Py<PyAny>,
    /// The hash of its name.
    name: Identity,
    /// Its instructions, where they are needed.
    instructions: Option<Py<PyBytes>>,
}

/// More code than an app has; in a notebook, where each run of a cell makes new code, the rest is forgotten.
const MAX_CODES: usize = 16_384;

static CODES: Mutex<Option<HashMap<usize, Code>>> = Mutex::new(None);

/// Mixes in the calls from the running function up to the function that Rust called, which stands just inside `boundary`.
pub(crate) fn mix(py: Python<'_>, mut identity: Identity, boundary: Option<&Py<PyAny>>) -> PyResult<Identity> {
    // Without a frame no Python code has called.
    let Ok(mut frame) = running(py) else { return Ok(identity) };
    loop {
        if boundary.is_some_and(|boundary| boundary.is(&frame)) {
            return Ok(identity);
        }
        let code = frame.getattr(intern!(py, "f_code"))?;
        let instruction: usize = frame.getattr(intern!(py, "f_lasti"))?.cast_into::<PyInt>()?.extract()?;
        let (name, instruction) = look_up(&code, instruction)?;
        identity = identity.number(name.slot()).number(instruction as u64);
        frame = frame.getattr(intern!(py, "f_back"))?;
        if frame.is_none() {
            return Ok(identity);
        }
    }
}

/// The frame of the running Python function; an error where there is none.
pub(crate) fn running(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static GET_FRAME: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    GET_FRAME.import(py, "sys", "_getframe")?.call0()
}

/// The name of some code as a hash, and the instruction of a call as it was compiled.
fn look_up(code: &Bound<'_, PyAny>, instruction: usize) -> PyResult<(Identity, usize)> {
    let py = code.py();
    let key = code.as_ptr() as usize;
    let known = |codes: &HashMap<usize, Code>| {
        codes.get(&key).map(|known| {
            let instructions = known.instructions.as_ref().map(|instructions| instructions.bind(py).as_bytes());
            (known.name, instructions.map_or(instruction, |instructions| call_of(instructions, instruction)))
        })
    };
    if let Some(found) = CODES.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(known) {
        return Ok(found);
    }
    let version = py.version_info();
    // `co_qualname` tells methods of one name apart; Python 3.10 has only the name.
    let name = if version >= (3, 11) { intern!(py, "co_qualname") } else { intern!(py, "co_name") };
    let name = Identity::ROOT.bytes(code.getattr(name)?.cast::<PyString>()?.to_str()?.as_bytes());
    let has_precall = (version.major, version.minor) == (3, 11);
    let instructions = has_precall.then(|| code.getattr(intern!(py, "co_code"))).transpose()?;
    let instructions = instructions.map(Bound::cast_into::<PyBytes>).transpose()?.map(Bound::unbind);
    let entry = Code { _held: code.clone().unbind(), name, instructions };
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    let present = codes.get_or_insert_default();
    let before = (present.len() >= MAX_CODES).then(|| std::mem::take(present));
    present.insert(key, entry);
    let found = known(present).unwrap_or((name, instruction));
    drop(codes);
    drop(before); // may run Python: no lock is held
    Ok(found)
}

/// Python 3.11 has two instructions for a call, and once it has specialised the first it never comes to the second: the place
/// of one and the same call would change while the program runs.
fn call_of(instructions: &[u8], instruction: usize) -> usize {
    const PRECALL: u8 = 166;
    const PRECALL_BYTES: usize = 4;
    if instructions.get(instruction) == Some(&PRECALL) { instruction + PRECALL_BYTES } else { instruction }
}

/// Mixes a key in: text and whole numbers as they are, anything else by its `repr`.
pub(crate) fn mix_key(identity: Identity, key: &Bound<'_, PyAny>) -> PyResult<Identity> {
    if let Ok(text) = key.cast::<PyString>() {
        return Ok(identity.number(1).bytes(text.to_str()?.as_bytes()));
    }
    if let Ok(number) = key.extract::<i64>() {
        return Ok(identity.number(2).number(number.cast_unsigned()));
    }
    Ok(identity.number(3).bytes(key.repr()?.to_str()?.as_bytes()))
}
