//! [`App`]: pages, shared state and limits, put together into a router or a server.

mod assets;
mod compress;
mod host;
mod make;
mod page;
mod serve;
mod visit;

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Weak, atomic::AtomicUsize},
};

use axum::{Router, routing::get};
use tokio::sync::Semaphore;

pub(crate) use host::is_same_origin;
pub use make::{MakePage, Mount};
pub use serve::Server;
pub use visit::Visit;

use crate::{
    Bus, Error, Failure, Limits, Metrics, Result,
    handler::Identity,
    session::{Keys, Registry, random_id},
    socket,
    store::{Durability, Store},
};

/// An app: pages by path, and what they share.
///
/// ```
/// use livefloe::{App, Component, Cx, Markup, html};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Hello {}
/// # impl Component for Hello { fn render(&self, _: &Cx<Self>) -> Markup { html! { h1 { "Hello" } } } }
/// # fn main() -> livefloe::Result<()> {
/// // a router for any axum app …
/// let router: axum::Router = App::new().title("Hello").page("/", Hello::default).into_router()?;
/// // … or a server of its own: App::new().page("/", Hello::default).serve("127.0.0.1:8000").await
/// # Ok(()) }
/// ```
pub struct App {
    title: String,
    limits: Limits,
    states: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    bus: Bus,
    metrics: Metrics,
    pages: BTreeMap<String, Arc<dyn Mount>>,
    dev: bool,
    stylesheet: bool,
    hosts: host::Hosts,
    store: Option<Arc<dyn Store>>,
    durability: Durability,
    /// The first mistake in building, reported when the app is put together.
    mistake: Option<Error>,
}

/// What all sessions of an app share.
pub(crate) struct Shared {
    pub(crate) title: String,
    pub(crate) limits: Limits,
    pub(crate) bus: Bus,
    pub(crate) metrics: Metrics,
    pub(crate) registry: Registry,
    /// Sockets that are being closed at present.
    pub(crate) n_goodbyes: AtomicUsize,
    pub(crate) hosts: host::Hosts,
    /// Places for sockets that were opened and have not said yet which session they belong to.
    pub(crate) joining: Arc<Semaphore>,
    /// Where sessions are kept that outlive this process, and how far that goes.
    pub(crate) store: Option<(Arc<dyn Store>, Durability)>,
    pub(crate) keys: Keys,
    /// The pages by their paths, for sessions that are made again.
    pub(crate) pages: BTreeMap<String, Arc<dyn Mount>>,
    /// Held while a session is made again; by the first byte of its id, so that few wait for one another.
    pub(crate) restoring: Box<[tokio::sync::Mutex<()>]>,
    states: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    stylesheet: bool,
    pub(crate) dev: bool,
    /// What was said of the app's HTML, so that it is said once.
    #[cfg(debug_assertions)]
    pub(crate) told: dashmap::DashSet<String>,
}

