//! Streams: what carries the same where no socket gets through, and what only they can get wrong.

use std::time::Duration;

use livefloe::{
    App, Component, Cx, Limits, Markup, html,
    store::{Durability, Memory},
};
use livefloe_tests::{
    ClientMessage, Counter, PROTOCOL_VERSION, TestBrowser, TestServer, Way, close, eventually, pack, post_bytes, request,
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const WAYS: [Way; 2] = [Way::Socket, Way::Stream];
const OCTETS: &str = "content-type: application/octet-stream";

fn app() -> App {
    App::new().page("/", Counter::default)
}

async fn open(server: &TestServer, way: Way) -> TestBrowser {
    let mut browser = TestBrowser::load(server, "/").await.over(way);
    browser.join().await;
    browser
}

fn join(token: &str) -> ClientMessage {
    ClientMessage::Join { version: PROTOCOL_VERSION, token: token.to_owned(), applied: 0, page: String::new() }
}

/// A page on a stream that says nothing by itself: the test numbers its batches.
async fn open_quiet(server: &TestServer) -> TestBrowser {
    open(server, Way::Stream).await.without_acks()
}

/// The frame of a click on the counter's button.
fn click(browser: &TestBrowser, seq: u64, seen: u64) -> Vec<u8> {
    let action = browser.action("add", "lf-click");
    ClientMessage::Event { seq, seen, component: action.component, handler: action.handler, payload: String::new() }.encode()
}

#[tokio::test]
async fn a_page_lives_on_either() {
    let app = app();
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    for (way, sockets, streams) in [(Way::Socket, 1, 0), (Way::Stream, 0, 1)] {
        let mut browser = open(&server, way).await;
        for count in 1..=3 {
            assert_eq!(browser.click_and_settle("add").await, None);
            browser.shows("count", &count.to_string()).await;
        }
        let figures = metrics.figures();
        assert_eq!((figures.sockets, figures.streams, figures.connected_sessions), (sockets, streams, 1), "{way:?}");
        drop(browser);
        eventually("the end to be noticed", async || {
            let figures = metrics.figures();
            (figures.sockets, figures.streams, figures.connected_sessions) == (0, 0, 0)
        })
        .await;
    }
}

#[tokio::test]
async fn nothing_between_shall_keep_or_change_a_stream() {
    let server = TestServer::start(app()).await;
    let mut browser = open(&server, Way::Stream).await;
    let head = browser.stream().head().to_ascii_lowercase();
    for line in ["content-type: text/event-stream", "cache-control: no-store, no-transform", "x-accel-buffering: no"] {
        assert!(head.lines().any(|other| other == line), "no {line} in {head}");
    }
    assert!(!head.contains("content-encoding"), "{head}");
    assert!(!head.contains(browser.stream().name()), "a name in the head");
    assert_eq!(browser.stream().name().len(), 64);
}

#[tokio::test]
async fn what_was_missed_comes_after_a_cut_and_events_are_applied_once() {
    let server = TestServer::start(app()).await;
    for before in WAYS {
        for after in WAYS {
            let mut browser = open(&server, before).await.without_acks();
            browser.click_and_settle("add").await;
            // Sent, and the answer is never read.
            let add = browser.action("add", "lf-click");
            let last = browser.act(&add, "").await;
            browser.disconnect();
            browser = browser.over(after);
            browser.join().await;
            browser.resend(last, browser.applied(), &add, "").await;
            assert_eq!(browser.settled(last).await, None);
            browser.shows("count", "2").await;
            browser.click_and_settle("add").await;
            browser.shows("count", "3").await;
        }
    }
}

#[tokio::test]
async fn a_page_that_is_loaded_again_goes_on_over_either() {
    let server = TestServer::start(app()).await;
    for before in WAYS {
        for after in WAYS {
            let mut first = open(&server, before).await;
            first.click_and_settle("add").await;
            // The server may not have noticed yet that it is gone.
            first.disconnect();
            let mut page = first.reload("/").await.over(after);
            page.join().await;
            page.shows("count", "1").await;
            page.click_and_settle("add").await;
            page.shows("count", "2").await;
        }
    }
}

#[tokio::test]
async fn the_newest_connection_has_the_session_whatever_carries_it() {
    let server = TestServer::start(app()).await;
    for before in WAYS {
        for after in WAYS {
            let mut first = open(&server, before).await;
            let mut second = first.duplicate().over(after);
            second.join().await;
            assert_eq!(first.closed().await, close::TAKEN_OVER, "{before:?} {after:?}");
            second.click_and_settle("add").await;
            second.shows("count", "1").await;
        }
    }
}

/// Shows much more than a patch that travels as it is, and a connection takes at once.
#[derive(Default, Serialize, Deserialize)]
struct Wall {
    count: usize,
}

impl Component for Wall {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p id="count" { (self.count) } p id="wall" { (self.count.to_string().repeat(1_000_000)) } button id="add" lf-click=(cx.on(Self::add)) {} }
    }
}

