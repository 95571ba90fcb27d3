//! [`Page`]: a visitor's page.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use form_urlencoded::Serializer;

use super::{
    Dom, Node, Operation, Site, TestError,
    field::{self, Entered},
    find,
    transport::{self, Client, FromServer},
};
use crate::{
    protocol::{ClientMessage, PROTOCOL_VERSION, ServerMessage},
    session::{Message, Token},
    socket,
    tree::dom::NodeId,
};

/// How long an action or a condition may take, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(5);

/// A patch that came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patch {
    /// Its number.
    pub seq: u64,
    /// What it did.
    pub operations: Vec<Operation>,
    /// Its size on the wire, without the WebSocket's own header of 2 to 10 bytes.
    pub bytes: usize,
}

/// A visitor's page: their session on the server, and what their browser shows.
pub struct Page {
    site: Site,
    path: String,
    dom: Dom,
    title: String,
    token: String,
    connection: Option<Client>,
    entered: Entered,
    /// The last event sent, and the last one settled.
    sent: u64,
    settled: u64,
    /// The last patch applied.
    applied: u64,
    patches: Vec<Patch>,
    refusals: Vec<Refusal>,
    navigated: Option<String>,
}

struct Refusal {
    event: u64,
    code: u8,
    message: String,
    fields: Vec<(String, String)>,
}

impl Page {
    pub(super) async fn join(site: Site, path: &str, document: &str) -> Result<Self, TestError> {
        let meta = between(document, "<meta name=\"livefloe\"", ">");
        let attribute = |name: &str| between(meta, &format!("{name}=\""), "\"");
        let opaque: Vec<u32> = attribute("data-opaque").split(',').filter_map(|position| position.parse().ok()).collect();
        let content = between(document, "<div id=\"livefloe\" lf-c=\"0\">", "</div></body></html>");
        let title = between(document, "<title>", "</title>").to_owned();
        let mut page = Self {
            site,
            path: path.to_owned(),
            dom: Dom::parse_page(content, &opaque).with_document(document),
            title,
            token: attribute("content").to_owned(),
            connection: None,
            entered: Entered::new(),
            sent: 0,
            settled: 0,
            applied: 0,
            patches: Vec::new(),
            refusals: Vec::new(),
            navigated: None,
        };
        page.connect().await?;
        Ok(page)
    }

    /// Clicks a button, a link or whatever else is called this: its words, its `aria-label`, or `#id`. A submit button submits its form.
    ///
    /// # Errors
    /// When nothing is called so, nothing would happen, or the event is refused.
    pub async fn click(&mut self, target: &str) -> Result<(), TestError> {
        let node =
            find::clickable(self.dom.page(), target).ok_or_else(|| self.not_found(format!("something to click called `{target}`")))?;
        if field::is_switch(node) {
            let on = node.attribute("type") == Some("radio")
                || field::text(node, &self.entered) != field::switch(true) && node.attribute("checked").is_none();
            return self.switch(node.id(), on).await;
        }
        let is_disabled = node.attribute("disabled").is_some();
        let handler = find::closest(node, "lf-click").map(Node::id);
        let is_submit = node.name() == "button" && node.attribute("type").is_none_or(|kind| kind == "submit");
        let form = find::form(node).filter(|_| is_submit).map(Node::id);
        let id = node.id();
        if is_disabled || (handler.is_none() && form.is_none()) {
            return Err(self.not_found(format!("`{target}` to do something when clicked")));
        }
        if let Some(handler) = handler {
            let pair = self
                .node(id)
                .and_then(|node| Some((node.attribute("name").unwrap_or("value").to_owned(), node.attribute("value")?.to_owned())));
            let payload = pair.map(|(name, value)| Serializer::new(String::new()).append_pair(&name, &value).finish()).unwrap_or_default();
            self.event(handler, "lf-click", payload).await?;
        }
        match form {
            Some(form) => self.submit_form(form, Some(id)).await,
            None => Ok(()),
        }
    }

    /// Enters text into the field with this label, name, placeholder, or `#id`, and leaves the field.
    ///
    /// # Errors
    /// When there is no such field, or its event is refused; the text stays in the field.
    pub async fn enter(&mut self, field: &str, text: &str) -> Result<(), TestError> {
        let control = self.control(field)?;
        self.entered.insert(control, text.to_owned());
        self.input(control).await
    }

    /// Switches the checkbox or radio with this label on or off.
    ///
    /// # Errors
    /// When there is none, or its event is refused.
    pub async fn check(&mut self, field: &str, on: bool) -> Result<(), TestError> {
        let control = self.control(field)?;
        self.switch(control, on).await
    }

    /// Submits the form that holds this field or button.
    ///
    /// # Errors
    /// When there is none, or the event is refused.
    pub async fn submit(&mut self, inside: &str) -> Result<(), TestError> {
        let page = self.dom.page();
        let node = find::control(page, inside).or_else(|| find::clickable(page, inside));
        let form = node.and_then(find::form).map(Node::id).ok_or_else(|| self.not_found(format!("a form that holds `{inside}`")))?;
        self.submit_form(form, None).await
    }

