//! Sessions that outlive their process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Child, Component, Cx, Limits, Markup, html,
    store::{Claimed, Durability, Fence, Memory, Saved, SessionId, Sqlite, Store, StoreError},
};
use livefloe_tests::{FragileServer, TestBrowser, TestServer, close, eventually};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// A list of counters, each a component.
#[derive(Default, Serialize, Deserialize)]
struct Tallies {
    names: Vec<String>,
    total: u32,
}

impl Component for Tallies {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="total" { (self.total) }
            button id="more" lf-click=(cx.on(Self::more)) { "more" }
            ul { @for name in &self.names { (cx.child::<Tally>(name, name.clone())) } }
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("{} tallies", self.names.len()))
    }
}

impl Tallies {
    fn more(&mut self) {
        self.total += 1;
        self.names.insert(0, format!("t{}", self.total));
    }
}

#[derive(Serialize, Deserialize)]
struct Tally {
    name: String,
    count: u32,
}

impl Component for Tally {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            li id={ (self.name) "-count" } { (self.count) }
            button id=(self.name) lf-click=(cx.on(Self::add)) { "+1" }
        }
    }
}

impl Tally {
    fn add(&mut self) {
        self.count += 1;
    }
}

impl Child for Tally {
    type Properties = String;

    fn new(name: &String) -> Self {
        Self { name: name.clone(), count: 0 }
    }

    fn update(&mut self, name: &String) {
        self.name.clone_from(name);
    }
}

fn app(store: impl Store) -> App {
    App::new().page("/tallies/{of}", Tallies::default).store(store)
}

fn durable(store: impl Store) -> App {
    app(store).durability(Durability::Durable)
}

/// Two components, one of them used twice.
async fn used(browser: &mut TestBrowser) {
    for id in ["more", "more", "t2", "t2", "t1"] {
        assert_eq!(browser.click_and_settle(id).await, None);
    }
    browser.shows("t2-count", "2").await;
}

#[tokio::test]
async fn a_page_goes_on_where_it_was_after_its_server_was_stopped_and_started() {
    let store = Memory::new();
    let server = TestServer::start(app(store.clone())).await;
    let mut browser = TestBrowser::open(&server, "/tallies/x?of=y").await;
    used(&mut browser).await;
    browser.disconnect();
    server.stop().await;

    let server = TestServer::start(app(store)).await;
    let n_patches = browser.n_patches();
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 5);
    browser.click_and_settle("t2").await;
    browser.shows("t2-count", "3").await;
    browser.click_and_settle("more").await;
    browser.shows("t3-count", "0").await;
    browser.shows("t1-count", "1").await;
    assert_eq!(browser.n_patches(), n_patches + 2, "what the page shows already is not sent again");
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash_and_is_not_done_twice() {
    let store = Memory::new();
    let server = FragileServer::start(durable(store.clone())).await;
    let mut browser = TestBrowser::open_at(server.address(), "/tallies/x").await;
    used(&mut browser).await;
    server.crash();

    let server = FragileServer::start(durable(store)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 5);
    browser.click_and_settle("t2").await;
    browser.shows("t2-count", "3").await;
}

/// Lets a write through for each permit, while it is not broken.
#[derive(Clone)]
struct Gate {
    inner: Memory,
    permits: Arc<Semaphore>,
    is_broken: Arc<AtomicBool>,
    n_tried: Arc<AtomicUsize>,
}

impl Gate {
    fn new(permits: usize) -> Self {
        Self { inner: Memory::new(), permits: Arc::new(Semaphore::new(permits)), is_broken: Arc::default(), n_tried: Arc::default() }
    }
}

impl Store for Gate {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        let gate = self.clone();
        Box::pin(async move {
            gate.n_tried.fetch_add(1, Ordering::SeqCst);
            if gate.is_broken.load(Ordering::SeqCst) {
                return Err(StoreError::new("broken"));
            }
            gate.permits.acquire().await.expect("never closed").forget();
            gate.inner.save(session, fence, snapshot, kept).await
        })
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        self.inner.claim(session)
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.inner.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.inner.secret()
    }
}

#[tokio::test]
async fn an_event_shows_no_effect_before_the_store_has_it_and_is_sent_again_if_it_never_does() {
    // One for the join.
    let gate = Gate::new(1);
    let server = FragileServer::start(durable(gate.clone())).await;
    let mut browser = TestBrowser::open_at(server.address(), "/tallies/x").await;
    eventually("the join to be kept", async || gate.inner.len() == 1 && gate.permits.available_permits() == 0).await;
    let more = browser.action("more", "lf-click");
    let seen = browser.applied();
    let event = browser.act(&more, "").await;
    eventually("the event to be applied", async || gate.n_tried.load(Ordering::SeqCst) >= 2).await;
    assert_eq!(browser.applied(), seen);
    server.crash();

    gate.permits.add_permits(100);
    let server = FragileServer::start(durable(gate)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 0, "the store never had it");
    browser.resend(event, seen, &more, "").await;
    assert_eq!(browser.settled(event).await, None);
    browser.shows("total", "1").await;
}

