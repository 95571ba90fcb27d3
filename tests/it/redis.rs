//! The store in Redis: what it keeps, and what happens while Redis is away, hangs, or has lost its memory.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::store::{Durability, Fence, Redis, Saved, SessionId, Store};
use livefloe_tests::{FragileServer, RedisServer, TestBrowser, TestServer, close, eventually};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};

use crate::{
    nodes::{app, durable, open, rejoin},
    stores,
};

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
async fn a_redis_that_is_loading_what_it_kept_is_waited_for() {
    let mut redis = RedisServer::start().await;
    let store = open(&redis);
    for session in 0..100 {
        let saved = store.save(SessionId([session; 16]), Fence::FIRST, vec![1; 1_000], Duration::from_hours(1)).await;
        assert_eq!(saved.unwrap(), Saved::Kept);
    }
    drop(store);
    redis.write_all();
    redis.kill();
    // Slow enough to be seen: each key takes 10 ms, and it answers meanwhile.
    redis.run_loading(&["--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024"]).await;
    assert!(redis.is_loading());
    let opened = tokio::task::spawn_blocking({
        let address = redis.address();
        move || Redis::open(&address)
    });
    let store = opened.await.unwrap().unwrap();
    assert!(!redis.is_loading());
    assert_eq!(store.claim(SessionId([7; 16])).await.unwrap().unwrap().snapshot, [1; 1_000]);
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
