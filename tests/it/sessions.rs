//! Sessions: resumed, taken over, bounded, gone without a trace.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{App, Component, Cx, Limits, Markup, Topic, html};
use livefloe_tests::{Counter, TestBrowser, TestServer, eventually};
use serde::{Deserialize, Serialize};

const NEWS: Topic<u32> = Topic::new("news");

/// How many sessions hold something.
#[derive(Clone, Default)]
struct Held(Arc<AtomicUsize>);

/// Counts itself for as long as its session holds it.
struct Hold(Arc<AtomicUsize>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Held {
    fn hold(&self) -> Hold {
        self.0.fetch_add(1, Ordering::SeqCst);
        Hold(Arc::clone(&self.0))
    }

    async fn becomes(&self, number: usize) {
        eventually(&format!("{number} sessions to be left"), async || self.0.load(Ordering::SeqCst) == number).await;
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Reader {
    news: u32,
}

impl Component for Reader {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        // Part of the session: what it drops tells that it is gone.
        cx.link().session_state(|| cx.state::<Held>().hold());
        cx.subscribe(&NEWS, Self::read);
        html! { p id="news" { (self.news) } button id="add" lf-click=(cx.on(Self::add)) {} }
    }
}

impl Reader {
    fn read(&mut self, number: u32) {
        self.news += number;
    }

    fn add(&mut self) {
        self.news += 1;
    }
}

fn reader(limits: Limits) -> (App, Held) {
    let held = Held::default();
    (App::new().page("/", Reader::default).state(held.clone()).limits(limits), held)
}

#[tokio::test]
async fn a_session_goes_on_without_its_socket_and_sends_what_was_missed() {
    let (app, _held) = reader(Limits::default());
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click("add").await;
    browser.shows("news", "1").await;
    browser.disconnect();
    for number in [10, 100] {
        assert_eq!(bus.broadcast(&NEWS, number), 1);
    }
    browser.join().await;
    browser.shows("news", "111").await;
    assert_eq!(browser.n_patches(), 3, "each patch once");
    browser.click("add").await;
    browser.shows("news", "112").await;
}

#[tokio::test]
async fn a_client_that_missed_more_than_is_kept_gets_the_whole_page() {
    let limits = Limits { max_unacked_patches: 2, ..Limits::default() };
    let (app, _held) = reader(limits);
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.disconnect();
    for _ in 0..100 {
        bus.broadcast(&NEWS, 1);
    }
    browser.join().await;
    browser.shows("news", "100").await;
    assert!(browser.n_patches() <= 4, "{}", browser.n_patches());
}

#[tokio::test]
async fn a_page_older_than_what_its_session_was_shown_does_not_join() {
    let (app, _held) = reader(Limits::default());
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click("add").await;
    browser.shows("news", "1").await;
    // The second click says that the first patch was shown.
    browser.click("add").await;
    browser.shows("news", "2").await;
    let mut cached = browser.reverted();
    assert_eq!(cached.try_join().await, Err(4404), "it loads anew, which the client does by itself");
    browser.click("add").await;
    browser.shows("news", "3").await;
}

#[tokio::test]
async fn a_second_socket_takes_over() {
    let (app, _held) = reader(Limits::default());
    let server = TestServer::start(app).await;
    let mut first = TestBrowser::open(&server, "/").await;
    first.click("add").await;
    first.shows("news", "1").await;
    let mut second = first.duplicate();
    second.join().await;
    assert_eq!(first.closed().await, 4409);
    second.click("add").await;
    second.shows("news", "2").await;
}

#[tokio::test]
async fn a_token_works_until_the_client_shows_that_it_has_the_next() {
    let (app, _held) = reader(Limits::default());
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    let of_page = browser.token().to_owned();
    browser.join().await;
    // The answer may have been lost on its way: the page's token still works …
    browser.set_token(&of_page);
    browser.join().await;
    let of_join = browser.token().to_owned();
    browser.click("add").await;
    browser.shows("news", "1").await;
    // … but not any more once the client has spoken on the new connection.
    browser.set_token(&of_page);
    assert_eq!(browser.try_join().await, Err(4404));
    browser.set_token(&of_join);
    browser.join().await;
}

#[tokio::test]
async fn a_token_of_two_joins_ago_is_refused() {
    let (app, _held) = reader(Limits::default());
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    let of_page = browser.token().to_owned();
    browser.join().await;
    browser.join().await;
    let newest = browser.token().to_owned();
    let mut thief = browser.duplicate();
    thief.set_token(&of_page);
    assert_eq!(thief.try_join().await, Err(4404));
    browser.click("add").await;
    browser.shows("news", "1").await;
    assert_eq!(browser.token(), newest, "the thief has disturbed nothing");
}

#[tokio::test]
async fn a_session_that_is_left_alone_ends_and_leaves_nothing() {
    let limits = Limits { detached_time: Duration::from_millis(30), max_sessions: 3, ..Limits::default() };
    let (app, held) = reader(limits);
    let bus = app.bus();
    let server = TestServer::start(app).await;
    for _ in 0..3 {
        let mut browsers = Vec::new();
        for _ in 0..3 {
            browsers.push(TestBrowser::open(&server, "/").await);
        }
        assert_eq!(server.get("/").await.status, 503, "all places are taken");
        held.becomes(3).await;
        browsers.iter_mut().for_each(TestBrowser::disconnect);
        held.becomes(0).await;
        assert_eq!(bus.broadcast(&NEWS, 1), 0, "no subscription is left");
        for browser in &mut browsers {
            assert_eq!(browser.try_join().await, Err(4404));
        }
    }
}

#[tokio::test]
async fn a_page_that_never_joins_ends_and_leaves_nothing() {
    let limits = Limits { join_time: Duration::from_millis(30), ..Limits::default() };
    let (app, held) = reader(limits);
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    held.becomes(0).await;
    assert_eq!(browser.try_join().await, Err(4404));
}

#[tokio::test]
async fn a_flood_of_pages_pushes_out_the_oldest_that_never_joined() {
    let limits = Limits { max_unjoined: 3, ..Limits::default() };
    let (app, held) = reader(limits);
    let server = TestServer::start(app).await;
    let mut joined = TestBrowser::open(&server, "/").await;
    let mut waiting = Vec::new();
    for _ in 0..50 {
        waiting.push(TestBrowser::load(&server, "/").await);
    }
    held.becomes(4).await;
    let (gone, left) = waiting.split_at_mut(47);
    assert_eq!(gone[0].try_join().await, Err(4404), "the oldest");
    assert_eq!(gone[46].try_join().await, Err(4404), "the newest that had to go");
    for browser in left {
        browser.join().await;
    }
    joined.click("add").await;
    joined.shows("news", "1").await;
}

#[tokio::test]
async fn when_every_place_is_taken_a_page_says_so() {
    let server = TestServer::start(App::new().page("/", Counter::default).limits(Limits { max_sessions: 1, ..Limits::default() })).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let page = server.get("/").await;
    assert_eq!((page.status, page.header("retry-after")), (503, Some("30")), "{}", page.body);
    assert!(page.body.contains("Please try again"), "{}", page.body);
    browser.click("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn many_sessions_come_and_go_and_nothing_is_left() {
    let limits = Limits { detached_time: Duration::from_millis(1), ..Limits::default() };
    let (app, held) = reader(limits);
    let server = TestServer::start(app).await;
    for _ in 0..5 {
        let mut browsers = Vec::new();
        for _ in 0..40 {
            let mut browser = TestBrowser::open(&server, "/").await;
            browser.click("add").await;
            browsers.push(browser);
        }
        for browser in &mut browsers {
            browser.shows("news", "1").await;
        }
        drop(browsers);
        held.becomes(0).await;
    }
}
