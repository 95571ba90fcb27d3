//! An app under a path: a fixed one, one that a proxy names, and one that nobody has said.

use axum::Router;
use livefloe::{App, Component, Cx, Markup, Visit, html};
use livefloe_tests::{Page, TestBrowser, TestServer, Way, post, request};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Place {
    prefix: String,
    count: i64,
}

impl Component for Place {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="prefix" { (self.prefix) }
            p id="count" { (self.count) }
            a id="link" href=(cx.href("/more/x")) { "More" }
            button id="add" lf-click=(cx.on(|place: &mut Self| place.count += 1)) { "+1" }
            button id="leave" lf-click=(cx.on(|_: &mut Self, cx: &Cx<Self>| cx.navigate("/more/x?a=/b"))) { "Leave" }
        }
    }
}

fn app() -> App {
    let place = |visit: &Visit| Place { prefix: visit.prefix().to_owned(), count: 0 };
    App::new().page("/", place).page("/more/{name}", place).health_at("/health").metrics_at("/metrics", ["127.0.0.1"])
}

/// The addresses of a page's script, style and link.
fn addresses(page: &Page) -> [&str; 3] {
    let all = [("livefloe.css", page.between("rel=\"stylesheet\" href=\"", "\"")), ("livefloe.js", page.between("module\" src=\"", "\""))];
    let [style, script] = all.map(|(name, found)| found.unwrap_or_else(|| panic!("no {name} in {}", page.body)));
    [style, script, page.between("id=\"link\" href=\"", "\"").expect("the page has a link")]
}

/// Gets a page as it is asked for here, and looks at it as a browser that has it elsewhere.
async fn seen(server: &TestServer, asked: &str, shown: &str, headers: &[&str]) -> Page {
    let host = format!("host: {}", server.address());
    let mut page = request(server.address(), asked, &[&[host.as_str()], headers].concat()).await;
    assert_eq!(page.status, 200, "{asked}: {}", page.body);
    shown.clone_into(&mut page.path);
    page
}

