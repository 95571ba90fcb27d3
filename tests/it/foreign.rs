//! Components that are written in another language: their state is read by work of its own before it is saved.

use std::{
    any::Any,
    sync::{Arc, Mutex},
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Failure, HandlerId, Identity, Limits, Link, Mount, Table, Visit,
    instance::{Event, Finished, Instance, Job, Rendered, Turn, Versions},
    store::{Durability, Memory},
};
use livefloe_tests::{FragileServer, Gate, TestBrowser, TestServer, within};
use tokio::net::TcpStream;

/// A count whose state is nowhere but behind a gate.
struct Foreign {
    count: u8,
    gate: Gate,
    read: Arc<Mutex<Option<u8>>>,
    table: Table<()>,
}

impl Foreign {
    const NAME: &str = "foreign";

    fn add() -> HandlerId {
        Identity::ROOT.bytes(b"add").handler()
    }

    fn finished(self: Box<Self>) -> Finished {
        Finished::new(self, Ok(Vec::new()))
    }
}

impl Instance for Foreign {
    fn render(&mut self, versions: Versions) -> Result<Rendered, Failure> {
        self.table.begin();
        self.table.enter(Self::add(), (), &[]);
        self.table.commit(versions.seq, versions.acked, true);
        let html = format!("<p id=\"count\">{}</p><button id=\"add\" lf-click=\"{}\">add</button>", self.count, Self::add());
        Ok(Rendered { html, ..Rendered::default() })
    }

    fn event(mut self: Box<Self>, event: Event) -> Turn {
        assert!(self.table.find(event.handler, event.seen).is_some());
        self.count += 1;
        Turn::Done(self.finished())
    }

    fn settle(&mut self, _keep: bool) {}

    fn update(&mut self, _properties: Box<dyn Any + Send>) -> bool {
        false
    }

    fn forget(&mut self, acked: u64) {
        self.table.forget(acked);
    }

    fn before_save(&mut self) -> Option<Job> {
        if self.read.lock().expect("nobody panics with it").is_some() {
            return None;
        }
        let (gate, read) = (self.gate.clone(), Arc::clone(&self.read));
        Some(Box::new(move |instance: Box<dyn Instance>| {
            Turn::Pending(Box::pin(async move {
                let Ok(instance) = instance.into_any().downcast::<Self>() else { unreachable!("the one that gave the job") };
                gate.pass().await;
                *read.lock().expect("nobody panics with it") = Some(instance.count);
                instance.finished()
            }))
        }))
    }

    fn save(&self) -> Result<Option<Vec<u8>>, Failure> {
        let count = self.read.lock().expect("nobody panics with it").take().expect("read right before");
        assert_eq!(count, self.count, "nothing ran between reading and saving");
        Ok(Some(vec![count]))
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Failure> {
        assert_eq!(state, [self.count], "it was mounted with that");
        Ok(())
    }

    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct Page(Gate);

impl Mount for Page {
    fn mount(&self, visit: Visit, _link: Link) -> BoxFuture<'static, Result<Box<dyn Instance>, Failure>> {
        let gate = self.0.clone();
        Box::pin(async move {
            let count = visit.saved(Foreign::NAME).map_or(0, |state| state[0]);
            assert!(visit.saved("another").is_none());
            Ok(Box::new(Foreign { count, gate, read: Arc::default(), table: Table::default() }) as Box<dyn Instance>)
        })
    }
}

fn app(gate: &Gate, store: &Memory) -> App {
    App::new().mount("/", Arc::new(Page(gate.clone()))).store(store.clone()).durability(Durability::Durable)
}

#[tokio::test]
async fn events_wait_while_the_state_is_read_and_are_saved_when_the_client_hears_of_them() {
    let (gate, store) = (Gate::default(), Memory::new());
    let server = FragileServer::start(app(&gate, &store)).await;
    let mut browser = TestBrowser::open_at(server.address(), "/").await;
    gate.is_awaited().await;
    let action = browser.action("add", "lf-click");
    let first = browser.act(&action, "").await;
    let second = browser.act(&action, "").await;
    gate.open();
    assert_eq!(browser.settled(first).await, None);
    assert_eq!(browser.settled(second).await, None);
    server.crash();

    let server = TestServer::start(app(&gate, &store)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, second);
    browser.click_and_settle("add").await;
    browser.shows("count", "3").await;
}

#[tokio::test]
async fn a_server_that_stops_waits_for_the_state_that_is_being_read() {
    let (gate, store) = (Gate::default(), Memory::new());
    let limits = Limits { grace_time: Duration::ZERO, ..Limits::default() };
    let server = TestServer::start(app(&gate, &store).limits(limits)).await;
    let mut browser = TestBrowser::open(&server, "/").await;
    gate.is_awaited().await;
    browser.disconnect();
    let address = server.address();
    let opening = async {
        // The listener goes first.
        within("the door to close", async { while TcpStream::connect(address).await.is_ok() {} }).await;
        gate.open();
    };
    tokio::join!(server.stop(), opening);

    let server = TestServer::start(app(&gate, &store)).await;
    browser.move_to(server.address());
    assert_eq!(browser.join().await.ack, 0);
    browser.click_and_settle("add").await;
    browser.shows("count", "1").await;
}
