//! What machines ask: health, readiness, metrics.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Component, Cx, Limits, Markup, html,
    store::{Claimed, Durability, Fence, Memory, Saved, SessionId, Store, StoreError},
};
use livefloe_tests::{Counter, Page, TestBrowser, TestServer, eventually, request};
use serde::{Deserialize, Serialize};

fn app() -> App {
    App::new().page("/", Counter::default)
}

/// Fails in each way that an event can.
#[derive(Default, Serialize, Deserialize)]
struct Trouble {}

impl Component for Trouble {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="fail" lf-click=(cx.on(Self::fail)) {}
            button id="never" lf-click=(cx.on(Self::never)) {}
            input id="level" lf-input=(cx.value(Self::level));
        }
    }
}

impl Trouble {
    fn fail(&mut self) -> Result<(), &'static str> {
        Err("the glue is empty")
    }

    async fn never(&mut self) {
        std::future::pending::<()>().await;
    }

    fn level(&mut self, _: u8) {}
}

/// The value of one series of the metrics.
fn value(text: &str, series: &str) -> f64 {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {series} in\n{text}")).parse().unwrap_or_else(|_| panic!("no number: {series}"))
}

#[tokio::test]
async fn health_and_readiness_are_there_when_asked_for_only_and_for_any_host_name() {
    let server = TestServer::start(app()).await;
    assert_eq!(server.get("/health/live").await.status, 404);
    let server = TestServer::start(app().health_at("/health/")).await;
    for (path, body) in [("/health/live", "live\n"), ("/health/ready", "ready\n")] {
        let page = request(server.address(), path, &["host: 10.1.2.3:8000"]).await;
        assert_eq!((page.status, page.body.as_str()), (200, body));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    assert_eq!(request(server.address(), "/", &["host: 10.1.2.3:8000"]).await.status, 421, "pages are for names that are ours");
}

#[tokio::test]
async fn a_full_server_lives_and_is_not_ready() {
    let limits = Limits { max_sessions: 1, ..Limits::default() };
    let server = TestServer::start(app().limits(limits).health_at("/health")).await;
    let browser = TestBrowser::open(&server, "/").await;
    let page = server.get("/health/ready").await;
    assert_eq!((page.status, page.body.as_str()), (503, "full\n"));
    assert_eq!(server.get("/health/live").await.status, 200);
    drop(browser);
}

/// A store that answers, fails, or is silent.
#[derive(Clone)]
struct Moody {
    inner: Memory,
    fails: Arc<AtomicBool>,
    is_silent: Arc<AtomicBool>,
    n_asked: Arc<AtomicUsize>,
}

impl Store for Moody {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        if self.fails.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("the disk is full")) });
        }
        self.inner.save(session, fence, snapshot, kept)
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        self.n_asked.fetch_add(1, Ordering::SeqCst);
        if self.fails.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::new("nobody is there")) });
        }
        if self.is_silent.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        self.inner.claim(session)
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.inner.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.inner.secret()
    }
}

fn moody() -> Moody {
    Moody { inner: Memory::new(), fails: Arc::default(), is_silent: Arc::default(), n_asked: Arc::default() }
}

#[tokio::test]
async fn a_server_whose_store_is_away_is_not_ready_until_it_is_back() {
    let store = moody();
    let server = TestServer::start(app().store(store.clone()).health_at("/health")).await;
    assert_eq!(server.get("/health/ready").await.status, 200);
    store.fails.store(true, Ordering::SeqCst);
    eventually("the store to be missed", async || server.get("/health/ready").await.body == "store\n").await;
    assert_eq!(server.get("/health/live").await.status, 200);
    store.fails.store(false, Ordering::SeqCst);
    eventually("the store to be found", async || server.get("/health/ready").await.status == 200).await;
}

#[tokio::test]
async fn who_does_not_wait_for_a_silent_store_hears_of_it_later() {
    let store = moody();
    let server = TestServer::start(app().store(store.clone()).health_at("/health")).await;
    store.is_silent.store(true, Ordering::SeqCst);
    // As a load balancer that asks often, and takes no answer within a while for no answer.
    eventually("the store to be missed", async || {
        let asked = tokio::time::timeout(Duration::from_millis(100), server.get("/health/ready"));
        asked.await.is_ok_and(|page| page.body == "store\n")
    })
    .await;
}

