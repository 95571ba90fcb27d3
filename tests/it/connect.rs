//! The socket: upgrade, join, and frames that end it.

use futures_util::{SinkExt as _, StreamExt as _};
use livefloe::{App, Component, Cx, Limits, Markup, html};
use livefloe_tests::{ClientMessage, Counter, Joined, PROTOCOL_VERSION, ServerMessage, TestBrowser, TestServer, request, within};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{CloseCode, Data, OpCode},
        },
    },
};

fn app() -> App {
    App::new().page("/", Counter::default)
}

fn join(token: &str) -> ClientMessage {
    ClientMessage::Join { version: PROTOCOL_VERSION, token: token.to_owned(), applied: 0, page: String::new() }
}

#[tokio::test]
async fn a_page_joins_its_session_and_gets_a_new_token() {
    let server = TestServer::start(app()).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    let first = browser.token().to_owned();
    let joined = browser.join().await;
    assert_eq!((joined.ack, joined.seq), (0, 0), "{joined:?}");
    assert_ne!(browser.token(), first);
    assert_eq!(browser.token()[..21], first[..21], "the session's id stays");
    let _: Joined = joined;
}

#[tokio::test]
async fn what_is_no_join_of_a_session_is_closed_with_its_code() {
    let server = TestServer::start(app()).await;
    let other = TestBrowser::load(&server, "/").await;
    let cases = [
        ("an empty token", join("").encode(), 4404),
        ("a token that nobody gave out", join(&"A".repeat(43)).encode(), 4404),
        ("a token that is none", join("<script>").encode(), 4404),
        ("the id of another session with our secret", Vec::new(), 4404),
        (
            "a later version",
            ClientMessage::Join { version: PROTOCOL_VERSION + 1, token: other.token().to_owned(), applied: 0, page: String::new() }
                .encode(),
            4426,
        ),
        ("version 0", ClientMessage::Join { version: 0, token: other.token().to_owned(), applied: 0, page: String::new() }.encode(), 4426),
        ("an ack first", ClientMessage::Ack { seen: 0, failed: vec![] }.encode(), 4400),
        ("an event first", vec![2, 1, 0, 0, b'A', b'A', b'A', b'A', b'A', b'A', b'A', b'A'], 4400),
        ("an empty frame", vec![0], 4400),
        ("an unknown kind", vec![9, 1, 2, 3], 4400),
        ("a join that is cut", join(other.token()).encode()[..10].to_vec(), 4400),
        ("a join with more behind it", [join(other.token()).encode(), vec![0]].concat(), 4400),
    ];
    for (what, mut frame, code) in cases {
        let mut browser = TestBrowser::load(&server, "/").await;
        if frame.is_empty() {
            frame = join(&format!("{}{}", &other.token()[..21], &browser.token()[21..])).encode();
        }
        browser.connect().await;
        browser.send_raw(Message::binary(frame)).await;
        assert_eq!(browser.closed().await, code, "{what}");
        // None of it harmed the session whose page it was.
        browser.join().await;
    }
}

#[tokio::test]
async fn a_frame_that_is_none_of_ours_ends_the_connection_and_not_the_session() {
    let limits = Limits { max_frame_bytes: 1_024, ..Limits::default() };
    let server = TestServer::start(app().limits(limits)).await;
    let event = |payload: usize| {
        let (seq, seen, component, handler) = (1, 0, 0, *b"AAAAAAAA");
        ClientMessage::Event { seq, seen, component, handler, payload: "x".repeat(payload) }.encode()
    };
    let cases = [
        ("text", Message::text("hello"), 4400),
        ("nothing", Message::binary(Vec::new()), 4400),
        ("an unknown kind", Message::binary(vec![0xff; 8]), 4400),
        ("text that is not UTF-8", Message::binary([event(0), vec![0xff]].concat()), 4400),
        ("a handler of other characters", Message::binary(vec![2, 1, 0, 0, b'<', b'A', b'A', b'A', b'A', b'A', b'A', b'A']), 4400),
        ("a second join", Message::binary(join("x").encode()), 4400),
        ("an ack of a patch that never was", Message::binary(ClientMessage::Ack { seen: 7, failed: vec![] }.encode()), 4400),
        ("an event that saw a patch that never was", Message::binary([&[2, 1, 7, 0], &b"AAAAAAAA"[..]].concat()), 4400),
        ("a number above 2^53", Message::binary(vec![3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]), 4400),
        ("a frame that is too large", Message::binary(event(2_000)), 1009),
    ];
    for (what, frame, code) in cases {
        let mut browser = TestBrowser::open(&server, "/").await;
        browser.send_raw(frame).await;
        assert_eq!(browser.closed().await, code, "{what}");
        browser.join().await;
        browser.click("add").await;
        browser.shows("count", "1").await;
    }
}

#[tokio::test]
async fn a_large_first_frame_is_too_large_as_well() {
    let server = TestServer::start(app()).await;
    let mut browser = TestBrowser::load(&server, "/").await;
    browser.connect().await;
    browser.send_raw(Message::binary(vec![1; 70_000])).await;
    assert_eq!(browser.closed().await, 1009);
}

