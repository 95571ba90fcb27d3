//! [`Page`]: a visitor's page.

mod act;
mod receive;
mod wait;

use std::{fmt, sync::Arc, time::Duration};

use super::{
    Dom, Element, Node, Operation, Query, Site, Target, TestError,
    field::Entered,
    find::{self, Purpose},
    outline,
    reader::{Reader, squeezed},
    transport::{self, Client},
};
use crate::{
    protocol::{ClientMessage, PROTOCOL_VERSION},
    session::{Message, Token},
    socket,
    tree::dom::NodeId,
};

/// How long an action or a condition may take unless a test says otherwise, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(5);

/// A patch that came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patch {
    /// Its number.
    pub seq: u64,
    /// What it did.
    pub operations: Vec<Operation>,
    /// The same in words, one for each operation that changes something: `paragraph: the text "0" becomes "1"`.
    pub words: Vec<String>,
    /// The elements whose text, attributes or children it changed, in order.
    pub touched: Vec<NodeId>,
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
    patience: Duration,
    waits: bool,
    /// Patches and their bytes that the server has not been told of.
    unanswered: (usize, usize),
    /// Before the last action: how many patches there were, and what the page showed.
    n_before: usize,
    before: (Dom, Entered),
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
        let dom = Dom::parse_page(content, &opaque).with_document(document);
        let mut page = Self {
            site,
            path: path.to_owned(),
            before: (dom.clone(), Entered::new()),
            dom,
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
            patience: PATIENCE,
            waits: true,
            unanswered: (0, 0),
            n_before: 0,
        };
        page.connect().await?;
        Ok(page)
    }

    /// The one element that fits.
    ///
    /// ```
    /// # use livefloe::{App, Component, Cx, Markup, html, testing::{Query, Role, Site}};
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Hello {}
    /// # impl Component for Hello { fn render(&self, _: &Cx<Self>) -> Markup { html! { h1 { "Hello" } button disabled { "Save" } } } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let page = Site::new(App::new().page("/", Hello::default))?.open("/").await?;
    /// assert!(page.get(Query::role(Role::Button).name("Save"))?.is_disabled());
    /// let error = page.get(Query::role(Role::Button).name("Send")).unwrap_err().to_string();
    /// assert!(error.contains("1. button \"Save\" [disabled]"), "{error}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When none fits, and the error says what there is; or more than one, and it lists them.
    pub fn get(&self, query: Query) -> Result<Element<'_>, TestError> {
        find::one(&self.reader(), &query).map(|node| Element::new(self, node))
    }

    /// All elements that fit, in document order.
    ///
    /// # Errors
    /// When what they should be in is no longer on the page.
    pub fn all(&self, query: Query) -> Result<Vec<Element<'_>>, TestError> {
        let found = find::all(&self.reader(), &query)?;
        Ok(found.into_iter().map(|node| Element::new(self, node)).collect())
    }

    /// Something that was found before, as it is now.
    ///
    /// # Errors
    /// When it is no longer on the page.
    pub fn element(&self, id: NodeId) -> Result<Element<'_>, TestError> {
        find::there(&self.reader(), id).map(|node| Element::new(self, node))
    }

    /// Whether the page shows this text.
    #[must_use]
    pub fn sees(&self, text: &str) -> bool {
        self.text().contains(&squeezed(text))
    }

    /// All text on the page that is not hidden, as it is read.
    #[must_use]
    pub fn text(&self) -> String {
        self.reader().text(self.dom.page())
    }

    /// The page as lines that people read: roles, names, values and states, indented. It has nothing in it that changes by itself (no ids, handlers or
    /// classes), so it is what to keep as a snapshot.
    ///
    /// ```text
    /// - heading "To do" [level=1]
    /// - list:
    ///   - listitem:
    ///     - text: milk
    ///     - button "Remove milk"
    /// ```
    #[must_use]
    pub fn outline(&self) -> String {
        outline::of(&self.reader(), self.dom.page(), false)
    }

    /// The lines of [`outline`](Self::outline) that are others since the last action began: `- ` and the line that is gone, `+ ` and the one that came.
    #[must_use]
    pub fn changes(&self) -> Vec<String> {
        let (dom, entered) = &self.before;
        let (before, now) = (outline::of(&Reader::new(dom, entered), dom.page(), false), self.outline());
        let (before, now): (Vec<_>, Vec<_>) = (before.lines().collect(), now.lines().collect());
        let line = |sign: char, line: &str| format!("{sign} {}", line.trim().strip_prefix("- ").unwrap_or(line.trim()));
        let operations = similar::capture_diff_slices(similar::Algorithm::Myers, &before, &now);
        let of_one = |operation: &similar::DiffOp| {
            let (tag, old, new) = operation.as_tag_tuple();
            let (gone, came) = if tag == similar::DiffTag::Equal { (&[][..], &[][..]) } else { (&before[old], &now[new]) };
            let gone = gone.iter().map(|gone| line('-', gone));
            gone.chain(came.iter().map(|came| line('+', came))).collect::<Vec<_>>()
        };
        operations.iter().flat_map(of_one).collect()
    }

    /// The elements whose text, attributes or children patches have changed since the last action began, and that are still there.
    #[must_use]
    pub fn touched(&self) -> Vec<Element<'_>> {
        let mut touched: Vec<NodeId> = Vec::new();
        for id in self.new_patches().iter().flat_map(|patch| &patch.touched) {
            if !touched.contains(id) {
                touched.push(*id);
            }
        }
        touched.into_iter().filter_map(|id| self.element(id).ok()).collect()
    }

    /// The patches that came since the last action began, oldest first.
    #[must_use]
    pub fn new_patches(&self) -> &[Patch] {
        self.patches.get(self.n_before..).unwrap_or_default()
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

    /// What a field holds; of a group of radio buttons, the value of the one that is on.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn value(&self, field: impl Into<Target>) -> Result<String, TestError> {
        let reader = self.reader();
        let node = find::target(&reader, &field.into(), Purpose::Read)?;
        let nothing = || TestError::Impossible { reason: format!("{} holds no value", outline::line(&reader, node)) };
        reader.value(node).ok_or_else(nothing)
    }

    /// The page's outline as errors show it: at most forty lines.
    #[must_use]
    pub fn shown(&self) -> String {
        outline::shown(&self.reader())
    }

    /// Whether actions wait until their event is settled; they do by default. Without that they are what people do who are faster than the
    /// server, and what is refused is among the [`messages`](Self::messages).
    pub fn set_waiting(&mut self, waits: bool) {
        self.waits = waits;
    }

    /// How long actions and conditions may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// How long actions and conditions may take from now on. Default: 5 s.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
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
        let (client, server) = transport::pair(self.site.peer());
        let join = ClientMessage::Join { version: PROTOCOL_VERSION, token: self.token.clone(), applied: self.applied, page: String::new() }
            .encode();
        socket::attach(&self.site.shared, Box::new(server), &join).await;
        self.connection = Some(client);
        self.unanswered = (0, 0);
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
            if tokio::time::timeout(self.patience, session.closed()).await.is_err() {
                return Err(self.timed_out("the session to be saved"));
            }
        }
        self.connect().await
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.dom, &self.entered)
    }

    /// An action begins.
    fn begin(&mut self) {
        self.n_before = self.patches.len();
        // Its outline is made when somebody asks for it, which takes ten times as long.
        self.before = (self.dom.clone(), self.entered.clone());
    }

    fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.dom.node(id)
    }

    fn timed_out(&self, expected: &str) -> TestError {
        TestError::TimedOut { expected: expected.to_owned(), seconds: self.patience.as_secs_f64(), page: outline::shown(&self.reader()) }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Page({}: {})", self.path, shortened(&self.text(), 300))
    }
}

/// At most so many characters.
pub(super) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
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
