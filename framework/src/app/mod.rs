//! [`App`]: pages, shared state and limits, put together into a router or a server.

mod accept;
mod address;
mod assets;
mod compress;
mod embed;
mod framed;
mod host;
mod keeping;
mod make;
mod page;
mod plain;
mod post;
mod prefix;
mod probe;
mod problems;
mod script;
mod seats;
mod serve;
mod timed;
mod visit;

use std::{
    any::{Any, TypeId},
    collections::{BTreeMap, HashMap},
    fmt,
    path::PathBuf,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicUsize},
    },
};

use axum::{
    Router,
    http::{Extensions, HeaderMap},
    routing::{MethodRouter, get, post},
};
use bytes::Bytes;
use tokio::sync::Semaphore;

pub(crate) use address::Group;
pub use embed::{BodyWriter, Embedded, Frames, Ingress};
pub(crate) use host::is_same_origin;
pub use make::{MakePage, Mount};
pub(crate) use prefix::Prefix;
pub use problems::{Problem, Problems};
pub(crate) use seats::{Seat, Seats, SessionSeats};
pub use serve::Server;
pub use visit::Visit;

use keeping::Keeping;
use script::Script;

use crate::{
    Bus, Error, Failure, Limits, Metrics, Result,
    handler::Identity,
    media,
    session::{Backlog, Keys, Peer, Registry, Who, random_id},
    socket,
    store::{Durability, Store},
    stream::{self, Streams},
    upload::{self, Spool},
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
    routes: Vec<(String, MethodRouter)>,
    dev: bool,
    stylesheet: bool,
    scripts: Vec<Script>,
    posts: bool,
    hosts: host::Hosts,
    proxies: address::Proxies,
    prefix: Option<String>,
    framed: Option<framed::Framed>,
    problems: Option<Problems>,
    probes: probe::Probes,
    identify: Option<Identify>,
    keeping: Keeping,
    durability: Durability,
    upload_folder: Option<PathBuf>,
    /// The first mistake in building, reported when the app is put together.
    mistake: Option<Error>,
}

/// Says which user a request is of.
type Identify = Arc<dyn Fn(&HeaderMap, &Extensions) -> Option<String> + Send + Sync>;

/// What all sessions of an app share.
pub(crate) struct Shared {
    pub(crate) title: String,
    pub(crate) limits: Limits,
    pub(crate) bus: Bus,
    pub(crate) metrics: Metrics,
    pub(crate) registry: Registry,
    pub(crate) streams: Arc<Streams>,
    pub(crate) spool: Spool,
    pub(crate) shelf: media::Shelf,
    /// Sockets that are being closed at present.
    pub(crate) n_goodbyes: AtomicUsize,
    pub(crate) hosts: host::Hosts,
    pub(crate) proxies: address::Proxies,
    /// Where browsers have the app, if it says so.
    prefix: Option<String>,
    /// Who may show its pages in frames.
    framed: Option<framed::Framed>,
    /// Where pages hear what is wrong with an app that is being written.
    pub(crate) problems: Option<Problems>,
    probes: probe::Probes,
    /// Sessions by the address that opened them.
    pub(crate) seats: Arc<Seats<Group>>,
    /// Sessions by the user who has them, where the app knows users.
    pub(crate) user_seats: Arc<Seats<Who>>,
    identify: Option<Identify>,
    /// Whether the log says already that an address has too many.
    said_addresses: AtomicBool,
    pub(crate) backlog: Backlog,
    /// The server was asked to stop.
    pub(crate) is_stopping: AtomicBool,
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
    /// Modules of the app's own, in the order in which pages load them.
    scripts: Vec<Script>,
    /// Whether pages carry what it takes to be posted without script.
    posts: bool,
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
            routes: Vec::new(),
            dev: cfg!(debug_assertions),
            stylesheet: true,
            scripts: Vec::new(),
            posts: true,
            hosts: host::Hosts::default(),
            proxies: address::Proxies::default(),
            prefix: None,
            framed: None,
            problems: None,
            probes: probe::Probes::default(),
            identify: None,
            keeping: Keeping::default(),
            durability: Durability::default(),
            upload_folder: None,
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

