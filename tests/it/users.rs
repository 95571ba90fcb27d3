//! Sessions that belong to users.

use livefloe::{
    App, Limits,
    store::{Durability, Memory},
};
use livefloe_tests::{Counter, TestBrowser, TestServer, Way, close, post_bytes, request};

fn app() -> App {
    App::new().page("/", Counter::default).identify(|headers, _| Some(headers.get("user")?.to_str().ok()?.to_owned()))
}

#[tokio::test]
async fn a_session_is_joined_by_its_user_only() {
    let server = TestServer::start(app()).await;
    for (way, user, others) in [
        (Way::Socket, Some("ada"), [Some("ben"), Some(""), None]),
        (Way::Stream, Some("ada"), [Some("ben"), Some(""), None]),
        (Way::Socket, None, [Some("ada"), Some("ben"), Some("")]),
    ] {
        let mut page = match user {
            Some(user) => TestBrowser::load_as(&server, "/", user).await,
            None => TestBrowser::load(&server, "/").await,
        }
        .over(way);
        for other in others {
            assert_eq!(page.duplicate().being(other).try_join().await, Err(close::NO_SESSION), "{other:?} for {user:?}");
        }
        page.join().await;
        page.click_and_settle("add").await;
        page.shows("count", "1").await;
        // With the newest token, too.
        for other in others {
            assert_eq!(page.duplicate().being(other).try_join().await, Err(close::NO_SESSION), "{other:?} for {user:?}");
        }
        page.click_and_settle("add").await;
        page.shows("count", "2").await;
    }
}

#[tokio::test]
async fn who_logs_in_or_out_and_loads_the_page_again_begins_a_new_session() {
    let server = TestServer::start(app()).await;
    let mut before = TestBrowser::load_as(&server, "/", "ada").await;
    before.join().await;
    before.click_and_settle("add").await;
    before.disconnect();
    let (token, nobody) = (before.token().to_owned(), TestBrowser::load(&server, "/").await);
    let ben = TestBrowser::load_as(&server, "/", "ben").await;
    for mut page in [nobody, ben] {
        page = page.after(&token);
        page.join().await;
        page.shows("count", "0").await;
    }
    let mut ada = TestBrowser::load_as(&server, "/", "ada").await.after(&token);
    ada.join().await;
    ada.shows("count", "1").await;
}

#[tokio::test]
async fn a_session_belongs_to_its_user_after_a_restart() {
    let store = Memory::new();
    let kept = || app().store(store.clone()).durability(Durability::Durable);
    let server = TestServer::start(kept()).await;
    let mut ada = TestBrowser::load_as(&server, "/", "ada").await;
    ada.join().await;
    ada.click_and_settle("add").await;
    ada.disconnect();
    server.stop().await;
    let server = TestServer::start(kept()).await;
    ada.move_to(server.address());
    assert_eq!(ada.duplicate().being(Some("ben")).try_join().await, Err(close::NO_SESSION));
    ada.join().await;
    ada.click_and_settle("add").await;
    ada.shows("count", "2").await;
}

#[tokio::test]
async fn a_user_has_as_many_sessions_as_they_may_wherever_they_come_from() {
    let app = app().limits(Limits { max_sessions_per_user: 2, ..Limits::default() });
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut pages = Vec::new();
    for _ in 0..2 {
        let mut page = TestBrowser::load_as(&server, "/", "ada").await;
        page.join().await;
        pages.push(page);
    }
    let status = async |user: &str| {
        let host = format!("host: {}", server.address());
        request(server.address(), "/", &[&host, &format!("user: {user}")]).await.status
    };
    assert_eq!(status("ada").await, 429);
    assert_eq!(status("ben").await, 200);
    assert_eq!(metrics.figures().limited.max_sessions_per_user, 1);
}

#[tokio::test]
async fn a_form_without_script_is_posted_by_the_user_of_its_page_only() {
    let server = TestServer::start(app()).await;
    let address = server.address();
    let page = TestBrowser::load_as(&server, "/", "ada").await;
    let ticket = page.page().between("name=\"lf-at\" value=\"", "\"").expect("a ticket").to_owned();
    let handler = page.page().between("value=\"0.", "\"").expect("a handler").to_owned();
    let body = format!("lf=0.{}&lf-at={ticket}", handler.replace(' ', "+"));
    let post = async |user: &str| {
        let headers = [
            format!("host: {address}"),
            format!("origin: http://{address}"),
            format!("content-length: {}", body.len()),
            "content-type: application/x-www-form-urlencoded".to_owned(),
            format!("user: {user}"),
        ];
        post_bytes(address, "/", &headers.each_ref().map(String::as_str), body.as_bytes()).await.status
    };
    assert_eq!(post("ben").await, 410);
    assert_eq!(post("ada").await, 200);
}
