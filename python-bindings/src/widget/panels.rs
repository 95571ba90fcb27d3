//! Panels of which one is shown: `lf.tabs`, `lf.accordion`.

use std::{
    cell::RefCell,
    sync::{Mutex, MutexGuard, PoisonError},
};

use livefloe::{Act, Actions, Binding, Expression, HandlerId, Identity, PreEscaped, widget};
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyBool, PyList, PyType},
};

use super::fold::{act_of, is_true, python_action};
use crate::{
    action, cell,
    convert::{Scalar, Shown},
    error::RenderError,
    frame,
};

/// What tabs and an accordion have in common: panels by their values, of which a binding has one.
struct Group {
    what: &'static str,
    site: Identity,
    /// The cell or field that has the value of the panel that is shown.
    selected: Mutex<Option<Py<PyAny>>>,
    parts: Mutex<Vec<Part>>,
    /// What was written before it; while it is open, what is written is its own.
    before: Mutex<Option<String>>,
}

struct Part {
    value: Expression,
    title: String,
    content: String,
    handler: HandlerId,
    /// For one that is made only when it is shown: whether it has been.
    was_shown: Option<Binding<bool>>,
}

impl Group {
    fn new(py: Python<'_>, what: &'static str, selected: Option<Bound<'_, PyAny>>, key: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let site = frame::identify(py, what, key, false)?;
        frame::use_frame(what, |frame| frame.unopened.push(what))?;
        let selected = Mutex::new(selected.map(Bound::unbind));
        Ok(Self { what, site, selected, parts: Mutex::default(), before: Mutex::default() })
    }

    fn enter(&self) -> PyResult<()> {
        let before = frame::use_frame(self.what, |frame| {
            let made = frame.unopened.iter().rposition(|what| *what == self.what);
            made.map(|index| frame.unopened.swap_remove(index));
            std::mem::take(&mut frame.output.html)
        })?;
        if lock(&self.before).replace(before).is_some() {
            return Err(RenderError::new_err(format!("this lf.{} was opened before; make one for each `with`", self.what)));
        }
        Ok(())
    }

    /// Puts back what was written before it, and gives what was written in it beside the panels.
    fn leave(&self) -> PyResult<String> {
        let before = lock(&self.before).take().unwrap_or_default();
        frame::use_frame(self.what, |frame| std::mem::replace(&mut frame.output.html, before))
    }

    /// The binding. One of its own begins with `first`.
    fn selected<'py>(&self, py: Python<'py>, first: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(selected) = &*lock(&self.selected) {
            return Ok(selected.bind(py).clone());
        }
        let none = py.None().into_bound(py);
        let own = cell::at(py, self.site.slot(), first.unwrap_or(&none), true)?.into_any();
        *lock(&self.selected) = Some(own.clone_ref(py));
        Ok(own.into_bound(py))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panel of tabs or an accordion: `with tabs.tab("Chart"):`.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Panel {
    group: Py<PyAny>,
    value: Py<PyAny>,
    title: String,
    is_lazy: bool,
    /// What was written of the group before it.
    before: Mutex<Option<String>>,
}

#[pymethods]
impl Panel {
    /// Gives whether it is shown, or has been where it is lazy: then what is in it is wanted.
    fn __enter__(&self, py: Python<'_>) -> PyResult<bool> {
        let group = Shared::of(self.group.bind(py))?;
        if lock(&group.get().before).is_none() {
            return Err(RenderError::new_err(format!("open lf.{} first: `with lf.{}(…) as it:`", group.what(), group.what())));
        }
        let value = self.value.bind(py);
        let selected = group.get().selected(py, group.is_tabs().then_some(value))?;
        let is_shown = is_true(&action::expression(&selected)?.is(action::expression(value)?))?;
        let was_shown = if self.is_lazy { is_true(&action::expression(self.lazy_cell(py, group.get())?.as_any())?)? } else { false };
        let before = frame::use_frame(group.what(), |frame| std::mem::take(&mut frame.output.html))?;
        *lock(&self.before) = Some(before);
        Ok(is_shown || was_shown)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: Option<&Bound<'_, PyType>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let group = Shared::of(self.group.bind(py))?;
        let before = lock(&self.before).take().unwrap_or_default();
        let content = frame::use_frame(group.what(), |frame| std::mem::replace(&mut frame.output.html, before))?;
        let selected = group.get().selected(py, None)?;
        let value = self.value.bind(py);
        let chosen = action::expression(value)?;
        let index = lock(&group.get().parts).len();
        let act = if group.is_tabs() {
            python_action(py, "set", (&selected, value))?
        } else {
            // The one that is open is closed.
            let present = python_action(py, "expr", (&selected,))?;
            let is_open = present.call_method1("__eq__", (value,))?;
            python_action(py, "set", (&selected, is_open.call_method1("then", (py.None(), value))?))?
        };
        let (acts, was_shown) = if self.is_lazy {
            let own = self.lazy_cell(py, group.get())?;
            (PyList::new(py, [act, python_action(py, "set", (&own, true))?])?.into_any(), Some(action::binding(own.as_any())?.cast()))
        } else {
            (act, None)
        };
        let identity = group.get().site.number(10 + index as u64);
        if let Some(handler) = act_of(py, group.what(), identity, &acts)? {
            lock(&group.get().parts).push(Part { value: chosen, title: self.title.clone(), content, handler, was_shown });
        }
        Ok(false)
    }
}

impl Panel {
    /// Whether it has been shown, where it is lazy.
    fn lazy_cell<'py>(&self, py: Python<'py>, group: &Group) -> PyResult<Bound<'py, cell::Cell>> {
        let identity = crate::site::mix_key(group.site.number(8), self.value.bind(py))?;
        Ok(cell::at(py, identity.slot(), &PyBool::new(py, false).to_owned().into_any(), true)?.into_bound(py))
    }
}

