//! Forms and buttons without script: posted, applied once, and answered with the page.

use std::time::Duration;

use livefloe::{
    App, Component, Cx, Invalid, Limits, Markup, html,
    store::{Durability, Memory},
};
use livefloe_tests::{Page, TestBrowser, TestServer, eventually, post_bytes};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
struct Shop {
    count: u32,
    names: Vec<String>,
    later: u32,
}

#[derive(Deserialize)]
struct Order {
    name: String,
    #[serde(default)]
    gift: bool,
}

impl Component for Shop {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.count) }
            p id="later" { (self.later) }
            button id="add" type="button" lf-click=(cx.on(Self::add)) { "+1" }
            button id="ten" value="10" lf-click=(cx.value(|shop: &mut Self, number: u32| shop.count += number)) { "+10" }
            button id="slow" lf-click=(cx.on(Self::slow)) { "slow" }
            button id="leave" lf-click=(cx.on(|_: &mut Self, cx: &Cx<Self>| cx.navigate("/other"))) { "leave" }
            button id="fail" lf-click=(cx.on(|_: &mut Self| -> Result<(), String> { Err("no more today".to_owned()) })) { "fail" }
            form id="order" lf-submit=(cx.form(Self::order)) {
                input name="name" value=""; input type="checkbox" name="gift"; button { "Order" }
                button type="button" id="inside" lf-click=(cx.on(Self::add)) { "+1" }
            }
            ul id="names" { @for name in &self.names { li { (name) } } }
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("{} orders", self.names.len()))
    }
}

impl Shop {
    fn add(&mut self) {
        self.count += 1;
    }

    async fn slow(&mut self, cx: &Cx<Self>) {
        tokio::time::sleep(Duration::from_millis(30)).await;
        self.count += 100;
        cx.spawn(async {}, |shop: &mut Self, ()| shop.later += 1);
    }

    fn order(&mut self, order: Order) -> Result<(), Invalid> {
        if !order.name.contains('@') {
            return Err(Invalid::field("name", "expected an address"));
        }
        self.names.push(format!("{}{}", order.name, if order.gift { " (gift)" } else { "" }));
        Ok(())
    }
}

fn app() -> App {
    App::new().page("/", Shop::default).page("/other", Shop::default)
}

fn ticket(page: &Page) -> &str {
    page.between("name=\"lf-at\" value=\"", "\"").unwrap_or_else(|| panic!("a page that can't be posted: {}", page.body))
}

/// What the button with this id posts.
fn button(page: &Page, id: &str) -> String {
    let start = page.body.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no #{id}"));
    let tag = &page.body[page.body[..start].rfind('<').expect("it is there")..start];
    let value =
        tag.split_once(" value=\"").unwrap_or_else(|| panic!("#{id} can't be posted: {tag}")).1.split_once('"').expect("it is there").0;
    encode(&[("lf-at", ticket(page)), ("lf", &value.replace("&amp;", "&"))])
}

/// What the form posts with these fields.
fn form(page: &Page, fields: &[(&str, &str)]) -> String {
    let form = page.between("<form", "</form>").expect("it is there");
    let handler = form.split_once("name=\"lf\" value=\"").expect("it is there").1.split_once('"').expect("it is there").0;
    encode(&[&[("lf", handler), ("lf-at", ticket(page)), ("lf-boxes", "gift")], fields].concat())
}

fn encode(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&")
}

fn escape(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

async fn post_from(server: &TestServer, origin: &str, body: &str) -> Page {
    let address = server.address();
    let headers = [format!("host: {address}"), format!("origin: {origin}"), format!("content-length: {}", body.len())];
    let form = "content-type: application/x-www-form-urlencoded";
    post_bytes(address, "/", &[&headers[0], &headers[1], &headers[2], form], body.as_bytes()).await
}

async fn send(server: &TestServer, body: &str) -> Page {
    post_from(server, &format!("http://{}", server.address()), body).await
}

fn text<'a>(page: &'a Page, id: &str) -> &'a str {
    page.between(&format!("<p id=\"{id}\">"), "<").unwrap_or_else(|| panic!("no #{id} in {}", page.body))
}

