//! A menu: `with lf.menu("More") as menu:`.

use std::sync::{Mutex, PoisonError};

use livefloe::{Identity, widget};
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyTuple, PyType},
};

use crate::{
    convert::{Scalar, Shown},
    frame,
    handler::{Expects, On, Registration, register},
};

/// A button that opens a list of actions: `with lf.menu("More") as menu:` and in it `menu.item("Rename", on_click=rename)`.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Menu {
    site: Identity,
    items: Mutex<(u64, Option<widget::Menu<'static>>)>,
}

/// A button that opens a list of actions, which closes on Esc, on a choice and on a click elsewhere; all without the server.
///
/// `with lf.menu("More") as menu:` and in it `menu.item("Rename", on_click=rename)`, `menu.link("Help", "/help")`, `menu.separator()`.
///
/// Args:
///     content: What the button says.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (content, *, key = None), text_signature = "(content, *, key=None)")]
pub(crate) fn menu(py: Python<'_>, content: Shown, key: Option<Bound<'_, PyAny>>) -> PyResult<Menu> {
    let site = frame::identify(py, "menu", key.as_ref(), false)?;
    frame::use_frame("menu", |frame| frame.unopened.push("menu"))?;
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let made = widget::menu(format!("lf-menu-{}", site.handler()), content.text().into_owned());
    let made = if matches!(key, Scalar::Nothing) { made } else { made.key(key.value().to_string()) };
    Ok(Menu { site, items: Mutex::new((0, Some(made))) })
}

#[pymethods]
impl Menu {
    /// An item that does something.
    ///
    /// Args:
    ///     content: What it says.
    ///     on_click: The function to call, or an action of `lf.action`.
    ///     args: What the function gets; it stays on the server.
    ///     pending: An action that shows until the function is done.
    ///     danger: Whether it can't be taken back.
    #[pyo3(
        signature = (content, on_click, *, args = None, pending = None, danger = false),
        text_signature = "($self, content, on_click, *, args=(), pending=None, danger=False)"
    )]
    fn item(
        &self,
        py: Python<'_>,
        content: Shown,
        on_click: &Bound<'_, PyAny>,
        args: Option<Bound<'_, PyTuple>>,
        pending: Option<Bound<'_, PyAny>>,
        danger: bool,
    ) -> PyResult<()> {
        let index = self.items.lock().unwrap_or_else(PoisonError::into_inner).0;
        let registration = Registration {
            on: On::Click,
            function: Some(on_click),
            args: args.as_ref(),
            expects: Expects::Nothing,
            bound: None,
            pending: pending.as_ref(),
        };
        let on = register(py, "menu.item", self.site.number(index), &registration)?;
        let content = content.text().into_owned();
        self.add(|menu| if danger { menu.danger(content, on) } else { menu.item(content, on) });
        Ok(())
    }

    /// An item that leads to another page or site.
    ///
    /// Args:
    ///     content: What it says.
    ///     address: Where it leads, as for `lf.link`.
    fn link(&self, content: Shown, address: &str) {
        let address = frame::href(address).into_owned();
        self.add(|menu| menu.link(content.text().into_owned(), address));
    }

    /// A line between items.
    fn separator(&self) {
        self.add(widget::Menu::separator);
    }

    fn __enter__(slf: Py<Self>) -> PyResult<Py<Self>> {
        frame::use_frame("menu", |frame| {
            let made = frame.unopened.iter().rposition(|what| *what == "menu");
            made.map(|index| frame.unopened.swap_remove(index));
        })?;
        Ok(slf)
    }

    fn __exit__(
        &self,
        _kind: Option<&Bound<'_, PyType>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        if let Some(menu) = self.items.lock().unwrap_or_else(PoisonError::into_inner).1.take() {
            frame::write("menu", |buffer| menu.render_to(buffer))?;
        }
        Ok(false)
    }
}

impl Menu {
    fn add(&self, change: impl FnOnce(widget::Menu<'static>) -> widget::Menu<'static>) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        items.0 += 1;
        items.1 = items.1.take().map(change);
    }
}
