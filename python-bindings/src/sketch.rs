//! What a sketchpad sends, for Python.

use livefloe::widget;
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    types::{PyBytes, PyList},
};

/// A drawing as the ink of its cells, row by row.
#[pyclass(frozen, eq, module = "livefloe")]
#[derive(PartialEq)]
pub(crate) struct Picture(widget::Picture);

#[pymethods]
impl Picture {
    /// Reads one as a sketchpad sends it.
    ///
    /// Args:
    ///     text: What was sent.
    ///
    /// Raises:
    ///     ValueError: It is no picture.
    #[staticmethod]
    fn parse(text: &str) -> PyResult<Self> {
        text.parse().map(Self).map_err(|error: widget::SketchError| PyValueError::new_err(error.to_string()))
    }

    /// How many cells there are across.
    #[getter]
    fn columns(&self) -> usize {
        self.0.columns()
    }

    /// How many cells there are down.
    #[getter]
    fn rows(&self) -> usize {
        self.0.rows()
    }

    /// The ink of every cell, 0 to 255, row by row.
    #[getter]
    fn cells<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.cells())
    }

    /// Whether nothing is drawn.
    #[getter]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ink as numbers from 0 to 1, a list for each row.
    fn to_lists<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let cells = self.0.to_unit_f32();
        let rows = cells.chunks(self.0.columns().max(1)).map(|row| PyList::new(py, row)).collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, rows)
    }

    /// The drawing brought to another size, its ink in the middle: what networks for digits expect.
    ///
    /// Args:
    ///     columns: How many cells across.
    ///     rows: How many cells down.
    ///     margin: Cells that stay empty at each side.
    ///
    /// Returns:
    ///     The ink as numbers from 0 to 1, a list for each row.
    #[pyo3(signature = (columns, rows, *, margin = 0))]
    fn centred<'py>(&self, py: Python<'py>, columns: usize, rows: usize, margin: usize) -> PyResult<Bound<'py, PyList>> {
        let cells = self.0.centred(columns, rows, margin);
        let rows = cells.chunks(columns.max(1)).map(|row| PyList::new(py, row)).collect::<PyResult<Vec<_>>>()?;
        PyList::new(py, rows)
    }

    fn __repr__(&self) -> String {
        format!("<Picture {} by {}>", self.0.columns(), self.0.rows())
    }
}

/// A drawing as the way of the pen.
#[pyclass(frozen, eq, module = "livefloe")]
#[derive(PartialEq)]
pub(crate) struct Strokes(widget::Strokes);

#[pymethods]
impl Strokes {
    /// Reads them as a sketchpad sends them.
    ///
    /// Args:
    ///     text: What was sent.
    ///
    /// Raises:
    ///     ValueError: They are no strokes.
    #[staticmethod]
    fn parse(text: &str) -> PyResult<Self> {
        text.parse().map(Self).map_err(|error: widget::SketchError| PyValueError::new_err(error.to_string()))
    }

    /// Whether nothing is drawn.
    #[getter]
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The points of each stroke, in thousandths of the surface's width and height.
    fn to_lists(&self) -> Vec<Vec<(u16, u16)>> {
        self.0.as_slice().iter().map(|stroke| stroke.iter().map(|point| (point.x, point.y)).collect()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<Strokes, {} of them>", self.0.as_slice().len())
    }
}
