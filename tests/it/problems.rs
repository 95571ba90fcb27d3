//! Apps that are being written: their pages hear what is wrong.

use futures_util::StreamExt as _;
use livefloe::{App, Problem, Problems};
use livefloe_tests::{Counter, TestBrowser, TestServer, within};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

#[tokio::test]
async fn pages_hear_what_is_wrong_now_and_later_and_only_where_an_app_is_being_written() {
    let problems = Problems::default();
    let server = TestServer::start(App::new().page("/", Counter::default).problems(problems.clone())).await;
    let page = server.get("/").await;
    let script =
        page.resolve(page.between("src=\"./livefloe/", "/").map(|version| format!("./livefloe/{version}/problems.js")).as_deref().unwrap());
    assert!(page.body.contains("/problems.js\""), "{}", page.body);
    assert_eq!(server.get(&script).await.status, 200);
    let address = format!("ws://{}{}", server.address(), script.replace(".js", ""));
    let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.unwrap();
    let next = async |socket: &mut tokio_tungstenite::WebSocketStream<_>| {
        within("a word", socket.next()).await.unwrap().unwrap().into_text().unwrap().to_string()
    };
    assert_eq!(next(&mut socket).await, "null");
    problems.set(Some(Problem { message: "no".to_owned(), at: Some("a.py:1".to_owned()), detail: "<b>".to_owned() }));
    assert_eq!(next(&mut socket).await, r#"{"at":"a.py:1","detail":"<b>","message":"no"}"#);
    problems.set(None);
    assert_eq!(next(&mut socket).await, "null");
    let mut foreign = address.as_str().into_client_request().unwrap();
    foreign.headers_mut().insert("origin", "http://evil.test".parse().unwrap());
    assert!(tokio_tungstenite::connect_async(foreign).await.is_err());
    // Elsewhere there is no such thing.
    let server = TestServer::start(App::new().page("/", Counter::default)).await;
    let page = TestBrowser::load(&server, "/").await;
    assert!(!page.page().body.contains("problems.js"));
    let address = format!("ws://{}{}", server.address(), script.replace(".js", ""));
    assert!(tokio_tungstenite::connect_async(&address).await.is_err());
}