    /// Whether forms with `lf-submit` and buttons with `lf-click` also work without script, and before it has loaded: some bytes in each page. Default: yes.
    #[must_use]
    pub fn without_script(mut self, works: bool) -> Self {
        self.posts = works;
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

    /// What is no page: an API beside the pages, say. It is behind the same checks of host names, and under the same prefix.
    ///
    /// ```
    /// # use livefloe::App;
    /// use axum::routing::get;
    ///
    /// let app = App::new().route("/api/version", get(|| async { env!("CARGO_PKG_VERSION") }));
    /// ```
    #[must_use]
    pub fn route(mut self, path: &str, methods: MethodRouter) -> Self {
        if path.starts_with('/') {
            self.routes.push((path.to_owned(), methods));
        } else {
            let reason = "expected a path that starts with `/`".to_owned();
            self.mistake.get_or_insert(Error::Path { path: path.to_owned(), reason });
        }
        self
    }

    /// Whether pages show where an error happened (on), or only a reference that the log explains (off). Default: on in debug builds.
    #[must_use]
    pub fn dev(mut self, dev: bool) -> Self {
        self.dev = dev;
        self
    }

    /// Lets pages be shown in frames of others: of whoever has an address with this secret in front of the path, such as `/SECRET/room`, and of nobody else. It is for
    /// notebooks, whose own address only the browser knows: the first pages that frame it (their `Referer` says who they are) are the ones that may from then on. A request that
    /// names the secret may also ask for any host name, since a notebook's proxy may be what sends it, and is believed where it says under which path that has the app.
    ///
    /// At least 16 letters, digits, `-` and `_`, as random as a password. Default: pages are framed by pages of their own origin alone.
    #[must_use]
    pub fn framed_by_secret(mut self, secret: &str) -> Self {
        self.framed = framed::Framed::new(secret);
        if self.framed.is_none() {
            // Without saying it: it may be one that is only too short.
            let reason = "expected a secret of at least 16 letters, digits, - and _".to_owned();
            self.mistake.get_or_insert(Error::Path { path: "/…".to_owned(), reason });
        }
        self
    }

    /// The app is being written: its pages show what is wrong with its newest version, come back at once when there is another, and a session that this
    /// version can't render waits in its store for one that can. Default: an app is as it is.
    ///
    /// ```
    /// use livefloe::{App, Problem, Problems};
    /// let problems = Problems::default();
    /// let app = App::new().problems(problems.clone());
    /// problems.set(Some(Problem { message: "it doesn't compile".into(), at: Some("main.rs:7".into()), detail: String::new() }));
    /// ```
    #[must_use]
    pub fn problems(mut self, problems: Problems) -> Self {
        self.problems = Some(problems);
        self
    }

    /// Adds a script of the app's own, a module that every page loads after Livefloe's: for custom elements ([`widget::custom`](crate::widget::custom)) and for listeners of
    /// `CustomEvent`s that actions [dispatch](crate::Actions::dispatch). It is served from the app's own origin under a name such as `chart.js`, so that the strict policy holds: no
    /// inline scripts, none from elsewhere, no `eval`. Another of the same name takes its place.
    ///
    /// ```
    /// # use livefloe::App;
    /// let app = App::new().script("hello.js", "customElements.define('my-hello', class extends HTMLElement {})");
    /// // or from a file that is built in: .script("chart.js", include_str!("chart.js"))
    /// ```
    #[must_use]
    pub fn script(mut self, name: &str, source: impl Into<Bytes>) -> Self {
        match Script::new(name, source.into()) {
            Ok(script) => match self.scripts.iter_mut().find(|other| other.name() == name) {
                Some(other) => *other = script,
                None => self.scripts.push(script),
            },
            Err(reason) => _ = self.mistake.get_or_insert(Error::Script { name: name.to_owned(), reason: reason.to_owned() }),
        }
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

    /// Names the proxies in front of the app: networks such as `10.0.0.0/8`, or single addresses. Of a request that comes from one of them, the
    /// last address in `X-Forwarded-For` (or in `Forwarded`, RFC 7239) that is none of theirs is the visitor's: see [`Visit::address`]. From
    /// others these headers mean nothing, since anybody can write them. A proxy that writes one of the two has to remove the other: with both
    /// there, it is not known which to believe, and the request counts as the proxy's.
    ///
    /// Default: none. Loopback addresses are then not counted in limits per address, since mostly a proxy is what has them; once proxies are
    /// named, only those are left out.
    #[must_use]
    pub fn trusted_proxies<'a>(mut self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        let mut named = self.proxies.0.take().unwrap_or_default();
        self.add_networks(&mut named, networks);
        self.proxies.0 = Some(named);
        self
    }

    /// Says where browsers have the app, when that is not the root of its host: `/tools/live` for `https://example.org/tools/live/`. Links of the app's own pages, where
    /// [`Cx::navigate`](crate::Cx::navigate) leads, and its script and socket then have that in front. A proxy may take the path off before it asks, or leave it on: both are
    /// answered, also for health and metrics. (One with a page of its own below a path of the same name has that page under the prefix twice.)
    ///
    /// Default: what a proxy of [`trusted_proxies`](Self::trusted_proxies) says in `X-Forwarded-Prefix`, and the path at which the [router](Self::into_router) is nested. A
    /// proxy that takes a path off and doesn't say so has pages that work, with links that leave it.
    ///
    /// ```
    /// # use livefloe::App;
    /// let app = App::new().under("/tools/live");
    /// ```
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        let normal = prefix::normal(path).map(str::to_owned);
        if normal.is_none() {
            let reason = "expected a path such as /tools/live".to_owned();
            self.mistake.get_or_insert(Error::Path { path: path.to_owned(), reason });
        }
        self.prefix = normal;
        self
    }