#[tokio::test]
async fn however_often_somebody_asks_the_store_is_asked_now_and_then() {
    let store = moody();
    let server = TestServer::start(app().store(store.clone()).health_at("/health")).await;
    let started = std::time::Instant::now();
    for _ in 0..50 {
        assert_eq!(server.get("/health/ready").await.status, 200);
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    let asked = store.n_asked.load(Ordering::SeqCst);
    assert!((1..=seconds + 1).contains(&asked), "{asked} times in {seconds} s");
}

#[tokio::test]
async fn metrics_are_nowhere_unless_an_app_says_where_and_for_whom() {
    let server = TestServer::start(app()).await;
    assert_eq!(server.get("/metrics").await.status, 404);
    let cases: &[(&[&str], &[&str], u16)] = &[
        (&["127.0.0.1"], &[], 200),
        (&["127.0.0.0/8", "10.0.0.0/8"], &[], 200),
        (&["10.0.0.0/8"], &[], 404),
        (&[], &[], 404),
        // Through a proxy that the app doesn't know: who asks is not who it seems.
        (&["127.0.0.1"], &["x-forwarded-for: 127.0.0.1"], 404),
        (&["127.0.0.1"], &["forwarded: for=127.0.0.1"], 404),
    ];
    for (readers, headers, status) in cases {
        let server = TestServer::start(app().metrics_at("/metrics", readers.iter().copied())).await;
        let host = format!("host: {}", server.address());
        let headers: Vec<_> = headers.iter().copied().chain([host.as_str()]).collect();
        assert_eq!(request(server.address(), "/metrics", &headers).await.status, *status, "{readers:?} {headers:?}");
        assert_eq!(request(server.address(), "/metrics", &["host: evil.test"]).await.status, 421, "not for another host");
    }
    let proxied = app().trusted_proxies(["127.0.0.1"]).metrics_at("/metrics", ["10.0.0.0/8"]);
    let server = TestServer::start(proxied).await;
    for (hops, status) in [("10.1.1.1", 200), ("203.0.113.1", 404), ("10.1.1.1, 203.0.113.1", 404), ("10.1.1.1, nonsense", 404)] {
        let headers = [format!("host: {}", server.address()), format!("x-forwarded-for: {hops}")];
        let page = request(server.address(), "/metrics", &[&headers[0], &headers[1]]).await;
        assert_eq!(page.status, status, "{hops}");
    }
}

#[tokio::test]
async fn a_network_that_is_none_keeps_the_app_from_starting() {
    for app in [app().trusted_proxies(["10.0.0.0/99"]), app().metrics_at("/metrics", ["everybody"])] {
        let message = app.bind("127.0.0.1:0").await.map(|_| ()).unwrap_err().to_string();
        assert!(message.contains("no network"), "{message}");
    }
    for path in ["/", "/livefloe/{version}/socket"] {
        assert!(app().metrics_at(path, ["127.0.0.1"]).bind("127.0.0.1:0").await.is_err(), "{path} is taken");
    }
}

#[tokio::test]
async fn metrics_tell_what_sessions_did() {
    let store = moody();
    let app = app().page("/trouble", Trouble::default).store(store.clone()).durability(Durability::Durable);
    let limits = Limits { handler_time: Duration::from_millis(20), ..Limits::default() };
    let metrics = app.metrics();
    let server = TestServer::start(app.limits(limits).metrics_at("/metrics", ["127.0.0.1"])).await;
    let read = async || -> Page { server.get("/metrics").await };

    let mut counter = TestBrowser::open(&server, "/").await;
    let mut trouble = TestBrowser::open(&server, "/trouble").await;
    let unjoined = TestBrowser::load(&server, "/").await;
    for _ in 0..3 {
        counter.click_and_settle("add").await;
    }
    let (mut patches, mut refused) = (3, Vec::new());
    for id in ["fail", "never"] {
        refused.push(trouble.click_and_settle(id).await.unwrap().code);
        patches += 1;
    }
    let level = trouble.action("level", "lf-input");
    for payload in ["value=high", "value=7"] {
        let event = trouble.act(&level, payload).await;
        trouble.settled(event).await;
    }
    let page = read().await;
    assert_eq!(page.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = &page.body;
    for (series, expected) in [
        ("livefloe_sessions{stage=\"unjoined\"}", 1.0),
        ("livefloe_sessions{stage=\"connected\"}", 2.0),
        ("livefloe_sessions{stage=\"detached\"}", 0.0),
        ("livefloe_sockets", 2.0),
        ("livefloe_pages_served_total", 3.0),
        ("livefloe_event_seconds_count", 7.0),
        ("livefloe_event_seconds_bucket{le=\"30\"}", 7.0),
        ("livefloe_refusals_total{kind=\"failed\"}", 1.0),
        ("livefloe_refusals_total{kind=\"timeout\"}", 1.0),
        ("livefloe_refusals_total{kind=\"invalid\"}", 1.0),
        ("livefloe_patches_total", f64::from(patches + 1)),
        ("livefloe_waiting", 0.0),
        ("livefloe_store_failures_total", 0.0),
    ] {
        assert!((value(text, series) - expected).abs() < 0.1, "{series}: expected {expected}\n{text}");
    }
    assert_eq!(refused, [3, 5]);
    // The handler that never ends took its time.
    assert!(value(text, "livefloe_event_seconds_sum") >= 0.02);
    assert!(value(text, "livefloe_event_seconds_bucket{le=\"0.01\"}") < 7.0);
    assert!(value(text, "livefloe_store_writes_total") >= 8.0, "two joins and what came after: each is durable");
    assert!(value(text, "livefloe_patch_bytes_total") >= 7.0);

    store.fails.store(true, Ordering::SeqCst);
    counter.click("add").await;
    eventually("a failed write", async || metrics.figures().store_failures > 0).await;
    store.fails.store(false, Ordering::SeqCst);
    counter.shows("count", "4").await;

    counter.disconnect();
    eventually("the session to be without its socket", async || metrics.figures().detached_sessions == 1).await;
    assert_eq!(metrics.figures().sockets, 1);
    drop((unjoined, trouble));
    server.stop().await;
    eventually("all to be gone", async || metrics.figures().sessions() == 0).await;
    let figures = metrics.figures();
    assert_eq!((figures.waiting, figures.sleeping_sessions, figures.unacked_bytes), (0, 0, 0));

    // And in the next process.
    let app = self::app().page("/trouble", Trouble::default).store(store).durability(Durability::Durable);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    counter.move_to(server.address());
    counter.join().await;
    assert_eq!((metrics.figures().sessions_restored, metrics.figures().connected_sessions), (1, 1));
}

#[tokio::test]
async fn what_waits_in_a_session_is_counted_and_goes_with_it() {
    let limits = Limits { grace_time: Duration::ZERO, ..Limits::default() };
    let app = App::new().page("/", Trouble::default).limits(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for _ in 0..5 {
        browser.click("never").await;
    }
    eventually("four to wait for the first", async || metrics.figures().waiting == 4).await;
    tokio::join!(server.stop(), browser.closed());
    eventually("nothing to wait any more", async || metrics.figures().waiting == 0).await;
}