#[tokio::test]
async fn buttons_and_forms_change_the_page_of_their_session() {
    let server = TestServer::start(app()).await;
    let mut page = server.get("/").await;
    let other = server.get("/").await;
    for (id, count) in [("add", "1"), ("add", "2"), ("ten", "12"), ("inside", "13"), ("slow", "113")] {
        page = send(&server, &button(&page, id)).await;
        assert_eq!((page.status, text(&page, "count")), (200, count), "{id}");
    }
    page = send(&server, &form(&page, &[("name", "ada@example.org"), ("gift", "on")])).await;
    assert!(page.body.contains("<li>ada@example.org (gift)</li>"), "{}", page.body);
    assert!(page.body.contains("<title>1 orders</title>"), "{}", page.body);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    // Two tabs are two sessions.
    assert_eq!(text(&send(&server, &button(&other, "add")).await, "count"), "1");
    let gone = send(&server, &button(&page, "leave")).await;
    assert_eq!((gone.status, gone.header("location")), (303, Some("/other")));
}

#[tokio::test]
async fn what_is_posted_again_is_applied_once_and_what_an_old_page_posts_not_at_all() {
    let server = TestServer::start(app()).await;
    let first = server.get("/").await;
    let add = button(&first, "add");
    for _ in 0..3 {
        assert_eq!(text(&send(&server, &add).await, "count"), "1");
    }
    let copies = tokio::join!(send(&server, &add), send(&server, &add));
    assert_eq!((text(&copies.0, "count"), text(&copies.1, "count")), ("1", "1"));
    // Pressed twice before the page came.
    let slow = button(&copies.0, "slow");
    let copies = tokio::join!(send(&server, &slow), send(&server, &slow));
    assert_eq!((text(&copies.0, "count"), text(&copies.1, "count")), ("101", "101"));
    let stale = send(&server, &button(&first, "ten")).await;
    assert_eq!(text(&stale, "count"), "101");
    assert!(stale.body.contains("role=\"alert\""), "{}", stale.body);
    assert!(!copies.0.body.contains("role=\"alert\""), "{}", copies.0.body);
    assert_eq!(text(&send(&server, &button(&stale, "ten")).await, "count"), "111");
}

#[tokio::test]
async fn what_is_refused_is_said_where_it_belongs_and_what_was_entered_stays() {
    let server = TestServer::start(app()).await;
    let page = server.get("/").await;
    let refused = send(&server, &form(&page, &[("name", "<ada>"), ("gift", "on")])).await;
    for part in ["expected an address</small>", "aria-invalid=\"true\"", "value=\"&lt;ada>\"", " checked "] {
        assert!(refused.body.contains(part), "no {part} in {}", refused.body);
    }
    let failed = send(&server, &button(&refused, "fail")).await;
    assert!(failed.body.contains("no more today"), "{}", failed.body);
    assert!(!failed.body.contains("expected an address"), "{}", failed.body);
    let taken = send(&server, &form(&failed, &[("name", "a@b")])).await;
    assert!(taken.body.contains("<li>a@b</li>") && !taken.body.contains("role=\"alert\""), "{}", taken.body);
}

