//! Patches: acknowledged, coalesced, sent again.

use livefloe::{App, Child, Component, Cx, Limits, Markup, html};
use livefloe_tests::{Counter, TestBrowser, TestServer};
use serde::{Deserialize, Serialize};

fn counter(limits: Limits) -> App {
    App::new().page("/", Counter::default).limits(limits)
}

#[tokio::test]
async fn a_click_costs_few_bytes() {
    let server = TestServer::start(counter(Limits::default())).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let before = browser.n_bytes();
    browser.click("add").await;
    browser.shows("count", "1").await;
    assert!(browser.n_bytes() - before <= 24, "{}", browser.n_bytes() - before);
}

#[tokio::test]
async fn a_client_that_answers_nothing_gets_few_patches_and_then_one_for_all() {
    let cases = [
        ("patches", Limits { max_unacked_patches: 4, ..Limits::default() }, 4),
        ("bytes", Limits { max_unacked_bytes: 20, ..Limits::default() }, 2),
    ];
    for (bound, limits, n_patches) in cases {
        let server = TestServer::start(counter(limits)).await;
        let mut browser = TestBrowser::open(&server, "/").await.without_acks();
        let add = browser.action("add", "lf-click");
        for _ in 0..50 {
            // An event would acknowledge what it saw.
            browser.act_seeing(&add, "", 0).await;
        }
        browser.until("the patches that fit", |browser| browser.n_patches() >= n_patches).await;
        browser.ack(&[]).await;
        browser.shows("count", "50").await;
        assert!(browser.n_patches() <= 2 * n_patches + 1, "{bound}: {} patches", browser.n_patches());
    }
}

#[tokio::test]
async fn a_component_whose_tree_went_wrong_is_sent_again() {
    let server = TestServer::start(counter(Limits::default())).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.click("add").await;
    browser.shows("count", "1").await;
    let (shown, n_patches) = (browser.dom().all_text(), browser.n_patches());
    browser.ack(&[0, 0, 77]).await;
    browser.until("a resync", |browser| browser.n_patches() > n_patches).await;
    assert_eq!(browser.dom().all_text(), shown);
    browser.click("add").await;
    browser.shows("count", "2").await;
}

/// A page of components that come, go and move, one of which has no element of its own.
#[derive(Serialize, Deserialize)]
struct Board {
    notes: Vec<u32>,
    next: u32,
    seed: u64,
}

#[derive(Serialize, Deserialize)]
struct Note {
    id: u32,
    likes: u32,
}

impl Component for Note {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let like = cx.on(Self::like);
        if (self.id + self.likes).is_multiple_of(3) {
            return html! { b { "note " (self.id) } " " button id={ "like-" (self.id) } lf-click=(like) { (self.likes) } };
        }
        html! { p class=(self.likes) { "note " (self.id) " " button id={ "like-" (self.id) } lf-click=(like) { (self.likes) } } }
    }
}

impl Child for Note {
    type Properties = u32;

    fn new(id: &u32) -> Self {
        Self { id: *id, likes: 0 }
    }

    fn update(&mut self, id: &u32) {
        self.id = *id;
    }
}

impl Note {
    fn like(&mut self) {
        self.likes += 1;
    }
}

impl Component for Board {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.notes.len()) }
            @if self.notes.len() > 3 { aside { "many" } }
            ul { @for note in &self.notes { li lf-key=(note) { (cx.child::<Note>(note, *note)) } } }
            button id="shuffle" lf-click=(cx.on(Self::shuffle)) {}
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("{} notes", self.notes.len()))
    }
}

impl Board {
    fn new() -> Self {
        Self { notes: vec![1, 2, 3], next: 4, seed: 7 }
    }

    /// Some change, the same in each run of the test.
    fn shuffle(&mut self) {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let number = usize::try_from(self.seed >> 33).unwrap_or_default();
        let place = number / 8 % (self.notes.len() + 1);
        match number % 4 {
            0 | 1 => {
                self.notes.insert(place, self.next);
                self.next += 1;
            }
            2 if place < self.notes.len() => {
                self.notes.remove(place);
            }
            // At most the length: that is the last place to insert at.
            _ => self.notes.rotate_left(place),
        }
    }
}

