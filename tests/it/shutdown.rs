//! The end of the server, and what keeps it from starting.

use std::time::Duration;

use livefloe::{
    App, Limits,
    store::{Durability, Memory},
};
use livefloe_tests::{Counter, Gate, Gated, TestBrowser, TestServer, close, post, within};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

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

fn gated(gate: &Gate, store: &Memory, grace_time: Duration) -> App {
    let gated = Gated::new(gate);
    App::new()
        .page("/", move || gated.clone())
        .limits(Limits { grace_time, ..Limits::default() })
        .store(store.clone())
        .durability(Durability::Relaxed(Duration::from_hours(1)))
}

#[tokio::test]
async fn what_is_under_way_when_the_server_stops_ends_and_is_kept() {
    let (gate, store) = (Gate::default(), Memory::new());
    let server = TestServer::start(gated(&gate, &store, Duration::from_mins(1))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let (action, seen) = (browser.action("pass", "lf-click"), browser.applied());
    let mut events = Vec::new();
    for _ in 0..2 {
        events.push(browser.act(&action, "").await);
    }
    let address = server.address();
    gate.is_awaited().await;
    let ending = async {
        // Nobody listens any more, and the handler still runs.
        within("the door to close", async { while TcpStream::connect(address).await.is_ok() {} }).await;
        gate.open();
        assert_eq!(browser.closed().await, close::GOING_AWAY);
    };
    tokio::join!(server.stop(), ending);

    let server = TestServer::start(gated(&gate, &store, Duration::ZERO)).await;
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
async fn who_still_reaches_a_server_that_stops_is_sent_elsewhere() {
    let (gate, store) = (Gate::default(), Memory::new());
    let server = TestServer::start(gated(&gate, &store, Duration::from_mins(1))).await;
    let (mut browser, mut idle) = (TestBrowser::open(&server, "/").await, TestBrowser::open(&server, "/").await);
    let mut late = idle.duplicate();
    late.connect().await;
    // As a browser keeps one, for its next request.
    let mut kept = TcpStream::connect(server.address()).await.unwrap();
    kept.write_all(format!("GET /nothing HTTP/1.1\r\nHost: {}\r\n\r\n", server.address()).as_bytes()).await.unwrap();
    let mut answer = [0; 4_096];
    assert!(within("an answer", kept.read(&mut answer)).await.unwrap() > 0);
    browser.click("pass").await;
    gate.is_awaited().await;
    let stopping = async {
        assert_eq!(idle.closed().await, close::GOING_AWAY);
        assert_eq!(late.try_join_here().await, Err(close::GOING_AWAY), "it is saved, and goes on in the next process");
        while within("the end of the connection", kept.read(&mut answer)).await.unwrap() > 0 {}
        gate.open();
        browser.closed().await;
    };
    tokio::join!(server.stop(), stopping);
    let server = TestServer::start(gated(&gate, &store, Duration::ZERO)).await;
    late.move_to(server.address());
    late.join().await;
}

#[tokio::test]
async fn what_takes_too_long_when_the_server_stops_is_undone_and_runs_again_elsewhere() {
    let (gate, store) = (Gate::default(), Memory::new());
    let server = TestServer::start(gated(&gate, &store, Duration::from_millis(10))).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let (action, seen) = (browser.action("pass", "lf-click"), browser.applied());
    let event = browser.act(&action, "").await;
    gate.is_awaited().await;
    tokio::join!(server.stop(), browser.closed());

    gate.open();
    let server = TestServer::start(gated(&gate, &store, Duration::ZERO)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 0);
    browser.resend(event, seen, &action, "").await;
    assert_eq!(browser.settled(event).await, None);
    browser.shows("count", "1").await;
}

#[cfg(unix)]
#[tokio::test]
async fn who_asks_a_second_time_waits_for_nothing() {
    use std::process::{Command, Stdio};

    use tokio::io::{AsyncBufReadExt as _, BufReader};

    let mut server = tokio::process::Command::new(env!("CARGO_BIN_EXE_cases"))
        .env("PORT", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the server of the browser tests");
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = within("its address", said.next_line()).await.unwrap().unwrap();
    let address = line.trim_start_matches("listening on http://").parse().unwrap();
    let stop = |server: &tokio::process::Child| {
        let pid = server.id().expect("it lives").to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    };

    assert_eq!(post(address, "/control/held", "<button id=\"b\" lf-click=\"{{click}}\">b</button>").await.status, 200);
    assert_eq!(post(address, "/control/held/hold", "").await.status, 200);
    let mut browser = TestBrowser::open_at(address, "/raw/held").await;
    browser.click("b").await;
    // The answer to what came behind the click: the handler runs.
    browser.ack(&[0]).await;
    browser.until("an answer", |browser| browser.n_patches() > 0).await;
    stop(&server);
    within("the door to close", async { while TcpStream::connect(address).await.is_ok() {} }).await;
    assert!(server.try_wait().unwrap().is_none(), "it waits for the handler");
    stop(&server);
    let ended = tokio::time::timeout(Duration::from_secs(5), server.wait()).await.expect("half the time that the handler has").unwrap();
    assert!(ended.success());
}

/// Of an app that goes on in the same process, on the same port.
#[tokio::test]
async fn a_connection_that_is_kept_brings_nothing_to_an_app_that_has_stopped() {
    let server = TestServer::start(App::new().page("/", Counter::default)).await;
    let address = server.address();
    let mut kept = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /nothing HTTP/1.1\r\nhost: {address}\r\n\r\n");
    kept.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    within("an answer", kept.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 404");
    server.stop().await;
    let mut rest = Vec::new();
    within("the end", kept.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.ends_with(b"\r\n\r\n"), "{}", String::from_utf8_lossy(&rest));
}