    /// Says which user a request is of: a name that no two of them share, of what a proxy or middleware has left in its headers or extensions; `None` for
    /// somebody whom the app doesn't know. A session then belongs to the user who opened its page: nobody else joins it or posts to it, whatever they got
    /// hold of, and who logs in or out begins a new one. How many a user may have is [`Limits::max_sessions_per_user`]. Default: nobody is known.
    ///
    /// It is asked for each page and each connection. A header is only worth something where a proxy sets it, and removes it from what it was sent.
    ///
    /// ```
    /// # use livefloe::App;
    /// let app = App::new().identify(|headers, _| Some(headers.get("x-forwarded-user")?.to_str().ok()?.to_owned()));
    /// ```
    #[must_use]
    pub fn identify(mut self, identify: impl Fn(&HeaderMap, &Extensions) -> Option<String> + Send + Sync + 'static) -> Self {
        self.identify = Some(Arc::new(identify));
        self
    }

    /// Answers `{path}/live` with 200 as long as the process answers at all, and `{path}/ready` with 200 if it can take visitors, or else with 503
    /// and the reason: `stopping`, `full`, or `store`. Whatever the host name in the request, since what watches over servers mostly asks for
    /// their addresses. Default: no such routes.
    ///
    /// ```
    /// # use livefloe::App;
    /// let app = App::new().health_at("/health"); // /health/live and /health/ready
    /// ```
    #[must_use]
    pub fn health_at(mut self, path: &str) -> Self {
        self.probes.health = Some(path.trim_end_matches('/').to_owned());
        self
    }

