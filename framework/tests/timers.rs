//! Timers: handlers that run by themselves, in a time that passes only when nothing else happens.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use livefloe::{App, Component, Cx, Limits, Markup, html, testing::Site};
use serde::{Deserialize, Serialize};

/// Ticks every ten seconds, greets after twenty, and shows its bell only while it is to.
#[derive(Default, Serialize, Deserialize)]
struct Clock {
    ticks: u32,
    greetings: u32,
    is_silent: bool,
}

impl Component for Clock {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        if !self.is_silent {
            cx.every(Duration::from_secs(10), Self::tick);
        }
        cx.after(Duration::from_secs(20), Self::greet);
        html! {
            p { "ticks " (self.ticks) " greetings " (self.greetings) }
            button lf-click=(cx.on(Self::turn)) { "turn" }
            button lf-click=(cx.on(Self::nothing)) { "nothing" }
        }
    }
}

impl Clock {
    fn tick(&mut self) {
        self.ticks += 1;
    }

    fn greet(&mut self) {
        self.greetings += 1;
    }

    fn turn(&mut self) {
        self.is_silent = !self.is_silent;
    }

    fn nothing(&mut self) {}
}

fn site() -> Site {
    let limits = Limits { detached_time: Duration::MAX, heartbeat: Duration::from_hours(1), ..Limits::default() };
    Site::new(App::new().page("/", Clock::default).limits(limits).without_store()).unwrap()
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_timer_runs_every_so_often_and_another_once_however_often_the_page_renders() {
    let site = site();
    let mut page = site.open("/").await.unwrap();
    for _ in 0..5 {
        pass(1).await;
        page.click("nothing").await.unwrap();
    }
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 0 greetings 0"), "{}", page.text());
    pass(6).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 1 greetings 0"), "{}", page.text());
    pass(40).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 5 greetings 1"), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_rendered_any_more_does_not_run_and_begins_anew() {
    let site = site();
    let mut page = site.open("/").await.unwrap();
    pass(8).await;
    page.click("turn").await.unwrap();
    pass(30).await;
    page.click("turn").await.unwrap();
    assert!(page.sees("ticks 0 greetings 1"), "{}", page.text());
    pass(9).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 0"), "{}", page.text());
    pass(2).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 1"), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn timers_rest_while_nobody_is_connected_and_make_up_for_nothing() {
    let site = site();
    let mut page = site.open("/").await.unwrap();
    pass(11).await;
    page.disconnect();
    pass(1000).await;
    page.connect().await.unwrap();
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 2 greetings 1"), "{}", page.text());
    pass(11).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 3 greetings 1"), "{}", page.text());
}

#[tokio::test(start_paused = true)]
async fn a_sleeping_session_is_woken_by_its_timers() {
    let limits = Limits { idle_time: Duration::from_secs(1), heartbeat: Duration::from_hours(1), ..Limits::default() };
    let site = Site::new(App::new().page("/", Clock::default).limits(limits).without_store()).unwrap();
    let mut page = site.open("/").await.unwrap();
    pass(35).await;
    page.click("nothing").await.unwrap();
    assert!(page.sees("ticks 3 greetings 1"), "{}", page.text());
}