/// As many sessions may be made again at the same time.
const RESTORING: usize = 64;

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl App {
    /// An app without pages.
    #[must_use]
    pub fn new() -> Self {
        Self {
            title: "Livefloe".to_owned(),
            limits: Limits::default(),
            states: HashMap::new(),
            bus: Bus::default(),
            metrics: Metrics::default(),
            pages: BTreeMap::new(),
            dev: cfg!(debug_assertions),
            stylesheet: true,
            hosts: host::Hosts::default(),
            store: None,
            durability: Durability::default(),
            mistake: None,
        }
    }

    /// The title of pages that don't give their own. Default: `Livefloe`.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The bounds. Default: [`Limits::default`].
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Something that all sessions share, found again by its type with [`Cx::state`](crate::Cx::state).
    #[must_use]
    pub fn state<T: Any + Send + Sync>(mut self, state: T) -> Self {
        self.states.insert(TypeId::of::<T>(), Arc::new(state));
        self
    }

    /// A page. `make` gives the state of each new session: `Counter::default`, a closure, or a function of the [`Visit`], which has
    /// the parameters of a path such as `/room/{name}`. A `make` that returns an error shows the error page; with an [`Invalid`](crate::Invalid)
    /// one its status is 404, since the address doesn't fit.
    #[must_use]
    pub fn page<K, M: MakePage<K>>(self, path: &str, make: M) -> Self {
        self.mount(path, make.into_mount())
    }

    /// A page that something other than a [`Component`](crate::Component) renders: the way in for other languages.
    #[must_use]
    pub fn mount(mut self, path: &str, mount: Arc<dyn Mount>) -> Self {
        if !path.starts_with('/') {
            let reason = "expected a path that starts with `/`".to_owned();
            self.mistake.get_or_insert(Error::Path { path: path.to_owned(), reason });
        } else if self.pages.insert(path.to_owned(), mount).is_some() {
            self.mistake.get_or_insert(Error::PageExists { path: path.to_owned() });
        }
        self
    }

    /// Whether pages show where an error happened (on), or only a reference that the log explains (off). Default: on in debug builds.
    #[must_use]
    pub fn dev(mut self, dev: bool) -> Self {
        self.dev = dev;
        self
    }

    /// Whether pages get Livefloe's own stylesheet. Default: yes.
    #[must_use]
    pub fn stylesheet(mut self, stylesheet: bool) -> Self {
        self.stylesheet = stylesheet;
        self
    }

    /// Allows a host name, such as `demo.example.org`, to be asked for. Once one is given, requests for others are refused.
    /// A server on a loopback address allows only loopback names unless told otherwise: a site that points its
    /// own name at your machine (DNS rebinding) then can't reach the app.
    #[must_use]
    pub fn allow_host(mut self, host: &str) -> Self {
        self.hosts.allow(host);
        self
    }

    /// Where sessions are kept that have to outlive the process: after a restart their pages go on where they were. Default: nowhere.
    ///
    /// What is kept is the state of the components, through serde; a page whose components are written in another language is not, so far.
    #[must_use]
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// When a client is told that an event took effect: at once, or when the store has it. Default: [`Durability::default`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// The bus between this app's sessions, for code outside of them.
    #[must_use]
    pub fn bus(&self) -> Bus {
        self.bus.clone()
    }

    /// Counts of what happens in this app.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.metrics.clone()
    }

    /// The app as a router, to be served alone, nested under a path, or merged into another.
    ///
    /// # Errors
    /// When a path is wrong or has two pages.
    pub fn into_router(self) -> Result<Router> {
        Ok(self.build()?.0)
    }

    /// Listens on an address such as `127.0.0.1:8000` and serves until the process is asked to stop.
    ///
    /// # Errors
    /// When the app has a mistake, or the address can't be listened on.
    pub async fn serve(self, address: &str) -> Result<()> {
        self.bind(address).await?.run().await
    }

    pub(crate) fn build(self) -> Result<(Router, Arc<Shared>)> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let mut secret = [0; 32];
        match &self.store {
            Some(store) => secret = store.secret().map_err(Error::Store)?,
            None => getrandom::fill(&mut secret).map_err(|error| Error::Random { reason: error.to_string() })?,
        }
        let joining = Arc::new(Semaphore::new(self.limits.max_unjoined.clamp(1, Semaphore::MAX_PERMITS)));
        let shared = Arc::new(Shared {
            joining,
            title: self.title,
            limits: self.limits,
            bus: self.bus,
            metrics: self.metrics,
            registry: Registry::default(),
            n_goodbyes: AtomicUsize::new(0),
            hosts: self.hosts,
            store: self.store.map(|store| (store, self.durability)),
            keys: Keys::new(&secret),
            pages: self.pages.clone(),
            restoring: (0..RESTORING).map(|_| tokio::sync::Mutex::default()).collect(),
            states: self.states,
            stylesheet: self.stylesheet,
            dev: self.dev,
            #[cfg(debug_assertions)]
            told: dashmap::DashSet::new(),
        });
        if let Some((store, _)) = &shared.store {
            let shared: Weak<Shared> = Arc::downgrade(&shared);
            store.attend(shared);
        }
        let mut paths = matchit::Router::new();
        let mut router = Router::new().route(assets::ROUTE, get(assets::serve)).route(assets::SOCKET_ROUTE, get(socket::upgrade));
        for (path, mount) in self.pages {
            // axum panics on paths that it can't take; ask its own matcher first.
            if let Err(error) = paths.insert(path.clone(), ()) {
                return Err(Error::Path { path, reason: error.to_string() });
            }
            let route: Arc<str> = path.as_str().into();
            let handler = get(move |state, visit, request| page::get(state, visit, Arc::clone(&route), mount.clone(), request));
            // A form that was sent before the script had loaded: back to the page, which then has one.
            router = router.route(&path, handler.post(page::back));
        }
        let router = router.layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), host::check)).with_state(Arc::clone(&shared));
        Ok((router, shared))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("App").field("pages", &self.pages.keys().collect::<Vec<_>>()).field("dev", &self.dev).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn state<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        Arc::clone(self.states.get(&TypeId::of::<T>())?).downcast().ok()
    }

    /// What the person is told of a failure: all of it in development, a reference to the log in production.
    pub(crate) fn describe(&self, failure: &Failure, session: u64) -> (String, Vec<(String, String)>) {
        if let Failure::Invalid(invalid) = failure {
            // What has a field is said there, and only the rest to the whole page.
            let (at_fields, general): (Vec<_>, Vec<_>) = invalid.fields.iter().partition(|error| !error.field.is_empty());
            let fields = at_fields.iter().map(|error| (error.field.clone(), error.message.clone())).collect();
            return (general.iter().map(|error| sentence(&error.message)).collect::<Vec<_>>().join(" "), fields);
        }
        if !failure.is_defect() {
            return (sentence(&failure.to_string()), Vec::new());
        }
        let reference = reference();
        tracing::error!(session, reference, %failure, "an event failed; its changes are undone");
        if self.dev {
            return (failure.to_string(), Vec::new());
        }
        (format!("Something went wrong; nothing was changed. (Reference {reference})"), Vec::new())
    }
}

/// A short random name for an error, to find it in the log.
fn reference() -> String {
    random_id().map_or_else(|_| "none".to_owned(), |id| Identity::ROOT.bytes(&id).handler().to_string())
}

fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).chain(['.']).collect())
}
