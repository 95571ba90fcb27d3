//! Servers (nodes) that share their sessions, in a Redis of the test's own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Component, Cx, Limits, Markup, Topic, html,
    store::{Claimed, Durability, Fence, Redis, Saved, SessionId, Store, StoreError},
};
use livefloe_tests::{
    Chance, ClientMessage, Counter, FragileServer, Joined, RedisServer, TestBrowser, TestServer, Way, close, eventually, pack, within,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

pub(crate) fn open(redis: &RedisServer) -> Redis {
    Redis::open(&redis.address()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn app(store: impl Store) -> App {
    App::new().page("/", Counter::default).store(store)
}

/// Saves by itself so seldom that what another node has was handed over.
fn relaxed(redis: &RedisServer) -> App {
    app(open(redis)).durability(Durability::Relaxed(Duration::from_hours(1)))
}

pub(crate) fn durable(redis: &RedisServer) -> App {
    app(open(redis)).durability(Durability::Durable)
}

/// Joins as the client does: again, when its session was just on its way from one node to another.
pub(crate) async fn rejoin(browser: &mut TestBrowser) -> Joined {
    within("joined", async {
        loop {
            match browser.try_join().await {
                Ok(joined) => return joined,
                // Going away, or gone without a word.
                Err(1001 | 1006) => {}
                Err(code) => panic!("closed with {code} instead of joined"),
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_session_goes_from_node_to_node_with_all_that_it_has() {
    let redis = RedisServer::start().await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(TestServer::start(relaxed(&redis)).await);
    }
    let mut browser = TestBrowser::open(&nodes[0], "/").await;
    let mut clicks = 0;
    for node in [1, 2, 0, 1] {
        browser.click_and_settle("add").await;
        clicks += 1;
        browser.move_to(nodes[node].address());
        let joined = browser.join().await;
        assert_eq!((joined.ack, joined.seq), (clicks, browser.applied()));
        browser.shows("count", &clicks.to_string()).await;
    }
    let n_patches = browser.n_patches();
    browser.click_and_settle("add").await;
    browser.shows("count", "5").await;
    assert_eq!(browser.n_patches(), n_patches + 1, "what the page shows already is not sent again");
}

#[tokio::test]
async fn the_page_may_come_from_one_node_and_the_socket_from_another() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut browser = TestBrowser::load(&left, "/").await;
    browser.move_to(right.address());
    browser.join().await;
    browser.click_and_settle("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn a_page_that_is_loaded_again_from_another_node_goes_on_there() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut before = TestBrowser::open(&left, "/").await;
    before.click_and_settle("add").await;
    before.move_to(right.address());
    let mut page = before.reload("/").await;
    page.join().await;
    page.shows("count", "1").await;
    page.click_and_settle("add").await;
    page.shows("count", "2").await;
}

#[tokio::test]
async fn a_duplicate_at_another_node_leaves_the_page_that_is_open_its_session() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut original = TestBrowser::open(&left, "/").await;
    original.click_and_settle("add").await;
    let mut elsewhere = original.duplicate();
    elsewhere.move_to(right.address());
    let mut duplicate = elsewhere.reload("/").await;
    tokio::select! {
        _ = duplicate.join() => {}
        code = original.closed() => panic!("the original was closed with {code}"),
    }
    duplicate.shows("count", "0").await;
    original.click_and_settle("add").await;
    original.shows("count", "2").await;
}

#[tokio::test]
async fn a_page_whose_socket_hangs_at_one_node_is_replaced_by_one_at_another() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut hanging = TestBrowser::open(&left, "/").await;
    hanging.click_and_settle("add").await;
    let mut elsewhere = hanging.duplicate();
    elsewhere.move_to(right.address());
    let mut page = elsewhere.reload("/").await;
    page.join().await;
    page.shows("count", "1").await;
    assert_eq!(hanging.closed().await, close::TAKEN_OVER);
}

#[tokio::test]
async fn a_node_without_room_takes_no_session_from_another() {
    let redis = RedisServer::start().await;
    let left = TestServer::start(relaxed(&redis)).await;
    let right = TestServer::start(relaxed(&redis).limits(Limits { max_sessions: 0, ..Limits::default() })).await;
    let mut browser = TestBrowser::open(&left, "/").await;
    let mut moved = browser.duplicate();
    moved.move_to(right.address());
    assert_eq!(moved.try_join().await, Err(close::GOING_AWAY), "there may be room elsewhere, or later");
    browser.click_and_settle("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn an_event_that_no_node_acknowledged_is_applied_once_on_the_next_one() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(durable(&redis)).await, TestServer::start(durable(&redis)).await);
    let mut browser = TestBrowser::open(&left, "/").await;
    let add = browser.action("add", "lf-click");
    for count in 1..=10 {
        let seen = browser.applied();
        let event = browser.act(&add, "").await;
        browser.move_to(if count % 2 == 0 { left.address() } else { right.address() });
        rejoin(&mut browser).await;
        browser.resend(event, seen, &add, "").await;
        assert_eq!(browser.settled(event).await, None);
        browser.shows("count", &count.to_string()).await;
    }
}

#[tokio::test]
async fn the_newest_of_two_sockets_has_the_session_on_whatever_nodes_they_are() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut browser = TestBrowser::open(&left, "/").await;
    browser.click_and_settle("add").await;
    let mut other = browser.duplicate();
    other.move_to(right.address());
    other.join().await;
    assert_eq!(browser.closed().await, close::TAKEN_OVER);
    other.click_and_settle("add").await;
    other.shows("count", "2").await;
}

#[tokio::test]
async fn a_connection_that_its_client_gave_up_comes_too_late_to_take_the_session() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut browser = TestBrowser::load(&left, "/").await;
    let mut late = browser.duplicate();
    late.move_to(right.address());
    browser.join().await;
    tokio::select! {
        joined = late.try_join() => assert_eq!(joined, Err(close::NO_SESSION)),
        code = browser.closed() => panic!("the newest was closed with {code}"),
    }
    browser.click_and_settle("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn a_socket_that_hangs_since_it_joined_loses_the_session_to_the_next() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut hanging = TestBrowser::load(&left, "/").await;
    let mut next = hanging.duplicate();
    next.move_to(right.address());
    hanging.join().await;
    next.join().await;
    next.click_and_settle("add").await;
    next.shows("count", "1").await;
    assert_eq!(hanging.closed().await, close::TAKEN_OVER);
}

#[tokio::test]
async fn a_token_or_a_page_from_before_takes_no_session_from_its_node() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut browser = TestBrowser::load(&left, "/").await;
    let stolen = browser.duplicate();
    browser.join().await;
    browser.click_and_settle("add").await;
    browser.disconnect();
    browser.join().await;
    browser.click_and_settle("add").await;
    for mut thief in [stolen, browser.reverted()] {
        thief.move_to(right.address());
        assert_eq!(thief.try_join().await, Err(close::NO_SESSION));
    }
    browser.click_and_settle("add").await;
    browser.shows("count", "3").await;
}

/// A node that hears no questions, as one whose connection for them hangs.
struct Deaf(Redis);

impl Store for Deaf {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        self.0.save(session, fence, snapshot, kept)
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        self.0.claim(session)
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.0.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.0.secret()
    }
}

#[tokio::test]
async fn a_node_that_was_not_asked_is_fenced_off() {
    let redis = RedisServer::start().await;
    let deaf = TestServer::start(app(Deaf(open(&redis))).durability(Durability::Durable)).await;
    let other = TestServer::start(durable(&redis)).await;
    let mut browser = TestBrowser::open(&deaf, "/").await;
    browser.click_and_settle("add").await;
    let mut moved = browser.duplicate();
    moved.move_to(other.address());
    moved.join().await;
    let lost = browser.click("add").await;
    assert_eq!(browser.closed().await, close::GOING_AWAY);
    assert!(browser.settled_event() < lost, "an event was acknowledged that nobody will know of");
    moved.click_and_settle("add").await;
    moved.shows("count", "2").await;
}

/// Adds one when it may.
#[derive(Default, Serialize, Deserialize)]
struct Slow {
    count: u32,
}

/// Lets an event of [`Slow`] end for each permit, and counts those that began.
#[derive(Clone)]
struct Gate {
    permits: Arc<Semaphore>,
    n_begun: Arc<AtomicUsize>,
}

impl Component for Slow {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p id="count" { (self.count) } button id="add" lf-click=(cx.on(Self::add)) {} }
    }
}

impl Slow {
    async fn add(&mut self, cx: &Cx<Self>) {
        let gate = cx.state::<Gate>().clone();
        gate.n_begun.fetch_add(1, Ordering::SeqCst);
        gate.permits.acquire().await.expect("never closed").forget();
        self.count += 1;
    }
}

#[tokio::test]
async fn a_node_that_is_busy_with_a_session_is_not_waited_for_long() {
    let redis = RedisServer::start().await;
    let gate = Gate { permits: Arc::new(Semaphore::new(0)), n_begun: Arc::default() };
    let slow = || App::new().page("/", Slow::default).state(gate.clone()).store(open(&redis)).durability(Durability::Durable);
    let (left, right) = (TestServer::start(slow()).await, TestServer::start(slow()).await);
    let mut browser = TestBrowser::open(&left, "/").await;
    let add = browser.action("add", "lf-click");
    let seen = browser.applied();
    let event = browser.act(&add, "").await;
    eventually("the event to begin", async || gate.n_begun.load(Ordering::SeqCst) == 1).await;
    browser.move_to(right.address());
    assert_eq!(browser.join().await.ack, 0);
    browser.resend(event, seen, &add, "").await;
    eventually("the event to begin again", async || gate.n_begun.load(Ordering::SeqCst) == 2).await;
    // Both end now, and one of them counts.
    gate.permits.add_permits(2);
    assert_eq!(browser.settled(event).await, None);
    browser.shows("count", "1").await;
    gate.permits.add_permits(1);
    browser.click_and_settle("add").await;
    browser.shows("count", "2").await;
}

#[tokio::test]
async fn sessions_survive_the_crash_of_their_node() {
    let redis = RedisServer::start().await;
    let (left, right) = (FragileServer::start(durable(&redis)).await, FragileServer::start(durable(&redis)).await);
    let mut browser = TestBrowser::open_at(left.address(), "/").await;
    browser.click_and_settle("add").await;
    left.crash();
    browser.move_to(right.address());
    assert_eq!(rejoin(&mut browser).await.ack, 1);
    browser.click_and_settle("add").await;
    browser.shows("count", "2").await;
}

const WALL: Topic<Line> = Topic::new("wall").everywhere();
const NOTES: Topic<Line> = Topic::new("notes");

#[derive(Clone, Serialize, Deserialize)]
struct Line {
    text: String,
}

/// Shows what was said, in order.
#[derive(Default, Serialize, Deserialize)]
struct Wall {
    said: String,
}

impl Component for Wall {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&WALL, Self::hear);
        cx.subscribe(&NOTES, Self::hear);
        html! {
            p id="said" { (self.said) }
            button id="say" lf-click=(cx.on(Self::say)) {}
            button id="note" lf-click=(cx.on(Self::note)) {}
        }
    }
}

