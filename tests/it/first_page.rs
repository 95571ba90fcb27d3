//! The first GET: document, headers, which hosts are answered.

use axum::Router;
use livefloe::{App, Component, Cx, Markup, Visit, html};
use livefloe_tests::{Counter, TestBrowser, TestServer, request};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Greeting {
    name: String,
}

impl Component for Greeting {
    fn render(&self, _: &Cx<Self>) -> Markup {
        html! { h1 id="greeting" title=(self.name) { "Hello " (self.name) } }
    }

    fn title(&self) -> Option<String> {
        Some(format!("For {}", self.name))
    }
}

fn app() -> App {
    App::new()
        .title("Test")
        .page("/", Counter::default)
        .page("/hello/{name}", |visit: &Visit| Greeting { name: visit.parameter("name").to_owned() })
        .page("/locked", |_: &Visit| Err::<Counter, _>("the vault code is 4711"))
}

#[tokio::test]
async fn a_page_is_a_whole_document_that_works_without_its_script() {
    let server = TestServer::start(app()).await;
    let page = server.get("/").await;
    assert_eq!(page.status, 200);
    for part in ["<!DOCTYPE html>", "<title>Test</title>", "<p id=\"count\">0</p>", "<div id=\"livefloe\" lf-c=\"0\">", "data-check=\"0."] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
}

#[tokio::test]
async fn a_page_has_its_headers() {
    let server = TestServer::start(app()).await;
    for path in ["/", "/locked"] {
        let page = server.get(path).await;
        let cases = [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
        ];
        for (name, value) in cases {
            assert_eq!(page.header(name), Some(value), "{path}: {}", page.head);
        }
        assert_eq!(page.header("server"), None, "no version for those who look for one");
    }
}

#[tokio::test]
async fn a_long_document_travels_compressed_to_those_who_take_it() {
    let server = TestServer::start(app()).await;
    let host = format!("host: {}", server.address());
    let (long, takes) = (format!("/hello/{}", "x".repeat(2_000)), "accept-encoding: br, gzip;q=0.5");
    let cases =
        [(&*long, takes, true), (&long, "accept-encoding: br, gzip;q=0", false), (&long, "accept: */*", false), ("/", takes, false)];
    for (path, accepts, is_compressed) in cases {
        let page = request(server.address(), path, &[&host, accepts]).await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-encoding"), is_compressed.then_some("gzip"), "{path} {accepts}");
        assert_eq!(page.header("vary"), Some("accept-encoding"), "caches must know, also of the answer that isn't");
        assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.ends_with("</html>") && page.token().is_some());
        assert_eq!(page.n_bytes < page.body.len(), is_compressed);
    }
    let error = request(server.address(), "/locked", &[&host, takes]).await;
    assert_eq!(error.header("vary"), Some("accept-encoding"));
}

#[tokio::test]
async fn the_policy_allows_nothing_inline_and_nothing_foreign() {
    let server = TestServer::start(app()).await;
    let page = server.get("/").await;
    let policy = page.header("content-security-policy").unwrap();
    let parts = ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "require-trusted-types-for 'script'"];
    for part in parts {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    for never in ["unsafe-inline", "unsafe-eval", "*", "http:"] {
        assert!(!policy.contains(never), "{never} in {policy}");
    }
    assert!(!page.body.contains("<script>") && !page.body.contains("style=\""), "{}", page.body);
}

#[tokio::test]
async fn each_page_has_a_token_of_its_own() {
    let server = TestServer::start(app()).await;
    let (first, second) = (server.get("/").await, server.get("/").await);
    for page in [&first, &second] {
        let token = page.token().unwrap();
        assert_eq!(token.len(), 54, "40 bytes in base64url: {token}");
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
        assert_eq!(page.body.matches(token).count(), 1, "in the meta element and nowhere else");
    }
    let (first, second) = (first.token().unwrap(), second.token().unwrap());
    assert_ne!(first[..21], second[..21], "the id");
    assert_ne!(first[22..], second[22..], "the secret");
}

