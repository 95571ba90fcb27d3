//! [`Visitor`]: a client that holds on to its session as the browser's does (client-js/src/session.js, socket.js): numbers events and keeps
//! each until it is settled, comes back with backoff and jitter, sends again, notices silence; and writes down what it saw.

use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use livefloe::patch::Operation;
use livefloe_tests::{Chance, ClientMessage, Dom, PROTOCOL_VERSION, SUBPROTOCOL, ServerMessage, close, connect_from, try_request};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::{
    crowd::{Board, Order},
    history::{Recorder, What},
};

/// As in the client.
const BACKOFF_FIRST: Duration = Duration::from_millis(250);
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(10);
const JOIN_TIME: Duration = Duration::from_secs(10);
const ANSWER_AFTER: Duration = Duration::from_millis(500);
const ANSWER_AFTER_PATCHES: usize = 8;
const FINAL: [u16; 3] = [close::NO_SESSION, close::TAKEN_OVER, close::VERSION];

/// How a visitor behaves.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    /// Where the page and the socket are, whichever server that is.
    pub(crate) address: SocketAddr,
    /// The addresses that its connections come from, by chance; none where the system chooses.
    pub(crate) from: Vec<IpAddr>,
    /// From one click to the next.
    pub(crate) pause: (Duration, Duration),
    /// Of a hundred clicks, so many have a handler that takes up to so many ms.
    pub(crate) slow: (usize, usize),
    /// The longest that it waits before it comes again.
    pub(crate) patience: Duration,
    /// Clicks that it leaves open at most.
    pub(crate) most_open: usize,
}

impl Manner {
    /// Where the next connection comes from.
    fn from(&self, chance: &mut Chance) -> Option<IpAddr> {
        (!self.from.is_empty()).then(|| self.from[chance.below(self.from.len())])
    }
}

/// A click that is not settled.
#[derive(Debug)]
struct Open {
    seq: u64,
    seen: u64,
    payload: String,
}

/// Why a connection is over.
enum Over {
    /// It may come back.
    Lost(String),
    /// The session has ended.
    Final(u16),
    /// Nobody wants to know any more.
    Stop,
}

/// A visitor with a page.
pub(crate) struct Visitor {
    who: usize,
    manner: Manner,
    chance: Chance,
    orders: watch::Receiver<Order>,
    recorder: Arc<Recorder>,
    board: Arc<Board>,
    dom: Dom,
    path: String,
    token: String,
    applied: u64,
    settled: u64,
    last: u64,
    open: VecDeque<Open>,
    handler: [u8; 8],
    attempt: u32,
    next_click: Instant,
    /// The newest order to be quiet that this has fulfilled.
    rested: u64,
    /// The newest order to reset its connection that this has fulfilled.
    reset: u64,
}

/// What belongs to one connection.
struct Connection {
    socket: WebSocketStream<TcpStream>,
    heard: Instant,
    silence: Duration,
    is_joined: bool,
    /// The page shows something else than its session, and all of that follows.
    awaits_whole: bool,
    n_unanswered: usize,
    answer_at: Option<Instant>,
    /// A fresh rendering was asked for, by this order.
    asked: Option<u64>,
}

impl Visitor {
    /// Opens a page, however often that takes, and keeps its session until it is told to stop.
    pub(crate) async fn run(
        who: usize,
        manner: Manner,
        seed: u64,
        mut orders: watch::Receiver<Order>,
        recorder: Arc<Recorder>,
        board: Arc<Board>,
    ) {
        let mut chance = Chance::new(seed);
        let mut attempt = 0;
        let page = loop {
            let origin = manner.address.to_string();
            let asked = timeout(JOIN_TIME, try_request(manner.address, manner.from(&mut chance), "/", &[&format!("host: {origin}")])).await;
            let page = asked.ok().and_then(Result::ok).filter(|page| page.status == 200 && page.content().is_some());
            if let Some(page) = page {
                break page;
            }
            tokio::select! {
                () = sleep_until(Instant::now() + backoff(&mut chance, &mut attempt, manner.patience)) => {}
                () = stopped(&mut orders) => return,
            }
        };
        let dom = Dom::parse(&page.content().expect("looked at"));
        let found = (page.token(), page.socket_path(), dom.text("key").and_then(|key| key.parse().ok()), handler(&dom));
        let (Some(token), Some(path), Some(key), Some(handler)) = found else {
            return recorder.write(who, What::Misfit { why: "a page without what belongs to it".to_owned() });
        };
        recorder.write(who, What::Opened { key });
        let next_click = Instant::now() + chance.between(Duration::ZERO, manner.pause.1);
        let visitor = Self {
            who,
            token: token.to_owned(),
            chance,
            orders,
            recorder,
            board,
            dom,
            path,
            applied: 0,
            settled: 0,
            last: 0,
            open: VecDeque::new(),
            handler,
            attempt: 0,
            next_click,
            rested: 0,
            reset: 0,
            manner,
        };
        visitor.stay().await;
    }