/// Either kind of group, borrowed from Python.
enum Shared<'a, 'py> {
    Tabs(&'a Bound<'py, Tabs>),
    Accordion(&'a Bound<'py, Accordion>),
}

impl<'a, 'py> Shared<'a, 'py> {
    fn of(group: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        Ok(match group.cast::<Tabs>() {
            Ok(tabs) => Self::Tabs(tabs),
            Err(_) => Self::Accordion(group.cast::<Accordion>()?),
        })
    }

    fn get(&self) -> &Group {
        match self {
            Self::Tabs(tabs) => &tabs.get().group,
            Self::Accordion(accordion) => &accordion.get().group,
        }
    }

    fn what(&self) -> &'static str {
        self.get().what
    }

    fn is_tabs(&self) -> bool {
        matches!(self, Self::Tabs(_))
    }
}

/// What a group shows, once all of its panels have run.
macro_rules! finish {
    ($group:expr, $py:expr, $is_failed:expr, $render:expr) => {{
        let group = $group;
        let beside = group.leave()?;
        let parts = std::mem::take(&mut *lock(&group.parts));
        if $is_failed {
            return Ok(false);
        }
        if !beside.is_empty() {
            let panel = if group.what == "tabs" { "tabs.tab" } else { "accordion.item" };
            return Err(RenderError::new_err(format!(
                "a widget stands in lf.{} and in none of its panels: put it into one, `with {panel}(…):`",
                group.what
            )));
        }
        let binding = action::binding(&group.selected($py, None)?)?;
        let next = RefCell::new(None);
        let html = $render(binding, parts, &next, &|actions: Actions| Act::new(next.take(), actions));
        frame::write(group.what, |buffer: &mut String| buffer.push_str(&html))?;
        Ok(false)
    }};
}

/// Panels of which one is shown: `with lf.tabs("Views") as tabs:` and in it `with tabs.tab("Chart"):`.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Tabs {
    group: Group,
    label: String,
    key: Scalar,
}

/// Panels of which one is shown, and tabs to choose it.
///
/// Changing them takes no round trip. All of them stay on the page, so that what was typed, drawn or scrolled to in one is
/// there when it is shown again.
///
/// `with lf.tabs("Views") as tabs:` and in it `with tabs.tab("Chart"):` for each.
///
/// Args:
///     label: What screen readers call it.
///     selected: A cell, or a field such as `Page.view`, that has the value of the panel that is shown. By default it remembers by itself.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (label, *, selected = None, key = None), text_signature = "(label, *, selected=None, key=None)")]
pub(crate) fn tabs(py: Python<'_>, label: Shown, selected: Option<Bound<'_, PyAny>>, key: Option<Bound<'_, PyAny>>) -> PyResult<Tabs> {
    let group = Group::new(py, "tabs", selected, key.as_ref())?;
    let key = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    Ok(Tabs { group, label: label.text().into_owned(), key })
}

