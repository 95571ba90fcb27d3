//! [`PyLane`]: a model on a thread of its own, called with what Python has: nested lists, or bytes with a shape.

use std::error::Error;

use livefloe::model::{DType, Data, Lane, ModelError as LaneError, Tensor};
use pyo3::{
    exceptions::PyTypeError,
    import_exception,
    prelude::*,
    types::{PyBytes, PyFloat, PyList, PyString},
};

use crate::{
    app::runtime,
    executor::{self, Admission},
};

import_exception!(livefloe.errors, ModelError);
import_exception!(livefloe.errors, ModelFileError);
import_exception!(livefloe.errors, ModelInputError);
import_exception!(livefloe.errors, ModelBusyError);
#[cfg(not(feature = "torch"))]
import_exception!(livefloe.errors, TorchNotBuiltError);

/// A model on a thread of its own.
#[pyclass(frozen, name = "Lane", module = "livefloe._native")]
pub(crate) struct PyLane(Lane);

#[pymethods]
impl PyLane {
    /// Loads a `TorchScript` file and warms it up.
    #[staticmethod]
    #[cfg(feature = "torch")]
    fn torch(
        py: Python<'_>,
        path: std::path::PathBuf,
        signature: &str,
        name: &str,
        max_batch: usize,
        queue_limit: usize,
        threads: u16,
    ) -> PyResult<Self> {
        use livefloe::model::{LaneOptions, Signature, torch};
        let signature: Signature = signature.parse().map_err(|error| exception(&LaneError::Input(error)))?;
        let options = LaneOptions::new().name(name).max_batch(max_batch).queue_limit(queue_limit);
        let loader = move || torch::TorchScript::load(&path, signature.clone(), torch::Options::new().threads(threads));
        py.detach(|| Lane::start(loader, options)).map(Self).map_err(|error| exception(&error))
    }

    /// This build has no libtorch.
    #[staticmethod]
    #[cfg(not(feature = "torch"))]
    #[expect(unused_variables, reason = "the same parameters as with libtorch")]
    fn torch(path: std::path::PathBuf, signature: &str, name: &str, max_batch: usize, queue_limit: usize, threads: u16) -> PyResult<Self> {
        Err(TorchNotBuiltError::new_err("this build of Livefloe has no libtorch: build it with `maturin develop --features torch`"))
    }

    /// Name and type of each input.
    #[getter]
    fn inputs(&self) -> Vec<(String, &'static str)> {
        self.0.signature().inputs.iter().map(|spec| (spec.name.clone(), spec.dtype.name())).collect()
    }

    /// The name of each output.
    #[getter]
    fn outputs(&self) -> Vec<String> {
        self.0.signature().outputs.iter().map(|spec| spec.name.clone()).collect()
    }

    /// What it takes and gives.
    #[getter]
    fn signature(&self) -> String {
        self.0.signature().to_string()
    }

    /// Runs it and waits, the interpreter's lock released.
    fn run<'py>(&self, py: Python<'py>, inputs: Vec<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyList>> {
        let inputs = self.tensors(&inputs)?;
        // From a thread of the runtime's own: the caller may be one that runs asynchronous code.
        let lane = self.0.clone();
        let runtime = runtime()?;
        let outputs = py.detach(|| runtime.block_on(async move { lane.run(inputs).await }));
        to_lists(py, &outputs.map_err(|error| exception(&error))?)
    }

    /// Runs it and calls `done(outputs, exception)`, on a thread for Python.
    fn start(&self, inputs: Vec<Bound<'_, PyAny>>, done: Py<PyAny>) -> PyResult<()> {
        let inputs = self.tensors(&inputs)?;
        let lane = self.0.clone();
        runtime()?.spawn(async move {
            let outputs = lane.run(inputs).await;
            let given = executor::submit(Admission::Rest, move |py| {
                let outputs = outputs.map_err(|error| exception(&error)).and_then(|outputs| to_lists(py, &outputs));
                let called = match outputs {
                    Ok(outputs) => done.call1(py, (outputs, py.None())),
                    Err(error) => done.call1(py, (py.None(), error.into_value(py))),
                };
                if let Err(error) = called {
                    error.write_unraisable(py, Some(done.bind(py)));
                }
            });
            if let Err(failure) = given {
                tracing::error!(%failure, "a model's answer was lost");
            }
        });
        Ok(())
    }

    /// Ends it. Whoever waits in its queue gets an error.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.0.close());
    }
}

