//! Who is present, on several nodes that share a Redis.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use livefloe::{
    App, BoxFuture, Change, Component, Cx, Markup, Topic, Visit, html,
    store::{Claimed, Durability, Fence, Node, Redis, Saved, SessionId, Store, StoreError},
};
use livefloe_tests::{FragileServer, RedisServer, TestBrowser, TestServer};
use serde::{Deserialize, Serialize};

use crate::nodes::{open, rejoin};

const PEOPLE: Topic<Person> = Topic::new("people").everywhere();

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    mood: String,
}

/// Who is there, in which mood, and who came and went.
#[derive(Serialize, Deserialize)]
struct Lobby {
    me: Person,
    log: String,
}

impl Lobby {
    fn open(visit: &Visit) -> Self {
        Self { me: Person { name: visit.parameter("name").to_owned(), mood: "calm".to_owned() }, log: String::new() }
    }

    fn cheer(&mut self) {
        "merry".clone_into(&mut self.me.mood);
    }

    fn changed(&mut self, change: Change<Person>) {
        let (sign, person) = match &change {
            Change::Joined(person) => ("+", person),
            Change::Left(person) => ("-", person),
        };
        self.log.extend([sign, &person.name, " ", &person.mood, ";"]);
    }
}

impl Component for Lobby {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        cx.subscribe(&PEOPLE.changes(), Self::changed);
        let people = cx.presence(&PEOPLE, self.me.clone());
        let people: Vec<_> = people.iter().map(|person| format!("{} {}", person.name, person.mood)).collect();
        html! {
            p id="people" { (people.join(", ")) }
            p id="log" { (self.log) }
            button id="cheer" lf-click=(cx.on(Self::cheer)) {}
        }
    }
}

fn lobby() -> App {
    App::new().page("/{name}", Lobby::open)
}

fn app(redis: &RedisServer) -> App {
    lobby().store(open(redis))
}

/// A node that falls silent, as one that is killed: a test's own end would say goodbye.
#[derive(Clone)]
struct Silent {
    store: Redis,
    is_silent: Arc<AtomicBool>,
}

impl Store for Silent {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        self.store.save(session, fence, snapshot, kept)
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        self.store.claim(session)
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.store.remove(session)
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.store.secret()
    }

    fn attend(&self, node: Weak<dyn Node>) {
        self.store.attend(node);
    }

    fn reaches_others(&self) -> bool {
        true
    }

    fn broadcast(&self, topic: &str, message: Vec<u8>) {
        if !self.is_silent.load(Ordering::SeqCst) {
            self.store.broadcast(topic, message);
        }
    }
}

async fn people(browsers: &mut [&mut TestBrowser], expected: &str) {
    for browser in browsers {
        browser.shows("people", expected).await;
    }
}

#[tokio::test]
async fn those_on_all_nodes_are_present_on_each_in_the_order_in_which_they_came() {
    let redis = RedisServer::start().await;
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(TestServer::start(app(&redis)).await);
    }
    let mut ada = TestBrowser::open(&nodes[0], "/ada").await;
    people(&mut [&mut ada], "ada calm").await;
    let mut ben = TestBrowser::open(&nodes[1], "/ben").await;
    people(&mut [&mut ada, &mut ben], "ada calm, ben calm").await;
    let mut cleo = TestBrowser::open(&nodes[2], "/cleo").await;
    people(&mut [&mut ada, &mut ben, &mut cleo], "ada calm, ben calm, cleo calm").await;
    ada.click_and_settle("cheer").await;
    people(&mut [&mut ada, &mut ben, &mut cleo], "ada merry, ben calm, cleo calm").await;
    ben.disconnect();
    people(&mut [&mut ada, &mut cleo], "ada merry, cleo calm").await;
    ada.shows("log", "+ada calm;+ben calm;+cleo calm;-ada calm;+ada merry;-ben calm;").await;
    // To the node where nobody is any more, and away from it.
    ada.move_to(nodes[1].address());
    rejoin(&mut ada).await;
    people(&mut [&mut ada, &mut cleo], "cleo calm, ada merry").await;
}

#[tokio::test]
async fn of_a_node_that_died_nobody_stays_and_who_went_on_elsewhere_is_there_once() {
    let redis = RedisServer::start().await;
    let store = Silent { store: open(&redis), is_silent: Arc::default() };
    let left = FragileServer::start(lobby().store(store.clone()).durability(Durability::Durable)).await;
    let right = TestServer::start(app(&redis)).await;
    let mut ada = TestBrowser::open_at(left.address(), "/ada").await;
    let mut ben = TestBrowser::open_at(left.address(), "/ben").await;
    let mut cleo = TestBrowser::open(&right, "/cleo").await;
    people(&mut [&mut ada, &mut ben, &mut cleo], "ada calm, ben calm, cleo calm").await;
    store.is_silent.store(true, Ordering::SeqCst);
    left.crash();
    ada.move_to(right.address());
    rejoin(&mut ada).await;
    // Ben's node is not missed yet; Ada is here, and not there as well.
    people(&mut [&mut ada, &mut cleo], "ben calm, cleo calm, ada calm").await;
    people(&mut [&mut ada, &mut cleo], "cleo calm, ada calm").await;
    ben.move_to(right.address());
    rejoin(&mut ben).await;
    people(&mut [&mut ada, &mut ben, &mut cleo], "cleo calm, ada calm, ben calm").await;
}

#[tokio::test]
async fn nodes_agree_again_when_their_redis_is_back() {
    let mut redis = RedisServer::start().await;
    let (left, right) = (TestServer::start(app(&redis)).await, TestServer::start(app(&redis)).await);
    let mut ada = TestBrowser::open(&left, "/ada").await;
    let mut ben = TestBrowser::open(&right, "/ben").await;
    people(&mut [&mut ada, &mut ben], "ada calm, ben calm").await;
    redis.kill();
    ada.click_and_settle("cheer").await;
    people(&mut [&mut ada], "ada merry, ben calm").await;
    redis.run().await;
    people(&mut [&mut ben], "ada merry, ben calm").await;
}
