//! Ready-made parts of a page: controls, layout, and the inputs and outputs of models.
//!
//! A widget is a plain struct that is made by a function, adjusted by its methods and put into a template, where
//! it writes itself into the page. It keeps no state and registers no handler: those belong to the component.
//!
//! ```
//! use livefloe::{HandlerId, Markup, html, widget::{button, card, text}};
//!
//! fn counter(count: i64, increment: HandlerId) -> Markup {
//!     html! {
//!         (card(html! {
//!             (text(count))
//!             (button("+1").on_click(increment).primary())
//!         }).title("Counter"))
//!     }
//! }
//! ```
//!
//! | to | there are |
//! |---|---|
//! | say something | [`text`], [`heading`], [`markdown`], [`code`], [`link`], [`alert`] |
//! | let someone act | [`button`], [`form`] |
//! | ask for something | [`text_field`], [`text_area`], [`number`], [`slider`], [`checkbox`], [`select`], [`radio`], [`sketchpad`], [`file_field`] |
//! | show a result | [`label`], [`table`], [`image`], [`progress`] |
//! | show what a script of your own makes | [`custom`] |
//! | remember | [`address`], [`kept`] |
//! | arrange | [`row`], [`column`](fn@column), [`grid`], [`card`], [`page_header`], [`nav`] |
//! | show at times | [`tabs`], [`expander`], [`accordion`], [`dialog`], [`menu`] |
//!
//! # Rules that hold for all of them
//! - Texts, numbers and options of them are passed as they are: parameters are `impl Into<Value>`, and `None`
//!   leaves out what it would have filled. All of it is escaped.
//! - The HTML is valid, and a browser parses it to the very tree that was written. Attributes keep one order, so
//!   that only what changed is sent. There are no inline styles and no scripts: a strict content security
//!   policy holds.
//! - Each control has a label, works by keyboard, and carries its error and help where screen readers find them.
//! - Containers take their content as markup, and also have the halves `open` and `close` for content that is
//!   written as it comes.

mod address;
mod alert;
mod align;
mod button;
mod card;
mod checkbox;
mod choice;
mod code;
mod column;
mod custom;
mod dialog;
mod expander;
mod field;
mod field_methods;
mod file_field;
mod form;
mod grid;
mod heading;
mod image;
mod kept;
mod label;
mod link;
mod markdown;
mod menu;
mod nav;
mod number;
mod on;
mod page_header;
mod progress;
mod radio;
mod row;
mod select;
mod sketch;
mod sketchpad;
mod slider;
mod table;
mod tabs;
mod tag;
mod text;
mod text_area;
mod text_field;
mod url;
mod value;

#[cfg(test)]
mod tests;

pub use self::{
    address::{Address, address},
    alert::{Alert, AlertKind, alert},
    align::Align,
    button::{Button, ButtonVariant, button},
    card::{Card, card},
    checkbox::{Checkbox, checkbox},
    choice::Choice,
    code::{Code, code},
    column::{Column, column},
    custom::{Custom, custom, is_name},
    dialog::{Dialog, dialog},
    expander::{Accordion, Expander, accordion, expander},
    file_field::{Camera, FileField, file_field},
    form::{Form, form},
    grid::{Grid, grid},
    heading::{Heading, heading},
    image::{Image, image},
    kept::{Kept, kept},
    label::{Label, label},
    link::{Link, link},
    markdown::{Markdown, markdown},
    menu::{Menu, menu},
    nav::{Nav, nav},
    number::{Number, number},
    on::On,
    page_header::{PageHeader, page_header},
    progress::{Progress, progress},
    radio::{Radio, radio},
    row::{Row, row},
    select::{Select, select},
    sketch::{BoundingBox, Picture, Point, Sketch, SketchError, Strokes},
    sketchpad::{SketchKind, Sketchpad, sketchpad},
    slider::{Slider, slider},
    table::{Cell, Cells, Table, table},
    tabs::{Tabs, tabs},
    text::{Text, text},
    text_area::{TextArea, text_area},
    text_field::{TextField, TextKind, text_field},
    value::Value,
};
