//! Files that people send, for Python.

use std::{fs, path::PathBuf};

use livefloe::Upload;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyTuple},
};

/// A file that a person has sent: what a handler's parameter has for a `file_field` of its name.
///
/// The file lives as long as something has this; put it into a state, and it stays until that lets it go, at most as long as the session. It doesn't
/// survive the server: to keep a file, copy it.
#[pyclass(frozen, eq, module = "livefloe", name = "Upload")]
#[derive(PartialEq)]
pub(crate) struct PyUpload(pub(crate) Upload);

#[pymethods]
impl PyUpload {
    /// What the person's file is called: text to show, and no path of anything here. May be empty.
    #[getter]
    fn name(&self) -> &str {
        self.0.name()
    }

    /// What the browser says that it is, such as `image/png`; may be empty. It proves nothing.
    #[getter]
    fn content_type(&self) -> &str {
        self.0.content_type()
    }

    /// In bytes.
    #[getter]
    fn size(&self) -> u64 {
        self.0.size()
    }

    /// Where the file is, for what wants to open it itself. It goes with this; don't move it, and don't write to it.
    #[getter]
    fn path(&self) -> PyResult<PathBuf> {
        Ok(self.0.path()?.to_owned())
    }

    /// All of the file.
    ///
    /// Raises:
    ///     OSError: It can't be read.
    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| fs::read(self.0.path()?))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Opens the file for reading bytes: `with upload.open() as file:`.
    ///
    /// Raises:
    ///     OSError: It can't be opened.
    fn open<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("io")?.call_method1("open", (self.path()?, "rb"))
    }

    fn __len__(&self) -> usize {
        usize::try_from(self.0.size()).unwrap_or(usize::MAX)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
        BuildHasherDefault::<DefaultHasher>::default().hash_one(self.0.reference())
    }

    fn __repr__(&self) -> String {
        format!("<Upload {:?}, {} bytes>", self.0.name(), self.0.size())
    }
}

/// Name and value of a field as a handler gets them: text, or what it names of what the event has brought.
pub(crate) fn pair<'py>(py: Python<'py>, name: &str, value: &str, uploads: &[Upload]) -> PyResult<Bound<'py, PyTuple>> {
    match uploads.iter().find(|upload| upload.reference() == value) {
        Some(upload) => (name, PyUpload(upload.clone())).into_pyobject(py),
        None => (name, value).into_pyobject(py),
    }
}