    /// Serves [`Metrics`] at a path, in the text format of Prometheus, to clients in these networks; for others there is nothing. Default: nowhere.
    ///
    /// Whose request it is goes by [`trusted_proxies`](Self::trusted_proxies): one that another proxy hands on is nobody's who is allowed. In a
    /// router of your own that is only so when it is served with `into_make_service_with_connect_info`; or serve [`Metrics::prometheus`] yourself.
    ///
    /// ```
    /// # use livefloe::App;
    /// let app = App::new().metrics_at("/metrics", ["127.0.0.1", "10.0.0.0/8"]);
    /// ```
    #[must_use]
    pub fn metrics_at<'a>(mut self, path: &str, readers: impl IntoIterator<Item = &'a str>) -> Self {
        let mut networks = address::Networks::default();
        self.add_networks(&mut networks, readers);
        self.probes.metrics = Some((path.to_owned(), networks));
        self
    }

    fn add_networks<'a>(&mut self, networks: &mut address::Networks, added: impl IntoIterator<Item = &'a str>) {
        for network in added {
            if !networks.add(network) {
                self.mistake.get_or_insert(Error::Network { network: network.to_owned() });
            }
        }
    }

    /// Where sessions are kept that have to outlive the process: after a restart their pages go on where they were. What is kept is the state of the
    /// components.
    ///
    /// Default: an app that [listens](Self::bind) on a port of its own choice keeps them in a file for that port,
    /// `.livefloe/sessions-{port}.sqlite` in the folder that it was started in, which only its user can read. If that can't be written, the log says so and sessions
    /// end with the process; so do those of port 0, and those of a [router](Self::into_router).
    #[must_use]
    pub fn store(mut self, store: impl Store) -> Self {
        self.keeping = Keeping::In(Arc::new(store));
        self
    }

    /// The same by address: `sqlite:PATH`, `redis://HOST:PORT/DATABASE` (feature `redis`), or `memory` for no store. A store that can't be opened is an error when the
    /// app is put together.
    ///
    /// ```
    /// # use livefloe::App;
    /// let address = std::env::var("STORE").unwrap_or_else(|_| "memory".to_owned());
    /// let app = App::new().store_at(&address);
    /// ```
    #[must_use]
    pub fn store_at(mut self, address: &str) -> Self {
        match Keeping::at(address) {
            Ok(keeping) => self.keeping = keeping,
            Err(error) => _ = self.mistake.get_or_insert(Error::Store(error)),
        }
        self
    }

    /// Where the files that people send are while the app has them: in a folder of a name from chance in this one, which only its user can read and which goes with the
    /// process. Default: the system's folder for temporary files, which on some machines is in memory.
    #[must_use]
    pub fn upload_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.upload_folder = Some(folder.into());
        self
    }

    /// Keeps sessions in memory only: they end with the process.
    #[must_use]
    pub fn without_store(mut self) -> Self {
        self.keeping = Keeping::Nowhere;
        self
    }

    /// Where sessions are kept if nobody has said so.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn default_store(mut self, store: impl Store) -> Self {
        if matches!(self.keeping, Keeping::ByPort) {
            self.keeping = Keeping::In(Arc::new(store));
        }
        self
    }

    /// Lets a session send as many events a second as it likes, if nobody has said how many: tests click faster than people.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn unhurried(mut self) -> Self {
        if self.limits.max_events_per_second == Limits::default().max_events_per_second {
            self.limits.max_events_per_second = u32::MAX;
        }
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
        let (router, shared) = self.build(0)?;
        Ok(prefix::wrap(router, &shared))
    }

    /// Listens on an address such as `127.0.0.1:8000` and serves until the process is asked to stop.
    ///
    /// # Errors
    /// When the app has a mistake, or the address can't be listened on.
    pub async fn serve(self, address: &str) -> Result<()> {
        self.bind(address).await?.run().await
    }

    /// `port`: the one that was asked for, 0 for none.
    pub(crate) fn build(self, port: u16) -> Result<(Router, Arc<Shared>)> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let mut secret = [0; 32];
        let store = self.keeping.of(port);
        match &store {
            Some(store) => secret = store.secret().map_err(Error::Store)?,
            None => getrandom::fill(&mut secret).map_err(|error| Error::Random { reason: error.to_string() })?,
        }
        let joining = Arc::new(Semaphore::new(self.limits.max_unjoined.clamp(1, Semaphore::MAX_PERMITS)));
        let shared = Arc::new(Shared {
            joining,
            title: self.title,
            spool: Spool::new(self.upload_folder.unwrap_or_else(std::env::temp_dir), &self.limits),
            limits: self.limits,
            shelf: media::Shelf::default(),
            bus: self.bus,
            metrics: self.metrics,
            registry: Registry::default(),
            streams: Arc::default(),
            n_goodbyes: AtomicUsize::new(0),
            hosts: self.hosts,
            proxies: self.proxies,
            prefix: self.prefix,
            framed: self.framed,
            problems: self.problems,
            probes: self.probes.clone(),
            seats: Arc::default(),
            user_seats: Arc::default(),
            identify: self.identify,
            said_addresses: AtomicBool::new(false),
            backlog: Backlog::default(),
            is_stopping: AtomicBool::new(false),
            store: store.map(|store| (store, self.durability)),
            keys: Keys::new(&secret),
            pages: self.pages.clone(),
            restoring: (0..RESTORING).map(|_| tokio::sync::Mutex::default()).collect(),
            states: self.states,
            stylesheet: self.stylesheet,
            scripts: self.scripts,
            posts: self.posts,
            dev: self.dev,
            #[cfg(debug_assertions)]
            told: dashmap::DashSet::new(),
        });
        if let Some((store, _)) = &shared.store {
            shared.bus.connect(store);
            let shared: Weak<Shared> = Arc::downgrade(&shared);
            store.attend(shared);
        }
        let mut paths = matchit::Router::new();
        let mut router = Router::new()
            .route(assets::ROUTE, get(assets::serve))
            .route(script::ROUTE, get(script::serve))
            .route(assets::SOCKET_ROUTE, get(socket::upgrade))
            .route(assets::STREAM_ROUTE, post(stream::open))
            .route(assets::FRAMES_ROUTE, post(stream::post))
            .route(media::ROUTE, get(media::get))
            .route(assets::UPLOAD_ROUTE, post(upload::route::post).delete(upload::route::delete));
        // axum panics on paths that it can't take; ask its own matcher first.
        let mut is_path = |path: &str| match paths.insert(path.to_owned(), ()) {
            Ok(()) => Ok(()),
            Err(error) => Err(Error::Path { path: path.to_owned(), reason: error.to_string() }),
        };
        if shared.problems.is_some() {
            router = router.route(assets::PROBLEMS_ROUTE, get(problems::listen));
        }
        is_path(assets::ROUTE)?;
        is_path(script::ROUTE)?;
        is_path(assets::PROBLEMS_ROUTE)?;
        is_path(assets::SOCKET_ROUTE)?;
        is_path(assets::STREAM_ROUTE)?;
        is_path(assets::FRAMES_ROUTE)?;
        is_path(assets::UPLOAD_ROUTE)?;
        is_path(media::ROUTE)?;
        for (path, mount) in self.pages {
            is_path(&path)?;
            let route: Arc<str> = path.as_str().into();
            let (posted, mounted) = (Arc::clone(&route), Arc::clone(&mount));
            let handler = get(move |state, visit, request| page::get(state, visit, Arc::clone(&route), mount.clone(), request));
            let handler =
                handler.post(move |state, visit, request| post::post(state, visit, Arc::clone(&posted), Arc::clone(&mounted), request));
            router = router.route(&path, handler);
        }
        for (path, methods) in self.routes {
            is_path(&path)?;
            router = router.route(&path, methods.with_state(()));
        }
        if let Some((path, _)) = &self.probes.metrics {
            is_path(path)?;
            router = router.route(path, get(probe::metrics));
        }
        router = router.layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), host::check));
        // After that layer, and so not under it.
        for (path, probe) in self.probes.health() {
            is_path(&path)?;
            router = router.route(&path, probe);
        }
        let router = router.with_state(Arc::clone(&shared));
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

    /// What is known of whom a request is of.
    pub(crate) fn peer(&self, headers: &HeaderMap, extensions: &Extensions) -> Peer {
        let group = self.proxies.client(headers, extensions).and_then(|client| self.proxies.group(client));
        Peer { group, who: self.who(headers, extensions) }
    }

    /// Which user a request is of.
    pub(crate) fn who(&self, headers: &HeaderMap, extensions: &Extensions) -> Who {
        let name = self.identify.as_ref().and_then(|identify| identify(headers, extensions));
        name.map_or_else(Who::default, |name| Who::named(&name))
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
