//! Servers (nodes) that share their sessions, in a Redis of the test's own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Component, Cx, Limits, Markup, Topic, html,
    store::{Claimed, Durability, Fence, Redis, Saved, SessionId, Store, StoreError},
};
use livefloe_tests::{Counter, FragileServer, Joined, RedisServer, TestBrowser, TestServer, close, eventually, within};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};

use crate::stores;

fn open(redis: &RedisServer) -> Redis {
    Redis::open(&redis.address()).unwrap_or_else(|error| panic!("{error}"))
}

fn app(store: impl Store) -> App {
    App::new().page("/", Counter::default).store(store)
}

/// Saves by itself so seldom that what another node has was handed over.
fn relaxed(redis: &RedisServer) -> App {
    app(open(redis)).durability(Durability::Relaxed(Duration::from_hours(1)))
}

fn durable(redis: &RedisServer) -> App {
    app(open(redis)).durability(Durability::Durable)
}

/// Joins as the client does: again, when its session was just on its way from one node to another.
async fn rejoin(browser: &mut TestBrowser) -> Joined {
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

#[tokio::test]
async fn while_redis_is_down_sessions_go_on_in_memory_and_are_kept_when_it_is_back() {
    for options in [["--appendonly", "no"], ["--appendonly", "yes"]] {
        let mut redis = RedisServer::start_with(&options).await;
        let quick = |redis| app(open(redis)).durability(Durability::Relaxed(Duration::ZERO));
        let (left, right) = (FragileServer::start(quick(&redis)).await, FragileServer::start(quick(&redis)).await);
        let mut browser = TestBrowser::open_at(left.address(), "/").await;
        let mut other = TestBrowser::open_at(left.address(), "/").await;
        browser.click_and_settle("add").await;
        other.click_and_settle("add").await;
        redis.kill();
        browser.click_and_settle("add").await;
        browser.shows("count", "2").await;
        other.move_to(right.address());
        assert_eq!(other.try_join().await, Err(close::GOING_AWAY), "it may be there later");
        redis.run().await;
        // Also if Redis has forgotten all: the node that has the session knows it still, and gives it with what Redis never had.
        rejoin(&mut other).await;
        other.shows("count", "1").await;
        // Once it is kept, its node may go.
        eventually("the session to be kept", async || {
            browser.click_and_settle("add").await;
            n_kept(&redis) == 2
        })
        .await;
        let count = browser.dom().text("count").expect("a count");
        browser.move_to(right.address());
        rejoin(&mut browser).await;
        browser.shows("count", &count).await;
        browser.click_and_settle("add").await;
    }
}

/// How many sessions a Redis has.
fn n_kept(redis: &RedisServer) -> usize {
    redis.keys().iter().filter(|key| key.starts_with("livefloe:session:")).count()
}

#[tokio::test]
async fn while_redis_answers_nobody_nothing_is_acknowledged_that_it_does_not_have() {
    let redis = RedisServer::start_durable().await;
    let server = FragileServer::start(durable(&redis)).await;
    let mut browser = TestBrowser::open_at(server.address(), "/").await;
    browser.click_and_settle("add").await;
    redis.pause();
    let event = browser.click("add").await;
    // Longer than a command may take: the first attempt has failed, and is still on its way.
    let waited = tokio::time::timeout(Duration::from_secs(3), browser.settled(event)).await;
    assert!(waited.is_err(), "an event was acknowledged that the store doesn't have");
    redis.go_on();
    assert_eq!(browser.settled(event).await, None);
    browser.click_and_settle("add").await;
    browser.shows("count", "3").await;
    server.crash();
    let server = FragileServer::start(durable(&redis)).await;
    browser.move_to(server.address());
    assert_eq!(rejoin(&mut browser).await.ack, 3);
    browser.click_and_settle("add").await;
    browser.shows("count", "4").await;
}

#[tokio::test]
async fn redis_keeps_what_its_sessions_newest_owner_writes() {
    let redis = RedisServer::start().await;
    stores::owners(open(&redis)).await;
    stores::expiry(Redis::open_with_prefix(&redis.address(), "other:").unwrap()).await;
}

#[tokio::test]
async fn a_late_owner_stays_out_even_when_redis_has_lost_its_memory() {
    let mut redis = RedisServer::start().await;
    let (first, second) = (open(&redis), open(&redis));
    let (session, hour) = (SessionId([7; 16]), Duration::from_hours(1));
    let save = async |store: &Redis, fence, text: &str| store.save(session, fence, text.as_bytes().to_vec(), hour).await.unwrap();
    assert_eq!(save(&first, Fence::FIRST, "a").await, Saved::Kept);
    let newer = second.claim(session).await.unwrap().unwrap().fence;
    redis.kill();
    redis.run().await;
    // The one that doesn't know yet comes first, and another takes it from there.
    assert_eq!(save(&first, Fence::FIRST, "late").await, Saved::Kept);
    let newest = first.claim(session).await.unwrap().unwrap().fence;
    assert!(newest > newer);
    assert_eq!(save(&second, newer, "late").await, Saved::TakenOver);
}

/// Stands between a store and its Redis, and may hold what is sent back: it breaks the connection, and sends it on when nobody thinks of it any more.
#[derive(Clone)]
struct Detour {
    is_holding: Arc<AtomicBool>,
    held: Arc<Semaphore>,
    n_late: Arc<AtomicUsize>,
}

impl Detour {
    /// Listens on a socket beside that of Redis, whose address it gives.
    fn start(redis: &RedisServer) -> (Self, String) {
        let (there, here) = (redis.socket(), redis.socket().with_extension("detour"));
        let detour = Self { is_holding: Arc::default(), held: Arc::new(Semaphore::new(0)), n_late: Arc::default() };
        let listener = UnixListener::bind(&here).expect("a socket for the test");
        let serving = detour.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&there).await.expect("Redis listens");
                tokio::spawn(serving.clone().carry(client, server));
            }
        });
        (detour, format!("redis+unix://{}", here.display()))
    }

    async fn carry(self, mut client: UnixStream, mut server: UnixStream) -> std::io::Result<()> {
        let (mut up, mut down) = ([0; 4_096], [0; 4_096]);
        loop {
            tokio::select! {
                n_read = client.read(&mut up) => match n_read? {
                    0 => return Ok(()),
                    n_read if self.is_holding.swap(false, Ordering::SeqCst) => {
                        drop(client);
                        self.held.acquire().await.expect("never closed").forget();
                        server.write_all(&up[..n_read]).await?;
                        // Its answer: it was carried out.
                        if server.read(&mut down).await? == 0 {
                            return Ok(());
                        }
                        self.n_late.fetch_add(1, Ordering::SeqCst);
                        return Ok(());
                    }
                    n_read => server.write_all(&up[..n_read]).await?,
                },
                n_read = server.read(&mut down) => match n_read? {
                    0 => return Ok(()),
                    n_read => client.write_all(&down[..n_read]).await?,
                },
            }
        }
    }

    /// The next thing that is sent arrives when it is let go.
    fn hold(&self) {
        self.is_holding.store(true, Ordering::SeqCst);
    }

    async fn let_go(&self) {
        let n_late = self.n_late.load(Ordering::SeqCst);
        self.held.add_permits(1);
        eventually("what was held to arrive", async || self.n_late.load(Ordering::SeqCst) > n_late).await;
    }
}