    async fn stay(mut self) {
        loop {
            match self.connection().await {
                Over::Stop => return,
                Over::Final(code) => {
                    self.board.n_ended.fetch_add(1, Ordering::SeqCst);
                    return self.record(What::Ended { code });
                }
                Over::Lost(why) => self.record(What::Lost { why }),
            }
            // People don't wait for the connection.
            if self.orders.borrow().is_click() && self.chance.below(2) == 0 {
                self.make();
            }
            let back = Instant::now() + backoff(&mut self.chance, &mut self.attempt, self.manner.patience);
            tokio::select! {
                () = sleep_until(back) => {}
                () = stopped(&mut self.orders) => return,
            }
        }
    }

    fn record(&self, what: What) {
        self.recorder.write(self.who, what);
    }

    /// One connection, from its beginning to its end.
    async fn connection(&mut self) -> Over {
        let mut orders = self.orders.clone();
        let from = self.manner.from(&mut self.chance);
        let connecting = timeout(JOIN_TIME, self.connect(from));
        let socket = tokio::select! {
            socket = connecting => match socket {
                Ok(Ok(socket)) => socket,
                Ok(Err(error)) => return Over::Lost(error),
                Err(_) => return Over::Lost("no connection in time".to_owned()),
            },
            () = stopped(&mut orders) => return Over::Stop,
        };
        let mut connection = Connection {
            socket,
            heard: Instant::now(),
            silence: JOIN_TIME,
            is_joined: false,
            awaits_whole: false,
            n_unanswered: 0,
            answer_at: None,
            asked: None,
        };
        let join = ClientMessage::Join { version: PROTOCOL_VERSION, token: self.token.clone(), applied: self.applied, page: String::new() };
        if let Err(over) = connection.send(&join).await {
            return over;
        }
        let over = loop {
            if let Err(over) = self.step(&mut connection).await {
                break over;
            }
        };
        if connection.is_joined {
            self.board.n_joined.fetch_sub(1, Ordering::SeqCst);
        }
        over
    }

    async fn connect(&self, from: Option<IpAddr>) -> Result<WebSocketStream<TcpStream>, String> {
        let address = self.manner.address;
        let mut request = format!("ws://{address}{}", self.path).into_client_request().map_err(|error| error.to_string())?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        headers.insert("origin", format!("http://{address}").parse().map_err(|_| "an origin that is none")?);
        let stream = connect_from(address, from).await.map_err(|error| error.to_string())?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.map_err(|error| error.to_string())?;
        Ok(socket)
    }