#[tokio::test]
async fn what_a_visitor_wrote_is_text() {
    let server = TestServer::start(app()).await;
    let page = server.get("/hello/%3Cscript%3Ealert(1)%3C%2Fscript%3E%22onclick=%22x").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Hello &lt;script&gt;alert(1)&lt;/script&gt;"), "{}", page.body);
    assert!(page.body.contains("<title>For &lt;script&gt;"), "{}", page.body);
    assert!(!page.body.contains("<script>") && !page.body.contains("\"onclick"), "{}", page.body);
}

#[tokio::test]
async fn what_is_no_page_is_not_found() {
    let server = TestServer::start(app()).await;
    for path in ["/nothing", "/hello/", "/hello/a/b", "/livefloe/x/../../Cargo.toml", "/livefloe/x/lib.rs", "//"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_fails_says_so_and_no_more() {
    let failing = || App::new().page("/", |_: &Visit| Err::<Counter, _>("the vault code is 4711"));
    let production = TestServer::start(failing().dev(false)).await.get_and_stop("/").await;
    assert_eq!(production.status, 500);
    assert!(!production.body.contains("4711") && production.body.contains("Reference"), "{}", production.body);
    let development = TestServer::start(failing().dev(true)).await.get_and_stop("/").await;
    assert!(development.body.contains("4711"), "{}", development.body);
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_name_of_their_content() {
    let server = TestServer::start(app()).await;
    let page = server.get("/").await;
    let cases =
        [("<script type=\"module\" src=\"", "text/javascript; charset=utf-8"), ("rel=\"stylesheet\" href=\"", "text/css; charset=utf-8")];
    for (before, content_type) in cases {
        let path = page.resolve(page.between(before, "\"").unwrap());
        let asset = server.get(&path).await;
        assert_eq!(asset.status, 200, "{path}");
        assert_eq!(asset.header("content-type"), Some(content_type));
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
        let (name, _) = path.rsplit_once('/').unwrap();
        let elsewhere = path.replace(name, "/livefloe/AAAAAAAA");
        assert_eq!(server.get(&elsewhere).await.header("cache-control"), Some("no-store"), "another version's name");
    }
}

#[tokio::test]
async fn only_hosts_that_the_app_answers_to_are_served() {
    let server = TestServer::start(App::new().page("/", Counter::default).allow_host("demo.test")).await;
    let port = server.address().port();
    let cases = [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        ("[::1]".to_owned(), 200),
        ("demo.test".to_owned(), 200),
        ("DEMO.test:80".to_owned(), 200),
        ("evil.test".to_owned(), 421),
        (format!("127.0.0.1.evil.test:{port}"), 421),
        ("demo.test.evil.test".to_owned(), 421),
        (String::new(), 421),
    ];
    let page = server.get("/").await;
    let script = page.resolve(page.between("<script type=\"module\" src=\"", "\"").unwrap());
    for (host, status) in cases {
        for path in ["/", &script] {
            assert_eq!(request(server.address(), path, &[&format!("host: {host}")]).await.status, status, "{host} {path}");
        }
    }
}

#[tokio::test]
async fn an_app_works_under_a_path_of_another() {
    let nested = App::new().page("/", Counter::default).page("/more/{name}", |_: &Visit| Counter::default()).into_router().unwrap();
    let server = TestServer::start_beside(App::new(), Router::new().nest("/shop/floor", nested)).await;
    for path in ["/shop/floor", "/shop/floor/more/x"] {
        let mut browser = TestBrowser::load(&server, path).await;
        assert!(browser.socket_path().starts_with("/shop/floor/livefloe/"), "{}", browser.socket_path());
        let script = browser.page().resolve(browser.page().between("<script type=\"module\" src=\"", "\"").unwrap());
        assert_eq!(server.get(&script).await.status, 200);
        browser.join().await;
        browser.click("add").await;
        browser.shows("count", "1").await;
    }
}

#[test]
fn mistakes_in_building_an_app_are_errors_that_name_them() {
    let cases = [
        (App::new().page("no-slash", Counter::default), "no-slash"),
        (App::new().page("/a", Counter::default).page("/a", Counter::default), "/a"),
        (App::new().page("/{", Counter::default), "/{"),
        (App::new().page("/{a}", Counter::default).page("/{b}", Counter::default), "/{b}"),
    ];
    for (app, named) in cases {
        let message = app.into_router().unwrap_err().to_string();
        assert!(message.contains(&format!("`{named}`")), "{message}");
    }
}
