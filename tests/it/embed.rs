//! An app in another server, which hands requests and sockets over.

use std::future::poll_fn;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Request, request::Parts},
};
use livefloe::{App, Embedded, Frames, Ingress, Limits};
use livefloe_tests::{ClientMessage, Counter, PROTOCOL_VERSION, SUBPROTOCOL, ServerMessage, close, within};

fn app() -> App {
    App::new().page("/", Counter::default)
}

fn mounted() -> Ingress {
    Ingress { mounted_at: "/live".to_owned(), ..Ingress::default() }
}

fn request(path: &str, headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::get(path).header("host", "app.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).expect("a request").into_parts().0
}

async fn page(app: &Embedded) -> (u16, String) {
    let answer = app.answer(Request::from_parts(request("/", &[]), Body::empty()), mounted()).await;
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

fn join(page: &str) -> Bytes {
    let (_, rest) = page.split_once("name=\"livefloe\" content=\"").expect("a token");
    let token = rest.split('"').next().expect("a token").to_owned();
    ClientMessage::Join { version: PROTOCOL_VERSION, token, applied: 0, page: String::new() }.encode().into()
}

async fn next(frames: &mut Frames) -> Result<ServerMessage, u16> {
    let frame = within("a frame", poll_fn(|context| frames.poll_next(context))).await;
    frame.map(|frame| ServerMessage::decode(&frame).expect("a message")).map_err(|(code, _)| code)
}

const SOCKET: &str = "/livefloe/x/socket";

#[tokio::test]
async fn a_page_and_its_socket_are_handed_over_and_stop_with_the_server() {
    let app = app().embed().unwrap();
    let (status, page) = page(&app).await;
    assert_eq!(status, 200);
    assert!(page.contains("src=\"./livefloe/"), "relative to /live/: {page}");
    let mut frames = app.open(request(SOCKET, &[("sec-websocket-protocol", SUBPROTOCOL)]), mounted()).unwrap();
    assert_eq!(frames.subprotocol(), Some(SUBPROTOCOL));
    frames.push(join(&page));
    assert!(matches!(next(&mut frames).await, Ok(ServerMessage::Joined { .. })));
    let stopping = tokio::spawn({
        let app = app.clone();
        async move { app.stop().await }
    });
    assert_eq!(next(&mut frames).await.unwrap_err(), close::GOING_AWAY);
    drop(frames);
    within("the app to stop", stopping).await.unwrap();
}

#[tokio::test]
async fn what_a_server_of_its_own_refuses_is_refused() {
    let app = app().limits(Limits { max_unjoined: 1, ..Limits::default() }).embed().unwrap();
    let on_loopback = || Ingress { on_loopback: true, ..mounted() };
    for (path, headers, ingress, status) in [
        ("/elsewhere", &[][..], mounted(), 404),
        ("/livefloe/socket", &[], mounted(), 404),
        ("/livefloe/x/socket/y", &[], mounted(), 404),
        (SOCKET, &[("origin", "http://evil.test")], mounted(), 403),
        (SOCKET, &[], on_loopback(), 421),
    ] {
        let refused = app.open(request(path, headers), ingress).unwrap_err();
        assert_eq!(refused.status().as_u16(), status, "{path} {headers:?}");
    }
    let silent = app.open(request(SOCKET, &[("origin", "https://app.test")]), mounted()).unwrap();
    assert_eq!(app.open(request(SOCKET, &[]), mounted()).unwrap_err().status().as_u16(), 503);
    drop(silent);
    let misdirected = app.answer(Request::from_parts(request("/", &[]), Body::empty()), on_loopback()).await;
    assert_eq!(misdirected.status().as_u16(), 421);
}

#[tokio::test]
async fn frames_that_are_none_close_the_socket_with_their_code() {
    let app = app().limits(Limits { max_frame_bytes: 100, ..Limits::default() }).embed().unwrap();
    let open = || app.open(request(SOCKET, &[]), mounted()).unwrap();
    let mut large = open();
    large.push(Bytes::from_static(&[0; 101]));
    assert_eq!(next(&mut large).await.unwrap_err(), close::TOO_LARGE);
    let mut text = open();
    text.push_malformed();
    assert_eq!(next(&mut text).await.unwrap_err(), close::MALFORMED);
    // What comes after is nobody's, and there is room for it.
    text.push(Bytes::from_static(b"x"));
    within("room", poll_fn(|context| text.poll_room(context))).await;
}
