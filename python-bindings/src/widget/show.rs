//! Widgets that say or show something.

use livefloe::{
    Markup, PreEscaped,
    widget::{self, Cell},
};
use maud::Render;
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyMapping, PyTuple},
};

use crate::{
    action,
    convert::{Scalar, Shown, unexpected},
    frame,
};

/// A paragraph of plain text.
///
/// Args:
///     content: Anything; it is shown as `print` would show it. An expression of `lf.expr` is followed without a round trip.
///     muted: Whether it is drawn in a quieter colour, for hints.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (content, *, muted = false, key = Scalar::Nothing), text_signature = "(content, *, muted=False, key=None)")]
pub(crate) fn text(content: &Bound<'_, PyAny>, muted: bool, key: Scalar) -> PyResult<()> {
    let shown: Shown;
    let widget = if action::is_followed(content)? {
        widget::text("").follows(action::expression(content)?)
    } else {
        shown = content.extract()?;
        widget::text(shown.value())
    };
    let widget = widget.key(key.value());
    let widget = if muted { widget.muted() } else { widget };
    frame::write("text", |buffer| widget.render_to(buffer))
}

/// A heading.
///
/// Args:
///     content: Its text.
///     level: Its rank from 1, the page, to 6.
///     id: Makes it a target of links.
#[pyfunction]
#[pyo3(signature = (content, *, level = 2, id = Scalar::Nothing), text_signature = "(content, *, level=2, id=None)")]
pub(crate) fn heading(content: Shown, level: u8, id: Scalar) -> PyResult<()> {
    frame::write("heading", |buffer| widget::heading(content.value()).level(level).id(id.value()).render_to(buffer))
}

/// Markdown from anywhere, a language model included, as safe HTML: HTML in it is shown as text.
///
/// Args:
///     source: The Markdown.
///     images: Whether images that it names are loaded. Off by default, since an image address can carry what a
///         conversation holds to another server.
#[pyfunction]
#[pyo3(signature = (source, *, images = false))]
pub(crate) fn markdown(source: Shown, images: bool) -> PyResult<()> {
    frame::write("markdown", |buffer| widget::markdown(source.text()).images(images).render_to(buffer))
}

/// A block of code or other preformatted text.
///
/// Args:
///     content: The text.
///     language: The language, as a class for a highlighter.
#[pyfunction]
#[pyo3(signature = (content, *, language = Scalar::Nothing), text_signature = "(content, *, language=None)")]
pub(crate) fn code(content: Shown, language: Scalar) -> PyResult<()> {
    frame::write("code", |buffer| widget::code(content.value()).language(language.value()).render_to(buffer))
}

/// A link to another page or site. Addresses that are not http(s), mailto, tel or relative become `#`.
///
/// Args:
///     content: Its text.
///     address: Where it leads. A path such as `/rooms` is one of this app's, wherever that is mounted; others are
///         as they are written.
///     button: Whether it is drawn as a button.
///     current: Whether it leads to the page that is shown.
#[pyfunction]
#[pyo3(signature = (content, address, *, button = false, current = false))]
pub(crate) fn link(content: Shown, address: &str, button: bool, current: bool) -> PyResult<()> {
    let widget = widget::link(content.value(), frame::href(address)).current(current);
    let widget = if button { widget.button() } else { widget };
    frame::write("link", |buffer| widget.render_to(buffer))
}

/// A picture from an http(s) or relative address, or a `data:image/…` one.
///
/// Args:
///     source: The address.
///     description: What it shows, for those who don't see it; empty for mere decoration.
///     width: In CSS pixels.
///     height: In CSS pixels.
///     pixelated: Whether the pixels of a small picture are shown as sharp squares.
///     caption: A text below it.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(
    signature = (source, description = Shown::Nothing, *, width = None, height = None, pixelated = false, caption = Shown::Nothing, key = Scalar::Nothing),
    text_signature = "(source, description=None, *, width=None, height=None, pixelated=False, caption=None, key=None)"
)]
pub(crate) fn image(
    source: &str,
    description: Shown,
    width: Option<u32>,
    height: Option<u32>,
    pixelated: bool,
    caption: Shown,
    key: Scalar,
) -> PyResult<()> {
    let description = description.text();
    let widget = widget::image(source, description).width(width).height(height).caption(caption.value()).key(key.value());
    let widget = if pixelated { widget.pixelated() } else { widget };
    frame::write("image", |buffer| widget.render_to(buffer))
}