#[tokio::test]
async fn a_command_that_arrives_after_its_repetition_changes_nothing() {
    let redis = RedisServer::start().await;
    let (detour, address) = Detour::start(&redis);
    let store = tokio::task::spawn_blocking(move || Redis::open(&address)).await.unwrap().unwrap();
    let (session, hour) = (SessionId([7; 16]), Duration::from_hours(1));
    let save = async |fence, text: &str| store.save(session, fence, text.as_bytes().to_vec(), hour).await.unwrap();
    detour.hold();
    assert_eq!(save(Fence::FIRST, "first").await, Saved::Kept, "it is repeated at once");
    assert_eq!(save(Fence::FIRST, "second").await, Saved::Kept);
    detour.let_go().await;
    detour.hold();
    let claimed = store.claim(session).await.unwrap().unwrap();
    assert_eq!(claimed.snapshot, b"second");
    detour.let_go().await;
    assert_eq!(save(claimed.fence, "third").await, Saved::Kept, "the late claim was the same as the one that was answered");
    detour.hold();
    let again = store.claim(session).await.unwrap().unwrap();
    assert_eq!(save(again.fence, "fourth").await, Saved::Kept);
    detour.let_go().await;
    assert_eq!(save(again.fence, "fifth").await, Saved::Kept, "the late claim is not a newer owner's");
    assert_eq!(store.claim(session).await.unwrap().unwrap().snapshot, b"fifth");
}

#[tokio::test]
async fn all_nodes_of_an_app_have_one_secret() {
    let mut redis = RedisServer::start().await;
    let first = open(&redis);
    assert_eq!(first.secret().unwrap(), open(&redis).secret().unwrap());
    let other = Redis::open_with_prefix(&redis.address(), "other:").unwrap();
    assert_ne!(first.secret().unwrap(), other.secret().unwrap());
    // A node that lives gives it back to a Redis that has lost it.
    let server = TestServer::start(app(first.clone())).await;
    redis.kill();
    redis.run().await;
    eventually("the secret to be back", async || redis.keys().iter().any(|key| key == "livefloe:secret")).await;
    assert_eq!(first.secret().unwrap(), open(&redis).secret().unwrap());
    server.stop().await;
}

#[tokio::test]
async fn what_keeps_a_store_from_opening_is_said_without_its_password() {
    let redis = RedisServer::start_with(&["--requirepass", "right"]).await;
    let at = |password: &str| redis.address().replace("redis+unix://", &format!("redis+unix://:{password}@"));
    let cases = [
        (redis.address(), "Authentication required"),
        (format!("{}?pass=wrong", redis.address()), "Password authentication failed"),
        ("redis://:wrong@127.0.0.1:1".to_owned(), "refused"),
        ("rediss://:wrong@127.0.0.1:1".to_owned(), "TLS"),
        ("redis://:wrong@127.0.0.1:port".to_owned(), "expected an address"),
        (format!("memcached://:wrong@{}", at("wrong")), "expected an address"),
    ];
    for (address, expected) in cases {
        let error = Redis::open(&address).map(drop).unwrap_err();
        let all = format!("{error} {error:?}");
        assert!(all.contains(expected), "{all}");
        assert!(!all.contains("wrong"), "{all}");
    }
    let opened = Redis::open(&format!("{}?pass=right", redis.address())).unwrap();
    assert!(!format!("{opened:?}").contains("right"), "{opened:?}");
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

/// Xorshift: the same numbers for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).expect("small")).expect("small")
    }
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
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
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
