//! [`TestBrowser`]: opens a page, joins its session, acts and applies patches, as the client does.

use std::{collections::HashMap, net::SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use livefloe::{
    patch::Operation,
    protocol::{ClientMessage, PROTOCOL_VERSION, SUBPROTOCOL, ServerMessage},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::{Dom, Page, StreamLine, TestServer, request, within};

/// A visitor with one page open.
///
/// Nothing is read in the background: what the server has sent waits in the socket until the test awaits something. So
/// what the visitor "sees" only changes there, and an event says in its `seen` what that was.
#[derive(Debug)]
pub struct TestBrowser {
    address: SocketAddr,
    /// The page as it was loaded.
    page: Page,
    /// What it shows now.
    dom: Dom,
    token: String,
    /// The token that came with the page, where `token` is of what it showed before it was loaded again.
    own_token: String,
    /// What the header `user` says of who it is.
    user: Option<String>,
    way: Way,
    line: Option<Line>,
    last_event: u64,
    settled: u64,
    applied: u64,
    /// Answers every patch at once; without it the server hears of patches by events only.
    acks: bool,
    answers_heartbeats: bool,
    n_patches: usize,
    /// Payload bytes of frames, from the server.
    n_bytes: usize,
    refusals: HashMap<u64, Refusal>,
    /// Refusals of nothing that this browser sent: tasks, and renderings that nobody asked for.
    notices: Vec<Refusal>,
    navigated: Option<String>,
    close_code: Option<u16>,
}

/// What carries frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_enums, reason = "tests name each")]
pub enum Way {
    /// A WebSocket.
    #[default]
    Socket,
    /// A stream down, requests up.
    Stream,
}

#[derive(Debug)]
enum Line {
    Socket(WebSocketStream<TcpStream>),
    Stream(StreamLine),
}

/// What an event names: a handler that the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "tests forge them")]
pub struct Action {
    /// The component that rendered the handler.
    pub component: u64,
    /// The handler's eight characters.
    pub handler: [u8; 8],
}

/// What the server said to a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Joined {
    /// The last event that was settled.
    pub ack: u64,
    /// The newest patch.
    pub seq: u64,
}

/// An event that was not applied.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Why, as a number of the protocol.
    pub code: u8,
    /// Why, for a person.
    pub message: String,
    /// What is wrong with which field.
    pub fields: Vec<(String, String)>,
}

impl TestBrowser {
    /// Opens a page and joins its session.
    pub async fn open(server: &TestServer, path: &str) -> Self {
        let mut browser = Self::load(server, path).await;
        browser.join().await;
        browser
    }

    /// Opens a page of a server elsewhere, and joins its session.
    pub async fn open_at(address: SocketAddr, path: &str) -> Self {
        let mut browser = Self::load_at(address, path).await;
        browser.join().await;
        browser
    }

    /// Opens a page as this user, whom the header `user` names, without joining.
    pub async fn load_as(server: &TestServer, path: &str, user: &str) -> Self {
        let address = server.address();
        let page = request(address, path, &[&format!("host: {address}"), &format!("user: {user}")]).await;
        Self::of(address, page).being(Some(user))
    }

    /// From now on it is this user.
    #[must_use]
    pub fn being(mut self, user: Option<&str>) -> Self {
        self.user = user.map(str::to_owned);
        self
    }

    /// Opens a page without joining.
    pub async fn load(server: &TestServer, path: &str) -> Self {
        Self::load_at(server.address(), path).await
    }

    async fn load_at(address: SocketAddr, path: &str) -> Self {
        let page = request(address, path, &[&format!("host: {address}")]).await;
        Self::of(address, page)
    }

    /// The page that answered a form, where a script runs.
    #[must_use]
    pub fn of_page(server: &TestServer, page: Page) -> Self {
        Self::of(server.address(), page)
    }

    fn of(address: SocketAddr, page: Page) -> Self {
        assert_eq!(page.status, 200, "{}", page.head);
        let applied = page.between(" data-seq=\"", "\"").map_or(0, |applied| applied.parse().expect("a number"));
        let token = page.token().unwrap_or_else(|| panic!("a page without a token: {}", page.body)).to_owned();
        Self {
            address,
            dom: Dom::parse(&content(&page)),
            page,
            token,
            own_token: String::new(),
            user: None,
            way: Way::Socket,
            line: None,
            last_event: 0,
            settled: 0,
            applied,
            acks: true,
            answers_heartbeats: true,
            n_patches: 0,
            n_bytes: 0,
            refusals: HashMap::new(),
            notices: Vec::new(),
            navigated: None,
            close_code: None,
        }
    }

