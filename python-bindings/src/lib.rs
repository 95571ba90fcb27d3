//! The Python bindings of Livefloe: the native half of the Python package `livefloe`.

#![deny(unsafe_code)]
#![allow(clippy::doc_markdown, reason = "the documentation of Python functions is in the words and the format of Python")]
#![allow(clippy::needless_pass_by_value, reason = "what Python passes is owned by the function that it calls")]
#![allow(clippy::fn_params_excessive_bools, reason = "keyword arguments of Python functions")]
#![allow(missing_debug_implementations, reason = "the classes of Python have a `repr`")]

mod action;
mod api;
mod app;
mod asgi;
mod awaiting;
mod block;
mod call;
mod cell;
mod component;
mod computed;
mod convert;
mod derived;
mod effect;
mod error;
#[cfg(feature = "examples")]
mod examples;
mod executor;
mod frame;
mod handler;
mod instance;
mod lint;
mod log;
mod manner;
mod mirror;
mod model;
mod pass;
mod presence;
mod reader;
mod resource;
mod run;
mod rust_component;
mod saved;
mod session;
mod settings;
mod site;
mod sketch;
mod slots;
mod source;
mod state;
mod stop;
mod testing;
mod timer;
mod turn;
mod upload;
mod user;
mod value;
mod widget;
mod world;

pub use rust_component::{MakeChild, register_component};

/// The native half of `livefloe`.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::{
        action::{evaluate, read_binding},
        app::{AppCore, PyMemory, PyServer},
        asgi::{Bridge, HttpExchange, PyEmbedded, SocketExchange},
        awaiting::Done,
        block::Block,
        cell::{Cell, cell},
        component::Component,
        computed::Computed,
        effect::{navigate, spawn},
        executor::close,
        manner::HandlerFunction,
        mirror::{mirror_address, mirror_kept, mirrored},
        model::PyLane,
        presence::{members, presence},
        resource::{Loaded, Resource, ResourceField, Tracked},
        rust_component::{rust, rust_components},
        session::{Guard, Session, cancelled, session},
        sketch::{Picture, Strokes},
        source::PySource,
        state::{Field, StateCore, state_in, state_of},
        testing::{PyNode, PyPage, PySite, decode_frame, encode_frame, roles},
        timer::{after, every},
        turn::after_turn,
        upload::PyUpload,
        widget::{
            choice::{radio, select},
            container::{Container, alert, alert_box, card, column, form, grid, row},
            custom::custom,
            element::element,
            fold::{dialog, expander, panel},
            input::{button, checkbox, file_field, number, sketchpad, slider, text_area, text_field},
            menu::{Menu, menu},
            panels::{Accordion, Panel, Tabs, accordion, tabs},
            show::{code, heading, image, label, link, markdown, nav, page_header, progress, table, text, title},
        },
    };

    /// Whether the Rust examples are built in.
    #[pymodule_export]
    const HAS_EXAMPLES: bool = cfg!(feature = "examples");

    /// Whether libtorch is built in.
    #[pymodule_export]
    const HAS_TORCH: bool = cfg!(feature = "torch");

    #[pymodule_init]
    fn init() {
        crate::log::start();
        #[cfg(feature = "examples")]
        crate::examples::register();
    }
}
