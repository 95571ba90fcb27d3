//! Actions: the server runs the same data as the client, on its own values, and nothing else.

use std::{sync::Mutex, time::Duration};

use livefloe::{Actions, App, Child, Component, Cx, Limits, Markup, When, html, store::Memory};
use livefloe_tests::{TestBrowser, TestServer, eventually};
use serde::{Deserialize, Serialize};

#[derive(Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum View {
    #[default]
    Chart,
    Table,
}

#[derive(Default, Serialize, Deserialize)]
struct Board {
    is_open: bool,
    count: u8,
    view: View,
    name: Option<String>,
    ratio: f64,
}

impl Component for Board {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let open = cx.binding("open", &self.is_open, |board| &mut board.is_open);
        let count = cx.binding("count", &self.count, |board| &mut board.count);
        let view = cx.binding("view", &self.view, |board| &mut board.view);
        let name = cx.binding("name", &self.name, |board| &mut board.name);
        let ratio = cx.binding("ratio", &self.ratio, |board| &mut board.ratio);
        html! {
            button id="toggle" lf-values=(open) lf-click=(cx.act(open.toggle())) { "toggle" }
            p id="open" lf-when=(When::new().shown(&open)) { (self.is_open) }
            button id="add" lf-click=(cx.act(count.increment(100).and(open.set(true)))) { "add" }
            button id="down" lf-click=(cx.act(count.set((&count - 1).at_least(0)))) { "down" }
            p id="count" { (self.count) }
            button id="table" lf-click=(cx.act(view.set("Table"))) { "table" }
            button id="bad" lf-click=(cx.act(view.set("Map"))) { "bad" }
            button id="words" lf-click=(cx.act(count.set(name.join("x")))) { "words" }
            p id="view" { @if view.is("Table").now() == Ok(true.into()) { "table" } @else { "chart" } }
            button id="name" lf-click=(cx.act(name.set(name.join("é").join(&count)).and(ratio.set(count.then(&ratio + 0.5, &ratio + 2))))) { "name" }
            p id="named" { (self.name.as_deref().unwrap_or("nobody")) " " (self.ratio) }
            button id="quiet" lf-click=(cx.act(Actions::new().on("#open").focus())) { "quiet" }
            @for step in [1, 2] { button id={ "step" (step) } lf-click=(cx.act(count.increment(step))) { (step) } }
        }
    }
}

async fn board() -> (TestServer, TestBrowser) {
    let server = TestServer::start(App::new().page("/", Board::default)).await;
    let browser = TestBrowser::open(&server, "/").await;
    (server, browser)
}

fn is_hidden(browser: &TestBrowser, id: &str) -> bool {
    browser.dom().attribute(id, "hidden").is_some()
}

#[tokio::test]
async fn an_action_does_on_the_server_what_it_does_on_the_page() {
    let (_server, mut browser) = board().await;
    assert!(is_hidden(&browser, "open"));
    assert_eq!(browser.click_and_settle("toggle").await, None);
    assert!(!is_hidden(&browser, "open"));
    assert_eq!(browser.click_and_settle("toggle").await, None);
    assert!(is_hidden(&browser, "open"));
    browser.click("add").await;
    browser.shows("count", "100").await;
    browser.shows("open", "true").await;
    browser.click("step1").await;
    browser.click("step2").await;
    browser.shows("count", "103").await;
    browser.click("table").await;
    browser.shows("view", "table").await;
    browser.click("name").await;
    browser.shows("named", "é103 0.5").await;
}

#[tokio::test]
async fn a_toggle_costs_few_bytes() {
    let (_server, mut browser) = board().await;
    let before = browser.n_bytes();
    browser.click_and_settle("toggle").await;
    // The binding's value, the attribute that depends on it, and the text.
    assert!(browser.n_bytes() - before <= 80, "{}", browser.n_bytes() - before);
}