#[tokio::test]
async fn a_store_that_fails_holds_back_what_it_does_not_have_and_catches_up() {
    let gate = Gate::new(100);
    let server = TestServer::start(durable(gate.clone())).await;
    let mut browser = TestBrowser::open(&server, "/tallies/x").await;
    browser.click_and_settle("more").await;
    gate.is_broken.store(true, Ordering::SeqCst);
    let n_tried = gate.n_tried.load(Ordering::SeqCst);
    let event = browser.click("more").await;
    eventually("two attempts", async || gate.n_tried.load(Ordering::SeqCst) >= n_tried + 2).await;
    gate.is_broken.store(false, Ordering::SeqCst);
    assert_eq!(browser.settled(event).await, None);
    browser.shows("total", "2").await;
}

/// A page that shows more than is kept of its session, and the server that has only that.
async fn further_than_its_store() -> (TestBrowser, FragileServer) {
    let store = Memory::new();
    let relaxed = |store| app(store).durability(Durability::Relaxed(Duration::from_hours(1)));
    let server = FragileServer::start(relaxed(store.clone())).await;
    let mut browser = TestBrowser::open_at(server.address(), "/tallies/x").await;
    eventually("the join to be kept", async || store.len() == 1).await;
    used(&mut browser).await;
    server.crash();
    let server = FragileServer::start(relaxed(store)).await;
    browser.move_to(server.address());
    (browser, server)
}

#[tokio::test]
async fn a_page_that_is_further_than_the_store_goes_back_and_works_on() {
    let (mut browser, _server) = further_than_its_store().await;
    let shown = browser.applied();
    let joined = browser.join().await;
    assert_eq!((joined.ack, joined.seq), (0, shown), "no number is that of two patches");
    browser.shows("total", "0").await;
    assert_eq!(browser.click_and_settle("more").await, None);
    browser.shows("total", "1").await;
}

#[tokio::test]
async fn a_page_that_is_further_than_the_store_is_put_right_however_often_its_connection_breaks_meanwhile() {
    let (mut browser, _server) = further_than_its_store().await;
    for _ in 0..2 * browser.applied() {
        // The server has let it in, and it never hears of that.
        browser.duplicate().join().await;
    }
    browser.join().await;
    browser.shows("total", "0").await;
    assert_eq!(browser.click_and_settle("more").await, None);
    browser.shows("total", "1").await;
}

/// A page whose server has stopped, and the store that has its session.
async fn left_behind() -> (Memory, TestBrowser) {
    let store = Memory::new();
    let server = TestServer::start(app(store.clone())).await;
    let mut browser = TestBrowser::open(&server, "/tallies/x").await;
    browser.click_and_settle("more").await;
    browser.disconnect();
    server.stop().await;
    assert_eq!(store.len(), 1, "it is kept");
    (store, browser)
}

type Change = fn(Vec<u8>) -> Vec<u8>;

/// Changes the snapshot on its way out.
#[derive(Clone)]
struct Meddler(Memory, Change);

impl Store for Meddler {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        self.0.save(session, fence, snapshot, kept)
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let (claiming, change) = (self.0.claim(session), self.1);
        let changed = move |claimed: Claimed| Claimed { snapshot: change(claimed.snapshot), ..claimed };
        Box::pin(async move { Ok(claiming.await?.map(changed)) })
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.0.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.0.secret()
    }
}

#[tokio::test]
async fn a_snapshot_that_is_not_as_we_wrote_it_is_no_session() {
    let cases: [(&str, Change); 4] = [
        ("emptied", |_| Vec::new()),
        ("cut", |mut snapshot| {
            snapshot.truncate(snapshot.len() / 2);
            snapshot
        }),
        ("changed", |mut snapshot| {
            let middle = snapshot.len() / 2;
            snapshot[middle] ^= 1;
            snapshot
        }),
        ("longer", |mut snapshot| {
            snapshot.push(0);
            snapshot
        }),
    ];
    for (what, change) in cases {
        let (store, mut browser) = left_behind().await;
        let server = TestServer::start(app(Meddler(store, change))).await;
        browser.move_to(server.address());
        assert_eq!(browser.try_join().await, Err(close::NO_SESSION), "{what}");
        // The server is none the worse for it.
        TestBrowser::open(&server, "/tallies/x").await;
    }
}

/// What `Tallies` may become with the next version.
#[derive(Default, Serialize, Deserialize)]
struct Other {
    number: u8,
}

