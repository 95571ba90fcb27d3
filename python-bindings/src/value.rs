//! Values of fields as bytes: MessagePack, with the types that it lacks as extensions. Never code: what is read makes only values of types that the program
//! has loaded, and runs none of their constructors.

use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PySet, PyString, PyTuple, PyType},
};
use rmp::encode as mp;
use rmpv::ValueRef;

use crate::error::StateError;

/// What MessagePack has no type for. These numbers are in stores: never change them.
const TUPLE: i8 = 1;
const SET: i8 = 2;
const FROZEN_SET: i8 = 3;
/// A whole number of more than 64 bits, as text.
const BIG: i8 = 4;
/// What `_saved.py` takes apart: which kind it is, and what of.
const OBJECT: i8 = 5;

/// How deep values may lie in one another. A list that contains itself has no end.
const MAX_DEPTH: usize = 64;

/// Writes a value.
///
/// # Errors
/// `StateError` when something in it can't be saved; the message says what.
pub(crate) fn write(value: &Bound<'_, PyAny>, bytes: &mut Vec<u8>) -> PyResult<()> {
    write_deep(value, bytes, MAX_DEPTH)
}

fn write_deep(value: &Bound<'_, PyAny>, bytes: &mut Vec<u8>, depth: usize) -> PyResult<()> {
    let py = value.py();
    let Some(depth) = depth.checked_sub(1) else {
        return Err(StateError::new_err(format!("values lie more than {MAX_DEPTH} deep in one another")));
    };
    let (class, tracked) = (value.get_type(), Tracked::get(py)?);
    if value.is_none() {
        mp::write_nil(bytes).map_err(unwritable)?;
    } else if let Ok(truth) = value.cast_exact::<PyBool>() {
        mp::write_bool(bytes, truth.is_true()).map_err(unwritable)?;
    } else if let Ok(text) = value.cast_exact::<PyString>()
        && let Ok(text) = text.to_str()
    {
        mp::write_str(bytes, text).map_err(unwritable)?;
    } else if let Ok(number) = value.cast_exact::<PyInt>() {
        if let Ok(number) = number.extract::<i64>() {
            mp::write_sint(bytes, number).map_err(unwritable)?;
        } else {
            extension(bytes, BIG, number.str()?.to_str()?.as_bytes())?;
        }
    } else if let Ok(number) = value.cast_exact::<PyFloat>() {
        mp::write_f64(bytes, number.value()).map_err(unwritable)?;
    } else if let Ok(binary) = value.cast_exact::<PyBytes>() {
        mp::write_bin(bytes, binary.as_bytes()).map_err(unwritable)?;
    } else if class.is(py.get_type::<PyList>()) || class.is(&tracked.list) {
        let list = value.cast::<PyList>()?;
        mp::write_array_len(bytes, length(list.len())?).map_err(unwritable)?;
        list.iter().try_for_each(|item| write_deep(&item, bytes, depth))?;
    } else if class.is(py.get_type::<PyDict>()) || class.is(&tracked.dict) {
        let dict = value.cast::<PyDict>()?;
        mp::write_map_len(bytes, length(dict.len())?).map_err(unwritable)?;
        // A copy of the items: another thread may change the dict while a key is taken apart.
        for item in dict.items() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
            write_deep(&key, bytes, depth)?;
            write_deep(&value, bytes, depth)?;
        }
    } else if let Ok(tuple) = value.cast_exact::<PyTuple>() {
        items(tuple.as_any(), TUPLE, bytes, depth)?;
    } else if class.is(py.get_type::<PySet>()) || class.is(&tracked.set) {
        items(value, SET, bytes, depth)?;
    } else if value.is_exact_instance_of::<PyFrozenSet>() {
        items(value, FROZEN_SET, bytes, depth)?;
    } else {
        let mut inner = Vec::new();
        write_deep(&take_apart(value)?, &mut inner, depth)?;
        extension(bytes, OBJECT, &inner)?;
    }
    Ok(())
}

