//! The end of the server, and what keeps it from starting.

use std::time::Duration;

use livefloe::{
    App, Component, Cx, Limits, Markup, html,
    store::{Durability, Memory},
};
use livefloe_tests::{Counter, TestBrowser, TestServer, close, within};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpStream, sync::watch};

fn app() -> App {
    App::new().page("/", Counter::default)
}

#[tokio::test]
async fn sockets_are_told_that_the_server_goes() {
    let server = TestServer::start(app()).await;
    let address = server.address();
    let mut browsers = Vec::new();
    for _ in 0..10 {
        browsers.push(TestBrowser::open(&server, "/").await);
    }
    let unjoined = TestBrowser::load(&server, "/").await;
    let told = async {
        for browser in &mut browsers {
            assert_eq!(browser.closed().await, 1001);
        }
    };
    tokio::join!(server.stop(), told);
    drop(unjoined);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

/// As in a program whose `main` ends when the server does: what has not been said by then is never said.
#[test]
fn the_server_has_said_goodbye_when_it_returns() {
    let (address, serving) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let server = app().bind("127.0.0.1:0").await.expect("a free port");
            address.send(server.address()).expect("the test waits");
            server.run_until(async { drop(stopped.await) }).await
        })
    });
    let address = serving.recv().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let code = runtime.block_on(async {
        let mut browser = TestBrowser::open_at(address, "/").await;
        stop.send(()).unwrap();
        browser.closed().await
    });
    server.join().unwrap().unwrap();
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn an_address_that_can_not_be_had_says_what_to_do() {
    let server = TestServer::start(app()).await;
    let taken = server.address().to_string();
    let cases = [
        (taken.as_str(), "choose another port"),
        ("127.0.0.1", "an address and port such as 127.0.0.1:8000"),
        ("127.0.0.1:99999", "an address and port such as 127.0.0.1:8000"),
        ("nowhere.invalid:8000", "an address and port such as 127.0.0.1:8000"),
        ("203.0.113.7:8000", "this machine doesn't have that address"),
    ];
    for (address, advice) in cases {
        let message = app().bind(address).await.map(|_| ()).unwrap_err().to_string();
        assert!(message.contains(advice) && message.contains(address), "{message}");
    }
}

/// A handler that runs until it is let go.
#[derive(Serialize, Deserialize)]
struct Slow {
    count: u32,
    #[serde(skip)]
    gate: Option<watch::Sender<Gate>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Closed,
    Waiting,
    Open,
}

impl Component for Slow {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p id="count" { (self.count) } button id="slow" lf-click=(cx.on(Self::slow)) { "slow" } }
    }
}

impl Slow {
    async fn slow(&mut self) {
        if let Some(gate) = &self.gate {
            gate.send_if_modified(|gate| {
                std::mem::replace(gate, if *gate == Gate::Open { Gate::Open } else { Gate::Waiting }) == Gate::Closed
            });
            let _ = gate.subscribe().wait_for(|gate| *gate == Gate::Open).await;
        }
        self.count += 1;
    }
}

fn slow(gate: &watch::Sender<Gate>, store: &Memory, grace_time: Duration) -> App {
    let gate = gate.clone();
    App::new()
        .page("/", move || Slow { count: 0, gate: Some(gate.clone()) })
        .limits(Limits { grace_time, ..Limits::default() })
        .store(store.clone())
        .durability(Durability::Relaxed(Duration::from_hours(1)))
}

#[tokio::test]
async fn what_is_under_way_when_the_server_stops_ends_and_is_kept() {
    let (gate, store) = (watch::Sender::new(Gate::Closed), Memory::new());
    let server = TestServer::start(slow(&gate, &store, Duration::from_mins(1))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let (action, seen) = (browser.action("slow", "lf-click"), browser.applied());
    let mut events = Vec::new();
    for _ in 0..2 {
        events.push(browser.act(&action, "").await);
    }
    let (mut state, address) = (gate.subscribe(), server.address());
    within("the handler to run", state.wait_for(|gate| *gate == Gate::Waiting)).await.unwrap();
    let ending = async {
        // Nobody listens any more, and the handler still runs.
        within("the door to close", async { while TcpStream::connect(address).await.is_ok() {} }).await;
        gate.send_replace(Gate::Open);
        assert_eq!(browser.closed().await, close::GOING_AWAY);
    };
    tokio::join!(server.stop(), ending);

    let server = TestServer::start(slow(&gate, &store, Duration::ZERO)).await;
    browser.move_to(server.address());
    let joined = browser.join().await;
    assert_eq!(joined.ack, events[0], "the one that ran, and not the one that waited");
    for event in events {
        browser.resend(event, seen, &action, "").await;
        assert_eq!(browser.settled(event).await, None);
    }
    browser.shows("count", "2").await;
}

#[tokio::test]
async fn what_takes_too_long_when_the_server_stops_is_undone_and_runs_again_elsewhere() {
    let (gate, store) = (watch::Sender::new(Gate::Closed), Memory::new());
    let server = TestServer::start(slow(&gate, &store, Duration::from_millis(10))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let (action, seen) = (browser.action("slow", "lf-click"), browser.applied());
    let event = browser.act(&action, "").await;
    let mut state = gate.subscribe();
    within("the handler to run", state.wait_for(|gate| *gate == Gate::Waiting)).await.unwrap();
    tokio::join!(server.stop(), browser.closed());

    gate.send_replace(Gate::Open);
    let server = TestServer::start(slow(&gate, &store, Duration::ZERO)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 0);
    browser.resend(event, seen, &action, "").await;
    assert_eq!(browser.settled(event).await, None);
    browser.shows("count", "1").await;
}
