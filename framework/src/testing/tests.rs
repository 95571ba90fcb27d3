//! Histories from chance: what a person, networks and servers may do to one session, in any order, and what has to hold whatever happened.
//!
//! The sessions are real ones and speak the protocol; only the connection, the store and the clock are memory, so a history takes no time. The model is a
//! list: what the person did and was told of. What the state has to be follows from it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use maud::html;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use tokio::task::yield_now;

use super::{
    Dom, Operation, Site,
    page::between,
    transport::{self, Client, FromServer},
};
use crate::{
    App, Component, Cx, Limits, Markup,
    handler::BoxFuture,
    protocol::{ClientMessage, PROTOCOL_VERSION, ServerMessage},
    session::Peer,
    socket,
    store::{Claimed, Durability, Fence, Memory, Saved, SessionId, Store, StoreError},
};

/// A list of all numbers that were added.
#[derive(Default, Serialize, Deserialize)]
struct Log {
    numbers: Vec<u32>,
}

#[derive(Deserialize)]
struct Add {
    number: u32,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum How {
    AtOnce,
    /// After others had a turn.
    Soon,
    /// After some time.
    Slowly,
    Failing,
}

impl Component for Log {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let numbers: Vec<_> = self.numbers.iter().map(u32::to_string).collect();
        html! {
            p id="numbers" { (numbers.join(" ")) }
            form id="add" lf-submit=(cx.form(Self::add)) {}
        }
    }
}

impl Log {
    async fn add(&mut self, Add { number, how }: Add) -> Result<(), &'static str> {
        self.numbers.push(number);
        match how {
            How::AtOnce => Ok(()),
            How::Soon => {
                yield_now().await;
                Ok(())
            }
            How::Slowly => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(())
            }
            How::Failing => Err("as it was told to"),
        }
    }
}

/// Keeps everything, after a while.
#[derive(Clone)]
struct Slow(Memory);

impl Store for Slow {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        let store = self.0.clone();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            store.save(session, fence, snapshot, kept).await
        })
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let store = self.0.clone();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(3)).await;
            store.claim(session).await
        })
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.0.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.0.secret()
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// The person adds a number.
    Act(How),
    /// Everybody else gets on with their work for a moment.
    Run(u8),
    /// The page takes as many frames as this, if there are some.
    Read(u8),
    /// The page says what it shows.
    Acknowledge,
    /// The cable is pulled; what is on its way is lost, in both directions.
    Cut,
    /// The page connects, to this node.
    Connect(usize),
    /// The page is loaded again, from this node.
    Reload(usize),
    /// A node is replaced by a new one: it knows only what the store does, and the one before lives on without knowing that.
    Replace(usize),
    /// The same, but the one before ends in good order.
    Stop(usize),
    /// Time goes by.
    Wait(u16),
}

const NODES: usize = 2;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let how = prop_oneof![3 => Just(How::AtOnce), 1 => Just(How::Soon), 1 => Just(How::Slowly), 1 => Just(How::Failing)];
    let step = prop_oneof![
        8 => how.prop_map(Step::Act),
        6 => (0..20_u8).prop_map(Step::Run),
        6 => (0..6_u8).prop_map(Step::Read),
        3 => Just(Step::Acknowledge),
        3 => Just(Step::Cut),
        5 => (0..NODES).prop_map(Step::Connect),
        1 => (0..NODES).prop_map(Step::Reload),
        1 => (0..NODES).prop_map(Step::Replace),
        1 => (0..NODES).prop_map(Step::Stop),
        3 => (0..40_u16).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..80)
}

/// Something that the person did and that is not settled.
#[derive(Clone)]
struct Pending {
    seq: u64,
    seen: u64,
    payload: String,
    number: u32,
    how: How,
}