impl Component for Other {
    fn render(&self, _: &Cx<Self>) -> Markup {
        html! { p { (self.number) } }
    }
}

#[tokio::test]
async fn a_session_of_another_version_of_the_app_is_none() {
    let cases: [fn(Memory) -> App; 2] =
        [|store| App::new().page("/tallies/{of}", Other::default).store(store), |store| App::new().page("/", Other::default).store(store)];
    for next in cases {
        let (store, mut browser) = left_behind().await;
        let server = TestServer::start(next(store)).await;
        browser.move_to(server.address());
        assert_eq!(browser.try_join().await, Err(close::NO_SESSION));
    }
}

#[tokio::test]
async fn a_token_from_before_is_worth_nothing_after_a_restart_either() {
    let store = Memory::new();
    let server = TestServer::start(durable(store.clone())).await;
    let mut browser = TestBrowser::open(&server, "/tallies/x").await;
    browser.click_and_settle("more").await;
    let mut thief = browser.duplicate();
    browser.disconnect();
    browser.join().await;
    browser.click_and_settle("more").await;
    browser.disconnect();
    server.stop().await;
    let server = TestServer::start(durable(store)).await;
    thief.move_to(server.address());
    assert_eq!(thief.try_join().await, Err(close::NO_SESSION));
    browser.move_to(server.address());
    browser.join().await;
    browser.shows("total", "2").await;
}

