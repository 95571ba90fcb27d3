//! Messages and presence between sessions.

use std::sync::{Arc, Mutex, PoisonError};

use livefloe::{App, Component, Cx, Limits, Markup, Topic, html};
use livefloe_tests::{TestBrowser, TestServer};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

const ROOM: Topic<u32> = Topic::new("room");
const PEOPLE: Topic<String> = Topic::new("people");

/// What was said, for all.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<u32>>);

impl Said {
    fn sum(&self) -> u32 {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, number: u32) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += number;
    }
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

/// Shows what was said, and what it heard itself.
#[derive(Default, Serialize, Deserialize)]
struct Room {
    heard: u32,
}

impl Component for Room {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&ROOM, Self::hear);
        html! {
            p id="said" { (cx.state::<Said>().sum()) }
            p id="heard" { (self.heard) }
            button id="say" lf-click=(cx.on(Self::say)) {}
            button id="say-and-fail" lf-click=(cx.on(Self::say_and_fail)) {}
            button id="wait" lf-click=(cx.on(Self::wait)) {}
        }
    }
}

impl Room {
    fn hear(&mut self, number: u32) {
        self.heard += number;
    }

    fn say(&mut self, cx: &Cx<Self>) {
        cx.broadcast(&ROOM, 1);
    }

    fn say_and_fail(&mut self, cx: &Cx<Self>) -> Result<(), &'static str> {
        cx.broadcast(&ROOM, 1_000);
        Err("lost for words")
    }

    async fn wait(&mut self, cx: &Cx<Self>) {
        let gate = cx.state::<Gate>();
        gate.0.acquire().await.expect("the gate is never closed").forget();
    }
}

fn room(limits: Limits) -> (App, Said, Gate) {
    let (said, gate) = (Said::default(), Gate(Arc::new(Semaphore::new(0))));
    (App::new().page("/", Room::default).state(said.clone()).state(gate.clone()).limits(limits), said, gate)
}

#[tokio::test]
async fn a_broadcast_reaches_every_session_once() {
    let (app, ..) = room(Limits::default());
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browsers = Vec::new();
    for _ in 0..30 {
        browsers.push(TestBrowser::open(&server, "/").await);
    }
    browsers[0].click("say").await;
    for browser in &mut browsers {
        browser.shows("heard", "1").await;
    }
    assert_eq!(bus.broadcast(&ROOM, 10), 30);
    for browser in &mut browsers {
        browser.shows("heard", "11").await;
    }
}

#[tokio::test]
async fn a_handler_that_fails_has_said_nothing() {
    let (app, ..) = room(Limits::default());
    let server = TestServer::start(app).await;
    let (mut one, mut other) = (TestBrowser::open(&server, "/").await, TestBrowser::open(&server, "/").await);
    assert!(one.click_and_settle("say-and-fail").await.is_some());
    one.click("say").await;
    other.shows("heard", "1").await;
}

#[tokio::test]
async fn a_topic_of_another_type_is_another_topic() {
    let (app, ..) = room(Limits::default());
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    bus.broadcast(&Topic::<String>::new("room"), "text".to_owned());
    bus.broadcast(&ROOM, 1);
    browser.shows("heard", "1").await;
    browser.click("say").await;
    browser.shows("heard", "2").await;
}

#[tokio::test]
async fn a_session_that_is_far_behind_misses_messages_and_renders_again() {
    let (app, said, gate) = room(Limits { mailbox: 4, ..Limits::default() });
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let waiting = browser.click("wait").await;
    let mut delivered = 0;
    for _ in 0..100 {
        said.add(1);
        delivered += bus.broadcast(&ROOM, 1);
        tokio::task::yield_now().await;
    }
    assert!((1..=10).contains(&delivered), "a bounded number waits: {delivered}");
    gate.0.add_permits(1);
    browser.settled(waiting).await;
    browser.shows("said", "100").await;
    browser.shows("heard", &delivered.to_string()).await;
}

/// Somebody who is there while the socket is.
#[derive(Serialize, Deserialize)]
struct Person {
    name: String,
    is_hidden: bool,
}

impl Component for Person {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let people = if self.is_hidden { cx.members(&PEOPLE) } else { cx.presence(&PEOPLE, self.name.clone()) };
        html! {
            p id="people" { (people.join(" ")) }
            button id="hide" lf-click=(cx.on(Self::hide)) {}
            form id="rename" lf-input=(cx.value(Self::rename)) {}
        }
    }
}

impl Person {
    fn hide(&mut self) {
        self.is_hidden = true;
    }

    fn rename(&mut self, name: String) {
        self.name = name;
    }
}

#[tokio::test]
async fn who_is_there_is_shown_to_all() {
    let app = App::new().page("/{name}", |visit: &livefloe::Visit| Person { name: visit.parameter("name").to_owned(), is_hidden: false });
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut ada = TestBrowser::open(&server, "/ada").await;
    ada.shows("people", "ada").await;
    let mut ben = TestBrowser::load(&server, "/ben").await;
    assert_eq!(bus.members(&PEOPLE), ["ada"], "a page that was only loaded is nobody");
    ben.join().await;
    ada.shows("people", "ada ben").await;
    ben.shows("people", "ada ben").await;
    let rename = ben.action("rename", "lf-input");
    ben.act(&rename, "name=bea").await;
    ada.shows("people", "ada bea").await;
    ben.disconnect();
    ada.shows("people", "ada").await;
    ben.join().await;
    ada.shows("people", "ada bea").await;
    ben.click("hide").await;
    ada.shows("people", "ada").await;
    ben.shows("people", "ada").await;
}