#[tokio::test]
async fn an_app_under_a_path_answers_with_and_without_it() {
    let server = TestServer::start(app().under("/tools/live/")).await;
    for (asked, shown) in [
        ("/", "/tools/live/"),
        ("/tools/live", "/tools/live"),
        ("/tools/live/", "/tools/live/"),
        ("/more/x", "/tools/live/more/x"),
        ("/tools/live/more/x", "/tools/live/more/x"),
    ] {
        let page = seen(&server, asked, shown, &[]).await;
        let [style, script, link] = addresses(&page).map(|address| page.resolve(address));
        assert!(style.starts_with("/tools/live/livefloe/") && script.starts_with("/tools/live/livefloe/"), "{asked}: {style} {script}");
        assert_eq!(link, "/tools/live/more/x");
        assert_eq!(page.between("<p id=\"prefix\">", "<"), Some("/tools/live"));
        for asset in [&style, &script] {
            assert_eq!(server.get(asset).await.status, 200, "{asset}");
            assert_eq!(server.get(asset.strip_prefix("/tools/live").unwrap()).await.status, 200, "{asset} without");
        }
    }
    for path in ["/tools/live/health/live", "/health/live", "/tools/live/metrics", "/metrics"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    for path in ["/tools", "/tools/liver", "/tools/live/nothing", "/tools/live/tools/live", "/tools/live/livefloe/x/lib.rs"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn sockets_streams_and_what_is_navigated_to_are_under_it_as_well() {
    let server = TestServer::start(app().under("/tools/live")).await;
    for way in [Way::Socket, Way::Stream] {
        for path in ["/", "/tools/live/", "/tools/live/more/x"] {
            let mut browser = TestBrowser::load(&server, path).await.over(way);
            assert!(browser.socket_path().starts_with("/tools/live/livefloe/"), "{}", browser.socket_path());
            browser.join().await;
            browser.click("add").await;
            browser.shows("count", "1").await;
            browser.click_and_settle("leave").await;
            assert_eq!(browser.navigated(), Some("/tools/live/more/x?a=/b"));
        }
    }
}

#[tokio::test]
async fn forms_without_script_lead_and_are_led_back_under_it() {
    let server = TestServer::start(app().under("/tools/live")).await;
    let page = server.get("/tools/live/").await;
    let ticket = page.between("name=\"lf-at\" value=\"", "\"").unwrap().to_owned();
    let handler = |id: &str| {
        let (before, _) = page.body.split_once(&format!(" id=\"{id}\"")).unwrap();
        before.rsplit_once("name=\"lf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    };
    let body = |handler: &str| format!("lf-at={ticket}&lf={handler}");
    let left = post(server.address(), "/tools/live/", &body(&handler("leave"))).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/tools/live/more/x?a=/b")));
    for path in ["/tools/live/more/x", "/more/x"] {
        let nothing = post(server.address(), path, "").await;
        assert_eq!((nothing.status, nothing.header("location")), (303, Some("/tools/live/more/x")), "{path}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_believed_says_where_the_app_is() {
    let app = || app().trusted_proxies(["127.0.0.1"]);
    let server = TestServer::start(app()).await;
    for (prefix, known) in [
        ("/tools/live", "/tools/live"),
        ("/tools/live/", "/tools/live"),
        ("//evil.test", ""),
        ("https://evil.test", ""),
        ("/\"><script>", ""),
        ("/a, /b", ""),
        ("/a/../b", ""),
    ] {
        let page = seen(&server, "/more/x", &format!("{known}/more/x"), &[&format!("x-forwarded-prefix: {prefix}")]).await;
        let [_, script, link] = addresses(&page);
        assert_eq!(link, format!("{known}/more/x"), "{prefix}");
        assert!(page.resolve(script).starts_with(&format!("{known}/livefloe/")), "{prefix}: {script}");
    }
    let twice = ["x-forwarded-prefix: /a", "x-forwarded-prefix: /b"];
    assert_eq!(addresses(&seen(&server, "/", "/", &twice).await)[2], "/more/x", "which is which is not known");
    // From others it means nothing, and what the app says counts more.
    let server = TestServer::start(self::app().trusted_proxies(["10.0.0.0/8"])).await;
    assert_eq!(addresses(&seen(&server, "/", "/", &["x-forwarded-prefix: /evil"]).await)[2], "/more/x");
    let server = TestServer::start(app().under("/own")).await;
    assert_eq!(addresses(&seen(&server, "/", "/own/", &["x-forwarded-prefix: /other"]).await)[2], "/own/more/x");
}

#[tokio::test]
async fn where_nobody_says_it_a_page_finds_its_script_and_socket_all_the_same() {
    let server = TestServer::start(app()).await;
    for (asked, shown) in [("/", "/user/ada/proxy/8000/"), ("/more/x", "/user/ada/proxy/8000/more/x")] {
        let page = seen(&server, asked, shown, &[]).await;
        let [style, script, _] = addresses(&page).map(|address| page.resolve(address));
        for address in [style, script, page.socket_path().unwrap()] {
            assert!(address.starts_with("/user/ada/proxy/8000/livefloe/"), "{asked}: {address}");
        }
    }
}

#[tokio::test]
async fn links_of_a_nested_app_stay_in_it() {
    let nested = app().into_router().unwrap();
    let server = TestServer::start_beside(App::new(), Router::new().nest("/shop/floor", nested)).await;
    let mut browser = TestBrowser::open(&server, "/shop/floor/more/x").await;
    assert_eq!(browser.dom().attribute("link", "href"), Some("/shop/floor/more/x"));
    browser.click_and_settle("leave").await;
    assert_eq!(browser.navigated(), Some("/shop/floor/more/x?a=/b"));
}

#[tokio::test]
async fn a_session_that_is_made_again_is_where_it_was() {
    let store = livefloe::store::Memory::default();
    let server = TestServer::start(app().under("/tools/live").store(store.clone())).await;
    let mut browser = TestBrowser::open(&server, "/tools/live/").await;
    browser.click_and_settle("add").await;
    browser.disconnect();
    server.stop().await;
    let server = TestServer::start(app().under("/tools/live").store(store)).await;
    browser.move_to(server.address());
    browser.join().await;
    browser.click_and_settle("leave").await;
    assert_eq!(browser.navigated(), Some("/tools/live/more/x?a=/b"));
    browser.shows("count", "1").await;
    assert_eq!(browser.dom().attribute("link", "href"), Some("/tools/live/more/x"));
}

#[test]
fn what_is_no_path_is_an_error_that_names_it() {
    for path in ["tools", "//tools", "/to ols", "https://example.org/tools", "/a?b", "/{a}"] {
        let message = app().under(path).into_router().unwrap_err().to_string();
        assert!(message.contains(&format!("`{path}`")), "{message}");
    }
    assert!(app().under("/").into_router().is_ok());
}
