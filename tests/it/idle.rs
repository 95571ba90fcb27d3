//! Idle sessions drop what they can make again, and nobody sees it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use livefloe::{App, Child, Component, Cx, Limits, Markup, Metrics, Topic, html};
use livefloe_tests::{Counter, TestBrowser, TestServer, eventually};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

const NEWS: Topic<u32> = Topic::new("news");
const PEOPLE: Topic<u32> = Topic::new("people");

/// An app whose sessions fall asleep at once, and how many sleep.
fn sleepy(app: App) -> (App, Metrics) {
    let metrics = app.metrics();
    (app.limits(Limits { idle_time: Duration::from_millis(1), ..Limits::default() }), metrics)
}

async fn asleep(metrics: &Metrics, number: u64) {
    eventually(&format!("{number} sessions to sleep"), async || metrics.sleeping_sessions() == number).await;
}

/// A page with all that a patch may have to touch: plain rows, components that come, go, move and change their own element.
#[derive(Default, Serialize, Deserialize)]
struct Board {
    rows: Vec<u32>,
    n_rows: u32,
    notes: Vec<u32>,
    is_loud: bool,
}

impl Component for Board {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="row" lf-click=(cx.on(Self::row)) {}
            button id="note" lf-click=(cx.on(Self::note)) {}
            button id="turn" lf-click=(cx.on(Self::turn)) {}
            button id="shout" lf-click=(cx.on(Self::shout)) {}
            button id="drop" lf-click=(cx.on(Self::drop)) {}
            table { tbody { @for row in &self.rows { tr { td { "row " (row) } td { button id={ "row-" (row) } lf-click=(cx.with(*row, Self::remove)) {} } } } } }
            section { @for note in &self.notes { (cx.child::<Note>(note, (*note, self.is_loud))) } }
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("{} rows", self.rows.len()))
    }
}

impl Board {
    fn row(&mut self) {
        self.rows.push(self.n_rows);
        self.n_rows += 1;
    }

    fn remove(&mut self, row: u32) {
        self.rows.retain(|other| *other != row);
    }

    fn note(&mut self) {
        self.notes.push(u32::try_from(self.notes.len()).unwrap_or_default());
    }

    fn turn(&mut self) {
        self.notes.rotate_left(1);
    }

    fn shout(&mut self) {
        self.is_loud = !self.is_loud;
    }

    fn drop(&mut self) {
        self.notes.pop();
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    number: u32,
    is_loud: bool,
    count: u32,
}

impl Component for Note {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let inside = html! {
            b { (self.number) @if self.is_loud { "!" } }
            button id={ "note-" (self.number) } lf-click=(cx.on(Self::add)) { (self.count) }
        };
        // One element, then another one, then none of its own.
        match self.count % 3 {
            0 => html! { div { (inside) } },
            1 => html! { p { (inside) } },
            _ => inside,
        }
    }
}

impl Child for Note {
    type Properties = (u32, bool);

    fn new((number, is_loud): &Self::Properties) -> Self {
        Self { number: *number, is_loud: *is_loud, count: 0 }
    }

    fn update(&mut self, (number, is_loud): &Self::Properties) {
        (self.number, self.is_loud) = (*number, *is_loud);
    }
}

impl Note {
    fn add(&mut self) {
        self.count += 1;
    }
}

#[tokio::test]
async fn a_session_that_slept_sends_the_same_bytes_as_one_that_did_not() {
    let (app, metrics) = sleepy(App::new().page("/", Board::default));
    let sleepy = TestServer::start(app).await;
    let awake = App::new().page("/", Board::default).limits(Limits { idle_time: Duration::MAX, ..Limits::default() });
    let awake = TestServer::start(awake).await;
    let (mut one, mut other) = (TestBrowser::open(&sleepy, "/").await, TestBrowser::open(&awake, "/").await);
    let clicks = [
        "row", "row", "row", "row-1", "note", "note", "note-0", "note", "turn", "note-2", "note-2", "shout", "note-1", "note-0", "turn",
        "drop", "row", "note-0", "shout",
    ];
    for click in clicks {
        asleep(&metrics, 1).await;
        let before = (one.n_bytes(), other.n_bytes());
        assert_eq!(one.click_and_settle(click).await, None, "{click}");
        assert_eq!(other.click_and_settle(click).await, None, "{click}");
        assert_eq!(one.dom().outline(), other.dom().outline(), "{click}");
        assert_eq!(one.n_bytes() - before.0, other.n_bytes() - before.1, "{click}");
    }
    assert_eq!(metrics.unfaithful_renders(), 0);
    assert_eq!(metrics.resyncs(), 0);
}