impl PyLane {
    fn tensors(&self, inputs: &[Bound<'_, PyAny>]) -> PyResult<Vec<Tensor>> {
        let specs = &self.0.signature().inputs;
        if specs.len() != inputs.len() {
            return Err(ModelInputError::new_err(format!("number of inputs expected {}, got {}", specs.len(), inputs.len())));
        }
        let tensor = |(spec, input): (&livefloe::model::Spec, &Bound<'_, PyAny>)| {
            tensor(spec.dtype, input).map_err(|error| {
                if error.is_instance_of::<PyTypeError>(input.py()) {
                    ModelInputError::new_err(format!("input `{}`: {}", spec.name, error.value(input.py())))
                } else {
                    error
                }
            })
        };
        specs.iter().zip(inputs).map(tensor).collect()
    }
}

fn tensor(dtype: DType, input: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    if let Ok((bytes, shape)) = input.extract::<(Bound<'_, PyBytes>, Vec<usize>)>() {
        let data = data_of(dtype, bytes.as_bytes());
        return Tensor::new(shape, data).map_err(|error| PyTypeError::new_err(error.to_string()));
    }
    let mut shape = Vec::new();
    let mut numbers = Vec::new();
    flatten(input, 0, &mut shape, &mut numbers)?;
    let data = match dtype {
        DType::F32 => Data::from(read(&numbers, |number| number.extract::<f32>())?),
        DType::F64 => Data::from(read(&numbers, |number| number.extract::<f64>())?),
        DType::I32 => Data::from(read(&numbers, |number| number.extract::<i32>())?),
        DType::I64 => Data::from(read(&numbers, |number| number.extract::<i64>())?),
        DType::U8 => Data::from(read(&numbers, |number| number.extract::<u8>())?),
        DType::Bool => Data::from(read(&numbers, |number| number.extract::<bool>())?),
        other => return Err(PyTypeError::new_err(format!("{other} is a type that Python can't give"))),
    };
    Tensor::new(shape, data).map_err(|error| PyTypeError::new_err(error.to_string()))
}

fn read<T>(numbers: &[Bound<'_, PyAny>], one: impl Fn(&Bound<'_, PyAny>) -> PyResult<T>) -> PyResult<Vec<T>> {
    let number = |number: &Bound<'_, PyAny>| {
        one(number).map_err(|error| {
            let got = number.repr().map(|repr| repr.to_string()).unwrap_or_default();
            PyTypeError::new_err(format!("expected a number that fits its type, got {got}: {error}"))
        })
    };
    numbers.iter().map(number).collect()
}

/// No tensor has more dimensions.
const MAX_DEPTH: usize = 16;

/// Nested lists as their shape and their numbers in order.
fn flatten<'py>(value: &Bound<'py, PyAny>, depth: usize, shape: &mut Vec<usize>, numbers: &mut Vec<Bound<'py, PyAny>>) -> PyResult<()> {
    // A character of a text is a text again, and a list may hold itself: neither ends.
    if value.is_instance_of::<PyString>() || depth > MAX_DEPTH {
        return Err(PyTypeError::new_err(format!("expected nested lists of numbers, got {}", value.get_type().name()?)));
    }
    if value.is_instance_of::<PyFloat>() || value.len().is_err() {
        if depth != shape.len() {
            return Err(PyTypeError::new_err("expected lists of one depth everywhere, got a number where there were lists before"));
        }
        numbers.push(value.clone());
        return Ok(());
    }
    let length = value.len()?;
    match shape.get(depth) {
        None if numbers.is_empty() => shape.push(length),
        Some(expected) if *expected == length => {}
        Some(expected) => {
            return Err(PyTypeError::new_err(format!(
                "expected lists of one length, got one of {length} where there were {expected} before"
            )));
        }
        None => return Err(PyTypeError::new_err("expected lists of one depth everywhere, got a list where there were numbers before")),
    }
    for item in value.try_iter()? {
        flatten(&item?, depth + 1, shape, numbers)?;
    }
    Ok(())
}

fn data_of(dtype: DType, bytes: &[u8]) -> Data {
    macro_rules! numbers {
        ($number:ty) => {
            Data::from(
                bytes.as_chunks::<{ size_of::<$number>() }>().0.iter().map(|bytes| <$number>::from_ne_bytes(*bytes)).collect::<Vec<_>>(),
            )
        };
    }
    match dtype {
        DType::F64 => numbers!(f64),
        DType::I32 => numbers!(i32),
        DType::I64 => numbers!(i64),
        DType::U8 => Data::from(bytes.to_vec()),
        DType::Bool => Data::from(bytes.iter().map(|byte| *byte != 0).collect::<Vec<_>>()),
        _ => numbers!(f32),
    }
}

fn to_lists<'py>(py: Python<'py>, outputs: &[Tensor]) -> PyResult<Bound<'py, PyList>> {
    let outputs = outputs.iter().map(|tensor| to_list(py, tensor)).collect::<PyResult<Vec<_>>>()?;
    PyList::new(py, outputs)
}

fn to_list<'py>(py: Python<'py>, tensor: &Tensor) -> PyResult<Bound<'py, PyAny>> {
    macro_rules! objects {
        ($numbers:expr) => {
            $numbers.iter().map(|number| Ok((*number).into_pyobject(py)?.to_owned().into_any())).collect::<PyResult<Vec<_>>>()?
        };
    }
    let mut items: Vec<Bound<'py, PyAny>> = match tensor.data() {
        Data::F32(numbers) => objects!(numbers),
        Data::F64(numbers) => objects!(numbers),
        Data::I32(numbers) => objects!(numbers),
        Data::I64(numbers) => objects!(numbers),
        Data::U8(numbers) => objects!(numbers),
        Data::Bool(numbers) => objects!(numbers),
        _ => return Err(ModelError::new_err("the model gave numbers of a type that Python has not")),
    };
    for length in tensor.shape().iter().skip(1).rev() {
        items = items.chunks((*length).max(1)).map(|row| PyList::new(py, row).map(Bound::into_any)).collect::<PyResult<_>>()?;
    }
    if tensor.shape().is_empty() {
        return items.pop().ok_or_else(|| ModelError::new_err("the model gave no number"));
    }
    PyList::new(py, items).map(Bound::into_any)
}

fn exception(error: &LaneError) -> PyErr {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    match error {
        LaneError::Input(_) => ModelInputError::new_err(text),
        LaneError::Busy { .. } => ModelBusyError::new_err(text),
        LaneError::NotFound { .. } | LaneError::Unreadable { .. } => ModelFileError::new_err(text),
        _ => ModelError::new_err(text),
    }
}
