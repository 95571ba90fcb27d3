//! Connections: how many there are, and which go when others come.

use std::{net::SocketAddr, time::Duration};

use livefloe::{App, Limits};
use livefloe_tests::{Counter, Page, TestBrowser, TestServer, eventually, request, within};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
};

fn app(limits: Limits) -> App {
    App::new().page("/", Counter::default).health_at("/health").limits(limits)
}

async fn connect(server: &TestServer) -> TcpStream {
    TcpStream::connect(server.address()).await.expect("the server listens")
}

/// Sends a request over a connection that stays open, and reads the answer's head and what came with it.
async fn ask(stream: &mut TcpStream, path: &str, host: SocketAddr) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).await.expect("the server reads");
    let mut bytes = vec![0; 64 * 1024];
    let n_bytes = within("an answer", stream.read(&mut bytes)).await.expect("an answer");
    String::from_utf8_lossy(&bytes[..n_bytes]).into_owned()
}

/// Whether the server has closed the connection.
async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(tokio::time::timeout(Duration::from_millis(1), stream.read(&mut [0; 1024])).await, Ok(Ok(0) | Err(_)))
}

async fn health(server: &TestServer) -> Page {
    server.get("/health/live").await
}

#[tokio::test]
async fn a_connection_that_says_nothing_goes_after_a_while() {
    let server = TestServer::start(app(Limits { header_time: Duration::from_millis(100), ..Limits::default() })).await;
    let (mut silent, mut slow, mut kept) = (connect(&server).await, connect(&server).await, connect(&server).await);
    slow.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    assert!(ask(&mut kept, "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
    for (what, stream) in [("silent", &mut silent), ("slow", &mut slow), ("kept alive", &mut kept)] {
        let what = format!("the one that is {what} to be closed");
        // Reset or ended: gone.
        let _ = within(&what, stream.read_to_end(&mut Vec::new())).await;
    }
}

#[tokio::test]
async fn when_all_places_are_taken_the_one_that_waits_longest_makes_room() {
    let limits = Limits { max_connections: 3, header_time: Duration::from_mins(10), ..Limits::default() };
    let app = app(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut kept = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&server).await;
        assert!(ask(&mut stream, "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
        kept.push(stream);
    }
    // The first asks again: now the second has waited longest.
    assert!(ask(&mut kept[0], "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
    assert_eq!(metrics.figures().connections, 3);
    let page = server.get("/").await;
    assert_eq!(page.status, 200, "{}", page.body);
    eventually("the second to be closed", async || is_closed(&mut kept[1]).await).await;
    assert!(!is_closed(&mut kept[0]).await && !is_closed(&mut kept[2]).await, "and nobody else");
    assert!(ask(&mut kept[2], "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_flood_of_connections_that_dribble_keeps_nobody_out() {
    let limits = Limits { max_connections: 20, header_time: Duration::from_mins(10), ..Limits::default() };
    let server = TestServer::start(app(limits)).await;
    let mut flood = Vec::new();
    for _ in 0..60 {
        let mut stream = connect(&server).await;
        // Refused ones may be gone by now.
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-").await;
        flood.push(stream);
    }
    // After two seconds those that have asked for nothing may be closed.
    eventually("a page to be served", async || server.get("/").await.status == 200).await;
    for _ in 0..10 {
        assert_eq!(server.get("/").await.status, 200);
    }
    drop(flood);
}

#[tokio::test]
async fn sockets_keep_their_places_and_others_are_told_so() {
    let limits = Limits { max_connections: 2, ..Limits::default() };
    let app = app(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut first = TestBrowser::open(&server, "/").await;
    let mut second = TestBrowser::open(&server, "/").await;
    let page = server.get("/").await;
    assert_eq!((page.status, page.header("retry-after"), page.header("connection")), (503, Some("5"), Some("close")));
    assert!(page.body.contains("Every place is taken"), "{}", page.body);
    assert_eq!(health(&server).await.status, 200, "it lives");
    assert_eq!(server.get("/health/ready").await.status, 200);
    assert_eq!(metrics.figures().limited.max_connections, 1);
    for browser in [&mut first, &mut second] {
        browser.click("add").await;
        browser.shows("count", "1").await;
    }
    drop(first);
    eventually("a place to be free", async || server.get("/").await.status == 200).await;
}

#[tokio::test]
async fn even_a_crowd_at_the_door_keeps_no_probe_out_for_long() {
    let server = TestServer::start(app(Limits { max_connections: 1, ..Limits::default() })).await;
    let browser = TestBrowser::open(&server, "/").await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(connect(&server).await);
    }
    eventually("the spare places to be free again", async || {
        let mut stream = connect(&server).await;
        let question = format!("GET /health/live HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address());
        let mut answer = Vec::new();
        stream.write_all(question.as_bytes()).await.is_ok()
            && stream.read_to_end(&mut answer).await.is_ok()
            && answer.starts_with(b"HTTP/1.1 200")
    })
    .await;
    drop((browser, crowd));
}

/// Linux has all of 127.0.0.0/8.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_has_as_many_connections_as_it_may_and_others_are_served() {
    let limits = Limits { max_connections_per_address: 2, ..Limits::default() };
    let app = app(limits).trusted_proxies(["127.0.0.3"]);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let from = async |address: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
        socket.connect(server.address()).await.expect("the server listens")
    };
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut stream = from("127.0.0.1").await;
        assert!(ask(&mut stream, "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
        held.push(stream);
    }
    let mut third = from("127.0.0.1").await;
    eventually("the third to be closed", async || is_closed(&mut third).await).await;
    assert_eq!(metrics.figures().limited.max_connections_per_address, 1);
    for _ in 0..4 {
        let mut stream = from("127.0.0.3").await;
        assert!(ask(&mut stream, "/health/live", server.address()).await.starts_with("HTTP/1.1 200"), "a proxy has many visitors");
        held.push(stream);
    }
    let mut other = from("127.0.0.2").await;
    assert!(ask(&mut other, "/health/live", server.address()).await.starts_with("HTTP/1.1 200"));
    held.remove(0);
    eventually("a place to be free for the first", async || {
        let mut stream = from("127.0.0.1").await;
        let question = format!("GET /health/live HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address());
        let mut answer = Vec::new();
        stream.write_all(question.as_bytes()).await.is_ok()
            && stream.read_to_end(&mut answer).await.is_ok()
            && answer.starts_with(b"HTTP/1.1 200")
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_page_is_given_up() {
    let large = |_: &livefloe::Visit| Large { n_bytes: 6 * 1024 * 1024 };
    let limits = Limits { send_time: Duration::from_millis(200), ..Limits::default() };
    let app = App::new().page("/", large).limits(limits);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(server.address()).await.unwrap();
    stream.write_all(format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", server.address()).as_bytes()).await.unwrap();
    eventually("the page to be made", async || metrics.figures().pages_served == 1).await;
    eventually("the connection to be closed", async || metrics.figures().connections == 0).await;
    drop(stream);
    // One that reads, however slowly it begins, gets all of it.
    let page = request(server.address(), "/", &[&format!("host: {}", server.address())]).await;
    assert!(page.body.len() > 6 * 1024 * 1024);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Large {
    n_bytes: usize,
}

impl livefloe::Component for Large {
    fn render(&self, _: &livefloe::Cx<Self>) -> livefloe::Markup {
        livefloe::html! { p { ("x".repeat(self.n_bytes)) } }
    }
}
