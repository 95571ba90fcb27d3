//! Events: order, refusals, undo, and that a click means what was on the screen.

use std::{sync::Arc, time::Duration};

use livefloe::{App, Component, Cx, Identity, Invalid, Limits, Markup, Topic, html};
use livefloe_tests::{Action, Counter, TestBrowser, TestServer, within};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

const STALE: u8 = 1;
const INVALID: u8 = 2;
const ERROR: u8 = 3;
const BUSY: u8 = 4;
const TIMEOUT: u8 = 5;

const TOPIC: Topic<String> = Topic::new("workbench");

/// One of each kind of handler.
#[derive(Default, Serialize, Deserialize)]
struct Workbench {
    log: String,
    count: i64,
    is_broken: bool,
}

#[derive(Deserialize)]
struct Order {
    name: String,
    amount: u8,
}

/// Opens for async handlers, a permit each.
#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Component for Workbench {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&TOPIC, Self::heard);
        assert!(!self.is_broken, "a rendering that panics");
        html! {
            p id="log" { (self.log) }
            p id="count" { (self.count) }
            button id="a" lf-click=(cx.with("a".to_owned(), Self::write)) {}
            button id="b" lf-click=(cx.with("b".to_owned(), Self::write)) {}
            button id="add" lf-click=(cx.on(Self::add)) {}
            button id="fail" lf-click=(cx.on(Self::fail)) {}
            button id="panic" lf-click=(cx.on(Self::panic)) {}
            button id="break" lf-click=(cx.on(Self::break_rendering)) {}
            button id="wait" lf-click=(cx.on(Self::wait)) {}
            button id="wait-and-fail" lf-click=(cx.on(Self::wait_and_fail)) {}
            button id="never" lf-click=(cx.on(Self::never)) {}
            input id="level" lf-input=(cx.value(Self::set_level));
            form id="order" lf-submit=(cx.form(Self::order)) {}
        }
    }
}

impl Workbench {
    fn write(&mut self, text: String) {
        self.log.push_str(&text);
    }

    fn add(&mut self) {
        self.count += 1;
    }

    fn fail(&mut self) -> Result<(), &'static str> {
        self.count += 1_000;
        Err("the glue is empty")
    }

    fn panic(&mut self) {
        self.count += 1_000;
        panic!("the saw is blunt");
    }

    fn break_rendering(&mut self) {
        self.count += 1_000;
        self.is_broken = true;
    }

    async fn wait(&mut self, cx: &Cx<Self>) {
        self.count += 10;
        let gate = cx.state::<Gate>();
        gate.0.acquire().await.expect("the gate is never closed").forget();
        self.count += 10;
    }

    async fn wait_and_fail(&mut self, cx: &Cx<Self>) -> Result<(), &'static str> {
        self.wait(cx).await;
        Err("the gate was shut")
    }

    async fn never(&mut self) {
        self.count += 1_000;
        std::future::pending::<()>().await;
    }

    fn set_level(&mut self, level: u8) {
        self.count = level.into();
    }

    fn order(&mut self, order: Order) -> Result<(), Invalid> {
        if order.amount == 0 {
            return Err(Invalid::field("amount", "must be more than 0").and("name", "is waiting"));
        }
        self.log = format!("{} x {}", order.name, order.amount);
        Ok(())
    }

    fn heard(&mut self, message: String) {
        self.log = message;
    }
}

fn gate() -> Gate {
    Gate(Arc::new(Semaphore::new(0)))
}

fn app(gate: &Gate) -> App {
    App::new().state(gate.clone()).page("/", Workbench::default)
}

async fn workbench() -> (TestServer, TestBrowser) {
    let server = TestServer::start(app(&gate())).await;
    let browser = TestBrowser::open(&server, "/").await;
    (server, browser)
}

#[tokio::test]
async fn events_run_in_the_order_in_which_they_were_sent() {
    let (_server, mut browser) = workbench().await;
    let (a, b) = (browser.action("a", "lf-click"), browser.action("b", "lf-click"));
    let mut expected = String::new();
    for number in 0..60 {
        let (action, letter) = if number % 3 == 0 { (&a, 'a') } else { (&b, 'b') };
        browser.act(action, "").await;
        expected.push(letter);
    }
    browser.shows("log", &expected).await;
}

