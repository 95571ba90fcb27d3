//! Bounds: what a visitor sees when one is reached.

use std::time::Duration;

use livefloe::{App, Component, Cx, Limits, Markup, Visit, html, store::Memory};
use livefloe_tests::{Counter, Page, TestBrowser, TestServer, eventually, request};
use serde::{Deserialize, Serialize};

/// Opens a page as the visitor of this address, behind a proxy.
async fn visit(server: &TestServer, address: &str) -> Page {
    request(server.address(), "/", &[&format!("host: {}", server.address()), &format!("x-forwarded-for: {address}")]).await
}

#[tokio::test]
async fn an_address_opens_as_many_sessions_as_it_may_and_others_still_can() {
    let limits = Limits { max_sessions_per_address: 2, join_time: Duration::from_millis(300), ..Limits::default() };
    let app = App::new().page("/", Counter::default).limits(limits).trusted_proxies(["127.0.0.1"]);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    for _ in 0..2 {
        assert_eq!(visit(&server, "203.0.113.1").await.status, 200);
    }
    for address in ["203.0.113.1", "198.51.100.1, 203.0.113.1"] {
        let page = visit(&server, address).await;
        assert_eq!((page.status, page.header("retry-after")), (429, Some("30")), "{address}");
        assert!(page.body.contains("Too many pages are open in your network"), "{}", page.body);
        assert!(page.token().is_none());
    }
    assert_eq!(metrics.figures().limited.max_sessions_per_address, 2);
    assert_eq!(visit(&server, "203.0.113.2").await.status, 200);
    // One /64 is one household.
    for (address, status) in [("2001:db8::1", 200), ("2001:db8::2", 200), ("2001:db8::3", 429), ("2001:db8:0:1::1", 200)] {
        assert_eq!(visit(&server, address).await.status, status, "{address}");
    }
    // The proxy's own word only: what isn't an address counts as the proxy's, all of it together.
    for status in [200, 200, 429] {
        assert_eq!(visit(&server, "me").await.status, status);
    }
    eventually("the sessions that nobody joined to make room", async || visit(&server, "203.0.113.1").await.status == 200).await;
}

#[tokio::test]
async fn a_session_that_is_made_again_counts_where_it_is_now() {
    let store = Memory::new();
    let app = || {
        let limits = Limits { max_sessions_per_address: 1, ..Limits::default() };
        App::new().page("/", Counter::default).store(store.clone()).limits(limits).trusted_proxies(["10.0.0.0/8"])
    };
    let server = TestServer::start(app()).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click_and_settle("add").await;
    assert_eq!(server.get("/").await.status, 429);
    browser.disconnect();
    server.stop().await;
    let server = TestServer::start(app()).await;
    browser.move_to(server.address());
    browser.join().await;
    assert_eq!(server.get("/").await.status, 429);
}

#[tokio::test]
async fn without_a_word_about_proxies_loopback_is_taken_for_one() {
    let limits = Limits { max_sessions_per_address: 1, ..Limits::default() };
    let app = || App::new().page("/", Counter::default).limits(limits.clone());
    let server = TestServer::start(app()).await;
    for _ in 0..3 {
        assert_eq!(server.get("/").await.status, 200);
        assert_eq!(visit(&server, "203.0.113.1").await.status, 200, "its word is not believed");
    }
    let server = TestServer::start(app().trusted_proxies([])).await;
    assert_eq!(server.get("/").await.status, 200);
    assert_eq!(visit(&server, "203.0.113.1").await.status, 429, "anybody can write that");
}

#[derive(Serialize, Deserialize)]
struct Whose {
    address: String,
}

impl Component for Whose {
    fn render(&self, _: &Cx<Self>) -> Markup {
        html! { p id="address" { (self.address) } }
    }
}