    /// Presses a key, such as `Enter`, in a field.
    ///
    /// # Errors
    /// When there is no such field, it doesn't listen, or the event is refused.
    pub async fn press(&mut self, field: &str, key: &str) -> Result<(), TestError> {
        let control = self.control(field)?;
        let listening = self.node(control).and_then(|node| find::closest(node, "lf-keydown")).map(Node::id);
        let node = listening.ok_or_else(|| self.not_found(format!("`{field}` to listen to keys")))?;
        self.event(node, "lf-keydown", Serializer::new(String::new()).append_pair("key", key).finish()).await
    }

    /// Whether the page shows this text.
    #[must_use]
    pub fn sees(&self, text: &str) -> bool {
        self.text().contains(&find::squeezed(text))
    }

    /// Waits, at most five seconds, until the page shows this text: for what tasks and other visitors bring.
    ///
    /// # Errors
    /// When it doesn't come.
    pub async fn until_sees(&mut self, text: &str) -> Result<(), TestError> {
        self.until(&format!("`{text}`"), |page| page.sees(text)).await
    }

    /// Waits, at most five seconds, for a condition; `expected` says which, for the error.
    ///
    /// # Errors
    /// When it doesn't come true.
    pub async fn until(&mut self, expected: &str, condition: impl Fn(&Self) -> bool) -> Result<(), TestError> {
        let waiting = async {
            while !condition(self) {
                self.receive().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(result) => result,
            Err(_) => Err(TestError::TimedOut { expected: expected.to_owned(), page: shortened(&self.text()) }),
        }
    }

    /// All text on the page, as it is read.
    #[must_use]
    pub fn text(&self) -> String {
        let words: Vec<_> = self.dom.page().descendants().filter(|node| node.is_text()).map(Node::text).collect();
        find::squeezed(&words.join(" "))
    }

    /// The page's content as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        self.dom.to_html()
    }

    /// The tree that the browser would show.
    #[must_use]
    pub fn dom(&self) -> &Dom {
        &self.dom
    }

    /// An attribute of the document's `html` or `body`.
    #[must_use]
    pub fn document_attribute(&self, element: &str, name: &str) -> Option<&str> {
        self.dom.document_attribute(element, name)
    }

    /// What the page put into the document's head, as HTML.
    #[must_use]
    pub fn head(&self) -> String {
        self.dom.head()
    }