impl Wall {
    fn hear(&mut self, line: Line) {
        self.said.push_str(&line.text);
    }

    fn say(&mut self, cx: &Cx<Self>) {
        for text in ["a", "b", "c"] {
            cx.broadcast(&WALL, Line { text: text.to_owned() });
        }
    }

    fn note(&mut self, cx: &Cx<Self>) {
        cx.broadcast(&NOTES, Line { text: "!".to_owned() });
    }
}

#[tokio::test]
async fn what_is_broadcast_everywhere_reaches_the_sessions_of_all_nodes_once_and_in_order() {
    let mut redis = RedisServer::start().await;
    let wall = |prefix: &str| {
        App::new()
            .page("/", Wall::default)
            .store(Redis::open_with_prefix(&redis.address(), prefix).unwrap_or_else(|error| panic!("{error}")))
    };
    let (left, right, other) = (wall("one:"), wall("one:"), wall("other:"));
    let bus = right.bus();
    let (left, right, other) = (TestServer::start(left).await, TestServer::start(right).await, TestServer::start(other).await);
    let mut browsers = [TestBrowser::open(&left, "/").await, TestBrowser::open(&left, "/").await, TestBrowser::open(&right, "/").await];
    let mut stranger = TestBrowser::open(&other, "/").await;
    let shown = async |browsers: &mut [TestBrowser], text: &str| {
        for browser in browsers {
            browser.shows("said", text).await;
        }
    };
    browsers[0].click_and_settle("note").await;
    browsers[0].click_and_settle("say").await;
    shown(&mut browsers[..2], "!abc").await;
    shown(&mut browsers[2..], "abc").await;
    browsers[2].click_and_settle("say").await;
    shown(&mut browsers[2..], "abcabc").await;
    shown(&mut browsers[..2], "!abcabc").await;
    // From outside of sessions, to a node that came back to its Redis.
    redis.kill();
    redis.run().await;
    eventually("both nodes to listen again", async || redis.n_listeners("one:news") == 2).await;
    bus.broadcast(&WALL, Line { text: ".".to_owned() });
    shown(&mut browsers[2..], "abcabc.").await;
    // The connection may have been found broken by this one only, and then it is the first that is lost.
    eventually("a message after the return", async || {
        bus.broadcast(&WALL, Line { text: ".".to_owned() });
        browsers[0].click_and_settle("note").await;
        browsers[0].dom().text("said").is_some_and(|text| text.contains('.'))
    })
    .await;
    stranger.click_and_settle("say").await;
    stranger.shows("said", "abc").await;
}

