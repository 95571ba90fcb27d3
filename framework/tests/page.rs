//! What an author's component does, driven without a browser.

use std::time::Duration;

use livefloe::{
    App, Child, Component, Cx, Invalid, Limits, Markup, Topic, html,
    testing::{Operation, Site, TestError},
};
use serde::{Deserialize, Serialize};

const NEWS: Topic<String> = Topic::new("news");
const MEMBERS: Topic<String> = Topic::new("members");

#[derive(Default, Serialize, Deserialize)]
struct Desk {
    count: i64,
    rows: Vec<(u64, String)>,
    title: String,
    news: Vec<String>,
    panics_in_render: bool,
    is_split: bool,
    closed: bool,
}

#[derive(Deserialize)]
struct Row {
    title: String,
    #[serde(default)]
    amount: i64,
}

impl Component for Desk {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        assert!(!self.panics_in_render, "a rendering that panics");
        cx.subscribe(&NEWS, Self::heard);
        html! {
            p { "Count: " (self.count) }
            button lf-click=(cx.on(Self::increment)) { "+1" }
            button lf-click=(cx.on(Self::increment_later)) { "+10 later" }
            button lf-click=(cx.on(Self::fails)) { "fail" }
            button lf-click=(cx.on(Self::panics)) { "panic" }
            button lf-click=(cx.on(Self::panics_later)) { "panic later" }
            button lf-click=(cx.on(Self::never)) { "never" }
            button lf-click=(cx.on(Self::breaks_render)) { "break render" }
            button lf-click=(cx.on(Self::work)) { "work" }
            button lf-click=(cx.on(Self::publish)) { "publish" }
            button lf-click=(cx.on(Self::leave)) { "leave" }
            button lf-click=(cx.on(Self::split)) { "split" }
            button lf-click=(cx.on(Self::close)) { "close" }
            input name="title" aria-label="Title" lf-input=(cx.value(Self::rename)) value=(self.title);
            form lf-submit=(cx.form(Self::add)) lf-reset { input name="title" placeholder="New row"; input name="amount"; button { "Add" } }
            ul {
                @for (id, title) in &self.rows {
                    li lf-key=(id) { (title) button aria-label={ "Remove " (title) } lf-click=(cx.with(*id, Self::remove)) { "×" } }
                }
            }
            ol { @for item in &self.news { li { (item) } } }
            @if !self.closed {
                (cx.child::<Stars>("first", (format!("Stars of {}", self.title), self.is_split)))
            }
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("Desk {}", self.count))
    }
}

impl Desk {
    fn increment(&mut self) {
        self.count += 1;
    }
    async fn increment_later(&mut self) {
        tokio::task::yield_now().await;
        self.count += 10;
    }
    fn fails(&mut self) -> Result<(), std::num::ParseIntError> {
        self.count += 100;
        self.count = "ice".parse()?;
        Ok(())
    }
    fn panics(&mut self, cx: &Cx<Self>) {
        cx.broadcast(&NEWS, "never sent".to_owned());
        self.count += 100;
        panic!("thin ice");
    }
    async fn panics_later(&mut self) {
        self.count += 100;
        tokio::task::yield_now().await;
        panic!("thin ice");
    }
    async fn never(&mut self) {
        self.count += 100;
        std::future::pending::<()>().await;
    }
    fn breaks_render(&mut self) {
        self.panics_in_render = true;
    }
    fn work(&mut self, cx: &Cx<Self>) {
        cx.spawn(async { 7 }, Self::worked);
    }
    fn worked(&mut self, result: i64) {
        self.count += result;
    }
    fn publish(&mut self, cx: &Cx<Self>) {
        cx.broadcast(&NEWS, format!("news {}", self.count));
    }
    fn heard(&mut self, news: String) {
        self.news.push(news);
    }
    fn leave(&mut self, cx: &Cx<Self>) {
        cx.navigate("/elsewhere");
    }
    fn split(&mut self) {
        self.is_split = !self.is_split;
    }
    fn close(&mut self) {
        self.closed = true;
    }
    fn rename(&mut self, title: String) {
        self.title = title;
    }
    fn add(&mut self, row: Row) -> Result<(), Invalid> {
        if row.title.is_empty() {
            return Err(Invalid::field("title", "must not be empty"));
        }
        self.count += row.amount;
        self.rows.push((self.rows.len() as u64 + 1, row.title));
        Ok(())
    }
    fn remove(&mut self, id: u64) {
        self.rows.retain(|row| row.0 != id);
    }
}