    /// Waits for what comes first, and does it.
    async fn step(&mut self, connection: &mut Connection) -> Result<(), Over> {
        let order = *self.orders.borrow_and_update();
        if order.is_stop() {
            return Err(Over::Stop);
        }
        if let Order::Reset(below, number) = order
            && number > self.reset
        {
            self.reset = number;
            if self.who < below {
                let _ = connection.socket.get_ref().set_zero_linger();
                self.board.n_resets.fetch_add(1, Ordering::SeqCst);
                return Err(Over::Lost("reset by the client".to_owned()));
            }
        }
        let may_click = order.is_click() && connection.is_joined && self.open.len() < self.manner.most_open;
        let wants_rest = order.rest().filter(|rest| *rest > self.rested && connection.asked.is_none_or(|asked| asked < *rest));
        if let Some(rest) = wants_rest
            && connection.is_joined
            && !connection.awaits_whole
            && self.open.is_empty()
        {
            connection.asked = Some(rest);
            connection.answer(self.applied, vec![0]).await?;
        }
        let answer_at = connection.answer_at;
        tokio::select! {
            frame = timeout_at(connection.heard + connection.silence, connection.socket.next()) => {
                let frame = match frame {
                    Err(_) => return Err(Over::Lost("silence".to_owned())),
                    Ok(None) => return Err(Over::Lost("closed".to_owned())),
                    Ok(Some(Err(error))) => return Err(Over::Lost(error.to_string())),
                    Ok(Some(Ok(Message::Binary(frame)))) => frame,
                    Ok(Some(Ok(Message::Close(frame)))) => {
                        let code = frame.map_or(1005, |frame| frame.code.into());
                        return Err(if FINAL.contains(&code) { Over::Final(code) } else { Over::Lost(format!("closed with {code}")) });
                    }
                    Ok(Some(Ok(_))) => return Ok(()),
                };
                connection.heard = Instant::now();
                let message = ServerMessage::decode(&frame).map_err(|error| Over::Lost(error.to_string()))?;
                self.receive(connection, message).await
            }
            () = sleep_until(self.next_click), if may_click => {
                self.make();
                self.next_click = Instant::now() + self.chance.between(self.manner.pause.0, self.manner.pause.1);
                let click = self.open.back().expect("made just now");
                connection.event(click, self.handler, self.applied).await
            }
            () = sleep_until(answer_at.unwrap_or(connection.heard)), if answer_at.is_some() => connection.answer(self.applied, vec![]).await,
            changed = self.orders.changed() => changed.map_err(|_| Over::Stop),
        }
    }

    async fn receive(&mut self, connection: &mut Connection, message: ServerMessage) -> Result<(), Over> {
        match message {
            ServerMessage::Joined { ack, seq, token, heartbeat_ms, .. } => {
                self.token = token;
                self.record(What::Joined { ack, seq, applied: self.applied });
                self.settled = self.settled.min(ack);
                if seq != self.applied {
                    for click in &mut self.open {
                        click.seen = 0;
                    }
                    connection.awaits_whole = true;
                    self.applied = seq;
                    self.settle(ack);
                }
                connection.is_joined = true;
                connection.silence = Duration::from_millis(2 * heartbeat_ms);
                self.board.n_joined.fetch_add(1, Ordering::SeqCst);
                // What became of those before is in what follows.
                for click in self.open.iter().filter(|click| click.seq > ack) {
                    connection.event(click, self.handler, self.applied).await?;
                }
                Ok(())
            }
            ServerMessage::Patch { seq, ack, operations } => {
                self.attempt = 0;
                self.patch(connection, seq, ack, &operations).await
            }
            ServerMessage::Ack { ack } => {
                self.attempt = 0;
                self.settle(ack);
                Ok(())
            }
            ServerMessage::Heartbeat => {
                self.attempt = 0;
                connection.answer(self.applied, vec![]).await
            }
        }
    }

    async fn patch(&mut self, connection: &mut Connection, seq: u64, ack: u64, operations: &[Operation]) -> Result<(), Over> {
        if seq > self.applied + 1 {
            return Err(Over::Lost("a patch is missing".to_owned()));
        }
        let mut failed = Vec::new();
        if seq == self.applied + 1 {
            // All of the page comes with its title; what was asked for doesn't.
            let is_whole = operations.iter().any(|operation| matches!(operation, Operation::Title { .. }));
            let fresh = operations.iter().find_map(|operation| match operation {
                Operation::Resync { html, .. } => Some(Dom::parse(html)),
                _ => None,
            });
            match (fresh, connection.asked.filter(|_| !is_whole)) {
                (Some(fresh), Some(order)) => {
                    self.show(&fresh, order);
                    self.dom = fresh;
                }
                (Some(fresh), None) => self.dom = fresh,
                (None, _) => {
                    if let Err(why) = self.dom.apply(operations) {
                        self.record(What::Misfit { why });
                        failed.push(0);
                    }
                }
            }
            connection.awaits_whole = false;
            self.handler = handler(&self.dom).unwrap_or(self.handler);
            for operation in operations {
                // What concerns none of its events is a defect of the app.
                if let Operation::Refused { event, code, .. } = operation {
                    self.record(What::Refused { seq: *event, code: *code });
                }
            }
            self.applied = seq;
        }
        self.settle(ack);
        connection.n_unanswered += 1;
        if !failed.is_empty() || connection.n_unanswered >= ANSWER_AFTER_PATCHES {
            return connection.answer(self.applied, failed).await;
        }
        connection.answer_at.get_or_insert(Instant::now() + ANSWER_AFTER);
        Ok(())
    }