#[tokio::test]
async fn a_session_that_nobody_came_back_to_in_time_waits_in_the_store() {
    let store = Memory::new();
    let limits = Limits { detached_time: Duration::ZERO, ..Limits::default() };
    let server = TestServer::start(app(store).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/tallies/x").await;
    used(&mut browser).await;
    browser.disconnect();
    let mut other = TestBrowser::open(&server, "/tallies/x").await;
    other.click_and_settle("more").await;
    browser.join().await;
    browser.click_and_settle("t2").await;
    browser.shows("t2-count", "3").await;
}

/// A folder of its own, gone with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("livefloe-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Self(path)
    }

    fn database(&self) -> std::path::PathBuf {
        self.0.join("sessions.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Opens a file that the process may not have let go of yet.
async fn reopened(folder: &Folder) -> Sqlite {
    let mut store = None;
    eventually("the file to be free", async || {
        store = Sqlite::open(folder.database()).ok();
        store.is_some()
    })
    .await;
    store.expect("it was opened")
}

#[tokio::test]
async fn a_file_keeps_sessions_through_crashes() {
    let folder = Folder::new("crashes");
    let server = FragileServer::start(durable(Sqlite::open(folder.database()).unwrap())).await;
    let mut browser = TestBrowser::open_at(server.address(), "/tallies/x").await;
    used(&mut browser).await;
    server.crash();
    for total in 3..6 {
        let server = FragileServer::start(durable(reopened(&folder).await)).await;
        browser.move_to(server.address());
        browser.join().await;
        assert_eq!(browser.click_and_settle("more").await, None);
        browser.shows("total", &total.to_string()).await;
        browser.shows("t2-count", "2").await;
        server.crash();
    }
}

#[tokio::test]
async fn a_file_that_is_no_store_of_ours_is_an_error_that_says_so() {
    let folder = Folder::new("errors");
    let open = || Sqlite::open(folder.database()).map(drop).map_err(|error| error.to_string());
    std::fs::write(folder.database(), "not a database, but long enough to be taken for one by its size alone ".repeat(20)).unwrap();
    assert!(open().unwrap_err().contains("file is not a database"), "{:?}", open());
    std::fs::remove_file(folder.database()).unwrap();
    let store = Sqlite::open(folder.database()).unwrap();
    assert!(open().unwrap_err().contains("locked"), "{:?}", open());
    drop(store);
    drop(reopened(&folder).await);
    std::fs::write(folder.database().with_extension("key"), "short").unwrap();
    assert!(open().unwrap_err().contains("expected a key of 32 bytes"), "{:?}", open());
    let missing = Sqlite::open(folder.0.join("no/such/folder/sessions.sqlite")).unwrap_err().to_string();
    assert!(missing.contains("no/such/folder"), "{missing}");
}

#[tokio::test]
async fn a_server_that_lost_a_session_to_another_tells_nothing_more_of_it() {
    // Two servers that share a store, which can't carry questions between them.
    let store = Memory::new();
    let (left, right) = (TestServer::start(durable(store.clone())).await, TestServer::start(durable(store.clone())).await);
    let mut browser = TestBrowser::open(&left, "/tallies/x").await;
    browser.click_and_settle("more").await;
    let mut moved = browser.duplicate();
    moved.move_to(right.address());
    moved.join().await;
    moved.click_and_settle("more").await;
    let more = browser.action("more", "lf-click");
    let lost = browser.act(&more, "").await;
    assert_eq!(browser.closed().await, close::GOING_AWAY);
    assert!(browser.settled_event() < lost, "an event was acknowledged that nobody will know of");
    moved.click_and_settle("more").await;
    moved.shows("total", "3").await;
    assert_eq!(browser.try_join().await, Err(close::NO_SESSION), "it is not the newest");
}

#[tokio::test]
async fn a_server_that_lost_a_session_to_another_gets_it_back_with_its_client() {
    let store = Memory::new();
    let (left, right) = (TestServer::start(durable(store.clone())).await, TestServer::start(durable(store.clone())).await);
    let mut browser = TestBrowser::open(&left, "/tallies/x").await;
    browser.click_and_settle("more").await;
    browser.move_to(right.address());
    browser.join().await;
    browser.click_and_settle("more").await;
    // What it still has is older than the client's token.
    browser.move_to(left.address());
    assert_eq!(browser.try_join().await, Err(close::GOING_AWAY));
    eventually("the old session to be gone", async || browser.try_join().await.is_ok()).await;
    browser.click_and_settle("more").await;
    browser.shows("total", "3").await;
}

#[tokio::test]
async fn a_store_keeps_what_its_sessions_newest_owner_writes() {
    let folder = Folder::new("fences");
    owners(Memory::new()).await;
    owners(Sqlite::open(folder.database()).unwrap()).await;
}

/// What holds for the owners of sessions in every store.
#[expect(clippy::unwrap_used, reason = "part of tests")]
pub(crate) async fn owners(store: impl Store) {
    let [mine, other] = [1, 2].map(|byte| SessionId([byte; 16]));
    let save = async |session, fence, text: &str| {
        store.save(session, fence, text.as_bytes().to_vec(), Duration::from_hours(1)).await.unwrap_or_else(|error| panic!("{error}"))
    };
    let claim = async |session| store.claim(session).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(claim(mine).await, None, "nobody made it");
    assert_eq!(save(mine, Fence::FIRST, "a").await, Saved::Kept);
    assert_eq!(save(mine, Fence::FIRST, "b").await, Saved::Kept);
    let second = claim(mine).await.unwrap();
    assert!(second.fence > Fence::FIRST);
    assert_eq!(second.snapshot, b"b");
    assert_eq!(save(mine, Fence::FIRST, "late").await, Saved::TakenOver);
    let third = claim(mine).await.unwrap();
    assert!(third.fence > second.fence);
    assert_eq!(third.snapshot, b"b", "what came late is not kept");
    assert_eq!(save(mine, third.fence, "c").await, Saved::Kept);
    assert_eq!(save(mine, second.fence, "late").await, Saved::TakenOver);
    assert_eq!(save(mine, third.fence, "d").await, Saved::Kept);
    assert_eq!(claim(mine).await.unwrap().snapshot, b"d");
    assert_eq!(save(other, Fence::FIRST, "x").await, Saved::Kept, "each session has its own owner");
    // One that is gone, and whose owner lives, comes back, and not over a newer owner.
    store.remove(mine).await.unwrap();
    assert_eq!(claim(mine).await, None);
    assert_eq!(save(mine, third.fence, "e").await, Saved::Kept);
    assert_eq!(save(mine, Fence::FIRST, "late").await, Saved::TakenOver);
    assert_eq!(claim(mine).await.unwrap().snapshot, b"e");
}

/// What holds for the time that sessions are kept in every store.
#[expect(clippy::unwrap_used, reason = "part of tests")]
pub(crate) async fn expiry(store: impl Store) {
    let [here, gone, removed] = [1, 2, 3].map(|byte| SessionId([byte; 16]));
    let hour = Duration::from_hours(1);
    for (session, kept) in [(here, hour), (gone, Duration::ZERO), (removed, hour)] {
        for snapshot in [b"first".to_vec(), session.0.to_vec()] {
            assert_eq!(store.save(session, Fence::FIRST, snapshot, kept).await.unwrap(), Saved::Kept);
        }
    }
    store.remove(removed).await.unwrap();
    assert_eq!(store.claim(here).await.unwrap().unwrap().snapshot, here.0);
    for missing in [gone, removed, SessionId([4; 16])] {
        assert_eq!(store.claim(missing).await.unwrap(), None);
    }
    let forever = store.save(gone, Fence::FIRST, b"kept".to_vec(), Duration::MAX).await;
    assert_eq!(forever.unwrap(), Saved::Kept);
    assert_eq!(store.claim(gone).await.unwrap().unwrap().snapshot, b"kept");
}

#[tokio::test]
async fn what_is_over_or_removed_is_not_found() {
    let folder = Folder::new("expiry");
    expiry(Memory::new()).await;
    expiry(Sqlite::open(folder.database()).unwrap()).await;
}