#[tokio::test]
async fn a_page_knows_its_visitors_address() {
    let whose = |visit: &Visit| Whose { address: visit.address().map_or_else(String::new, |address| address.to_string()) };
    for (proxies, expected) in [(&["127.0.0.1"][..], "203.0.113.1"), (&["10.0.0.1"], "127.0.0.1")] {
        let server = TestServer::start(App::new().page("/", whose).trusted_proxies(proxies.iter().copied())).await;
        assert_eq!(visit(&server, "203.0.113.1").await.between("<p id=\"address\">", "<"), Some(expected));
    }
}

#[tokio::test]
async fn a_session_that_is_as_old_as_it_may_become_is_over_for_good() {
    let store = Memory::new();
    let limits = Limits { session_time: Duration::from_millis(300), ..Limits::default() };
    let app = App::new().page("/", Counter::default).limits(limits).store(store.clone());
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click_and_settle("add").await;
    assert_eq!(browser.closed().await, 4404);
    eventually("the store to forget it", async || store.is_empty()).await;
    assert_eq!(browser.try_join().await, Err(4404));
    assert_eq!(metrics.figures().sessions_expired, 1);
    // Without a socket as well.
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.disconnect();
    eventually("the second to be over", async || metrics.figures().sessions_expired == 2).await;
}

#[tokio::test]
async fn a_session_grows_older_over_restarts() {
    let store = Memory::new();
    let app = |session_time| {
        let limits = Limits { session_time, ..Limits::default() };
        App::new().page("/", Counter::default).limits(limits).store(store.clone())
    };
    let server = TestServer::start(app(Duration::from_mins(1))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click_and_settle("add").await;
    browser.disconnect();
    server.stop().await;
    assert_eq!(store.len(), 1);
    // What another process allows it is over by now.
    let second = app(Duration::ZERO);
    let metrics = second.metrics();
    let server = TestServer::start(second).await;
    browser.move_to(server.address());
    assert_eq!(browser.try_join().await, Err(4404));
    eventually("the store to forget it", async || store.is_empty()).await;
    assert_eq!(metrics.figures().sessions_expired, 1);
}

/// Grows by 3 KB of text that no compression makes small enough.
#[derive(Default, Serialize, Deserialize)]
struct Book {
    pages: Vec<u64>,
}

impl Component for Book {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="write" lf-click=(cx.on(Self::write)) {}
            @for page in &self.pages { p { (format!("{page:x} ").repeat(180)) } }
            p id="pages" { (self.pages.len()) }
        }
    }
}

impl Book {
    fn write(&mut self) {
        let last = self.pages.last().copied().unwrap_or(0x9e37_79b9_7f4a_7c15);
        self.pages.push(last.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(1));
    }
}

#[tokio::test]
async fn those_who_read_nothing_wait_and_others_go_on() {
    // Two blocks of 4 KiB: less than one session may have.
    let limits = Limits { max_total_unacked_bytes: 8 * 1024, deflate_bytes: usize::MAX, ..Limits::default() };
    let app = App::new().page("/", Book::default).limits(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut greedy = TestBrowser::open(&server, "/").await.without_acks();
    // It gets what has room, and then no more.
    let write = greedy.action("write", "lf-click");
    for _ in 0..8 {
        greedy.act_seeing(&write, "", 0).await;
    }
    eventually("its patches to wait", async || metrics.figures().limited.max_total_unacked_bytes > 0).await;
    greedy.until("what has room", |browser| browser.n_patches() == 3).await;
    assert_eq!(metrics.figures().unacked_bytes, 8 * 1024);
    // Who acknowledges goes on as before.
    let mut other = TestBrowser::open(&server, "/").await;
    for pages in 1..=5 {
        assert_eq!(other.click_and_settle("write").await, None);
        other.shows("pages", &pages.to_string()).await;
    }
    // The rest comes at once when it reads.
    greedy.ack(&[]).await;
    greedy.shows("pages", "8").await;
    assert_eq!(greedy.n_patches(), 4, "one for all that had to wait");
    greedy.ack(&[]).await;
    eventually("nothing to be unacknowledged", async || metrics.figures().unacked_bytes == 0).await;
}