#[tokio::test]
async fn what_is_forged_or_comes_from_elsewhere_changes_nothing() {
    let app = app().limits(Limits { max_frame_bytes: 4_096, ..Limits::default() });
    let server = TestServer::start(app).await;
    let page = server.get("/").await;
    let other = server.get("/").await;
    let add = button(&page, "add");
    let host = format!("http://{}", server.address());
    for origin in ["http://evil.test", "null", &host.replace("127.0.0.1", "localhost")] {
        assert_eq!(post_from(&server, origin, &add).await.status, 403, "{origin}");
    }
    let handler = "AAAAAAAA";
    let cases = [
        ("a ticket that is made up", encode(&[("lf-at", &"A".repeat(64)), ("lf", "0.AAAAAAAA")]), 410),
        (
            "the id of one and the rest of another",
            encode(&[("lf-at", &format!("{}{}", &ticket(&other)[..21], &ticket(&page)[21..])), ("lf", "0.AAAAAAAA")]),
            410,
        ),
        ("no ticket", encode(&[("lf", "0.AAAAAAAA")]), 303),
        ("no handler", encode(&[("lf-at", ticket(&page))]), 303),
        ("what is no handler", encode(&[("lf-at", ticket(&page)), ("lf", "0.<script>")]), 200),
        ("no component", encode(&[("lf-at", ticket(&page)), ("lf", handler)]), 303),
        ("another component", encode(&[("lf-at", ticket(&other)), ("lf", "99999999999999999999.AAAAAAAA")]), 303),
        ("too much", format!("{add}&x={}", "x".repeat(5_000)), 413),
    ];
    for (what, body, status) in cases {
        assert_eq!(send(&server, &body).await.status, status, "{what}");
    }
    let unknown = send(&server, &encode(&[("lf-at", ticket(&other)), ("lf", &format!("0.{handler}"))])).await;
    assert_eq!((unknown.status, text(&unknown, "count")), (200, "0"));
    assert!(unknown.body.contains("role=\"alert\""), "{}", unknown.body);
    let gone = send(&server, &encode(&[("lf-at", &"A".repeat(64)), ("lf", "0.AAAAAAAA")])).await;
    assert!(gone.body.contains("<a href=\"./\">Begin again</a>"), "{}", gone.body);
}

#[tokio::test]
async fn a_script_joins_what_was_posted_and_a_post_after_that_is_a_page_that_goes_on() {
    let server = TestServer::start(app()).await;
    let page = server.get("/").await;
    let add = button(&page, "add");
    let posted = send(&server, &add).await;
    let mut browser = TestBrowser::of_page(&server, posted);
    browser.join().await;
    assert_eq!(browser.dom().text("count").as_deref(), Some("1"));
    browser.click_and_settle("add").await;
    browser.shows("count", "2").await;
    // Loaded again, as a page that was posted is: with a session of its own, which gives way.
    let again = send(&server, &add).await;
    assert_eq!((again.status, text(&again, "count")), (200, "0"));
    browser.click_and_settle("add").await;
    browser.shows("count", "3").await;
}

#[tokio::test]
async fn a_session_without_script_lives_as_long_as_others_and_over_a_restart() {
    let store = Memory::new();
    let limits = Limits { join_time: Duration::from_millis(200), ..Limits::default() };
    let app = || app().store(store.clone()).durability(Durability::Durable).limits(limits.clone());
    let first = app();
    let metrics = first.metrics();
    let server = TestServer::start(first).await;
    let page = server.get("/").await;
    let mut page = send(&server, &button(&page, "add")).await;
    let other = server.get("/").await;
    eventually("the page that nobody came to to go", async || metrics.figures().sessions() == 1).await;
    assert_eq!(metrics.figures().detached_sessions, 1);
    assert_eq!(send(&server, &button(&other, "add")).await.status, 410);
    page = send(&server, &button(&page, "add")).await;
    assert_eq!(text(&page, "count"), "2");
    server.stop().await;
    let server = TestServer::start(app()).await;
    page = send(&server, &button(&page, "add")).await;
    assert_eq!((page.status, text(&page, "count")), (200, "3"));
}

#[tokio::test]
async fn an_app_can_do_without() {
    let server = TestServer::start(app().without_script(false)).await;
    let page = server.get("/").await;
    assert!(!page.body.contains("lf-at") && !page.body.contains("lf-post"), "{}", page.body);
}

#[tokio::test]
async fn who_posts_too_fast_or_too_long_is_told_so() {
    let limits = Limits { max_events_per_second: 1, handler_time: Duration::from_millis(5), ..Limits::default() };
    let server = TestServer::start(app().limits(limits)).await;
    let mut page = server.get("/").await;
    let slow = send(&server, &button(&page, "slow")).await;
    assert_eq!(text(&slow, "count"), "0");
    assert!(slow.body.contains("role=\"alert\""), "{}", slow.body);
    page = slow;
    let mut refused = 0;
    for _ in 0..4 {
        page = send(&server, &button(&page, "add")).await;
        refused += usize::from(page.body.contains("role=\"alert\""));
    }
    assert!(refused > 0, "five in no time");
    assert_eq!(text(&page, "count"), (4 - refused).to_string());
}