#[tokio::test]
async fn an_event_that_is_sent_again_runs_once() {
    let (_server, mut browser) = workbench().await;
    let (a, b) = (browser.action("a", "lf-click"), browser.action("b", "lf-click"));
    browser.resend(1, 0, &a, "").await;
    browser.resend(1, 0, &a, "").await;
    browser.resend(2, 0, &b, "").await;
    browser.resend(1, 0, &b, "").await;
    browser.resend(3, 0, &a, "").await;
    browser.shows("log", "aba").await;
    // Also over a new connection, which is when clients do so.
    browser.disconnect();
    assert_eq!(browser.join().await.ack, 3);
    browser.resend(2, 0, &b, "").await;
    browser.resend(3, 0, &a, "").await;
    browser.resend(4, 0, &b, "").await;
    browser.shows("log", "abab").await;
}

#[tokio::test]
async fn a_gap_between_events_ends_the_connection() {
    let (_server, mut browser) = workbench().await;
    let a = browser.action("a", "lf-click");
    browser.resend(2, 0, &a, "").await;
    assert_eq!(browser.closed().await, 4400);
    browser.join().await;
    browser.resend(1, 0, &a, "").await;
    browser.shows("log", "a").await;
}

#[tokio::test]
async fn what_the_page_does_not_show_is_stale() {
    let server = TestServer::start(App::new().page("/", Counter::default).page("/bench", Workbench::default).state(gate())).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let mut other = TestBrowser::open(&server, "/bench").await;
    let (own, foreign) = (browser.action("add", "lf-click"), other.action("add", "lf-click"));
    let cases = [
        ("an id that nobody rendered", Action { component: 0, handler: *b"AAAAAAAA" }),
        ("an id of another page", foreign),
        ("a component that is not there", Action { component: 7, ..own.clone() }),
        ("a component beyond numbers", Action { component: (1 << 53) - 1, ..own.clone() }),
    ];
    for (what, action) in cases {
        let event = browser.act(&action, "").await;
        assert_eq!(browser.settled(event).await.expect(what).code, STALE, "{what}");
    }
    assert_eq!(browser.click_and_settle("add").await, None);
    browser.shows("count", "1").await;
    other.click("add").await;
    other.shows("count", "1").await;
}

#[tokio::test]
async fn the_same_id_in_two_sessions_acts_on_its_own() {
    let server = TestServer::start(app(&gate())).await;
    let (mut one, mut other) = (TestBrowser::open(&server, "/").await, TestBrowser::open(&server, "/").await);
    assert_eq!(one.action("add", "lf-click"), other.action("add", "lf-click"), "ids are names, not secrets");
    one.click("add").await;
    one.shows("count", "1").await;
    assert_eq!(other.click_and_settle("a").await, None);
    assert_eq!(other.dom().text("count").as_deref(), Some("0"));
}

/// Where [`Listener`] subscribes: part of the subscription's id, and no secret to who reads the source.
const SUBSCRIBED_AT: u32 = line!() + 9;

#[derive(Default, Serialize, Deserialize)]
struct Listener {
    heard: Vec<String>,
}

impl Component for Listener {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&TOPIC, Self::hear);
        html! { p id="heard" { (self.heard.join(" ")) } }
    }
}

impl Listener {
    fn hear(&mut self, message: String) {
        self.heard.push(message);
    }
}

#[tokio::test]
async fn a_subscription_is_no_handler_for_clients() {
    let app = App::new().page("/", Listener::default);
    let bus = app.bus();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for column in 1..=140 {
        let site = Identity::ROOT.bytes(file!().as_bytes()).number((u64::from(SUBSCRIBED_AT) << 32) | column);
        let id = site.bytes(TOPIC.name().as_bytes()).number(1).handler();
        let handler = id.as_str().as_bytes().try_into().unwrap();
        let event = browser.act(&Action { component: 0, handler }, "message=forged").await;
        assert_eq!(browser.settled(event).await.unwrap().code, STALE, "column {column}");
    }
    assert_eq!(bus.broadcast(&TOPIC, "real".to_owned()), 1);
    browser.shows("heard", "real").await;
}