/// A visitor who clicks, whatever happens to the connection.
struct Visitor {
    browser: TestBrowser,
    /// Clicks that no node has acknowledged, with what was on the screen.
    waiting: Vec<(u64, u64)>,
    node: SocketAddr,
}

impl Visitor {
    async fn go_to(&mut self, node: SocketAddr) {
        self.node = node;
        self.browser.move_to(node);
        rejoin(&mut self.browser).await;
        let settled = self.browser.settled_event();
        self.waiting.retain(|(event, _)| *event > settled);
        let add = self.browser.action("add", "lf-click");
        for (event, seen) in &self.waiting {
            self.browser.resend(*event, *seen, &add, "").await;
        }
    }

    async fn click(&mut self) {
        let seen = self.browser.applied();
        let event = self.browser.click("add").await;
        self.waiting.push((event, seen));
    }

    async fn settle(&mut self) {
        loop {
            match self.browser.try_settled(self.browser.last_event()).await {
                Ok(refusal) => break assert_eq!(refusal, None),
                // As in `rejoin`.
                Err(1001 | 1006) => self.go_to(self.node).await,
                Err(code) => panic!("closed with {code}"),
            }
        }
        self.waiting.clear();
    }
}

/// `LIVEFLOE_SEED` runs one again.
#[tokio::test]
async fn every_click_counts_once_wherever_its_visitor_goes_and_whichever_node_crashes() {
    let seeds: Vec<u64> = match std::env::var("LIVEFLOE_SEED") {
        Ok(seed) => vec![seed.parse().expect("LIVEFLOE_SEED is a number")],
        Err(_) => vec![1, 2, 3, 4],
    };
    for seed in seeds {
        eprintln!("LIVEFLOE_SEED={seed}");
        let redis = RedisServer::start().await;
        // In every second one all are deaf: what is right then is so by the fences alone.
        let app = async || if seed % 2 == 0 { app(Deaf(open(&redis))) } else { app(open(&redis)) };
        let limits = Limits { max_events_per_second: 100_000, ..Limits::default() };
        let node = async || FragileServer::start(app().await.limits(limits.clone()).durability(Durability::Durable)).await;
        let mut chance = Chance::new(seed);
        let mut nodes = [node().await, node().await, node().await];
        let mut visitors = Vec::new();
        for index in 0..4 {
            let node = nodes[index % nodes.len()].address();
            visitors.push(Visitor { browser: TestBrowser::open_at(node, "/").await, waiting: Vec::new(), node });
        }
        // Before, they are nowhere but in their nodes.
        for visitor in &mut visitors {
            visitor.click().await;
            visitor.settle().await;
        }
        for _ in 0..120 {
            let (visitor, at) = (chance.below(visitors.len()), chance.below(nodes.len()));
            match chance.below(16) {
                0..8 => visitors[visitor].click().await,
                8..10 => visitors[visitor].settle().await,
                10..15 => visitors[visitor].go_to(nodes[at].address()).await,
                _ => {
                    std::mem::replace(&mut nodes[at], node().await).crash();
                    // Those who were there, and those who don't know it yet.
                    for visitor in &mut visitors {
                        visitor.go_to(nodes[(at + 1) % nodes.len()].address()).await;
                    }
                }
            }
        }
        for visitor in &mut visitors {
            visitor.settle().await;
            visitor.browser.shows("count", &visitor.browser.last_event().to_string()).await;
        }
    }
}