    /// From now on it connects like this.
    #[must_use]
    pub fn over(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// From now on patches are applied and never answered.
    #[must_use]
    pub fn without_acks(mut self) -> Self {
        self.acks = false;
        self
    }

    /// From now on heartbeats are not answered.
    #[must_use]
    pub fn deaf(mut self) -> Self {
        self.answers_heartbeats = false;
        self
    }

    /// From now on heartbeats are answered again.
    #[must_use]
    pub fn hearing(mut self) -> Self {
        self.answers_heartbeats = true;
        self
    }

    /// Connects, joins, and applies nothing yet.
    pub async fn join(&mut self) -> Joined {
        self.try_join().await.unwrap_or_else(|code| panic!("closed with {code} instead of joined"))
    }

    /// The same, or the code with which the server closed instead.
    ///
    /// # Errors
    /// When the server closes.
    pub async fn try_join(&mut self) -> Result<Joined, u16> {
        self.connect().await;
        self.try_join_here().await
    }

    /// The same over the socket that [`connect`](Self::connect) opened.
    ///
    /// # Errors
    /// When the server closes.
    pub async fn try_join_here(&mut self) -> Result<Joined, u16> {
        let (token, page) = (self.token.clone(), self.own_token.clone());
        self.send(&ClientMessage::Join { version: PROTOCOL_VERSION, token, applied: self.applied, page }).await;
        within("joined", async {
            loop {
                if let Some(joined) = self.receive().await {
                    return Ok(joined);
                }
                if let Some(code) = self.close_code {
                    return Err(code);
                }
            }
        })
        .await
    }

    /// Opens the socket, as a page of this origin, and sends nothing. A stream opens with the first frame.
    pub async fn connect(&mut self) {
        let origin = format!("http://{}", self.address);
        self.line = Some(match self.way {
            Way::Socket => Line::Socket(self.upgrade(Some(&origin)).await.unwrap_or_else(|error| panic!("no socket: {error}"))),
            Way::Stream => {
                let stream = StreamLine::new(self.address, &self.socket_path());
                Line::Stream(match &self.user {
                    Some(user) => stream.of(user),
                    None => stream,
                })
            }
        });
        self.close_code = None;
    }

    /// Its stream.
    pub fn stream(&mut self) -> &mut StreamLine {
        match &mut self.line {
            Some(Line::Stream(stream)) => stream,
            _ => panic!("no stream"),
        }
    }

    /// The same page once more, as a duplicated tab or a thief has it: all that it knows, and no socket.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let Self { address, acks, answers_heartbeats, last_event, settled, applied, n_patches, n_bytes, close_code, .. } = *self;
        Self {
            address,
            page: self.page.clone(),
            dom: self.dom.clone(),
            token: self.token.clone(),
            own_token: self.own_token.clone(),
            user: self.user.clone(),
            way: self.way,
            line: None,
            last_event,
            settled,
            applied,
            acks,
            answers_heartbeats,
            n_patches,
            n_bytes,
            refusals: self.refusals.clone(),
            notices: self.notices.clone(),
            navigated: self.navigated.clone(),
            close_code,
        }
    }

    /// The page loaded again, from the same server or where the session has moved to: with the token of what it showed, and no socket.
    pub async fn reload(&self, path: &str) -> Self {
        Self::load_at(self.address, path).await.over(self.way).after(&self.token)
    }

    /// The page as one that was loaded again, where this token was its last.
    #[must_use]
    pub fn after(mut self, token: &str) -> Self {
        self.own_token = std::mem::replace(&mut self.token, token.to_owned());
        self
    }

    /// The same page, which says that it came with this token.
    #[must_use]
    pub fn posing_as(mut self, token: &str) -> Self {
        token.clone_into(&mut self.own_token);
        self
    }

    /// The page as it was loaded, with the newest token: what a cache may bring back.
    #[must_use]
    pub fn reverted(&self) -> Self {
        let mut reverted = self.duplicate();
        reverted.dom = Dom::parse(&content(&self.page));
        reverted.applied = 0;
        reverted
    }