    /// A fresh rendering is here, and nothing was under way.
    fn show(&mut self, fresh: &Dom, order: u64) {
        if !self.open.is_empty() {
            return;
        }
        let number = |id: &str| fresh.text(id).and_then(|text| text.parse().ok()).unwrap_or(0);
        let tail = fresh.text("tail").unwrap_or_default();
        let tail = tail.split_whitespace().filter_map(|value| value.parse().ok()).collect();
        let is_same = fresh.outline() == self.dom.outline();
        self.record(What::Shown { n: number("n"), hash: number("hash"), tail, is_same });
        // One that was asked for on a connection before comes as well.
        if order > self.rested {
            self.rested = order;
            self.board.n_rested.fetch_add(1, Ordering::SeqCst);
            self.board.rested.notify_one();
        }
    }

    fn settle(&mut self, ack: u64) {
        if ack <= self.settled {
            return;
        }
        self.settled = ack;
        self.record(What::Settled { upto: ack });
        while self.open.front().is_some_and(|click| click.seq <= ack) {
            self.open.pop_front();
        }
    }

    /// A person clicks.
    fn make(&mut self) {
        self.last += 1;
        // Values of one client don't repeat, and are no numbers of events.
        let value = self.last * 2 + 1;
        let (of_hundred, most_ms) = self.manner.slow;
        let hold_ms = if self.chance.below(100) < of_hundred { self.chance.below(most_ms.max(1)) } else { 0 };
        self.open.push_back(Open { seq: self.last, seen: self.applied, payload: format!("value={value}&hold_ms={hold_ms}") });
        self.record(What::Made { seq: self.last, value });
    }
}

impl Connection {
    async fn send(&mut self, message: &ClientMessage) -> Result<(), Over> {
        match timeout(self.silence, self.socket.send(Message::binary(message.encode()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Over::Lost(error.to_string())),
            Err(_) => Err(Over::Lost("nothing could be written".to_owned())),
        }
    }

    async fn event(&mut self, click: &Open, handler: [u8; 8], applied: u64) -> Result<(), Over> {
        if click.seen == applied {
            (self.n_unanswered, self.answer_at) = (0, None);
        }
        self.send(&ClientMessage::Event { seq: click.seq, seen: click.seen, component: 0, handler, payload: click.payload.clone() }).await
    }

    async fn answer(&mut self, seen: u64, failed: Vec<u32>) -> Result<(), Over> {
        (self.n_unanswered, self.answer_at) = (0, None);
        if !self.is_joined {
            return Ok(());
        }
        self.send(&ClientMessage::Ack { seen, failed }).await
    }
}

/// What a click does.
fn handler(dom: &Dom) -> Option<[u8; 8]> {
    dom.attribute("click", "lf-submit")?.as_bytes().try_into().ok()
}

/// Full jitter, as in the client.
fn backoff(chance: &mut Chance, attempt: &mut u32, patience: Duration) -> Duration {
    let most = BACKOFF_FIRST.saturating_mul(2_u32.saturating_pow(*attempt)).min(patience);
    *attempt += 1;
    chance.between(Duration::ZERO, most)
}

/// Done when nobody wants to know any more.
async fn stopped(orders: &mut watch::Receiver<Order>) {
    let _ = orders.wait_for(|order| order.is_stop()).await;
}