#[tokio::test]
async fn what_is_posted_at_one_node_reaches_the_stream_at_another() {
    let redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(relaxed(&redis)).await, TestServer::start(relaxed(&redis)).await);
    let mut browser = TestBrowser::load(&left, "/").await.over(Way::Stream);
    browser.move_to(right.address());
    browser.join().await;
    for count in 1..=6 {
        // As a load balancer does that takes turns.
        browser.stream().post_to([left.address(), right.address()][count % 2]);
        assert_eq!(browser.click_and_settle("add").await, None);
        browser.shows("count", &count.to_string()).await;
    }
    // The same batch at both is one, and what is too large is so everywhere.
    browser.stream().post_to(left.address());
    let number = browser.stream().posted().0 + 1;
    let action = browser.action("add", "lf-click");
    let (seq, seen) = (browser.last_event() + 1, browser.applied());
    let click = ClientMessage::Event { seq, seen, component: action.component, handler: action.handler, payload: String::new() };
    let batch = pack(&[&click.encode()]);
    for address in [left.address(), right.address(), left.address()] {
        browser.stream().post_to(address);
        assert_eq!(browser.stream().post(number, &batch).await.status, 204);
    }
    assert_eq!(browser.stream().post(number + 2, &batch).await.status, 409);
    assert_eq!(browser.stream().post(number + 1, &vec![1; 100_000]).await.status, 413);
    assert_eq!(browser.closed().await, close::TOO_LARGE);
    assert_eq!(browser.stream().post(number + 2, &batch).await.status, 404);
    browser.join().await;
    browser.shows("count", "7").await;
}

#[tokio::test]
async fn what_is_posted_for_a_node_that_is_gone_is_for_nobody() {
    let redis = RedisServer::start().await;
    let (left, right) = (FragileServer::start(durable(&redis)).await, TestServer::start(durable(&redis)).await);
    let mut browser = TestBrowser::open_at(left.address(), "/").await.over(Way::Stream);
    browser.join().await;
    browser.click_and_settle("add").await;
    left.crash();
    browser.stream().post_to(right.address());
    let number = browser.stream().posted().0 + 1;
    let status = async |browser: &mut TestBrowser| browser.stream().post(number, b"\x03\x03\x00\x00").await.status;
    // Its connection to Redis ends a moment after it.
    eventually("the node to be gone", async || status(&mut browser).await == 404).await;
    browser.move_to(right.address());
    browser.join().await;
    browser.click_and_settle("add").await;
    browser.shows("count", "2").await;
}
