//! Work beside a session.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe::{App, Child, Component, Cx, Limits, Markup, html};
use livefloe_tests::{TestBrowser, TestServer, eventually};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// What tasks wait for, and how many there are.
#[derive(Clone)]
struct Tasks {
    gate: Arc<Semaphore>,
    n_running: Arc<AtomicUsize>,
}

/// Counts a task for as long as it is not dropped.
struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Tasks {
    fn new() -> Self {
        Self { gate: Arc::new(Semaphore::new(0)), n_running: Arc::default() }
    }

    async fn task(self, running: Running) -> u32 {
        self.gate.acquire().await.expect("the gate is never closed").forget();
        drop(running);
        7
    }

    fn start(&self) -> impl Future<Output = u32> + Send + 'static {
        self.n_running.fetch_add(1, Ordering::SeqCst);
        self.clone().task(Running(Arc::clone(&self.n_running)))
    }

    async fn becomes(&self, number: usize) {
        eventually(&format!("{number} tasks to run"), async || self.n_running.load(Ordering::SeqCst) == number).await;
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Kitchen {
    served: u32,
    is_closed: bool,
}

#[derive(Serialize, Deserialize)]
struct Oven {
    baked: u32,
}

impl Component for Oven {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { p { "baked " (self.baked) button id="bake" lf-click=(cx.on(Self::bake)) {} } }
    }
}

impl Child for Oven {
    type Properties = ();

    fn new((): &()) -> Self {
        Self { baked: 0 }
    }

    fn update(&mut self, (): &()) {}
}

impl Oven {
    fn bake(&mut self, cx: &Cx<Self>) {
        cx.spawn(cx.state::<Tasks>().start(), Self::done);
    }

    fn done(&mut self, number: u32) {
        self.baked += number;
    }
}

impl Component for Kitchen {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="served" { (self.served) }
            button id="cook" lf-click=(cx.on(Self::cook)) {}
            button id="burn" lf-click=(cx.on(Self::burn)) {}
            button id="fail" lf-click=(cx.on(Self::fail)) {}
            button id="close" lf-click=(cx.on(Self::close)) {}
            button id="add" lf-click=(cx.on(Self::add)) {}
            @if !self.is_closed { (cx.child::<Oven>("oven", ())) }
        }
    }
}

impl Kitchen {
    fn cook(&mut self, cx: &Cx<Self>) {
        cx.spawn(cx.state::<Tasks>().start(), Self::serve);
    }

    fn serve(&mut self, number: u32) {
        self.served += number;
    }

    fn burn(&mut self, cx: &Cx<Self>) {
        cx.spawn(async { panic!("the cake is black") }, Self::serve);
    }

    fn fail(&mut self, cx: &Cx<Self>) -> Result<(), &'static str> {
        cx.spawn(cx.state::<Tasks>().start(), Self::serve);
        Err("no flour")
    }

    fn close(&mut self) {
        self.is_closed = true;
    }

    fn add(&mut self) {
        self.served += 100;
    }
}

async fn kitchen(limits: Limits) -> (TestServer, TestBrowser, Tasks) {
    let tasks = Tasks::new();
    let app = App::new().page("/", Kitchen::default).state(tasks.clone()).limits(limits).dev(true);
    let server = TestServer::start(app).await;
    let browser = TestBrowser::open(&server, "/").await;
    (server, browser, tasks)
}

#[tokio::test]
async fn a_task_changes_the_page_when_it_is_done_and_holds_up_nothing() {
    let (_server, mut browser, tasks) = kitchen(Limits::default()).await;
    browser.click("cook").await;
    browser.click("add").await;
    browser.shows("served", "100").await;
    tasks.gate.add_permits(1);
    browser.shows("served", "107").await;
}

#[tokio::test]
async fn a_task_that_panics_is_reported_and_the_session_lives() {
    let (_server, mut browser, _tasks) = kitchen(Limits::default()).await;
    browser.click("burn").await;
    browser.until("the report", |browser| !browser.notices().is_empty()).await;
    let notice = &browser.notices()[0];
    assert!(notice.code == 3 && notice.message.contains("the cake is black"), "{notice:?}");
    browser.click("add").await;
    browser.shows("served", "100").await;
}

#[tokio::test]
async fn a_handler_that_fails_starts_no_task() {
    let (_server, mut browser, tasks) = kitchen(Limits::default()).await;
    assert!(browser.click_and_settle("fail").await.is_some());
    tasks.becomes(0).await;
}

#[tokio::test]
async fn a_task_ends_with_its_component() {
    let (_server, mut browser, tasks) = kitchen(Limits::default()).await;
    browser.click_and_settle("bake").await;
    browser.click_and_settle("cook").await;
    tasks.becomes(2).await;
    browser.click_and_settle("close").await;
    tasks.becomes(1).await;
    tasks.gate.add_permits(2);
    browser.shows("served", "7").await;
}

#[tokio::test]
async fn a_task_ends_with_its_session() {
    let limits = Limits { detached_time: Duration::from_millis(10), ..Limits::default() };
    let (_server, mut browser, tasks) = kitchen(limits).await;
    browser.click_and_settle("cook").await;
    tasks.becomes(1).await;
    browser.disconnect();
    tasks.becomes(0).await;
}

#[tokio::test]
async fn too_many_tasks_are_busy() {
    let (_server, mut browser, tasks) = kitchen(Limits { max_tasks: 3, ..Limits::default() }).await;
    for _ in 0..3 {
        assert_eq!(browser.click_and_settle("cook").await, None);
    }
    browser.click_and_settle("cook").await;
    browser.until("the refusal", |browser| !browser.notices().is_empty()).await;
    assert_eq!(browser.notices()[0].code, 4, "{:?}", browser.notices());
    tasks.becomes(3).await;
    tasks.gate.add_permits(3);
    browser.shows("served", "21").await;
    assert_eq!(browser.click_and_settle("cook").await, None, "places are free again");
}