#[tokio::test]
async fn patches_of_nested_components_lead_to_the_page_that_a_resync_shows() {
    let limits = Limits { max_events_per_second: 100_000, ..Limits::default() };
    let server = TestServer::start(App::new().page("/", Board::new).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for round in 0..120_u32 {
        let event = browser.click("shuffle").await;
        assert_eq!(browser.settled(event).await, None, "round {round}");
        for note in 0..round {
            let id = format!("like-{note}");
            if (note + round) % 5 == 0 && browser.dom().text(&id).is_some() {
                browser.click(&id).await;
            }
        }
        let event = browser.click("shuffle").await;
        browser.settled(event).await;
        let patched = browser.dom().outline();
        let n_patches = browser.n_patches();
        browser.ack(&[0]).await;
        browser.until("a resync", |browser| browser.n_patches() > n_patches).await;
        assert_eq!(patched, browser.dom().outline(), "round {round}");
    }
    let count = browser.dom().text("count").unwrap();
    assert_eq!(browser.dom().title(), Some(format!("{count} notes").as_str()));
}

#[tokio::test]
async fn a_child_keeps_its_state_while_its_parent_changes() {
    let server = TestServer::start(App::new().page("/", Board::new)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    for _ in 0..3 {
        browser.click_and_settle("like-2").await;
    }
    browser.shows("like-2", "3").await;
    while browser.dom().text("count").as_deref() != Some("6") {
        browser.click_and_settle("shuffle").await;
        if browser.dom().text("like-2").is_none() {
            return; // removed by a shuffle: nothing left to look at
        }
    }
    assert_eq!(browser.dom().text("like-2").as_deref(), Some("3"));
}

#[tokio::test]
async fn a_tree_that_went_wrong_is_sent_again_and_counted() {
    let app = App::new().page("/", Board::new);
    let metrics = app.metrics();
    let server = TestServer::start(app).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    browser.ack(&[2, 1, 2]).await;
    browser.until("a resync", |browser| browser.n_patches() == 1).await;
    assert_eq!(metrics.resyncs(), 3);
    browser.ack(&[]).await;
    let event = browser.click("shuffle").await;
    assert_eq!(browser.settled(event).await, None);
    assert_eq!(metrics.resyncs(), 3, "an acknowledgement alone is no news of that kind");
}

/// Some text that many patches change.
#[derive(Default, Serialize, Deserialize)]
struct Log {
    lines: Vec<String>,
}

impl Component for Log {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            pre id="log" { @for line in &self.lines { (line) "\n" } }
            button id="fill" lf-click=(cx.on(Self::fill)) {}
            button id="edit" lf-click=(cx.on(Self::edit)) {}
        }
    }
}

impl Log {
    fn fill(&mut self) {
        self.lines = (0..2_000).map(|line| format!("line {line} with a żółw")).collect();
    }
    fn edit(&mut self) {
        "LINE".clone_into(&mut self.lines[1_000]);
    }
}

#[tokio::test]
async fn a_large_patch_travels_deflated_and_a_small_change_of_a_long_text_as_that_change() {
    let server = TestServer::start(App::new().page("/", Log::default)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    let event = browser.click("fill").await;
    assert_eq!(browser.settled(event).await, None);
    let text = browser.dom().text("log").unwrap();
    assert!(text.contains("line 1999 with a żółw"), "{}", text.len());
    assert!(browser.n_bytes() < text.len() / 4, "{} of {}", browser.n_bytes(), text.len());

    let before = browser.n_bytes();
    let event = browser.click("edit").await;
    assert_eq!(browser.settled(event).await, None);
    assert_eq!(browser.dom().text("log").unwrap(), text.replace("line 1000 with a żółw", "LINE"));
    assert!(browser.n_bytes() - before < 40, "{}", browser.n_bytes() - before);
}
