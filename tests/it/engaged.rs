//! Sessions in which one turn follows the other without a pause: what a store gets of them, and when people see it.

use std::{sync::Arc, time::Duration};

use livefloe::{
    App, Component, Cx, Markup, html,
    store::{Durability, Memory},
};
use livefloe_tests::{FragileServer, TestBrowser, eventually};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

/// Each event takes until there is a permit for it.
#[derive(Default, Serialize, Deserialize)]
struct Bench {
    count: u32,
}

#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Component for Bench {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.count) }
            button id="plane" lf-click=(cx.on(Self::plane)) {}
        }
    }
}

impl Bench {
    async fn plane(&mut self, cx: &Cx<Self>) {
        cx.state::<Gate>().0.acquire().await.expect("the gate is never closed").forget();
        self.count += 1;
    }
}

async fn server(gate: &Gate, store: &Memory, durability: Durability) -> FragileServer {
    let app = App::new().state(gate.clone()).page("/", Bench::default).store(store.clone()).durability(durability);
    FragileServer::start(app).await
}

/// A page with three events on their way, of which one has ended.
async fn engaged(durability: Durability) -> (Gate, Memory, FragileServer, TestBrowser) {
    let (gate, store) = (Gate(Arc::new(Semaphore::new(0))), Memory::new());
    let server = server(&gate, &store, durability).await;
    let mut browser = TestBrowser::open_at(server.address(), "/").await;
    eventually("the join to be kept", async || store.len() == 1).await;
    for _ in 0..3 {
        browser.click("plane").await;
    }
    gate.0.add_permits(1);
    browser.shows("count", "1").await;
    (gate, store, server, browser)
}

#[tokio::test]
async fn what_has_ended_is_shown_while_the_next_is_under_way() {
    let (gate, _store, _server, mut browser) = engaged(Durability::Durable).await;
    for count in ["2", "3"] {
        gate.0.add_permits(1);
        browser.shows("count", count).await;
    }
}

#[tokio::test]
async fn what_has_ended_is_in_the_store_while_the_next_is_under_way() {
    for durability in [Durability::Durable, Durability::Relaxed(Duration::ZERO)] {
        let (gate, store, killed, mut browser) = engaged(durability).await;
        gate.0.add_permits(1);
        browser.shows("count", "2").await;
        killed.crash();
        let server = server(&gate, &store, durability).await;
        browser.move_to(server.address());
        // That there was one more than was kept can be chance where nothing waits for the store.
        let ack = browser.join().await.ack;
        assert!(ack >= 1, "{durability:?}: after {ack} events");
    }
}