#[tokio::test]
async fn an_action_that_gives_no_fitting_value_is_refused_as_a_whole() {
    let (_server, mut browser) = board().await;
    browser.click_and_settle("add").await;
    browser.click_and_settle("add").await;
    browser.click_and_settle("toggle").await;
    assert!(is_hidden(&browser, "open"));
    // 300 is no u8: nor is the binding that comes after it set.
    let refusal = browser.click_and_settle("add").await.expect("a refusal");
    assert!(refusal.message.contains("a binding can't be 300"), "{}", refusal.message);
    assert!(is_hidden(&browser, "open"));
    browser.shows("count", "200").await;
    let refusal = browser.click_and_settle("bad").await.expect("a refusal");
    assert!(refusal.message.contains("Map"), "{}", refusal.message);
    let refusal = browser.click_and_settle("words").await.expect("a refusal");
    assert!(refusal.message.contains("\"x\""), "{}", refusal.message);
    browser.shows("view", "chart").await;
}

#[tokio::test]
async fn what_comes_with_an_actions_event_is_ignored() {
    let (_server, mut browser) = board().await;
    let down = browser.action("down", "lf-click");
    for payload in ["value=999", "count=7&open=true", "=&&%ff", "[\"let\",\"count\",9]", &"x".repeat(60_000)] {
        let event = browser.act(&down, payload).await;
        assert_eq!(browser.settled(event).await, None, "{payload}");
    }
    browser.shows("count", "0").await;
    assert!(is_hidden(&browser, "open"));
}

#[tokio::test]
async fn steps_without_a_binding_are_no_event() {
    let (_server, browser) = board().await;
    assert_eq!(browser.dom().attribute("quiet", "lf-click"), Some(""));
    assert_eq!(browser.dom().attribute("quiet", "lf-act"), Some(r##"["",["focus","#open"]]"##));
}

#[tokio::test]
async fn an_action_works_after_sleep_reload_and_restart() {
    let memory = Memory::new();
    let limits = Limits { idle_time: Duration::from_millis(1), ..Limits::default() };
    let app = || App::new().page("/", Board::default).limits(limits.clone()).store(memory.clone());
    let sleepy = app();
    let metrics = sleepy.metrics();
    let server = TestServer::start(sleepy).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click_and_settle("toggle").await;
    browser.click_and_settle("step2").await;
    browser.ack(&[]).await;
    eventually("the session to sleep", async || metrics.sleeping_sessions() == 1).await;
    browser.click_and_settle("step2").await;
    browser.shows("count", "4").await;
    browser.disconnect();
    let mut again = browser.reload("/").await;
    again.join().await;
    again.shows("open", "true").await;
    assert!(!is_hidden(&again, "open"));
    again.click_and_settle("toggle").await;
    assert!(is_hidden(&again, "open"));
    server.stop().await;
    let server = TestServer::start(app()).await;
    again.move_to(server.address());
    again.join().await;
    again.click_and_settle("step1").await;
    again.shows("count", "5").await;
}

/// A page whose child acts on what it has bound.
#[derive(Default, Serialize, Deserialize)]
struct Parent {
    is_open: bool,
    wrong: u8,
}

#[derive(Serialize, Deserialize)]
struct Shelf;

impl Child for Shelf {
    type Properties = Actions;
    fn new(_: &Actions) -> Self {
        Self
    }
    fn update(&mut self, _: &Actions) {}
}

/// What the child does: properties stay out of its state, which has to be saved.
static GIVEN: Mutex<Option<Actions>> = Mutex::new(None);

impl Component for Shelf {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let actions = GIVEN.lock().expect("no test panics with it").clone().unwrap_or_default();
        html! { button lf-click=(cx.act(actions)) { "x" } }
    }
}

impl Component for Parent {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let open = cx.binding("open", &self.is_open, |parent| &mut parent.is_open);
        match self.wrong {
            0 => {
                *GIVEN.lock().expect("no test panics with it") = Some(open.toggle());
                cx.child::<Shelf>(0, open.toggle())
            }
            1 => {
                let _ = cx.binding("open", &self.wrong, |parent| &mut parent.wrong);
                html! {}
            }
            _ => html! { (When::new().attribute("title", &open + 1)) },
        }
    }
}

#[tokio::test]
async fn what_can_not_be_an_action_says_why() {
    for (wrong, expected) in [
        (0, "which another component has bound"),
        (1, "bind it once and use that, or give one of them another name"),
        (2, "`title` in lf-when has no value: `add` expected a number, got false"),
    ] {
        let server = TestServer::start(App::new().dev(true).page("/", move || Parent { is_open: false, wrong })).await;
        let page = server.get("/").await;
        assert!(page.body.contains(&html! { (expected) }.0), "{wrong}: {}", page.body);
    }
}
