//! The Python bindings of Livefloe: the native half of the Python package `livefloe`.

#![deny(unsafe_code)]

mod app;
mod awaiting;
mod call;
mod component;
mod convert;
mod effect;
mod error;
mod executor;
mod frame;
mod handler;
mod instance;
mod pass;
mod presence;
mod run;
mod session;
mod site;
mod sketch;
mod source;
mod state;
mod testing;
mod turn;
mod widget;
mod world;

/// The native half of `livefloe`.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::{
        app::{AppCore, PyServer},
        awaiting::Done,
        component::Component,
        effect::{navigate, spawn},
        presence::{members, presence},
        session::Session,
        sketch::{Picture, Strokes},
        source::PySource,
        state::{Field, StateCore, state_of},
        testing::{PyPage, PySite, decode_frame, encode_frame},
        widget::{
            choice::{radio, select},
            container::{Container, alert, alert_box, card, column, form, grid, row},
            element::element,
            input::{button, checkbox, number, sketchpad, slider, text_area, text_field},
            show::{code, heading, image, label, link, markdown, nav, page_header, progress, table, text, title},
        },
    };
}