#[tokio::test]
async fn a_payload_that_does_not_fit_says_where() {
    let (_server, mut browser) = workbench().await;
    let (order, level) = (browser.action("order", "lf-submit"), browser.action("level", "lf-input"));
    let cases = [
        (&order, "name=nail&amount=many", "amount"),
        (&order, "name=nail&amount=256", "amount"),
        (&order, "name=nail&amount=-1", "amount"),
        (&order, "name=nail", "amount"),
        (&order, "amount=1", "name"),
        (&order, "", "name"),
        (&order, "name=nail&amount=0", "amount"),
        (&level, "level=high", "level"),
        (&level, "", "value"),
    ];
    for (action, payload, field) in cases {
        let event = browser.act(action, payload).await;
        let refusal = browser.settled(event).await.expect(payload);
        assert_eq!((refusal.code, refusal.fields[0].0.as_str()), (INVALID, field), "{payload}: {refusal:?}");
        assert!(!refusal.fields[0].1.is_empty(), "{payload}");
    }
    let event = browser.act(&order, "name=nail&amount=0").await;
    assert_eq!(browser.settled(event).await.unwrap().fields.len(), 2, "all that a handler named");
    browser.act(&order, "name=N%C3%A4gel+%26+Co&amount=3").await;
    browser.shows("log", "Nägel & Co x 3").await;
    browser.act(&level, "level=7").await;
    browser.shows("count", "7").await;
}

#[tokio::test]
async fn what_fails_is_undone_and_the_session_lives() {
    let cases = [("fail", "the glue is empty"), ("panic", "the saw is blunt"), ("break", "a rendering that panics")];
    for dev in [true, false] {
        let server = TestServer::start(app(&gate()).dev(dev)).await;
        let mut browser = TestBrowser::open(&server, "/").await;
        let mut count = 0;
        for (id, reason) in cases {
            let refusal = browser.click_and_settle(id).await.expect(id);
            assert_eq!(refusal.code, ERROR, "{id}");
            assert_eq!(refusal.message.contains(reason), dev, "{id}: {}", refusal.message);
            assert!(dev || refusal.message.contains("Reference"), "{id}: {}", refusal.message);
            browser.click("add").await;
            count += 1;
            browser.shows("count", &count.to_string()).await;
        }
    }
}

#[tokio::test]
async fn a_refusal_that_was_missed_is_known_before_its_event_counts_as_settled() {
    let (_server, mut browser) = workbench().await;
    let (fail, seen) = (browser.action("fail", "lf-click"), browser.applied());
    let event = browser.act(&fail, "").await;
    within("the event to be settled with nobody there", async {
        loop {
            browser.disconnect();
            if browser.join().await.ack == event {
                break;
            }
            browser.resend(event, seen, &fail, "").await;
        }
    })
    .await;
    assert_eq!(browser.settled(event).await.map(|refusal| refusal.code), Some(ERROR));
}

#[tokio::test]
async fn an_async_handler_holds_up_its_own_session_only() {
    let gate = gate();
    let server = TestServer::start(app(&gate)).await;
    let (mut browser, mut other) = (TestBrowser::open(&server, "/").await, TestBrowser::open(&server, "/").await);
    let waiting = browser.click("wait").await;
    let behind = browser.click("a").await;
    other.click("add").await;
    other.shows("count", "1").await;
    gate.0.add_permits(1);
    assert_eq!(browser.settled(waiting).await, None);
    browser.shows("count", "20").await;
    assert_eq!(browser.settled(behind).await, None);
    browser.shows("log", "a").await;
}