struct World {
    nodes: Vec<Site>,
    /// Those that have been replaced, which may live on.
    former: Vec<Site>,
    store: Option<Slow>,
    token: String,
    /// The page's own token, after it was loaded again and before it shows the session that it goes on with.
    page: String,
    dom: Dom,
    applied: u64,
    connection: Option<Client>,
    is_joined: bool,
    next: u32,
    seq: u64,
    pending: VecDeque<Pending>,
    /// Refusals that the page was told of, and those that it has to hear of before all is quiet.
    refused: Vec<u64>,
    to_be_refused: Vec<u64>,
    /// What has to be in the state, and what may be: it was under way when the page was loaded again.
    certain: Vec<u32>,
    possible: Vec<u32>,
}

impl World {
    async fn open(store: Option<Slow>) -> Self {
        let nodes: Vec<_> = (0..NODES).map(|_| site(store.as_ref())).collect();
        let (token, dom) = load(&nodes[0]).await;
        Self {
            nodes,
            former: Vec::new(),
            store,
            token,
            page: String::new(),
            dom,
            applied: 0,
            connection: None,
            is_joined: false,
            next: 0,
            seq: 0,
            pending: VecDeque::new(),
            refused: Vec::new(),
            to_be_refused: Vec::new(),
            certain: Vec::new(),
            possible: Vec::new(),
        }
    }

    async fn step(&mut self, step: Step) {
        match step {
            // What a page that was loaded again shows at first is nothing of its session: events there are refused.
            Step::Act(_) if !self.page.is_empty() => {}
            Step::Act(how) => self.act(how),
            Step::Run(n) => {
                for _ in 0..n {
                    yield_now().await;
                }
            }
            Step::Read(n) => self.read(n),
            Step::Acknowledge => self.send(&ClientMessage::Ack { seen: self.applied, failed: Vec::new() }),
            Step::Cut => self.cut(),
            Step::Connect(node) => self.connect(node),
            Step::Reload(node) => {
                self.cut();
                let (page, dom) = load(&self.nodes[self.node(node)]).await;
                (self.page, self.dom, self.applied) = (page, dom, 0);
                self.possible.extend(self.pending.drain(..).filter(|event| event.how != How::Failing).map(|event| event.number));
                self.refused.clear();
                self.to_be_refused.clear();
            }
            Step::Replace(node) if self.store.is_some() => self.replace(node),
            Step::Stop(node) if self.store.is_some() => {
                self.nodes[node].close();
                self.replace(node);
            }
            // What is nowhere but in one process ends with it.
            Step::Replace(_) | Step::Stop(_) => {}
            Step::Wait(ms) => tokio::time::sleep(Duration::from_millis(ms.into())).await,
        }
    }

    /// Without a store there is one node.
    fn node(&self, node: usize) -> usize {
        if self.store.is_some() { node } else { 0 }
    }

    fn replace(&mut self, node: usize) {
        let new = site(self.store.as_ref());
        self.former.push(std::mem::replace(&mut self.nodes[node], new));
    }

    fn act(&mut self, how: How) {
        (self.next, self.seq) = (self.next + 1, self.seq + 1);
        let how_text = serde_json::to_value(how).unwrap();
        let payload = format!("number={}&how={}", self.next, how_text.as_str().unwrap());
        let event = Pending { seq: self.seq, seen: self.applied, payload, number: self.next, how };
        self.pending.push_back(event.clone());
        self.send_event(event);
    }

    fn send_event(&self, event: Pending) {
        if !self.is_joined {
            return;
        }
        let form = self.dom.page().find(|node| node.attribute("id") == Some("add")).unwrap();
        let handler = form.attribute("lf-submit").unwrap().as_bytes().try_into().unwrap();
        let Pending { seq, seen, payload, .. } = event;
        self.send(&ClientMessage::Event { seq, seen, component: form.component().into(), handler, payload });
    }

    fn send(&self, message: &ClientMessage) {
        if let Some(connection) = self.connection.as_ref().filter(|_| self.is_joined) {
            // The other end may be gone without that this one knows.
            let _ = connection.sender.try_send(Bytes::from(message.encode()));
        }
    }

