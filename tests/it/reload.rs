//! A page that is loaded again goes on with its session.

use livefloe::{
    App, Component, Cx, Limits, Markup, html,
    store::{Durability, Memory},
};
use livefloe_tests::{FragileServer, Gate, Gated, TestBrowser, TestServer, close, eventually, within};
use serde::{Deserialize, Serialize};

/// A list that grows, with a title that says how long it is.
#[derive(Default, Serialize, Deserialize)]
struct List {
    items: Vec<u32>,
}

impl Component for List {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.items.len()) }
            button id="add" lf-click=(cx.on(Self::add)) { "add" }
            @if self.items.is_empty() { p id="intro" lf-click=(cx.on(Self::add)) { "nothing yet" } }
            ul { @for item in &self.items { li { (item) } } }
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("{} items", self.items.len()))
    }
}

impl List {
    fn add(&mut self) {
        self.items.push(7);
    }
}

fn app() -> App {
    App::new().page("/", List::default).page("/other", List::default)
}

/// A page with a list of two.
async fn used(server: &TestServer) -> TestBrowser {
    let mut browser = TestBrowser::open(server, "/").await;
    browser.click_and_settle("add").await;
    browser.click_and_settle("add").await;
    browser
}

#[tokio::test]
async fn a_page_that_is_loaded_again_goes_on_where_it_was() {
    let server = TestServer::start(app().limits(Limits { max_sessions: 2, ..Limits::default() })).await;
    let mut before = used(&server).await;
    before.disconnect();
    let mut page = before.reload("/").await;
    assert_eq!(page.dom().text("count").as_deref(), Some("0"), "the page comes with a session of its own");
    page.join().await;
    page.shows("count", "2").await;
    assert_eq!(page.dom().text("intro"), None);
    assert_eq!(page.dom().title(), Some("2 items"));
    assert_eq!(page.click_and_settle("add").await, None);
    page.shows("count", "3").await;
    eventually("the session that nobody needs to end", async || server.get("/").await.status == 200).await;
}

#[tokio::test]
async fn reload_after_reload_and_a_lost_connection_between_keep_the_session() {
    let server = TestServer::start(app()).await;
    let mut page = used(&server).await;
    for count in 3..8_u32 {
        page.disconnect();
        let mut next = page.reload("/").await;
        next.join().await;
        next.shows("count", &(count - 1).to_string()).await;
        next.click_and_settle("add").await;
        next.disconnect();
        next.join().await;
        next.shows("count", &count.to_string()).await;
        page = next;
    }
}

#[tokio::test]
async fn what_was_done_before_the_page_was_put_right_is_refused() {
    let server = TestServer::start(app()).await;
    let mut before = used(&server).await;
    before.disconnect();
    let mut page = before.reload("/").await;
    let early = page.action("intro", "lf-click");
    let seen = page.applied();
    page.join().await;
    let event = page.act_seeing(&early, "", seen).await;
    let refusal = page.settled(event).await.expect("it was meant for another page");
    assert_eq!(refusal.code, 1, "stale");
    page.shows("count", "2").await;
}

#[tokio::test]
async fn a_duplicate_of_a_page_that_is_open_gets_a_session_of_its_own() {
    let server = TestServer::start(app()).await;
    let mut original = used(&server).await;
    let mut duplicate = original.reload("/").await;
    tokio::select! {
        _ = duplicate.join() => {}
        code = original.closed() => panic!("the original was closed with {code}"),
    }
    duplicate.click_and_settle("add").await;
    duplicate.shows("count", "1").await;
    original.click_and_settle("add").await;
    original.shows("count", "3").await;
}

#[tokio::test]
async fn a_page_whose_socket_hangs_is_replaced_by_the_page_that_is_loaded_again() {
    let server = TestServer::start(app()).await;
    // As after a laptop's sleep: the server knows nothing of the end of that connection.
    let mut hanging = used(&server).await.deaf();
    let mut page = hanging.reload("/").await;
    page.join().await;
    page.shows("count", "2").await;
    assert_eq!(hanging.closed().await, close::TAKEN_OVER);
}

#[tokio::test]
async fn a_token_that_has_been_used_brings_no_session_back() {
    let server = TestServer::start(app()).await;
    let mut before = used(&server).await;
    before.disconnect();
    let (mut thief, mut page) = (before.reload("/").await, before.reload("/").await);
    page.join().await;
    page.shows("count", "2").await;
    page.disconnect();
    thief.join().await;
    thief.click_and_settle("add").await;
    thief.shows("count", "1").await;
}

#[tokio::test]
async fn a_page_goes_on_with_its_own_session_where_the_one_before_is_gone() {
    let gone = {
        let server = TestServer::start(app()).await;
        used(&server).await
    };
    let server = TestServer::start(app()).await;
    let mut before = gone;
    before.move_to(server.address());
    let mut page = before.reload("/").await;
    page.join().await;
    page.shows("count", "0").await;
    assert_eq!(page.click_and_settle("add").await, None);
    page.shows("count", "1").await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_after_a_crash_goes_on_from_the_store() {
    let store = Memory::new();
    let server = FragileServer::start(app().store(store.clone()).durability(Durability::Durable)).await;
    let mut before = TestBrowser::open_at(server.address(), "/").await;
    before.click_and_settle("add").await;
    server.crash();
    let server = FragileServer::start(app().store(store)).await;
    before.move_to(server.address());
    let mut page = before.reload("/").await;
    page.join().await;
    page.shows("count", "1").await;
    page.click_and_settle("add").await;
    page.shows("count", "2").await;
}

#[tokio::test]
async fn what_was_running_when_the_page_was_loaded_again_shows_in_the_new_one() {
    let gate = Gate::default();
    let gated = Gated::new(&gate);
    let app = App::new().page("/", move || gated.clone());
    let server = TestServer::start(app).await;
    let mut before = TestBrowser::open(&server, "/").await;
    before.click("pass").await;
    gate.is_awaited().await;
    before.disconnect();
    let mut page = before.reload("/").await;
    let joined = page.join().await;
    page.until("the page to be put right", |page| page.applied() > joined.seq).await;
    let event = page.click("add").await;
    gate.open();
    assert_eq!(page.settled(event).await, None);
    page.shows("count", "2").await;
}

#[tokio::test]
async fn nobody_ends_a_session_that_is_in_use_by_naming_it_as_a_page() {
    let server = TestServer::start(app()).await;
    let mut victim = used(&server).await;
    let mut before = used(&server).await;
    before.disconnect();
    let mut page = before.reload("/").await.posing_as(victim.token());
    page.join().await;
    page.shows("count", "2").await;
    within("the victim to go on", victim.click_and_settle("add")).await;
    victim.shows("count", "3").await;
}

#[tokio::test]
async fn a_page_that_lost_its_server_before_it_showed_what_it_goes_on_with_still_gets_it() {
    let store = Memory::new();
    let app = |store: &Memory| App::new().page("/", List::default).store(store.clone()).durability(Durability::Durable);
    let server = FragileServer::start(app(&store)).await;
    let mut before = TestBrowser::open_at(server.address(), "/").await;
    before.click_and_settle("add").await;
    before.disconnect();
    let mut page = before.reload("/").await;
    let joined = page.join().await;
    assert!(page.applied() == joined.seq && page.dom().text("count").is_some_and(|count| count == "0"), "it shows nothing of it yet");
    server.crash();
    let server = TestServer::start(app(&store)).await;
    page.move_to(server.address());
    page.join().await;
    page.shows("count", "1").await;
    page.click_and_settle("add").await;
    page.shows("count", "2").await;
}