#[tokio::test]
async fn what_is_gone_from_the_page_stays_gone_after_a_sleep() {
    let (app, metrics) = sleepy(App::new().page("/", Board::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click_and_settle("row").await;
    let remove = browser.action("row-0", "lf-click");
    assert_eq!(browser.click_and_settle("row-0").await, None);
    asleep(&metrics, 1).await;
    let event = browser.act(&remove, "").await;
    assert_eq!(browser.settled(event).await.map(|refusal| refusal.code), Some(1), "a row that is not there any more");
    assert_eq!(browser.click_and_settle("row").await, None);
}

#[tokio::test]
async fn a_lost_connection_comes_back_to_a_session_that_sleeps() {
    let (app, metrics) = sleepy(App::new().page("/", Counter::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click("add").await;
    browser.shows("count", "1").await;
    asleep(&metrics, 1).await;
    browser.disconnect();
    let joined = browser.join().await;
    assert_eq!((joined.ack, joined.seq), (1, 1));
    assert_eq!(metrics.sleeping_sessions(), 1, "joining takes nothing that it dropped");
    browser.click("add").await;
    browser.shows("count", "2").await;
    assert_eq!(browser.n_patches(), 2);
}

#[tokio::test]
async fn a_session_without_a_socket_sleeps_as_well_and_ends_as_one_that_slept() {
    let (app, metrics) = sleepy(App::new().page("/", Counter::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    asleep(&metrics, 1).await;
    browser.join().await;
    browser.click("add").await;
    browser.shows("count", "1").await;
    browser.disconnect();
    asleep(&metrics, 1).await;
    server.stop().await;
    asleep(&metrics, 0).await;
}

#[tokio::test]
async fn a_component_that_went_wrong_in_the_browser_is_sent_again_from_sleep() {
    let (app, metrics) = sleepy(App::new().page("/", Board::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for click in ["row", "note", "note", "note-1"] {
        browser.click_and_settle(click).await;
    }
    let shown = browser.dom().outline();
    for components in [&[0][..], &[1], &[2], &[2, 0, 77]] {
        asleep(&metrics, 1).await;
        let n_patches = browser.n_patches();
        browser.ack(components).await;
        browser.until("a resync", |browser| browser.n_patches() > n_patches).await;
        assert_eq!(browser.dom().outline(), shown, "{components:?}");
    }
    assert_eq!(browser.click_and_settle("note-1").await, None);
}

/// Renders how often it was rendered: what rendering must not do.
#[derive(Default, Serialize, Deserialize)]
struct Unfaithful {
    count: u32,
}

static RENDERINGS: AtomicU32 = AtomicU32::new(0);

impl Component for Unfaithful {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let rendering = RENDERINGS.fetch_add(1, Ordering::SeqCst);
        html! {
            p id="count" { (self.count) }
            button id="add" lf-click=(cx.on(Self::add)) {}
            @for number in 0..rendering { (cx.child::<Note>(number, (number, rendering.is_multiple_of(2)))) }
        }
    }
}

impl Unfaithful {
    fn add(&mut self) {
        self.count += 1;
    }
}

#[tokio::test]
async fn a_component_that_renders_otherwise_the_second_time_is_sent_as_a_whole() {
    let (app, metrics) = sleepy(App::new().page("/", Unfaithful::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for count in 1..=4 {
        asleep(&metrics, 1).await;
        assert_eq!(browser.click_and_settle("add").await, None);
        browser.shows("count", &count.to_string()).await;
        let n_notes = RENDERINGS.load(Ordering::SeqCst) - 1;
        let buttons = (0..n_notes).filter(|number| browser.dom().text(&format!("note-{number}")).is_some()).count();
        assert_eq!(u32::try_from(buttons), Ok(n_notes), "each child is there once");
        if n_notes > 0 {
            assert_eq!(browser.click_and_settle(&format!("note-{}", n_notes - 1)).await, None, "and does what it says");
        }
    }
    assert_eq!(metrics.unfaithful_renders(), 1, "known as such, it keeps its HTML");
}

static IS_BROKEN: AtomicBool = AtomicBool::new(false);

#[derive(Default, Serialize, Deserialize)]
struct Fragile {
    count: u32,
}

impl Component for Fragile {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        assert!(!IS_BROKEN.load(Ordering::SeqCst), "the lamp is out");
        html! { p id="count" { (self.count) } button id="add" lf-click=(cx.on(Self::add)) {} }
    }
}

impl Fragile {
    fn add(&mut self) {
        self.count += 1;
    }
}

#[tokio::test]
async fn a_rendering_that_fails_on_waking_refuses_the_event_and_is_tried_again() {
    let (app, metrics) = sleepy(App::new().page("/", Fragile::default));
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    asleep(&metrics, 1).await;
    IS_BROKEN.store(true, Ordering::SeqCst);
    assert_eq!(browser.click_and_settle("add").await.map(|refusal| refusal.code), Some(3));
    IS_BROKEN.store(false, Ordering::SeqCst);
    assert_eq!(browser.click_and_settle("add").await, None);
    browser.shows("count", "1").await;
}

/// Listens, waits, and shows what it shares with others.
#[derive(Default, Serialize, Deserialize)]
struct Listener {
    heard: u32,
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

#[derive(Clone, Default)]
struct Wall(Arc<Mutex<Vec<String>>>);

impl Wall {
    fn write(&self, line: String) {
        self.0.lock().expect("no writer panics").push(line);
    }
}

impl Component for Listener {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&NEWS, Self::hear);
        html! {
            p id="heard" { (self.heard) }
            button id="wait" lf-click=(cx.on(Self::wait)) {}
            (cx.child::<Crowd>((), ()))
            (cx.child::<Lines>((), ()))
        }
    }
}

impl Listener {
    fn hear(&mut self, number: u32) {
        self.heard += number;
    }

    fn wait(&mut self, cx: &Cx<Self>) {
        let gate = cx.state::<Gate>();
        cx.spawn(async move { gate.0.acquire().await.map(tokio::sync::SemaphorePermit::forget).is_ok() }, Self::opened);
    }

    fn opened(&mut self, is_open: bool) {
        self.heard += u32::from(is_open) * 1_000;
    }
}

#[derive(Serialize, Deserialize)]
struct Crowd {}

impl Component for Crowd {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p id="crowd" { (cx.presence(&PEOPLE, 7).len()) } }
    }
}

impl Child for Crowd {
    type Properties = ();

    fn new((): &()) -> Self {
        Self {}
    }

    fn update(&mut self, (): &()) {}
}

/// Shows what everybody wrote; a broadcast says when to look.
#[derive(Serialize, Deserialize)]
struct Lines {}

impl Component for Lines {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&NEWS, Self::look);
        let wall = cx.state::<Wall>();
        let lines = wall.0.lock().expect("no writer panics").clone();
        html! { ul id="lines" { @for line in &lines { li { (line) } } } }
    }
}

impl Lines {
    fn look(&mut self, _: u32) {}
}

impl Child for Lines {
    type Properties = ();

    fn new((): &()) -> Self {
        Self {}
    }

    fn update(&mut self, (): &()) {}
}

#[tokio::test]
async fn messages_tasks_and_other_people_wake_a_session() {
    let (gate, wall) = (Gate(Arc::new(Semaphore::new(0))), Wall::default());
    for line in 0..50 {
        wall.write(format!("a line that is long enough to be packed, number {line}"));
    }
    let app = App::new().page("/", Listener::default).state(gate.clone()).state(wall.clone());
    let (app, metrics) = sleepy(app);
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.shows("crowd", "1").await;
    browser.click_and_settle("wait").await;
    asleep(&metrics, 1).await;

    // A message, and what it is about: only that is sent.
    let before = browser.n_bytes();
    wall.write("one more".to_owned());
    bus.broadcast(&NEWS, 1);
    browser.shows("heard", "1").await;
    browser.until("the line", |browser| browser.dom().text("lines").is_some_and(|lines| lines.ends_with("one more"))).await;
    assert!(browser.n_bytes() - before < 100, "{} bytes for one line", browser.n_bytes() - before);

    // A task.
    asleep(&metrics, 1).await;
    gate.0.add_permits(1);
    browser.shows("heard", "1001").await;

    // Other people.
    asleep(&metrics, 1).await;
    let other = TestBrowser::open(&server, "/").await;
    browser.shows("crowd", "2").await;
    drop(other);
    browser.shows("crowd", "1").await;
    assert_eq!(metrics.unfaithful_renders(), 0, "what is shared may change");
}