#[pymethods]
impl Tabs {
    /// A panel with its tab.
    ///
    /// Args:
    ///     title: What the tab says.
    ///     value: What the binding is while it is shown; by default, the title.
    ///     lazy: Whether what is in it is only wanted once it has been shown, which `with … as is_wanted:` says; it then stays.
    #[pyo3(signature = (title, value = None, *, lazy = false), text_signature = "($self, title, value=None, *, lazy=False)")]
    fn tab(slf: &Bound<'_, Self>, title: Shown, value: Option<Bound<'_, PyAny>>, lazy: bool) -> Panel {
        panel(slf.as_any(), &title, value, lazy)
    }

    fn __enter__(slf: Py<Self>) -> PyResult<Py<Self>> {
        slf.get().group.enter()?;
        Ok(slf)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<&Bound<'_, PyType>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        finish!(&self.group, py, kind.is_some(), |binding: Binding<()>,
                                                  parts: Vec<Part>,
                                                  next: &RefCell<Option<HandlerId>>,
                                                  act: &dyn Fn(Actions) -> Act| {
            let mut tabs = widget::tabs(self.label.as_str(), &binding, act).key(self.key.value());
            for Part { value, title, content, handler, was_shown } in parts {
                next.replace(Some(handler));
                tabs = match was_shown {
                    Some(was_shown) => tabs.lazy_tab(value, title, &was_shown, || PreEscaped(content)),
                    None => tabs.tab(value, title, PreEscaped(content)),
                };
            }
            tabs.render().0
        })
    }
}

/// Expanders of which at most one is open: `with lf.accordion() as accordion:` and in it `with accordion.item("Who?"):`.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Accordion {
    group: Group,
}

/// Expanders of which at most one is open; opening one closes the other, without a round trip.
///
/// `with lf.accordion() as accordion:` and in it `with accordion.item("Who?"):` for each.
///
/// Args:
///     opened: A cell, or a field, that has the value of the item that is open, or `None`. By default it remembers by itself.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (*, opened = None, key = None), text_signature = "(*, opened=None, key=None)")]
pub(crate) fn accordion(py: Python<'_>, opened: Option<Bound<'_, PyAny>>, key: Option<Bound<'_, PyAny>>) -> PyResult<Accordion> {
    Ok(Accordion { group: Group::new(py, "accordion", opened, key.as_ref())? })
}

#[pymethods]
impl Accordion {
    /// Content with its title.
    ///
    /// Args:
    ///     title: What it is called.
    ///     value: What the binding is while it is open; by default, the title.
    #[pyo3(signature = (title, value = None), text_signature = "($self, title, value=None)")]
    fn item(slf: &Bound<'_, Self>, title: Shown, value: Option<Bound<'_, PyAny>>) -> Panel {
        panel(slf.as_any(), &title, value, false)
    }

    fn __enter__(slf: Py<Self>) -> PyResult<Py<Self>> {
        slf.get().group.enter()?;
        Ok(slf)
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<&Bound<'_, PyType>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        finish!(&self.group, py, kind.is_some(), |binding: Binding<()>,
                                                  parts: Vec<Part>,
                                                  next: &RefCell<Option<HandlerId>>,
                                                  act: &dyn Fn(Actions) -> Act| {
            let opened: Binding<Option<()>> = binding.cast();
            let mut accordion = widget::accordion(&opened, act);
            for Part { value, title, content, handler, .. } in parts {
                next.replace(Some(handler));
                accordion = accordion.item(value, title, PreEscaped(content));
            }
            accordion.render().0
        })
    }
}

fn panel(group: &Bound<'_, PyAny>, title: &Shown, value: Option<Bound<'_, PyAny>>, is_lazy: bool) -> Panel {
    let title = title.text().into_owned();
    let value = match value {
        Some(value) => value.unbind(),
        None => pyo3::types::PyString::new(group.py(), &title).into_any().unbind(),
    };
    Panel { group: group.clone().unbind(), value, title, is_lazy, before: Mutex::default() }
}