#[tokio::test]
async fn an_async_handler_that_fails_is_undone() {
    let gate = gate();
    let server = TestServer::start(app(&gate)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    gate.0.add_permits(1);
    assert_eq!(browser.click_and_settle("wait-and-fail").await.unwrap().code, ERROR);
    browser.click("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn an_async_handler_that_takes_too_long_is_stopped_and_undone() {
    let limits = Limits { handler_time: Duration::from_millis(20), ..Limits::default() };
    let server = TestServer::start(app(&gate()).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    assert_eq!(browser.click_and_settle("never").await.unwrap().code, TIMEOUT);
    browser.click("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn events_beyond_the_queue_are_busy_and_keep_their_place() {
    let gate = gate();
    let limits = Limits { max_queued_events: 3, ..Limits::default() };
    let server = TestServer::start(app(&gate).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let a = browser.action("a", "lf-click");
    browser.click("wait").await;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(browser.act(&a, "").await);
    }
    // Frames are read in order: when this one is answered, all five events have been queued or refused.
    browser.ack(&[0]).await;
    browser.until("a resync", |browser| browser.n_patches() == 1).await;
    gate.0.add_permits(1);
    let mut codes = Vec::new();
    for event in events {
        codes.push(browser.settled(event).await.map(|refusal| refusal.code));
    }
    assert_eq!(codes, [None, None, None, Some(BUSY), Some(BUSY)]);
    browser.shows("log", "aaa").await;
}

#[tokio::test]
async fn an_event_for_which_a_client_is_sent_away_is_applied_when_it_comes_again() {
    let gate = gate();
    let limits = Limits { max_queued_events: 2, ..Limits::default() };
    let server = TestServer::start(app(&gate).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let (a, seen) = (browser.action("a", "lf-click"), browser.applied());
    browser.click("wait").await;
    let mut last = 0;
    // Two wait, two are refused, and there is no place for a fifth.
    for _ in 0..5 {
        last = browser.act(&a, "").await;
    }
    assert_eq!(browser.closed().await, 4429);
    browser.join().await;
    gate.0.add_permits(1);
    assert_eq!(browser.settled(last - 1).await.map(|refusal| refusal.code), Some(BUSY));
    browser.resend(last, seen, &a, "").await;
    assert_eq!(browser.settled(last).await, None);
    browser.shows("log", "aaa").await;
}

#[tokio::test]
async fn too_many_events_end_the_connection_and_not_the_session() {
    let limits = Limits { max_events_per_second: 5, ..Limits::default() };
    let server = TestServer::start(app(&gate()).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let add = browser.action("add", "lf-click");
    for _ in 0..30 {
        browser.act(&add, "").await;
    }
    assert_eq!(browser.closed().await, 4429);
    let joined = browser.join().await;
    assert!((10..30).contains(&joined.ack), "a burst of twice the rate is allowed: {joined:?}");
    browser.shows("count", &joined.ack.to_string()).await;
}

/// Rows that can be removed; each button is for its own.
#[derive(Serialize, Deserialize)]
struct Rows {
    rows: Vec<u32>,
    removed: Vec<u32>,
}

impl Component for Rows {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            ul { @for row in &self.rows { li { (row) button id={ "remove-" (row) } lf-click=(cx.with(*row, Self::remove)) {} } } }
            p id="removed" { @for row in &self.removed { (row) "." } }
            button id="reverse" lf-click=(cx.on(Self::reverse)) {}
        }
    }
}

impl Rows {
    fn new() -> Self {
        Self { rows: (1..=5).collect(), removed: Vec::new() }
    }

    fn remove(&mut self, row: u32) {
        self.rows.retain(|other| *other != row);
        self.removed.push(row);
    }

    fn reverse(&mut self) {
        self.rows.reverse();
    }
}

#[tokio::test]
async fn a_late_click_means_what_was_on_the_screen() {
    let server = TestServer::start(App::new().page("/", Rows::new)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let actions: Vec<_> = (1..=5).map(|row| browser.action(&format!("remove-{row}"), "lf-click")).collect();
    // Nothing is read in between: all these clicks are on the first screen.
    browser.act_seeing(&actions[1], "", 0).await;
    browser.click("reverse").await;
    let last = browser.act_seeing(&actions[3], "", 0).await;
    assert_eq!(browser.settled(last).await, None);
    browser.shows("removed", "2.4.").await;
}

#[tokio::test]
async fn a_click_on_a_row_that_is_gone_hits_no_neighbour() {
    let server = TestServer::start(App::new().page("/", Rows::new)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let second = browser.action("remove-2", "lf-click");
    browser.act(&second, "").await;
    browser.shows("removed", "2.").await;
    // From now on the screen is known not to have shown the row.
    let event = browser.act(&second, "").await;
    assert_eq!(browser.settled(event).await.unwrap().code, STALE);
    assert_eq!(browser.dom().text("removed").as_deref(), Some("2."));
    assert_eq!(browser.dom().all_text(), "13452.");
}

#[tokio::test]
async fn a_handler_registered_twice_at_one_place_says_what_to_do() {
    #[derive(Default, Serialize, Deserialize)]
    struct Twice {}
    impl Component for Twice {
        fn render(&self, cx: &Cx<Self>) -> Markup {
            html! { @for _ in 0..2 { button lf-click=(cx.on(Self::click)) {} } }
        }
    }
    impl Twice {
        fn click(&mut self) {}
    }
    let server = TestServer::start(App::new().page("/", Twice::default).dev(true)).await;
    let page = server.get("/").await;
    assert_eq!(page.status, 500);
    assert!(page.body.contains("cx.with(row.id"), "{}", page.body);
}
