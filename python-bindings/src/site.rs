//! Which place in the source a call comes from: what makes ids that are the same at every rendering, without anybody naming anything.

use std::sync::OnceLock;

use livefloe::Identity;
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyInt, PyString},
};

/// Mixes in the calls from the running function up to the function that Rust called, which stands just inside `boundary`.
pub(crate) fn mix(py: Python<'_>, mut identity: Identity, boundary: Option<&Py<PyAny>>) -> PyResult<Identity> {
    let mut frame = match running(py) {
        Ok(frame) => frame,
        Err(_) => return Ok(identity), // called by no Python code
    };
    let name_of_code = name_of_code(py);
    loop {
        if boundary.is_some_and(|boundary| boundary.is(&frame)) {
            return Ok(identity);
        }
        let code = frame.getattr(intern!(py, "f_code"))?;
        let name = code.getattr(name_of_code)?;
        let instruction: u64 = frame.getattr(intern!(py, "f_lasti"))?.cast_into::<PyInt>()?.extract()?;
        identity = identity.bytes(name.cast::<PyString>()?.to_str()?.as_bytes()).number(instruction);
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

/// `co_qualname` tells methods of one name apart; Python 3.10 has only the name.
fn name_of_code(py: Python<'_>) -> &Bound<'_, PyString> {
    static HAS_QUALNAME: OnceLock<bool> = OnceLock::new();
    let has_qualname = *HAS_QUALNAME.get_or_init(|| py.version_info() >= (3, 11));
    if has_qualname { intern!(py, "co_qualname") } else { intern!(py, "co_name") }
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
