//! Pages in frames of others: of those who know a secret, and of nobody else.

use livefloe::App;
use livefloe_tests::{Counter, Page, TestBrowser, TestServer, request};

const SECRET: &str = "0123456789abcdef";

fn app() -> App {
    App::new().page("/", Counter::default).framed_by_secret(SECRET)
}

async fn get(server: &TestServer, path: &str, headers: &[&str]) -> Page {
    request(server.address(), path, headers).await
}

fn ancestors(page: &Page) -> &str {
    let policy = page.header("content-security-policy").expect("a policy");
    policy.split("; ").find_map(|part| part.strip_prefix("frame-ancestors ")).expect("who may frame it")
}

#[tokio::test]
async fn the_page_that_came_with_the_secret_may_frame_it_from_then_on_and_no_other() {
    let server = TestServer::start(app()).await;
    let host = format!("host: {}", server.address());
    let secret = format!("/{SECRET}/");
    let others = get(&server, "/", &[&host, "referer: http://evil.test/"]).await;
    assert_eq!(ancestors(&others), "'self'");
    for (referer, expected) in [
        (None, "'self'"),
        (Some("referer: http://localhost:8888/"), "'self' http://localhost:8888"),
        (Some("referer: http://127.0.0.1:1/0123456789abcdef/"), "'self' http://localhost:8888 http://127.0.0.1:1"),
        (Some("referer: https://a.test; script-src *"), "'self' http://localhost:8888 http://127.0.0.1:1"),
        (None, "'self' http://localhost:8888 http://127.0.0.1:1"),
    ] {
        let page = get(&server, &secret, &[&[host.as_str()], referer.as_slice()].concat()).await;
        assert_eq!((page.status, ancestors(&page)), (200, expected), "{referer:?}");
    }
    for n in 0..10 {
        get(&server, &secret, &[&host, &format!("referer: http://{n}.test/")]).await;
    }
    let page = get(&server, &secret, &[&host]).await;
    assert_eq!(ancestors(&page).split(' ').count(), 5, "as many as there may be");
    let wrong = get(&server, "/0123456789abcdeF/", &[&host]).await;
    assert_eq!(wrong.status, 404);
}

#[tokio::test]
async fn a_framed_page_has_its_socket_and_links_below_the_secret_and_any_host_name() {
    let server = TestServer::start(app()).await;
    let mut browser = TestBrowser::load(&server, &format!("/{SECRET}/")).await;
    assert!(browser.socket_path().starts_with(&format!("/{SECRET}/livefloe/")), "{}", browser.socket_path());
    assert!(browser.page().body.contains("/framed.js\""));
    browser.join().await;
    browser.click("add").await;
    browser.shows("count", "1").await;
    // Of another origin still nobody joins, and without the secret another host is none.
    assert!(browser.upgrade(Some("http://evil.test")).await.is_err());
    let elsewhere = get(&server, &format!("/{SECRET}/"), &["host: hub.test"]).await;
    assert_eq!(elsewhere.status, 200);
    assert_eq!(get(&server, "/", &["host: hub.test"]).await.status, 421);
    // A notebook's proxy says where it has the app.
    let host = format!("host: {}", server.address());
    let proxied = get(&server, &format!("/{SECRET}/"), &[&host, "x-forwarded-prefix: /user/ada/proxy/8000"]).await;
    let script = proxied.between("module\" src=\"", "\"").expect("a script");
    assert!(script.starts_with(&format!("/user/ada/proxy/8000/{SECRET}/livefloe/")), "{script}");
    let stranger = get(&server, "/", &[&host, "x-forwarded-prefix: /user/ada"]).await;
    assert!(stranger.between("module\" src=\"", "\"").expect("a script").starts_with("./livefloe/"));
}

#[test]
fn what_is_no_secret_is_an_error_that_does_not_tell_it() {
    for secret in ["short", "", "0123456789abcde/", "0123456789abcde{"] {
        let message = App::new().framed_by_secret(secret).into_router().unwrap_err().to_string();
        assert!(message.contains("a secret of at least 16"), "{message}");
        assert!(secret.is_empty() || !message.contains(secret), "{message}");
    }
}