    fn cut(&mut self) {
        (self.connection, self.is_joined) = (None, false);
    }

    fn connect(&mut self, node: usize) {
        if self.connection.is_some() {
            return;
        }
        let (client, server) = transport::pair(Peer::default());
        let (token, page) = (self.token.clone(), self.page.clone());
        let join = ClientMessage::Join { version: PROTOCOL_VERSION, token, applied: self.applied, page }.encode();
        let shared = Arc::clone(&self.nodes[self.node(node)].shared);
        tokio::spawn(async move { socket::attach(&shared, Box::new(server), &join).await });
        self.connection = Some(client);
    }

    fn read(&mut self, n: u8) {
        for _ in 0..n {
            let Some(connection) = &mut self.connection else { return };
            let frame = match connection.receiver.try_recv() {
                Ok(FromServer::Frame(frame)) => frame,
                Ok(FromServer::Closed(code, reason)) => {
                    assert!(code != crate::protocol::close::NO_SESSION, "the session is lost: {reason}");
                    return self.cut();
                }
                Err(tokio::sync::mpsc::error::TryRecvError::Empty) => return,
                Err(tokio::sync::mpsc::error::TryRecvError::Disconnected) => return self.cut(),
            };
            self.take(ServerMessage::decode(&frame).unwrap());
        }
    }

    fn take(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Joined { ack, seq, token, .. } => {
                self.token = token;
                self.is_joined = true;
                if self.page.is_empty() {
                    assert_eq!(seq, self.applied, "what the page shows");
                } else {
                    // Whoever it asked before may have known of fewer events.
                    self.seq = ack;
                }
                self.applied = seq;
                // All that is not settled goes again.
                for event in self.pending.iter().filter(|event| event.seq > ack).cloned().collect::<Vec<_>>() {
                    self.send_event(event);
                }
                self.settle(ack);
            }
            ServerMessage::Patch { seq, ack, operations } => {
                self.page.clear();
                if seq > self.applied {
                    for other in self.dom.apply(&operations).unwrap() {
                        if let Operation::Refused { event, .. } = other {
                            self.refused.push(event);
                        }
                    }
                    self.applied = seq;
                    self.dom.verify().unwrap();
                }
                self.settle(ack);
                self.check();
            }
            ServerMessage::Ack { ack } => self.settle(ack),
            ServerMessage::Heartbeat => self.send(&ClientMessage::Ack { seen: self.applied, failed: Vec::new() }),
        }
    }

    fn settle(&mut self, ack: u64) {
        while self.pending.front().is_some_and(|event| event.seq <= ack) {
            let Some(event) = self.pending.pop_front() else { return };
            let is_refused = self.refused.contains(&event.seq);
            if event.how == How::Failing {
                // On joining, the refusal may still be in a patch to come.
                self.to_be_refused.push(event.seq);
                continue;
            }
            assert!(!is_refused, "{} was refused", event.number);
            self.certain.push(event.number);
        }
    }

    fn shown(&self) -> Vec<u32> {
        let numbers = self.dom.page().find(|node| node.attribute("id") == Some("numbers")).unwrap().text();
        numbers.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }

    /// What has to hold whenever the page shows something new.
    fn check(&self) {
        let shown = self.shown();
        assert!(shown.is_sorted_by(|one, next| one < next), "something was applied twice, or out of order: {shown:?}");
        let pending: Vec<_> = self.pending.iter().filter(|event| event.how != How::Failing).map(|event| event.number).collect();
        for number in &shown {
            let is_known = self.certain.contains(number) || self.possible.contains(number) || pending.contains(number);
            assert!(is_known, "{number} was refused, and is there: {shown:?}");
        }
    }

    /// Quiet: everything arrives, and nothing new is done.
    async fn end(&mut self) {
        let mut n_quiet = 0;
        for round in 0.. {
            assert!(round < 1_000, "it never settles: {} pending, joined: {}", self.pending.len(), self.is_joined);
            self.connect(0);
            let before = (self.applied, self.pending.len(), self.is_joined);
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.read(u8::MAX);
            self.send(&ClientMessage::Ack { seen: self.applied, failed: Vec::new() });
            n_quiet = if before == (self.applied, self.pending.len(), self.is_joined) { n_quiet + 1 } else { 0 };
            if n_quiet > 20 && self.is_joined && self.pending.is_empty() {
                break;
            }
        }
        let shown = self.shown();
        self.check();
        assert!(self.to_be_refused.iter().all(|event| self.refused.contains(event)), "a refusal was never told");
        assert!(self.certain.iter().all(|number| shown.contains(number)), "expected {:?}, shown: {shown:?}", self.certain);
    }
}