#[derive(Serialize, Deserialize)]
struct Stars {
    label: String,
    is_split: bool,
    count: u32,
}

impl Component for Stars {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            @if self.is_split { i { "split" } }
            section { (self.label) ": " (self.count) button lf-click=(cx.on(Self::add)) { "star" } }
        }
    }
}

impl Stars {
    fn add(&mut self) {
        self.count += 1;
    }
}

impl Child for Stars {
    type Properties = (String, bool);
    fn new((label, is_split): &Self::Properties) -> Self {
        Self { label: label.clone(), is_split: *is_split, count: 0 }
    }
    fn update(&mut self, (label, is_split): &Self::Properties) {
        self.label.clone_from(label);
        self.is_split = *is_split;
    }
}

fn site() -> Site {
    let limits = Limits { handler_time: Duration::from_millis(50), ..Limits::default() };
    Site::new(App::new().limits(limits).dev(true).page("/", Desk::default)).expect("the app is put together right")
}

#[tokio::test]
async fn a_click_changes_what_is_shown_with_a_patch_of_a_few_bytes() {
    let mut page = site().open("/").await.unwrap();
    assert_eq!(page.title(), "Desk 0");
    page.click("+1").await.unwrap();
    assert!(page.sees("Count: 1"));
    assert_eq!(page.title(), "Desk 1");
    page.click("+10 later").await.unwrap();
    assert!(page.sees("Count: 11"));
}

#[tokio::test]
async fn every_kind_of_failure_undoes_the_event_and_says_where() {
    let mut page = site().open("/").await.unwrap();
    page.click("+1").await.unwrap();
    let cases = [
        ("fail", 3, "invalid digit found in string (in page::Desk::fails)"),
        ("panic", 3, "thin ice (at framework/tests/page.rs:"),
        ("panic later", 3, "thin ice (at framework/tests/page.rs:"),
        ("never", 5, "took longer than 0.05 s"),
        ("break render", 3, "a rendering that panics (at framework/tests/page.rs:"),
    ];
    for (button, expected_code, expected) in cases {
        match page.click(button).await {
            Err(TestError::Refused { code, message, .. }) => {
                assert_eq!(code, expected_code, "{button}");
                assert!(message.contains(expected), "{button}: {message}");
            }
            other => panic!("{button}: expected a refusal, got {other:?}"),
        }
        assert!(page.sees("Count: 1") && !page.sees("never sent"), "{button}: {}", page.text());
    }
    page.click("+1").await.unwrap();
    assert!(page.sees("Count: 2"), "the session lives on");
}