impl Wall {
    fn add(&mut self) {
        self.count = (self.count + 1) % 10;
    }
}

#[tokio::test]
async fn large_patches_arrive_deflated_or_not_and_read_late() {
    for deflate_bytes in [Limits::default().deflate_bytes, usize::MAX] {
        let limits = Limits { deflate_bytes, max_unacked_bytes: usize::MAX, ..Limits::default() };
        let server = TestServer::start(App::new().page("/", Wall::default).limits(limits)).await;
        for way in WAYS {
            let mut browser = open(&server, way).await;
            for _ in 0..5 {
                // Nothing is read before the last one.
                browser.click("add").await;
            }
            browser.shows("count", "5").await;
            assert_eq!(browser.dom().text("wall").map(|wall| wall.len()), Some(1_000_000), "{way:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_join_of_a_session_is_closed_with_its_code() {
    let limits = Limits { max_frame_bytes: 1_024, ..Limits::default() };
    let server = TestServer::start(app().limits(limits)).await;
    let own = TestBrowser::load(&server, "/").await;
    let version =
        ClientMessage::Join { version: PROTOCOL_VERSION + 1, token: own.token().to_owned(), applied: 0, page: String::new() }.encode();
    let cases = [
        ("an empty token", join("").encode(), close::NO_SESSION),
        ("a token that nobody gave out", join(&"A".repeat(54)).encode(), close::NO_SESSION),
        ("a later version", version, close::VERSION),
        ("an ack first", ClientMessage::Ack { seen: 0, failed: vec![] }.encode(), close::MALFORMED),
        ("nothing", Vec::new(), close::MALFORMED),
        ("an unknown kind", vec![9, 1, 2, 3], close::MALFORMED),
        ("a join that is cut", join(own.token()).encode()[..10].to_vec(), close::MALFORMED),
        ("a large frame", vec![1; 2_000], close::TOO_LARGE),
    ];
    for (what, frame, code) in cases {
        for way in WAYS {
            let mut browser = TestBrowser::load(&server, "/").await.over(way);
            browser.connect().await;
            browser.send_frame(frame.clone()).await;
            assert_eq!(browser.closed().await, code, "{what}, {way:?}");
            // None of it harmed the session whose page it was.
            browser.join().await;
        }
    }
}

#[tokio::test]
async fn a_frame_that_is_none_of_ours_ends_the_connection_and_not_the_session() {
    let limits = Limits { max_frame_bytes: 1_024, ..Limits::default() };
    let app = app().limits(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let event = |payload: usize| {
        let (seq, seen, component, handler) = (1, 0, 0, *b"AAAAAAAA");
        ClientMessage::Event { seq, seen, component, handler, payload: "x".repeat(payload) }.encode()
    };
    let cases = [
        ("an unknown kind", vec![0xff; 8], close::MALFORMED),
        ("nothing", Vec::new(), close::MALFORMED),
        ("a second join", join("x").encode(), close::MALFORMED),
        ("an ack of a patch that never was", ClientMessage::Ack { seen: 7, failed: vec![] }.encode(), close::MALFORMED),
        ("a frame that is too large", event(2_000), close::TOO_LARGE),
        ("one that is larger than a batch", event(40_000), close::TOO_LARGE),
    ];
    for (n_times, (what, frame, code)) in (1..).zip(cases) {
        for way in WAYS {
            let mut browser = open(&server, way).await;
            browser.send_frame(frame.clone()).await;
            assert_eq!(browser.closed().await, code, "{what}, {way:?}");
            browser.join().await;
            browser.click("add").await;
            browser.shows("count", "1").await;
        }
        let too_large = if n_times > 4 { 2 * (n_times - 4) } else { 0 };
        assert_eq!(metrics.figures().limited.max_frame_bytes, too_large, "{what}");
    }
}

#[tokio::test]
async fn who_sends_too_fast_or_answers_no_heartbeat_is_sent_away_and_may_come_back() {
    let flooded = Limits { max_events_per_second: 5, ..Limits::default() };
    let silent = Limits { heartbeat: Duration::from_millis(20), ..Limits::default() };
    for way in WAYS {
        let server = TestServer::start(app().limits(flooded.clone())).await;
        let mut browser = open(&server, way).await;
        let add = browser.action("add", "lf-click");
        for seq in 1..=20 {
            // A batch counts for as many as it has.
            if way == Way::Socket {
                browser.resend(seq, 0, &add, "").await;
            }
        }
        if way == Way::Stream {
            let frames: Vec<_> = (1..=20).map(|seq| click(&browser, seq, 0)).collect();
            let frames: Vec<_> = frames.iter().map(Vec::as_slice).collect();
            assert_eq!(browser.stream().post(1, &pack(&frames)).await.status, 204);
        }
        assert_eq!(browser.closed().await, close::TOO_FAST, "{way:?}");
        browser.join().await;

        let server = TestServer::start(app().limits(silent.clone())).await;
        let mut browser = open(&server, way).await.deaf();
        assert_eq!(browser.closed().await, close::SILENT, "{way:?}");
        let mut browser = browser.hearing();
        browser.join().await;
        browser.click("add").await;
        browser.shows("count", "1").await;
    }
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_the_session_goes_on_elsewhere() {
    for way in WAYS {
        let store = Memory::new();
        let app = || app().store(store.clone()).durability(Durability::Durable);
        let server = TestServer::start(app()).await;
        let mut browser = open(&server, way).await;
        browser.click_and_settle("add").await;
        let (code, ()) = tokio::join!(browser.closed(), server.stop());
        assert_eq!(code, close::GOING_AWAY, "{way:?}");
        let server = TestServer::start(app()).await;
        browser.move_to(server.address());
        browser.join().await;
        browser.click_and_settle("add").await;
        browser.shows("count", "2").await;
    }
}

#[tokio::test]
async fn a_batch_is_applied_once_however_often_it_comes_and_none_before_its_turn() {
    let server = TestServer::start(app()).await;
    let mut browser = open_quiet(&server).await;
    let batches: Vec<_> = (1..=3).map(|seq| pack(&[&click(&browser, seq, 0)])).collect();
    for (number, batch, status) in [(1, 0, 204), (1, 0, 204), (3, 2, 409), (2, 1, 204), (1, 0, 204), (2, 1, 204), (3, 2, 204)] {
        assert_eq!(browser.stream().post(number, &batches[batch]).await.status, status, "{number}");
    }
    // Another content under a number that was there is not looked at.
    assert_eq!(browser.stream().post(3, b"\x01\xff").await.status, 204);
    browser.shows("count", "3").await;
    // Many copies at once are one.
    let batch = pack(&[&click(&browser, 4, 0), &click(&browser, 5, 0)]);
    let stream = browser.stream();
    let copies = tokio::join!(stream.post(4, &batch), stream.post(4, &batch), stream.post(4, &batch), stream.post(4, &batch));
    assert_eq!((copies.0.status, copies.1.status, copies.2.status, copies.3.status), (204, 204, 204, 204));
    browser.shows("count", "5").await;
}

#[tokio::test]
async fn frames_before_one_that_is_cut_short_are_applied_and_a_body_that_is_is_not() {
    let server = TestServer::start(app()).await;
    let mut browser = open_quiet(&server).await;
    let batch = pack(&[&click(&browser, 1, 0), &click(&browser, 2, 0)]);
    // The connection goes in the middle of the body: nothing of it is known to be whole.
    let path = browser.socket_path().replace("socket", "frames");
    let (address, name) = (server.address(), browser.stream().name().to_owned());
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n{OCTETS}\r\nlivefloe-stream: {name}\r\nlivefloe-batch: 1\r\ncontent-length: {}\r\n\r\n",
        batch.len()
    );
    let mut cut = TcpStream::connect(address).await.unwrap();
    cut.write_all(&[head.as_bytes(), &batch[..batch.len() - 1]].concat()).await.unwrap();
    cut.shutdown().await.unwrap();
    let mut answer = Vec::new();
    cut.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(browser.stream().post(1, &batch).await.status, 204);
    browser.shows("count", "2").await;
    // A frame of which less is there than its length says.
    let cut = [pack(&[&click(&browser, 3, 0)]), vec![9, 2, 4]].concat();
    assert_eq!(browser.stream().post(2, &cut).await.status, 204);
    browser.shows("count", "3").await;
    assert_eq!(browser.closed().await, close::MALFORMED);
}

#[tokio::test]
async fn what_names_no_stream_or_no_batch_or_comes_from_elsewhere_changes_nothing() {
    let app = app();
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut browser = open_quiet(&server).await;
    let batch = pack(&[&click(&browser, 1, 0)]);
    let name = browser.stream().name().to_owned();
    let address = server.address();
    let (host, origin) = (format!("host: {address}"), format!("origin: http://{address}"));
    let (stream, number) = (format!("livefloe-stream: {name}"), "livefloe-batch: 1".to_owned());
    let forged = format!("livefloe-stream: {}", "A".repeat(64));
    let last = if name.ends_with('A') { "B" } else { "A" };
    let changed = format!("livefloe-stream: {}{last}", &name[..63]);
    let foreign = "origin: http://evil.test".to_owned();
    let cases: &[(&str, Vec<&str>, u16)] = &[
        ("no name", vec![&host, &origin, &number, OCTETS], 400),
        ("a name that is made up", vec![&host, &origin, &forged, &number, OCTETS], 404),
        ("a name that was changed", vec![&host, &origin, &changed, &number, OCTETS], 404),
        ("a name that is none", vec![&host, &origin, "livefloe-stream: ../../x", &number, OCTETS], 404),
        ("no number", vec![&host, &origin, &stream, OCTETS], 400),
        ("a number that is none", vec![&host, &origin, &stream, "livefloe-batch: one", OCTETS], 400),
        ("a negative number", vec![&host, &origin, &stream, "livefloe-batch: -1", OCTETS], 400),
        ("a number ahead", vec![&host, &origin, &stream, "livefloe-batch: 18446744073709551615", OCTETS], 409),
        ("another origin", vec![&host, &foreign, &stream, &number, OCTETS], 403),
        ("no origin that can be told", vec![&host, "origin: null", &stream, &number, OCTETS], 403),
        ("another host", vec!["host: evil.test", "origin: http://evil.test", &stream, &number, OCTETS], 421),
        ("what a form can send", vec![&host, &origin, &stream, &number, "content-type: text/plain"], 400),
    ];
    for (what, headers, status) in cases {
        assert_eq!(browser.stream().post_with(headers, &batch).await.status, *status, "{what}");
    }
    assert_eq!(browser.stream().post(1, b"").await.status, 400, "a batch of nothing");
    // A stream is asked for by a page of ours, with the method that changes something.
    let path = browser.socket_path().replace("socket", "stream");
    let frame = join(browser.token()).encode();
    let length = format!("content-length: {}", frame.len());
    for (what, headers, status) in [
        ("another origin", [host.as_str(), &foreign, OCTETS, &length], 403),
        ("another host", ["host: evil.test", "origin: http://evil.test", OCTETS, &length], 421),
        ("what a form can send", [&host, &origin, "content-type: application/x-www-form-urlencoded", &length], 415),
    ] {
        assert_eq!(post_bytes(address, &path, &headers, &frame).await.status, status, "{what}");
    }
    for path in [path.clone(), path.replace("stream", "frames")] {
        assert_eq!(request(address, &path, &[&host, &origin, &stream, &number]).await.status, 405, "{path}");
    }
    assert_eq!(metrics.figures().other_origins, 3);
    assert_eq!(metrics.figures().streams, 1);
    // After all of that it is as it was.
    assert_eq!(browser.stream().post(1, &batch).await.status, 204);
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn a_stream_that_is_over_takes_nothing() {
    let app = app();
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut first = open(&server, Way::Stream).await;
    let mut second = first.duplicate();
    second.join().await;
    assert_eq!(first.closed().await, close::TAKEN_OVER);
    let batch = pack(&[&click(&first, 1, 0)]);
    assert_eq!(first.stream().post(1, &batch).await.status, 404);
    // One whose answer was left takes what was on its way for a moment, and then nothing more.
    let line = std::mem::replace(second.stream(), livefloe_tests::StreamLine::new(server.address(), &first.socket_path()));
    let line = line.left();
    assert_eq!(line.post(1, &batch).await.status, 204);
    eventually("the session to be detached", async || metrics.figures().detached_sessions == 1).await;
    assert_eq!(line.post(2, &pack(&[&click(&first, 2, 0)])).await.status, 404);
    second.join().await;
    second.shows("count", "1").await;
}

#[tokio::test]
async fn requests_that_send_nothing_more_are_given_up() {
    let limits = Limits { header_time: Duration::from_millis(50), ..Limits::default() };
    let server = TestServer::start(app().limits(limits)).await;
    let mut browser = open(&server, Way::Stream).await;
    let address = server.address();
    let name = browser.stream().name().to_owned();
    for file in ["stream", "frames"] {
        let path = browser.socket_path().replace("socket", file);
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n{OCTETS}\r\nlivefloe-stream: {name}\r\nlivefloe-batch: 1\r\ncontent-length: 9\r\n\r\n1"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        livefloe_tests::within("an answer", stream.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
    }
    browser.click_and_settle("add").await;
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn streams_that_have_not_joined_have_the_places_of_sockets() {
    let limits = Limits { max_unjoined: 1, ..Limits::default() };
    let app = app().limits(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let browser = TestBrowser::load(&server, "/").await;
    let _waits = browser.upgrade(None).await.unwrap();
    let path = browser.socket_path().replace("socket", "stream");
    let frame = join(browser.token()).encode();
    let headers = [format!("host: {}", server.address()), format!("content-length: {}", frame.len())];
    assert_eq!(post_bytes(server.address(), &path, &[&headers[0], &headers[1], OCTETS], &frame).await.status, 503);
    assert_eq!(metrics.figures().limited.max_unjoined, 1);
}
