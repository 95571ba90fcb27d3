//! With the feature `examples`: the Rust examples as pages of a Python app, and one of their kind inside of a Python page.

use livefloe::{Child, Component, Cx, Markup, html, instance::typed_child, widget::button};
use serde::{Deserialize, Serialize};

use crate::rust_component::register_component;

/// Makes the components available.
pub(crate) fn register() {
    register_component("tally", |slot, properties| {
        let properties: Properties = serde_json::from_value(properties).map_err(|error| error.to_string())?;
        Ok(typed_child::<Tally>(slot, properties))
    });
}

#[derive(PartialEq, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Properties {
    label: String,
    step: i64,
}

/// Counts its own clicks, in steps that the Python page gives.
#[derive(Serialize, Deserialize)]
struct Tally {
    properties: Properties,
    count: i64,
}

impl Component for Tally {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { (button(format!("{}: {}", self.properties.label, self.count)).on_click(cx.on(Self::add))) }
    }
}

impl Tally {
    fn add(&mut self) {
        self.count += self.properties.step;
    }
}

impl Child for Tally {
    type Properties = Properties;

    fn new(properties: &Properties) -> Self {
        Self { properties: properties.clone(), count: 0 }
    }

    fn update(&mut self, properties: &Properties) {
        self.properties = properties.clone();
    }
}
