//! [`Raw`]: renders the HTML of a topic as it is, with handlers and child components where it asks for them.

use std::{borrow::Cow, collections::BTreeMap};

use livefloe::{Child, Component, Cx, HandlerId, Invalid, Markup, PreEscaped, Render as _, Topic, Visit};
use serde::{Deserialize, Serialize};

use crate::board::{Board, Entry};

/// What a handler doesn't take.
const REFUSED: &str = "refuse me";

/// A page, or a child: both only know which topic they show.
#[derive(Serialize, Deserialize)]
pub(crate) struct Raw {
    topic: String,
}

/// A form: its fields, each at most once.
type Fields = BTreeMap<String, String>;

pub(crate) fn news(topic: &str) -> Topic<()> {
    Topic::named(topic.to_owned())
}

impl Component for Raw {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&news(&self.topic), |_: &mut Self, (): ()| {});
        let entry = cx.state::<Board>().read(&self.topic);
        let handlers = Handlers { click: cx.on(Self::click), value: cx.value(Self::value), form: cx.form(Self::form) };
        let mut html = String::with_capacity(entry.html.len());
        let mut parts = entry.html.split("{{");
        html.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (token, rest) = part.split_once("}}").unwrap_or((part, ""));
            html.push_str(&self.expand(token, cx, &entry, &handlers));
            html.push_str(rest);
        }
        PreEscaped(html)
    }
}

struct Handlers {
    click: HandlerId,
    value: HandlerId,
    form: HandlerId,
}

impl Raw {
    pub(crate) fn open(visit: &Visit) -> Self {
        Self { topic: visit.parameter("topic").to_owned() }
    }

    /// What stands for `{{token}}`.
    fn expand<'a>(&self, token: &str, cx: &Cx<Self>, entry: &'a Entry, handlers: &Handlers) -> Cow<'a, str> {
        let (what, of) = token.split_once(' ').unwrap_or((token, ""));
        Cow::Owned(match what {
            "click" => handlers.click.to_string(),
            "value" => handlers.value.to_string(),
            "form" => handlers.form.to_string(),
            "pick" => cx.with(of.to_owned(), Self::pick).to_string(),
            "part" => cx.child::<Self>(of, format!("{}.{of}", self.topic)).into_string(),
            "text" => entry.text.render().into_string(),
            "TEXT" => entry.text.to_uppercase().render().into_string(),
            "log" => entry.log.join(", ").render().into_string(),
            _ => panic!("nothing is called `{what}`"),
        })
    }

    async fn click(&mut self, cx: &Cx<Self>) -> Result<(), Invalid> {
        self.take("click".to_owned(), "", cx).await
    }

    async fn pick(&mut self, which: String, cx: &Cx<Self>) -> Result<(), Invalid> {
        self.take(which, "", cx).await
    }

    async fn value(&mut self, values: Vec<String>, cx: &Cx<Self>) -> Result<(), Invalid> {
        let text = values.join("+");
        self.take(text.clone(), &text, cx).await
    }

    async fn form(&mut self, fields: Fields, cx: &Cx<Self>) -> Result<(), Invalid> {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // A form that was taken leaves its fields empty.
        self.take(pairs.join("&"), "", cx).await
    }

    async fn take(&self, what: String, text: &str, cx: &Cx<Self>) -> Result<(), Invalid> {
        let board = cx.state::<Board>();
        board.pass(&self.topic).await;
        if what.contains(REFUSED) {
            return Err(Invalid::field("text", "not this"));
        }
        board.take(&self.topic, what, text);
        Ok(())
    }
}

impl Child for Raw {
    type Properties = String;

    fn new(topic: &String) -> Self {
        Self { topic: topic.clone() }
    }

    fn update(&mut self, topic: &String) {
        self.topic.clone_from(topic);
    }
}
