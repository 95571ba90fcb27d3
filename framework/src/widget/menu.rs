//! A menu.

use std::borrow::Cow;

use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close},
    url::is_link_address,
};

/// A menu, see [`menu`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Menu<'a> {
    id: Cow<'a, str>,
    text: Value<'a>,
    items: Vec<Item<'a>>,
    key: Value<'a>,
}

#[derive(Clone, Debug)]
enum Item<'a> {
    Button(Value<'a>, On, &'static str),
    Link(Value<'a>, Cow<'a, str>),
    Separator,
}

/// A button that opens a list of actions: a native popover, which closes on Esc, on a choice and on a click elsewhere, without the server. By keyboard the arrow
/// keys, Home, End and first letters go from item to item. `id` is an id that nothing else on the page has.
///
/// ```
/// use livefloe::{HandlerId, Markup, html, widget::menu};
///
/// fn row_menu(row: u32, rename: HandlerId, delete: HandlerId) -> Markup {
///     html! { (menu(format!("row-{row}"), "…").item("Rename", rename).separator().danger("Delete", delete)) }
/// }
/// ```
pub fn menu<'a>(id: impl Into<Cow<'a, str>>, text: impl Into<Value<'a>>) -> Menu<'a> {
    Menu { id: id.into(), text: text.into(), items: Vec::new(), key: Value::nothing() }
}

impl<'a> Menu<'a> {
    /// An item that does something.
    pub fn item(mut self, text: impl Into<Value<'a>>, on_click: impl Into<On>) -> Self {
        self.items.push(Item::Button(text.into(), on_click.into(), "lf-menu-item"));
        self
    }

    /// An item that does something which can't be taken back.
    pub fn danger(mut self, text: impl Into<Value<'a>>, on_click: impl Into<On>) -> Self {
        self.items.push(Item::Button(text.into(), on_click.into(), "lf-menu-item lf-menu-danger"));
        self
    }

    /// An item that goes somewhere. An address that is not http(s), mailto, tel or relative becomes `#`.
    pub fn link(mut self, text: impl Into<Value<'a>>, address: impl Into<Cow<'a, str>>) -> Self {
        let address = Some(address.into()).filter(|address| is_link_address(address));
        self.items.push(Item::Link(text.into(), address.unwrap_or("#".into())));
        self
    }

    /// A line between items.
    pub fn separator(mut self) -> Self {
        self.items.push(Item::Separator);
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl Render for Menu<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-menu").optional("lf-key", &self.key).end();
        let tag = Tag::open(buffer, "button")
            .attribute("type", "button")
            .attribute("class", "lf-button lf-menu-button")
            .attribute("popovertarget", &self.id)
            .attribute("aria-haspopup", "menu");
        self.text.render_to(tag.end());
        close(buffer, "button");
        Tag::open(buffer, "div")
            .attribute("class", "lf-menu-list")
            .attribute("id", &self.id)
            .flag("popover", true)
            .attribute("role", "menu")
            .attribute("aria-label", &self.text)
            .end();
        for item in &self.items {
            match item {
                Item::Button(text, on, class) => {
                    let tag = Tag::open(buffer, "button")
                        .attribute("type", "button")
                        .attribute("class", class)
                        .attribute("role", "menuitem")
                        .attribute("tabindex", -1)
                        .handlers(&[("lf-click", on)]);
                    text.render_to(tag.end());
                    close(buffer, "button");
                }
                Item::Link(text, address) => {
                    let tag = Tag::open(buffer, "a").attribute("class", "lf-menu-item").attribute("role", "menuitem");
                    text.render_to(tag.attribute("tabindex", -1).attribute("href", address).end());
                    close(buffer, "a");
                }
                Item::Separator => {
                    Tag::open(buffer, "hr").attribute("class", "lf-menu-line").end();
                }
            }
        }
        close(buffer, "div");
        close(buffer, "div");
    }
}