/// What a classifier says: the likeliest names, with a bar for each.
///
/// Args:
///     scores: Probabilities by name, or pairs of name and probability, or probabilities alone (named by their index).
///     top: How many are shown.
///     title: What they say something about, shown above.
///     placeholder: What is shown while there are none.
#[pyfunction]
#[pyo3(
    signature = (scores, *, top = 5, title = Shown::Nothing, placeholder = Shown::Nothing),
    text_signature = "(scores, *, top=5, title=None, placeholder=None)"
)]
pub(crate) fn label(scores: Option<Bound<'_, PyAny>>, top: usize, title: Shown, placeholder: Shown) -> PyResult<()> {
    let scores = scores.map_or_else(|| Ok(Vec::new()), |scores| pairs(&scores))?;
    let widget = widget::label(scores.iter().map(|(name, score)| (name.value(), *score)));
    let widget = widget.top(top).title(title.value()).placeholder(placeholder.value());
    frame::write("label", |buffer| widget.render_to(buffer))
}

fn pairs(scores: &Bound<'_, PyAny>) -> PyResult<Vec<(Scalar, f64)>> {
    if let Ok(mapping) = scores.cast::<PyMapping>() {
        return mapping.items()?.iter().map(|pair| pair.extract()).collect();
    }
    let mut pairs = Vec::new();
    for (index, score) in scores.try_iter()?.enumerate() {
        let score = score?;
        let index = || Scalar::Integer(i64::try_from(index).unwrap_or(i64::MAX));
        let pair = match score.extract::<f64>() {
            Ok(score) => (index(), score),
            Err(_) => score.extract().map_err(|_| {
                let got = score.get_type().name().map(|name| name.to_string()).unwrap_or_default();
                unexpected("scores", "probabilities, or pairs of name and probability", &got)
            })?,
        };
        pairs.push(pair);
    }
    Ok(pairs)
}

/// A table. Numbers are aligned to the right.
///
/// Args:
///     headers: The texts above the columns.
///     rows: The rows: lists or tuples of cells. A cell is a value, or a function without parameters that calls widgets.
///     keys: What tells the rows from each other when they change, one for each row.
///     caption: What the table shows, written above it.
///
/// Raises:
///     ValueError: There are not as many keys as rows.
#[pyfunction]
#[pyo3(
    signature = (headers, rows, *, keys = None, caption = Shown::Nothing),
    text_signature = "(headers, rows, *, keys=None, caption=None)"
)]
pub(crate) fn table(headers: Vec<Shown>, rows: Bound<'_, PyAny>, keys: Option<Vec<Scalar>>, caption: Shown) -> PyResult<()> {
    let rows = rows.try_iter()?.map(|row| cells(&row?)).collect::<PyResult<Vec<_>>>()?;
    let keys = keys.unwrap_or_else(|| rows.iter().map(|_| Scalar::Nothing).collect());
    if keys.len() != rows.len() {
        return Err(unexpected("keys", &format!("one for each of {} rows", rows.len()), &keys.len()));
    }
    let mut widget = widget::table(headers.iter().map(Shown::value)).caption(caption.value());
    for (row, key) in rows.iter().zip(&keys) {
        let cells: Vec<Cell<'_>> = row.iter().map(CellContent::cell).collect();
        widget = widget.keyed_row(key.value(), cells);
    }
    frame::write("table", |buffer| widget.render_to(buffer))
}

enum CellContent {
    Value(Scalar),
    Markup(Markup),
}