fn items(value: &Bound<'_, PyAny>, kind: i8, bytes: &mut Vec<u8>, depth: usize) -> PyResult<()> {
    let list = value.py().get_type::<PyList>().call1((value,))?.cast_into::<PyList>()?;
    let mut inner = Vec::new();
    mp::write_array_len(&mut inner, length(list.len())?).map_err(unwritable)?;
    list.iter().try_for_each(|item| write_deep(&item, &mut inner, depth))?;
    extension(bytes, kind, &inner)
}

fn extension(bytes: &mut Vec<u8>, kind: i8, content: &[u8]) -> PyResult<()> {
    mp::write_ext_meta(bytes, length(content.len())?, kind).map_err(unwritable)?;
    bytes.extend_from_slice(content);
    Ok(())
}

fn length(n: usize) -> PyResult<u32> {
    u32::try_from(n).map_err(|_| StateError::new_err("it is too large"))
}

fn unwritable(error: impl std::fmt::Display) -> PyErr {
    StateError::new_err(format!("it can't be written: {error}"))
}

/// Reads what [`write`] wrote.
///
/// # Errors
/// When it is cut short, or a type of it is not there any more.
pub(crate) fn read<'py>(py: Python<'py>, mut bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    make(py, &parse(&mut bytes)?)
}

fn parse<'a>(bytes: &mut &'a [u8]) -> PyResult<ValueRef<'a>> {
    rmpv::decode::read_value_ref(bytes).map_err(|error| StateError::new_err(format!("it can't be read: {error}")))
}

fn make<'py>(py: Python<'py>, value: &ValueRef<'_>) -> PyResult<Bound<'py, PyAny>> {
    let all = |items: &[ValueRef<'_>]| items.iter().map(|item| make(py, item)).collect::<PyResult<Vec<_>>>();
    Ok(match value {
        ValueRef::Nil => py.None().into_bound(py),
        ValueRef::Boolean(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        ValueRef::Integer(number) => number.as_i64().unwrap_or_default().into_pyobject(py)?.into_any(),
        ValueRef::F32(number) => PyFloat::new(py, f64::from(*number)).into_any(),
        ValueRef::F64(number) => PyFloat::new(py, *number).into_any(),
        ValueRef::String(text) => PyString::new(py, text.as_str().unwrap_or_default()).into_any(),
        ValueRef::Binary(bytes) => PyBytes::new(py, bytes).into_any(),
        ValueRef::Array(items) => PyList::new(py, all(items)?)?.into_any(),
        ValueRef::Map(items) => {
            let dict = PyDict::new(py);
            for (key, value) in items {
                dict.set_item(make(py, key)?, make(py, value)?)?;
            }
            dict.into_any()
        }
        ValueRef::Ext(BIG, digits) => py.get_type::<PyInt>().call1((String::from_utf8_lossy(digits),))?,
        ValueRef::Ext(kind, inner) => {
            let inner = make(py, &parse(&mut &**inner)?)?;
            match *kind {
                TUPLE => inner.cast::<PyList>()?.to_tuple().into_any(),
                SET => py.get_type::<PySet>().call1((inner,))?,
                FROZEN_SET => py.get_type::<PyFrozenSet>().call1((inner,))?,
                OBJECT => put_together(&inner)?,
                other => return Err(StateError::new_err(format!("it is of a kind that this version doesn't know, {other}"))),
            }
        }
    })
}

fn take_apart<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static TAKE_APART: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    TAKE_APART.import(value.py(), "livefloe._saved", "take_apart")?.call1((value,))
}

fn put_together<'py>(parts: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static PUT_TOGETHER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    PUT_TOGETHER.import(parts.py(), "livefloe._saved", "put_together")?.call1((parts,))
}

/// The types of `_tracked.py`.
struct Tracked {
    list: Py<PyType>,
    dict: Py<PyType>,
    set: Py<PyType>,
}

impl Tracked {
    fn get(py: Python<'_>) -> PyResult<&'static Self> {
        static TRACKED: PyOnceLock<Tracked> = PyOnceLock::new();
        TRACKED.get_or_try_init(py, || {
            let module = py.import("livefloe._tracked")?;
            let class = |name| Ok::<_, PyErr>(module.getattr(name)?.cast_into::<PyType>()?.unbind());
            Ok(Self { list: class("TrackedList")?, dict: class("TrackedDict")?, set: class("TrackedSet")? })
        })
    }
}