#[tokio::test]
async fn frames_in_pieces_pings_and_a_goodbye_are_understood() {
    let server = TestServer::start(app()).await;
    let browser = TestBrowser::load(&server, "/").await;
    let mut socket = browser.upgrade(Some(&format!("http://{}", server.address()))).await.unwrap();
    let frame = join(browser.token()).encode();
    let piece = |bytes: &[u8], kind, is_last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), is_last));
    let (first, rest) = frame.split_at(5);
    let (second, third) = rest.split_at(20);
    let pieces = [
        piece(first, Data::Binary, false),
        Message::Ping("are you there".into()),
        piece(second, Data::Continue, false),
        piece(b"", Data::Continue, false),
        piece(third, Data::Continue, true),
    ];
    for message in pieces {
        within("room to write", socket.send(message)).await.unwrap();
    }
    let mut next = async || within("an answer", socket.next()).await.expect("the connection is open").unwrap();
    assert_eq!(next().await, Message::Pong("are you there".into()));
    let joined = next().await.into_data();
    assert!(matches!(ServerMessage::decode(&joined), Ok(ServerMessage::Joined { .. })));
    let goodbye = CloseFrame { code: CloseCode::Library(4_321), reason: "enough".into() };
    within("room to write", socket.send(Message::Close(Some(goodbye)))).await.unwrap();
    let answer = within("an answer", socket.next()).await.expect("an answer comes first").unwrap();
    assert!(matches!(answer, Message::Close(Some(CloseFrame { code: CloseCode::Library(4_321), .. }))), "{answer:?}");
    assert!(within("the end", socket.next()).await.is_none());
}

/// Shows more than a connection takes at once.
#[derive(Default, Serialize, Deserialize)]
struct Wall {
    count: usize,
}

impl Component for Wall {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p id="count" { (self.count) } p id="wall" { (self.count.to_string().repeat(4_000_000)) } button id="add" lf-click=(cx.on(Self::add)) {} }
    }
}

impl Wall {
    fn add(&mut self) {
        self.count = (self.count + 1) % 10;
    }
}

#[tokio::test]
async fn a_client_that_reads_late_gets_all_of_what_it_was_sent() {
    let limits = Limits { deflate_bytes: usize::MAX, max_unacked_bytes: usize::MAX, ..Limits::default() };
    let server = TestServer::start(App::new().page("/", Wall::default).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for _ in 0..5 {
        // Nothing is read before the last one.
        browser.click("add").await;
    }
    browser.shows("count", "5").await;
    assert_eq!(browser.dom().text("wall").map(|wall| wall.len()), Some(4_000_000));
    assert!(browser.n_bytes() > 4_000_000);
    browser.click("add").await;
    browser.shows("count", "6").await;
}

#[tokio::test]
async fn a_form_of_the_largest_size_arrives() {
    let server = TestServer::start(app()).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let add = browser.action("add", "lf-click");
    let event = browser.act(&add, &"x".repeat(Limits::default().max_frame_bytes - 20)).await;
    assert_eq!(browser.settled(event).await, None);
    browser.shows("count", "1").await;
}

#[tokio::test]
async fn only_pages_of_this_origin_open_a_socket() {
    let server = TestServer::start(app()).await;
    let browser = TestBrowser::load(&server, "/").await;
    let own = server.address().to_string();
    let port = server.address().port();
    let cases = [
        (None, true),
        (Some(format!("http://{own}")), true),
        (Some(format!("https://{own}")), true),
        (Some("null".to_owned()), false),
        (Some("http://evil.test".to_owned()), false),
        (Some("http://127.0.0.1".to_owned()), false),
        (Some(format!("http://127.0.0.1:{}", port ^ 1)), false),
        (Some(format!("http://localhost:{port}")), false),
        (Some(format!("http://{own}.evil.test")), false),
        (Some(format!("http://{own}@evil.test")), false),
        (Some(format!("http://evil.test/{own}")), false),
        (Some(format!("file://{own}")), false),
        (Some(own.clone()), false),
        (Some(String::new()), false),
    ];
    for (origin, allowed) in cases {
        match browser.upgrade(origin.as_deref()).await {
            Ok(_) => assert!(allowed, "{origin:?}"),
            Err(Error::Http(answer)) => assert!(!allowed && answer.status() == 403, "{origin:?}: {}", answer.status()),
            Err(error) => panic!("{origin:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn a_socket_that_another_host_name_asks_for_is_refused() {
    let server = TestServer::start(app()).await;
    let path = TestBrowser::load(&server, "/").await.socket_path();
    let upgrade = ["connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
    let headers = [&["host: evil.test", "origin: http://evil.test"], &upgrade[..]].concat();
    assert_eq!(request(server.address(), &path, &headers).await.status, 421);
}

#[tokio::test]
async fn a_client_that_answers_no_heartbeat_is_disconnected_and_may_come_back() {
    let limits = Limits { heartbeat: std::time::Duration::from_millis(20), ..Limits::default() };
    let server = TestServer::start(app().limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await.deaf();
    assert_eq!(browser.closed().await, 4408);
    let mut browser = browser.hearing();
    browser.join().await;
    browser.click("add").await;
    browser.shows("count", "1").await;
}