#[tokio::test]
async fn production_tells_the_person_a_reference_and_not_the_error() {
    let site = Site::new(App::new().dev(false).page("/", Desk::default)).unwrap();
    let mut page = site.open("/").await.unwrap();
    match page.click("panic").await {
        Err(TestError::Refused { message, .. }) => assert!(message.contains("Reference") && !message.contains("ice"), "{message}"),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_form_that_does_not_fit_is_refused_at_its_fields_and_keeps_what_was_typed() {
    let mut page = site().open("/").await.unwrap();
    page.enter("New row", "one").await.unwrap();
    page.enter("amount", "many").await.unwrap();
    match page.click("Add").await {
        Err(TestError::Refused { code, fields, .. }) => assert_eq!((code, fields[0].0.as_str()), (2, "amount")),
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert_eq!(page.value("New row").unwrap(), "one");
    page.enter("amount", "5").await.unwrap();
    page.click("Add").await.unwrap();
    assert!(page.sees("one") && page.sees("Count: 5"));
    assert_eq!(page.value("New row").unwrap(), "", "lf-reset");
    match page.click("Add").await {
        Err(TestError::Refused { fields, .. }) => assert_eq!(fields[0].0, "amount", "an empty text is no number"),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn a_removed_row_is_one_operation_and_its_neighbours_keep_their_handlers() {
    let mut page = site().open("/").await.unwrap();
    for row in ["one", "two", "three"] {
        page.enter("New row", row).await.unwrap();
        page.enter("amount", "0").await.unwrap();
        page.click("Add").await.unwrap();
    }
    page.click("Remove two").await.unwrap();
    let operations = &page.patches().last().unwrap().operations;
    assert!(matches!(operations.last(), Some(Operation::Remove { index: 1, count: 1 })), "{operations:?}");
    page.click("Remove three").await.unwrap();
    assert!(page.sees("one") && !page.sees("three"));
}

#[tokio::test]
async fn a_child_has_its_own_state_and_patch_and_takes_new_properties() {
    let mut page = site().open("/").await.unwrap();
    page.click("star").await.unwrap();
    assert!(page.sees(": 1"));
    assert!(matches!(page.patches().last().unwrap().operations[0], Operation::Component { id: 1 }));
    page.enter("Title", "Orion").await.unwrap();
    assert!(page.sees("Stars of Orion : 1") || page.sees("Stars of Orion: 1"), "{}", page.text());
    page.click("split").await.unwrap();
    assert!(page.sees("split Stars of Orion"), "{}", page.text());
    page.click("star").await.unwrap();
    assert!(page.sees(": 2"));
    page.click("split").await.unwrap();
    page.click("star").await.unwrap();
    assert!(page.sees(": 3"), "{}", page.html());
    page.click("close").await.unwrap();
    assert!(!page.sees("Stars of"));
}

#[tokio::test]
async fn a_task_brings_its_result_and_a_broadcast_reaches_every_session() {
    let site = site();
    let (mut ada, mut grace) = (site.open("/").await.unwrap(), site.open("/").await.unwrap());
    ada.click("work").await.unwrap();
    ada.until_sees("Count: 7").await.unwrap();
    ada.click("publish").await.unwrap();
    grace.until_sees("news 7").await.unwrap();
    ada.until_sees("news 7").await.unwrap();
}

#[tokio::test]
async fn navigation_goes_to_a_path_of_the_site() {
    let mut page = site().open("/").await.unwrap();
    page.click("leave").await.unwrap();
    assert_eq!(page.navigated(), Some("/elsewhere"));
}

#[tokio::test]
async fn a_connection_that_comes_back_gets_what_was_missed() {
    let site = site();
    let (mut ada, mut grace) = (site.open("/").await.unwrap(), site.open("/").await.unwrap());
    grace.disconnect();
    ada.click("publish").await.unwrap();
    ada.until_sees("news 0").await.unwrap();
    grace.connect().await.unwrap();
    grace.until_sees("news 0").await.unwrap();
    grace.click("+1").await.unwrap();
    assert!(grace.sees("Count: 1"));
}

#[derive(Default, Serialize, Deserialize)]
struct Lobby {
    name: String,
}

impl Component for Lobby {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let members = cx.presence(&MEMBERS, self.name.clone());
        html! { input name="name" aria-label="Name" lf-change=(cx.value(Self::rename)); p { "Here: " (members.join(", ")) "." } }
    }
}

impl Lobby {
    fn rename(&mut self, name: String) {
        self.name = name;
    }
}

#[tokio::test]
async fn presence_shows_who_is_connected() {
    let site = Site::new(App::new().page("/", Lobby::default)).unwrap();
    let mut ada = site.open("/").await.unwrap();
    ada.enter("Name", "Ada").await.unwrap();
    ada.until_sees("Here: Ada.").await.unwrap();
    let mut grace = site.open("/").await.unwrap();
    grace.enter("Name", "Grace").await.unwrap();
    ada.until_sees("Here: Ada, Grace.").await.unwrap();
    grace.disconnect();
    ada.until_sees("Here: Ada.").await.unwrap();
}