    /// Asks for a socket with this `Origin`; an error is what the server answered instead.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn upgrade(&self, origin: Option<&str>) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
        let mut request = format!("ws://{}{}", self.address, self.socket_path()).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse()?);
        }
        if let Some(user) = &self.user {
            headers.insert("user", user.parse()?);
        }
        let stream = within("a connection", TcpStream::connect(self.address)).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = within("the upgrade", tokio_tungstenite::client_async(request, stream)).await?;
        Ok(socket)
    }

    /// Where the page's socket is: beside its script.
    #[must_use]
    pub fn socket_path(&self) -> String {
        self.page.socket_path().unwrap_or_else(|| panic!("a page without the script: {}", self.page.body))
    }

    /// Looks for its session at another server from now on, as behind a load balancer.
    pub fn move_to(&mut self, address: SocketAddr) {
        self.disconnect();
        self.address = address;
    }

    /// Where its server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Drops the connection without a word, as a lost network does.
    pub fn disconnect(&mut self) {
        self.line = None;
    }

    /// Sends a frame.
    pub async fn send(&mut self, message: &ClientMessage) {
        self.send_frame(message.encode()).await;
    }

    /// Sends what may be no frame. That the server has closed is no error here: [`closed`](Self::closed) tells.
    pub async fn send_frame(&mut self, frame: Vec<u8>) {
        match self.line.as_mut().expect("connected") {
            Line::Socket(_) => self.send_raw(Message::binary(frame)).await,
            Line::Stream(stream) => stream.send(&frame).await,
        }
    }

    /// Sends anything. That the server has closed is no error here: [`closed`](Self::closed) tells.
    pub async fn send_raw(&mut self, message: Message) {
        let Some(Line::Socket(socket)) = &mut self.line else { panic!("no socket") };
        let _ = within("room to write", socket.send(message)).await;
    }

    /// What an attribute such as `lf-click` of the element with this id does.
    #[must_use]
    pub fn action(&self, id: &str, attribute: &str) -> Action {
        let found = self.dom.attribute(id, attribute).and_then(|handler| handler.as_bytes().try_into().ok());
        let handler = found.unwrap_or_else(|| panic!("no {attribute} on #{id}: {}", self.dom.all_text()));
        Action { component: self.dom.component_of(id).expect("an element is in a component"), handler }
    }

    /// Acts, seeing what is on the screen, and gives the event's number.
    pub async fn act(&mut self, action: &Action, payload: &str) -> u64 {
        self.act_seeing(action, payload, self.applied).await
    }

    /// Acts, saying that patch `seen` was on the screen.
    pub async fn act_seeing(&mut self, action: &Action, payload: &str, seen: u64) -> u64 {
        self.last_event += 1;
        self.resend(self.last_event, seen, action, payload).await;
        self.last_event
    }

    /// Sends an event under any number, again or ahead of its turn.
    pub async fn resend(&mut self, seq: u64, seen: u64, action: &Action, payload: &str) {
        let Action { component, handler } = action.clone();
        self.send(&ClientMessage::Event { seq, seen, component, handler, payload: payload.to_owned() }).await;
    }

    /// Clicks an element and gives the event's number.
    pub async fn click(&mut self, id: &str) -> u64 {
        let action = self.action(id, "lf-click");
        self.act(&action, "").await
    }

    /// Clicks an element and waits until the event is settled.
    pub async fn click_and_settle(&mut self, id: &str) -> Option<Refusal> {
        let event = self.click(id).await;
        self.settled(event).await
    }

    /// Waits until an event is settled; gives its refusal if it was one.
    pub async fn settled(&mut self, event: u64) -> Option<Refusal> {
        self.until(&format!("event {event} to be settled"), |browser| browser.settled >= event).await;
        self.refusals.get(&event).cloned()
    }

    /// Waits until an event is settled.
    ///
    /// # Errors
    /// When the server closes before.
    pub async fn try_settled(&mut self, event: u64) -> Result<Option<Refusal>, u16> {
        within("an event to be settled", async {
            while self.settled < event {
                if let Some(code) = self.close_code {
                    return Err(code);
                }
                self.receive().await;
            }
            Ok(self.refusals.get(&event).cloned())
        })
        .await
    }

    /// The last event that it knows to be settled.
    #[must_use]
    pub fn settled_event(&self) -> u64 {
        self.settled
    }

    /// The last event that it made.
    #[must_use]
    pub fn last_event(&self) -> u64 {
        self.last_event
    }

    /// Waits until the element with this id shows this text.
    pub async fn shows(&mut self, id: &str, text: &str) {
        self.until(&format!("#{id} to show {text:?}"), |browser| browser.dom.text(id).as_deref() == Some(text)).await;
    }

    /// Reads frames until the condition holds.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(crate::DEADLINE, async {
            while !holds(self) {
                assert!(self.close_code.is_none(), "closed with {:?} while waiting for {what}", self.close_code);
                self.receive().await;
            }
        });
        let waited = waited.await;
        assert!(waited.is_ok(), "waited for {what}; the page shows {:?}", self.dom.all_text());
    }

    /// Reads until the server closes, and gives its code. 1006 means that it closed without one.
    pub async fn closed(&mut self) -> u16 {
        within("the server to close", async {
            loop {
                if let Some(code) = self.close_code {
                    return code;
                }
                self.receive().await;
            }
        })
        .await
    }

    /// Reads one frame and does what it says.
    async fn receive(&mut self) -> Option<Joined> {
        let frame = match self.line.as_mut().expect("connected") {
            Line::Socket(socket) => match socket.next().await {
                Some(Ok(Message::Binary(frame))) => frame,
                Some(Ok(Message::Close(frame))) => {
                    self.close_code = Some(frame.map_or(1005, |frame| frame.code.into()));
                    // The answer to it waits for the next call.
                    let _ = socket.flush().await;
                    return None;
                }
                Some(Ok(Message::Text(_))) => panic!("a text frame from the server"),
                Some(Ok(_)) => return None,
                Some(Err(_)) | None => {
                    self.close_code.get_or_insert(1006);
                    return None;
                }
            },
            Line::Stream(stream) => match stream.next().await {
                Ok(frame) => frame.into(),
                Err(code) => {
                    self.close_code.get_or_insert(code);
                    return None;
                }
            },
        };
        self.n_bytes += frame.len();
        match ServerMessage::decode(&frame).unwrap_or_else(|error| panic!("{error}")) {
            ServerMessage::Joined { version, ack, seq, token, heartbeat_ms: _ } => {
                assert_eq!(version, PROTOCOL_VERSION);
                self.token = token;
                if seq != self.applied {
                    // Another page than this follows.
                    (self.applied, self.settled) = (seq, ack);
                }
                // What became of those that are settled is in what follows: refusals as well.
                self.last_event = self.last_event.max(ack);
                return Some(Joined { ack, seq });
            }
            ServerMessage::Patch { seq, ack, operations } => self.patch(seq, ack, &operations).await,
            ServerMessage::Ack { ack } => self.settled = self.settled.max(ack),
            ServerMessage::Heartbeat if self.answers_heartbeats => self.ack(&[]).await,
            ServerMessage::Heartbeat => {}
        }
        None
    }

    async fn patch(&mut self, seq: u64, ack: u64, operations: &[Operation]) {
        self.settled = self.settled.max(ack);
        self.own_token.clear();
        if seq <= self.applied {
            return;
        }
        assert_eq!(seq, self.applied + 1, "a patch is missing");
        self.dom.apply(operations).unwrap_or_else(|error| panic!("patch {seq} doesn't fit: {error}"));
        self.applied = seq;
        self.n_patches += 1;
        for operation in operations {
            match operation {
                Operation::Refused { event, code, message, fields } => {
                    let refusal = Refusal { code: *code, message: message.clone(), fields: fields.clone() };
                    if *event == 0 {
                        self.notices.push(refusal);
                    } else {
                        self.refusals.insert(*event, refusal);
                    }
                }
                Operation::Navigate { path } => self.navigated = Some(path.clone()),
                _ => {}
            }
        }
        if self.acks {
            self.ack(&[]).await;
        }
    }

    /// Acknowledges what was applied, and names components whose tree went wrong.
    pub async fn ack(&mut self, failed: &[u32]) {
        self.send(&ClientMessage::Ack { seen: self.applied, failed: failed.to_vec() }).await;
    }

    /// What the page shows.
    #[must_use]
    pub fn dom(&self) -> &Dom {
        &self.dom
    }

    /// The page as it was loaded.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The newest token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Shows this token at the next join.
    pub fn set_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    /// The last patch applied.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.applied
    }

    /// How many patches were applied.
    #[must_use]
    pub fn n_patches(&self) -> usize {
        self.n_patches
    }

    /// Payload bytes of all frames from the server.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Refusals of nothing that this browser sent.
    #[must_use]
    pub fn notices(&self) -> &[Refusal] {
        &self.notices
    }

    /// Where the server sent the browser.
    #[must_use]
    pub fn navigated(&self) -> Option<&str> {
        self.navigated.as_deref()
    }

    /// Gets a path of the same server.
    pub async fn get(&self, path: &str) -> Page {
        request(self.address, path, &[&format!("host: {}", self.address)]).await
    }
}

/// What the page's element holds.
fn content(page: &Page) -> String {
    page.content().unwrap_or_else(|| panic!("a page without content: {}", page.body))
}
