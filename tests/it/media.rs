//! What pages show and give away: for their session, whole or in parts, and never as a page of the app.

use livefloe::{App, Component, Cx, Markup, html, widget::image};
use livefloe_tests::{Page, TestBrowser, TestServer, eventually, request};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
struct Gallery {
    n_clicks: u32,
}

impl Component for Gallery {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            a id="picture" href=(cx.media(&b"0123456789"[..], "image/png")) {}
            a id="page" href=(cx.media(&b"<script>alert(1)</script>"[..], "text/html")) {}
            a id="drawing" href=(cx.media(&b"<svg/>"[..], "image/svg+xml")) {}
            a id="save" href=(cx.download(&b"a,b"[..], "text/csv", "Übung \"1\"\r\n.csv")) {}
            (image(cx.media(&b"png"[..], "image/png"), "A picture"))
            button id="click" lf-click=(cx.on(Self::click)) { (self.n_clicks) }
        }
    }
}

impl Gallery {
    fn click(&mut self) {
        self.n_clicks += 1;
    }
}

async fn get(browser: &TestBrowser, address: &str, headers: &[&str]) -> Page {
    let host = format!("host: {}", browser.address());
    let headers: Vec<_> = [host.as_str()].into_iter().chain(headers.iter().copied()).collect();
    request(browser.address(), address, &headers).await
}

fn address(browser: &TestBrowser, id: &str) -> String {
    browser.dom().attribute(id, "href").expect("an address").to_owned()
}

#[tokio::test]
async fn what_a_page_shows_is_served_whole_in_parts_and_once() {
    let server = TestServer::start(App::new().page("/", Gallery::default)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let picture = address(&browser, "picture");
    let whole = get(&browser, &picture, &[]).await;
    assert_eq!((whole.status, whole.body.as_str(), whole.header("content-type")), (200, "0123456789", Some("image/png")));
    let tag = whole.header("etag").unwrap();
    let cases = [
        ("range: bytes=2-4".to_owned(), 206, "234", Some("bytes 2-4/10")),
        ("range: bytes=-2".to_owned(), 206, "89", Some("bytes 8-9/10")),
        ("range: bytes=99-".to_owned(), 416, "", Some("bytes */10")),
        ("range: bytes=0-1,4-5".to_owned(), 200, "0123456789", None),
        (format!("if-none-match: \"x\", {tag}"), 304, "", None),
        ("if-none-match: \"x\"".to_owned(), 200, "0123456789", None),
    ];
    for (header, status, body, range) in cases {
        let answer = get(&browser, &picture, &[&header]).await;
        assert_eq!((answer.status, answer.body.as_str(), answer.header("content-range")), (status, body, range), "{header}");
    }
    browser.click_and_settle("click").await;
    assert_eq!(address(&browser, "picture"), picture, "the same bytes have the same address");
}

#[tokio::test]
async fn nothing_that_is_shown_is_a_page_of_the_app() {
    let server = TestServer::start(App::new().page("/", Gallery::default)).await;
    let browser = TestBrowser::open(&server, "/").await;
    for (id, disposition) in [
        ("picture", "inline"),
        ("page", "attachment"),
        ("drawing", "attachment"),
        ("save", "attachment; filename*=UTF-8''%C3%9Cbung%20%221%22%0D%0A%2Ecsv"),
    ] {
        let answer = get(&browser, &address(&browser, id), &[]).await;
        assert_eq!((answer.status, answer.header("content-disposition")), (200, Some(disposition)), "{id}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").unwrap().starts_with("sandbox; default-src 'none'"));
        assert!(answer.header("cache-control").unwrap().starts_with("private"));
    }
}

#[tokio::test]
async fn nobody_makes_up_an_address_and_none_outlives_its_session() {
    let limits = livefloe::Limits { detached_time: std::time::Duration::from_millis(20), ..livefloe::Limits::default() };
    let server = TestServer::start(App::new().page("/", Gallery::default).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let picture = address(&browser, "picture");
    let (folder, name) = picture.rsplit_once('/').unwrap();
    for made_up in [
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "%00",
        "~",
        "\\..\\x",
        "CON",
        "file:%2f%2f%2fetc%2fpasswd",
        &name[1..],
        &"A".repeat(64),
        &format!("{name}A"),
        &name.replace(&name[10..12], "__"),
    ] {
        let answer = get(&browser, &format!("{folder}/{made_up}"), &[]).await;
        assert!(matches!(answer.status, 400 | 404), "{made_up}: {}", answer.status);
    }
    assert_eq!(get(&browser, &picture, &[]).await.status, 200);
    browser.disconnect();
    eventually("the end", async || get(&browser, &picture, &[]).await.status == 404).await;
}