impl CellContent {
    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Value(value) => Cell::from(value.value()),
            Self::Markup(markup) => Cell::from(markup.clone()),
        }
    }
}

fn cells(row: &Bound<'_, PyAny>) -> PyResult<Vec<CellContent>> {
    let cell = |cell: Bound<'_, PyAny>| {
        if !cell.is_callable() {
            return Ok(CellContent::Value(cell.extract()?));
        }
        // What the function writes goes into the cell.
        let before = frame::use_frame("table", |frame| std::mem::take(&mut frame.output.html))?;
        let called = cell.call0();
        let html = frame::use_frame("table", |frame| std::mem::replace(&mut frame.output.html, before))?;
        called.map(|_| CellContent::Markup(PreEscaped(html)))
    };
    row.try_iter()?.map(|item| cell(item?)).collect()
}

/// A progress bar; in a task, which shows nothing itself, the progress of its job.
///
/// Args:
///     label: What it is the progress of.
///     value: How far it has come, from 0 to `max`; `None` says only that something is going on.
///     max: How far it will go.
///     note: A few words at the right: a percentage, the time left.
#[pyfunction]
#[pyo3(
    signature = (label, value = Scalar::Nothing, *, max = Scalar::Integer(1), note = Shown::Nothing),
    text_signature = "(label, value=None, *, max=1, note=None)"
)]
pub(crate) fn progress(py: Python<'_>, label: Shown, value: Scalar, max: Scalar, note: Shown) -> PyResult<()> {
    if !frame::is_rendering() && report(py, &label, &value, &max)? {
        return Ok(());
    }
    let widget = widget::progress(label.value()).value(value.value()).max(max.value()).note(note.value());
    frame::write("progress", |buffer| widget.render_to(buffer))
}

/// Whether a task runs, which has then heard of it.
fn report(py: Python<'_>, label: &Shown, value: &Scalar, most: &Scalar) -> PyResult<bool> {
    static REPORT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let report = REPORT.import(py, "livefloe.task", "report")?;
    report.call1((label.as_str(), value.number(), most.number().unwrap_or(1.0)))?.is_truthy()
}

/// The title of a page, as its heading of level 1.
///
/// Args:
///     title: The title.
///     subtitle: A sentence below it.
#[pyfunction]
#[pyo3(signature = (title, *, subtitle = Shown::Nothing), text_signature = "(title, *, subtitle=None)")]
pub(crate) fn page_header(title: Shown, subtitle: Shown) -> PyResult<()> {
    frame::write("page_header", |buffer| widget::page_header(title.value()).subtitle(subtitle.value()).render_to(buffer))
}

/// Links between the pages of an app.
///
/// Args:
///     links: Addresses by text, or pairs of text and address.
///     label: What screen readers call it.
///     current: The address of the page that is shown.
#[pyfunction]
#[pyo3(signature = (links, *, label = Shown::Nothing, current = ""), text_signature = "(links, *, label=\"Pages\", current=\"\")")]
pub(crate) fn nav(links: Bound<'_, PyAny>, label: Shown, current: &str) -> PyResult<()> {
    let links: Vec<(Shown, String)> = match links.cast::<PyDict>() {
        Ok(links) => links.iter().map(|(text, address)| Ok((text.extract()?, address.extract()?))).collect::<PyResult<_>>()?,
        Err(_) => links.try_iter()?.map(|pair| pair?.cast_into::<PyTuple>()?.extract()).collect::<PyResult<_>>()?,
    };
    let mut widget = widget::nav(label.as_str().unwrap_or("Pages")).current(frame::href(current));
    for (text, address) in &links {
        widget = widget.link(text.value(), frame::href(address));
    }
    frame::write("nav", |buffer| widget.render_to(buffer))
}

/// Sets the document's title. The last call in the page counts; in other components it has no effect.
///
/// Args:
///     title: The title.
#[pyfunction]
pub(crate) fn title(title: Shown) -> PyResult<()> {
    frame::use_frame("title", |frame| frame.output.title = title.as_str().map(str::to_owned))
}