    /// The document's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the field holds that is called this.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn value(&self, field: &str) -> Result<String, TestError> {
        let control = self.control(field)?;
        Ok(self.node(control).map(|node| field::text(node, &self.entered)).unwrap_or_default())
    }

    /// The patches that came, oldest first.
    #[must_use]
    pub fn patches(&self) -> &[Patch] {
        &self.patches
    }

    /// The messages that the person was shown besides the page, such as that of a handler that failed in the background.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.refusals.iter().map(|refusal| refusal.message.as_str())
    }

    /// Where the page was told to go.
    #[must_use]
    pub fn navigated(&self) -> Option<&str> {
        self.navigated.as_deref()
    }

    /// Loses the connection, as when a cable is pulled.
    pub fn disconnect(&mut self) {
        self.connection = None;
    }

    /// Joins the session again, with what was missed.
    ///
    /// # Errors
    /// When the session has ended.
    pub async fn connect(&mut self) -> Result<(), TestError> {
        let (client, server) = transport::pair();
        let join = ClientMessage::Join { version: PROTOCOL_VERSION, token: self.token.clone(), applied: self.applied, page: String::new() }
            .encode();
        socket::attach(&self.site.shared, Box::new(server), &join).await;
        self.connection = Some(client);
        let before = self.token.clone();
        self.until("the session to take the socket", |page| page.token != before).await
    }

    /// Has the session saved and made again, as when the server is stopped and started: only what a store keeps is left. The page is connected after it.
    ///
    /// # Errors
    /// When the session can't be saved, or not be made again.
    pub async fn restart(&mut self) -> Result<(), TestError> {
        let shared = Arc::clone(&self.site.shared);
        if let Some(token) = Token::parse(&self.token)
            && let Some(session) = shared.registry.find(&token.id)
        {
            self.connection = None;
            session.send(Message::Close).await;
            if tokio::time::timeout(PATIENCE, session.closed()).await.is_err() {
                return Err(TestError::TimedOut { expected: "the session to be saved".to_owned(), page: shortened(&self.text()) });
            }
        }
        self.connect().await
    }

    async fn switch(&mut self, control: NodeId, on: bool) -> Result<(), TestError> {
        self.entered.insert(control, field::switch(on));
        self.input(control).await
    }

    /// The events of a control whose value has changed.
    async fn input(&mut self, control: NodeId) -> Result<(), TestError> {
        for name in ["lf-input", "lf-change"] {
            let Some(node) = self.node(control).and_then(|node| find::closest(node, name)) else { continue };
            let payload = if node.name() == "form" {
                field::serialize(node, None, &self.entered)
            } else {
                let (name, value) = self.node(control).map(|control| field::value(control, &self.entered)).unwrap_or_default();
                Serializer::new(String::new()).append_pair(&name, &value).finish()
            };
            let id = node.id();
            self.event(id, name, payload).await?;
        }
        Ok(())
    }

    async fn submit_form(&mut self, form: NodeId, submitter: Option<NodeId>) -> Result<(), TestError> {
        let Some(node) = self.node(form).filter(|form| form.attribute("lf-submit").is_some()) else {
            return Err(self.not_found("the form to have a handler (lf-submit)".to_owned()));
        };
        let payload = field::serialize(node, submitter.and_then(|id| self.node(id)), &self.entered);
        let resets = node.attribute("lf-reset").is_some();
        let controls: Vec<NodeId> = node.descendants().map(Node::id).collect();
        self.event(form, "lf-submit", payload).await?;
        if resets {
            for control in &controls {
                self.entered.remove(control);
            }
        }
        Ok(())
    }

    /// Sends an event and waits until it is settled.
    async fn event(&mut self, node: NodeId, attribute: &str, payload: String) -> Result<(), TestError> {
        let found = self.node(node).and_then(|node| Some((node.attribute(attribute)?.as_bytes().try_into().ok()?, node.component())));
        let (handler, component) = found.ok_or_else(|| self.not_found(format!("an element with {attribute}")))?;
        self.sent += 1;
        let event = ClientMessage::Event { seq: self.sent, seen: self.applied, component: component.into(), handler, payload };
        self.send(&event).await?;
        let seq = self.sent;
        self.until("the event to be settled", |page| page.settled >= seq).await?;
        match self.refusals.iter().position(|refusal| refusal.event == seq) {
            Some(index) => {
                let Refusal { code, message, fields, .. } = self.refusals.remove(index);
                Err(TestError::Refused { code, message, fields })
            }
            None => Ok(()),
        }
    }

    async fn send(&mut self, message: &ClientMessage) -> Result<(), TestError> {
        let closed = || TestError::Closed { code: 1006, reason: "not connected".to_owned() };
        let connection = self.connection.as_ref().ok_or_else(closed)?;
        connection.sender.send(Bytes::from(message.encode())).await.map_err(|_| closed())
    }

    async fn receive(&mut self) -> Result<(), TestError> {
        let Some(connection) = &mut self.connection else {
            return Err(TestError::Closed { code: 1006, reason: "not connected".to_owned() });
        };
        let frame = match connection.receiver.recv().await {
            Some(FromServer::Frame(frame)) => frame,
            Some(FromServer::Closed(code, reason)) => return Err(TestError::Closed { code, reason: reason.to_owned() }),
            None => return Err(TestError::Closed { code: 1006, reason: "the connection is gone".to_owned() }),
        };
        match ServerMessage::decode(&frame)? {
            ServerMessage::Joined { ack, token, .. } => {
                self.settled = ack;
                self.token = token;
            }
            ServerMessage::Patch { seq, ack, operations } => self.apply(seq, ack, operations, frame.len())?,
            ServerMessage::Ack { ack } => self.settled = ack,
            ServerMessage::Heartbeat => self.send(&ClientMessage::Ack { seen: self.applied, failed: Vec::new() }).await?,
        }
        Ok(())
    }

    fn apply(&mut self, seq: u64, ack: u64, operations: Vec<Operation>, bytes: usize) -> Result<(), TestError> {
        if seq <= self.applied {
            return Ok(());
        }
        for other in self.dom.apply(&operations)? {
            match other {
                Operation::Title { text } => self.title = text,
                Operation::Navigate { path } => self.navigated = Some(path),
                Operation::Refused { event, code, message, fields } => self.refusals.push(Refusal { event, code, message, fields }),
                _ => {}
            }
        }
        self.applied = seq;
        self.settled = self.settled.max(ack);
        self.patches.push(Patch { seq, operations, bytes });
        Ok(())
    }

    fn control(&self, name: &str) -> Result<NodeId, TestError> {
        find::control(self.dom.page(), name).map(Node::id).ok_or_else(|| self.not_found(format!("a field called `{name}`")))
    }

    fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.dom.node(id)
    }

    fn not_found(&self, expected: String) -> TestError {
        TestError::NotFound { expected, page: shortened(&self.text()) }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Page({}: {})", self.path, shortened(&self.text()))
    }
}

pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let inside = text.split_once(start).map(|(_, rest)| rest).unwrap_or_default();
    match end {
        // The page's own end: the content may hold the same.
        "</div></body></html>" => inside.strip_suffix(end).unwrap_or(inside),
        _ => inside.split_once(end).map_or(inside, |(inside, _)| inside),
    }
}