fn site(store: Option<&Slow>) -> Site {
    // As long as a history may take, nothing is over by itself.
    let limits =
        Limits { join_time: Duration::MAX, detached_time: Duration::MAX, idle_time: Duration::from_millis(50), ..Limits::default() };
    let app = App::new().page("/", Log::default).limits(limits);
    let app = match store {
        Some(store) => app.store(store.clone()).durability(Durability::Durable),
        None => app.without_store(),
    };
    Site::new(app).unwrap()
}

/// A page as it is loaded: its token and what it shows.
async fn load(site: &Site) -> (String, Dom) {
    let (_, document) = site.get("/").await;
    let token = between(between(&document, "<meta name=\"livefloe\"", ">"), "content=\"", "\"").to_owned();
    let content = between(&document, "<div id=\"livefloe\" lf-c=\"0\">", "</div></body></html>");
    (token, Dom::parse_page(content, &[]))
}

fn run(has_store: bool, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut world = World::open(has_store.then(|| Slow(Memory::new()))).await;
        // From its first join on a session is kept.
        world.connect(0);
        for _ in 0..4 {
            world.step(Step::Wait(20)).await;
            world.read(u8::MAX);
        }
        assert!(world.is_joined);
        for step in steps {
            world.step(step).await;
        }
        world.end().await;
        let before = world.shown();
        // What the page shows is what a new rendering shows.
        world.step(Step::Reload(0)).await;
        world.end().await;
        assert_eq!(world.shown(), before, "patches gave another page than the state");
    });
}

#[test]
fn a_page_that_missed_what_it_goes_on_with_asks_for_it_again() {
    // The first node takes the page for its own once more, finds out that it has lost the session, and says no more.
    run(true, vec![Step::Act(How::AtOnce), Step::Cut, Step::Connect(0), Step::Cut, Step::Wait(7), Step::Connect(1)]);
}

#[test]
fn a_node_that_does_not_know_what_a_page_shows_gives_way() {
    // Both nodes have counted to the second join, one of which nobody heard of.
    let steps =
        vec![Step::Cut, Step::Connect(0), Step::Wait(2), Step::Reload(0), Step::Connect(1), Step::Wait(9), Step::Read(2), Step::Cut];
    run(true, steps);
}

#[test]
fn a_page_counts_its_events_from_where_its_session_is_when_it_shows_it() {
    // What it was told at first knew of fewer events than what it goes on with.
    let mut steps = vec![Step::Act(How::AtOnce), Step::Cut, Step::Connect(1), Step::Wait(5), Step::Cut, Step::Connect(0), Step::Wait(4)];
    steps.extend([
        Step::Read(1),
        Step::Reload(0),
        Step::Connect(1),
        Step::Wait(6),
        Step::Read(2),
        Step::Connect(1),
        Step::Wait(9),
        Step::Read(2),
    ]);
    steps.push(Step::Act(How::AtOnce));
    run(true, steps);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn whatever_networks_do_each_event_is_applied_once_or_refused(steps in steps()) {
        run(false, steps);
    }

    #[test]
    fn whatever_networks_and_servers_do_each_event_that_was_acknowledged_is_applied_once(steps in steps()) {
        run(true, steps);
    }
}
