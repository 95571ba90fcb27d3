//! [`Raw`]: renders the HTML of a topic as it is, with handlers and child components where it asks for them.

use std::{borrow::Cow, collections::BTreeMap};

use livefloe::{Child, Component, Cx, Document, HandlerId, Invalid, Markup, PreEscaped, Render as _, Topic, Visit};
use serde::{Deserialize, Serialize};

use crate::board::{Board, Entry};

/// What a handler doesn't take.
const REFUSED: &str = "refuse me";

/// What is said of the document around the page: `{{title a}}`, `{{html lang de}}`, `{{body class b}}`, `{{head <meta>}}`.
const AROUND: [&str; 4] = ["title", "html", "body", "head"];

/// A page, or a child: both only know which topic they show, and what that says of the document.
#[derive(Serialize, Deserialize)]
pub(crate) struct Raw {
    topic: String,
    around: Vec<(String, String)>,
}

/// A form: its fields, each at most once.
type Fields = BTreeMap<String, String>;

pub(crate) fn news(topic: &str) -> Topic<()> {
    Topic::named(topic.to_owned())
}

impl Component for Raw {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&news(&self.topic), Self::look);
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

    fn title(&self) -> Option<String> {
        self.around.iter().find(|(what, _)| what == "title").map(|(_, title)| title.clone())
    }

    fn document(&self) -> Document {
        self.around.iter().fold(Document::new(), |document, (what, text)| {
            let (name, value) = text.split_once(' ').unwrap_or((text, ""));
            match &**what {
                "html" => document.html(name.to_owned(), value),
                "body" => document.body(name.to_owned(), value),
                "head" => document.head(PreEscaped(text.clone())),
                _ => document,
            }
        })
    }
}

/// What HTML says of the document.
fn around(html: &str) -> Vec<(String, String)> {
    let tokens = html.split("{{").skip(1).filter_map(|part| part.split_once("}}")?.0.split_once(' '));
    tokens.filter(|(what, _)| AROUND.contains(what)).map(|(what, text)| (what.to_owned(), text.to_owned())).collect()
}

struct Handlers {
    click: HandlerId,
    value: HandlerId,
    form: HandlerId,
}

impl Raw {
    pub(crate) fn open(visit: &Visit, board: &Board) -> Self {
        let topic = visit.parameter("topic").to_owned();
        Self { around: around(&board.read(&topic).html), topic }
    }

    /// The topic has other HTML.
    fn look(&mut self, (): (), cx: &Cx<Self>) {
        self.around = around(&cx.state::<Board>().read(&self.topic).html);
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
            what if AROUND.contains(&what) => String::new(),
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
        Self { topic: topic.clone(), around: Vec::new() }
    }

    fn update(&mut self, topic: &String) {
        self.topic.clone_from(topic);
    }
}
