//! [`Cx`]: what a component's rendering and its handlers have at hand.

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    future::Future,
    hash::{Hash, Hasher},
    marker::PhantomData,
    panic::Location,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use maud::{Markup, PreEscaped};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Child as ChildComponent, Component, Link, Typed,
    instance::{Child, Effect, Event, Job, Presence, Subscription, Timer, Turn},
};
use crate::{
    Act, Actions, Binding, Bus, Failure, HandlerId, Limits, Topic, Uploads,
    action::{self, Field, Place, Source},
    handler::{self, Handler, Table},
    tree,
};

/// What a component's rendering and its handlers have at hand. Rendering registers handlers, children and
/// subscriptions; handlers ask for effects. Using one in the place of the other fails with a message that says so.
pub struct Cx<S: 'static> {
    link: Link,
    // Never locked by two threads at once: a component renders or runs one handler at a time. The lock makes a
    // reference to `Cx` something that an async handler may hold across an await. The session, which owns it, needs no lock.
    frame: Mutex<Frame<S>>,
}

/// Runs a handler of `S` with what an event brought.
pub(crate) trait Action<S: 'static>: Send + Sync {
    fn run(&self, instance: Box<Typed<S>>, argument: &[u8], payload: &str) -> Turn;
    fn deliver(&self, instance: Box<Typed<S>>, message: Arc<dyn Any + Send + Sync>) -> Turn;
}

/// What one rendering or one turn collects.
pub(crate) struct Frame<S: 'static> {
    phase: Phase,
    pub(crate) table: Table<&'static dyn Action<S>>,
    pub(crate) children: Vec<Child>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) presences: Vec<Presence>,
    pub(crate) timers: Vec<Timer>,
    effects: Vec<Effect>,
    /// What was bound by each rendering, by its name on the wire. Kept when it is rendered again: a name means the same place as long as the program runs.
    places: Vec<(HandlerId, &'static Location<'static>, &'static dyn Place<S>)>,
    /// The bound argument being written; kept, so that its memory is used again.
    scratch: Vec<u8>,
    /// Whether the newest rendering looked at something that is not the component's own: what it gives may change by itself.
    is_shared: bool,
    /// The first thing that went wrong in registering.
    pub(crate) misuse: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Rendering,
    Handling,
}

impl<S: 'static> fmt::Debug for Cx<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Cx").field(&self.link).finish()
    }
}

/// While rendering: handlers, children, topics.
impl<S: Component> Cx<S> {
    /// A handler that takes nothing, for `lf-click` and the like.
    ///
    /// The same call site twice in one rendering is an error in debug builds: in a loop, such a handler can't know which
    /// row it is for, so bind the row with [`with`](Self::with); to use one handler in two places, call `on` once and
    /// use its id twice.
    #[track_caller]
    pub fn on<K, H: Handler<S, (), K>>(&self, handler: H) -> HandlerId
    where
        K: 'static,
    {
        self.register(handler, Location::caller(), |_| Ok(()), |handler, instance, _, _| Typed::run(instance, handler, ()))
    }

    /// A handler with an argument that stays on the server: `cx.with(item.id, Self::remove)`. The client can't change it.
    /// Bind what identifies a thing, not its position: by the time of the click another thing may be there.
    #[track_caller]
    pub fn with<V, K, H: Handler<S, (V,), K>>(&self, value: V, handler: H) -> HandlerId
    where
        V: Serialize + DeserializeOwned + Send + 'static,
        K: 'static,
    {
        self.register(
            handler,
            Location::caller(),
            |into| handler::encode_argument(&value, into),
            |handler, instance, argument, _| match handler::decode_argument(argument) {
                Ok(value) => Typed::run(instance, handler, (value,)),
                Err(error) => Typed::refuse(instance, Failure::from_error(error.into())),
            },
        )
    }

    /// A handler that takes the whole form, read into `F` through serde; for `lf-submit`, or `lf-input` and `lf-change` on
    /// a form. A form that doesn't fit is refused with a message at each field, and keeps what was typed.
    #[track_caller]
    pub fn form<F, K, H: Handler<S, (F,), K>>(&self, handler: H) -> HandlerId
    where
        F: DeserializeOwned + Send + 'static,
        K: 'static,
    {
        self.register(
            handler,
            Location::caller(),
            |_| Ok(()),
            |handler, instance, _, payload| match handler::decode_form(payload) {
                Ok(form) => Typed::run(instance, handler, (form,)),
                Err(invalid) => Typed::refuse(instance, Failure::Invalid(invalid)),
            },
        )
    }

    /// A handler that takes the value of the control that it is on: `lf-input`, `lf-change`.
    #[track_caller]
    pub fn value<V, K, H: Handler<S, (V,), K>>(&self, handler: H) -> HandlerId
    where
        V: DeserializeOwned + Send + 'static,
        K: 'static,
    {
        self.register(
            handler,
            Location::caller(),
            |_| Ok(()),
            |handler, instance, _, payload| match handler::decode_value(payload) {
                Ok(value) => Typed::run(instance, handler, (value,)),
                Err(invalid) => Typed::refuse(instance, Failure::Invalid(invalid)),
            },
        )
    }

    /// [`with`](Self::with) and [`form`](Self::form) together: `fn(&mut self, bound, form)`.
    #[track_caller]
    pub fn with_form<V, F, K, H: Handler<S, (V, F), K>>(&self, value: V, handler: H) -> HandlerId
    where
        V: Serialize + DeserializeOwned + Send + 'static,
        F: DeserializeOwned + Send + 'static,
        K: 'static,
    {
        self.register(
            handler,
            Location::caller(),
            |into| handler::encode_argument(&value, into),
            |handler, instance, argument, payload| match (handler::decode_argument(argument), handler::decode_form(payload)) {
                (Ok(value), Ok(form)) => Typed::run(instance, handler, (value, form)),
                (Err(error), _) => Typed::refuse(instance, Failure::from_error(error.into())),
                (_, Err(invalid)) => Typed::refuse(instance, Failure::Invalid(invalid)),
            },
        )
    }

    /// [`with`](Self::with) and [`value`](Self::value) together: `fn(&mut self, bound, value)`.
    #[track_caller]
    pub fn with_value<V, P, K, H: Handler<S, (V, P), K>>(&self, value: V, handler: H) -> HandlerId
    where
        V: Serialize + DeserializeOwned + Send + 'static,
        P: DeserializeOwned + Send + 'static,
        K: 'static,
    {
        self.register(
            handler,
            Location::caller(),
            |into| handler::encode_argument(&value, into),
            |handler, instance, argument, payload| match (handler::decode_argument(argument), handler::decode_value(payload)) {
                (Ok(value), Ok(sent)) => Typed::run(instance, handler, (value, sent)),
                (Err(error), _) => Typed::refuse(instance, Failure::from_error(error.into())),
                (_, Err(invalid)) => Typed::refuse(instance, Failure::Invalid(invalid)),
            },
        )
    }

    /// Binds a field under a name: the client knows its value, so that [actions](Self::act) on it show at once, and what [depends](crate::When) on it follows. A
    /// truth, a number, a text, a variant without data, or an `Option` of these.
    ///
    /// ```
    /// # use livefloe::{Component, Cx, Markup, When, html};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Cart { count: u8 }
    /// impl Component for Cart {
    ///     fn render(&self, cx: &Cx<Self>) -> Markup {
    ///         let count = cx.binding("count", &self.count, |cart| &mut cart.count);
    ///         html! {
    ///             button lf-click=(cx.act(count.set((&count - 1).at_least(0)))) lf-when=(When::new().disabled(count.is(0))) { "−" }
    ///             span lf-when=(When::new().text(&count)) { (self.count) }
    ///             button lf-click=(cx.act(count.increment(1))) { "+" }
    ///         }
    ///     }
    /// }
    /// ```
    #[track_caller]
    pub fn binding<V, F>(&self, name: &str, value: &V, place: F) -> Binding<V>
    where
        V: Serialize + DeserializeOwned + 'static,
        F: Fn(&mut S) -> &mut V + Copy + Send + Sync + 'static,
    {
        let site = Location::caller();
        let id = self.link.identity().bytes(name.as_bytes()).number(2).handler();
        let mut frame = self.rendering("binding");
        match frame.places.iter().find(|(other, ..)| *other == id) {
            None => frame.places.push((id, site, forever(Field { place, kind: PhantomData }))),
            Some((_, other, _)) if *other != site => {
                let message =
                    format!("`{name}` is bound at {other} and at {site}: bind it once and use that, or give one of them another name");
                frame.misuse.get_or_insert(message);
            }
            Some(_) => {}
        }
        let value = action::scalar(value).unwrap_or_else(|got| {
            let message = format!("`{name}`, bound at {site}, wants to be a truth, a number, a text or a variant without data, got {got}");
            frame.misuse.get_or_insert(message);
            serde_json::Value::Null
        });
        Binding::new(Source::new(id, value))
    }

    /// What an event does by itself: the value of `lf-click` and the like, or of a widget's `on_click`. Steps on bindings show at once, and the server runs them on
    /// its own values; a client can have them run, and nothing else. What comes with the event is ignored.
    ///
    /// ```
    /// # use livefloe::{Actions, Component, Cx, Markup, When, html};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Search { is_open: bool }
    /// impl Component for Search {
    ///     fn render(&self, cx: &Cx<Self>) -> Markup {
    ///         let open = cx.binding("open", &self.is_open, |search| &mut search.is_open);
    ///         html! {
    ///             button lf-click=(cx.act(open.toggle().on("#words").focus())) { "Search" }
    ///             div lf-when=(When::new().shown(&open)) { input id="words" name="words"; }
    ///         }
    ///     }
    /// }
    /// ```
    #[track_caller]
    pub fn act(&self, actions: Actions) -> Act {
        let site = Location::caller();
        let steps = actions.replayed();
        if steps.is_empty() {
            return Act::new(None, actions);
        }
        // JSON of JSON can't fail.
        let steps = serde_json::to_vec(&steps).unwrap_or_default();
        let id = self.link.identity().site(site).bytes(&steps).number(2).handler();
        let mut frame = self.rendering("act");
        let Frame { table, places, misuse, .. } = &mut *frame;
        if let Some(other) = actions.assigned().find(|name| !places.iter().any(|(id, ..)| id.as_str() == *name)) {
            misuse
                .get_or_insert_with(|| format!("the action at {site} sets `{other}`, which another component has bound: let that one act"));
        }
        let run = |(), instance, argument: &[u8], _: &str| Typed::run(instance, replay::<S>, (argument.to_vec(),));
        table.enter(id, forever(Bound { handler: (), run }), &steps);
        drop(frame);
        Act::new(Some(id), actions)
    }

    /// Places a child component. `key` tells siblings of one call site apart, and keeps a child's state when they move.
    #[track_caller]
    pub fn child<C: ChildComponent>(&self, key: impl Hash, properties: C::Properties) -> Markup {
        let identity = self.link.identity().site(Location::caller()).bytes(std::any::type_name::<C>().as_bytes());
        let mut hasher = StableHasher(identity);
        key.hash(&mut hasher);
        let slot = hasher.0.slot();
        self.rendering("child").children.push(Child {
            slot,
            properties: Box::new(properties),
            make: |properties, link| match properties.downcast::<C::Properties>() {
                Ok(properties) => Typed::<C>::child(*properties, link),
                Err(_) => unreachable!("a slot's identity covers the child's type"),
            },
        });
        let mut placeholder = String::new();
        tree::write_placeholder(slot, &mut placeholder);
        PreEscaped(placeholder)
    }

    /// Listens to a topic for as long as this is rendered: each message runs the handler, in every session that listens.
    #[track_caller]
    pub fn subscribe<M, K, H: Handler<S, (M,), K>>(&self, topic: &Topic<M>, handler: H)
    where
        M: Clone + Send + Sync + 'static,
        K: 'static,
    {
        let deliver = forever(Deliver::<M, H, K> { handler, kind: PhantomData });
        let identity = self.link.identity().site(Location::caller()).bytes(topic.name().as_bytes()).number(1);
        let mut frame = self.rendering("subscribe");
        // In the table as well, so that the message finds the handler of the rendering that subscribed; a client can't
        // run it, since it brings no message of the right type.
        frame.table.enter(identity.handler(), deliver, &[]);
        frame.subscriptions.push(Subscription {
            topic: topic.shared_name(),
            handler: identity.handler(),
            deliver: |instance, message, handler| match instance.into_any().downcast::<Typed<S>>() {
                Ok(instance) => instance.deliver(handler, message),
                Err(_) => unreachable!("a subscription belongs to the component that made it"),
            },
            decode: topic.decode(),
        });
    }

    /// Makes this session a member of a topic while its socket is connected, and gives all members, in the order in which they came.
    /// The component renders again whenever they change.
    pub fn presence<M: Clone + PartialEq + Send + Sync + 'static>(&self, topic: &Topic<M>, member: M) -> Vec<M> {
        self.watch(topic, Some(member))
    }

    /// The members of a topic, as for [`presence`](Self::presence), without being one.
    #[must_use]
    pub fn members<M: Clone + PartialEq + Send + Sync + 'static>(&self, topic: &Topic<M>) -> Vec<M> {
        self.watch(topic, None)
    }

    /// Runs a handler every so often, for as long as this is rendered and the session's socket is connected; the first time after one period. A period
    /// of less than 50 ms counts as that. A run that is due while the last one is under way, or waits, is left out.
    ///
    /// ```
    /// use std::time::Duration;
    /// use livefloe::{Component, Cx, Markup, html};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Clock { seconds: u64 }
    /// impl Component for Clock {
    ///     fn render(&self, cx: &Cx<Self>) -> Markup {
    ///         cx.every(Duration::from_secs(1), Self::tick);
    ///         html! { time { (self.seconds) } }
    ///     }
    /// }
    /// # impl Clock {
    /// fn tick(&mut self) { self.seconds += 1 }
    /// # }
    /// ```
    #[track_caller]
    pub fn every<K, H: Handler<S, (), K>>(&self, period: Duration, handler: H)
    where
        K: 'static,
    {
        let handler = self.on(handler);
        self.rendering("every").timers.push(Timer { handler, period, repeats: true });
    }

    /// Runs a handler once, this long after it was first rendered, if it is rendered then; as [`every`](Self::every) otherwise.
    #[track_caller]
    pub fn after<K, H: Handler<S, (), K>>(&self, time: Duration, handler: H)
    where
        K: 'static,
    {
        let handler = self.on(handler);
        self.rendering("after").timers.push(Timer { handler, period: time, repeats: false });
    }

    fn watch<M: Clone + PartialEq + Send + Sync + 'static>(&self, topic: &Topic<M>, member: Option<M>) -> Vec<M> {
        let bus = &self.link.shared.bus;
        let far = member.as_ref().and_then(|member| bus.encode_member(topic, member));
        let mut frame = self.rendering("presence");
        frame.is_shared = true;
        frame.presences.push(Presence::new(topic, member, far));
        drop(frame);
        bus.members(topic)
    }

    /// An address for bytes, such as a picture that was drawn a moment ago, for this session only: `image(cx.media(png, "image/png"), "A plot")`. The same bytes have the
    /// same address, so what didn't change isn't sent again. They are in memory as long as the session and its bounds
    /// ([`Limits::max_media_bytes_per_session`]) let them, so render them again with what shows them. A type that browsers could run, such as HTML or SVG, is only ever shown
    /// by an `img` or saved. See [`download`](Self::download).
    pub fn media(&self, bytes: impl Into<bytes::Bytes>, content_type: &str) -> String {
        self.link.media(bytes, content_type, None)
    }

    /// The same for a file to save under this name: `link("Save", cx.download(csv, "text/csv", "rows.csv"))`.
    pub fn download(&self, bytes: impl Into<bytes::Bytes>, content_type: &str, name: &str) -> String {
        self.link.media(bytes, content_type, Some(name))
    }

    /// The right to bring files to this component, for a [`file_field`](crate::widget::file_field).
    #[must_use]
    pub fn uploads(&self) -> Uploads {
        self.link.uploads()
    }

    fn register<H: Copy + Send + Sync + 'static>(
        &self,
        handler: H,
        site: &'static Location<'static>,
        bind: impl FnOnce(&mut Vec<u8>) -> Result<(), rmp_serde::encode::Error>,
        run: impl Fn(H, Box<Typed<S>>, &[u8], &str) -> Turn + Send + Sync + 'static,
    ) -> HandlerId {
        let mut frame = self.rendering("on");
        let Frame { table, scratch, misuse, .. } = &mut *frame;
        scratch.clear();
        if let Err(error) = bind(scratch) {
            misuse.get_or_insert_with(|| format!("the value bound at {site} can't be kept: {error}"));
        }
        let id = self.link.identity().site(site).bound(scratch);
        let fresh = table.enter(id, forever(Bound { handler, run }), scratch);
        if !fresh && cfg!(debug_assertions) {
            misuse.get_or_insert_with(|| {
                format!(
                    "the handler {} is registered twice at {site} with the same value, so it can't know which one was meant: in a loop bind \
                     what identifies the row, `cx.with(row.id, …)`; to use one handler in several places, call this once and reuse its id",
                    short_name::<H>()
                )
            });
        }
        id
    }

    #[track_caller]
    fn rendering(&self, what: &str) -> MutexGuard<'_, Frame<S>> {
        let frame = self.frame();
        assert!(frame.phase == Phase::Rendering, "cx.{what} is for rendering; a handler changes the state, and rendering follows");
        frame
    }
}

/// While handling: effects. They happen after the handler has succeeded; a handler that fails has none.
impl<S: Component> Cx<S> {
    /// Runs a future beside the session, then the handler `done` with what it gave. The session goes on meanwhile. The task
    /// ends with the component.
    pub fn spawn<T, F, K, H: Handler<S, (T,), K>>(&self, future: F, done: H)
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
        K: 'static,
    {
        self.effect(
            "spawn",
            Effect::Spawn(Box::pin(async move {
                let output = future.await;
                let job: Job = Box::new(move |instance| match instance.into_any().downcast::<Typed<S>>() {
                    Ok(instance) => Typed::run(instance, done, (output,)),
                    Err(_) => unreachable!("a task belongs to the component that spawned it"),
                });
                job
            })),
        );
    }

    /// Sends a message to every session that listens to the topic, this one included.
    pub fn broadcast<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>, message: M) {
        let far = self.link.shared.bus.encode(topic, &message);
        self.effect("broadcast", Effect::Broadcast { topic: topic.shared_name(), message: Arc::new(message), far });
    }

    /// A path of the app such as `/rooms`, as a link on this page has to have it: with what the app is under (see [`App::under`](crate::App::under)) in front. Any other
    /// address is what it is.
    ///
    /// ```
    /// # use livefloe::{Component, Cx, Markup, html, widget::link};
    /// # #[derive(serde::Serialize, serde::Deserialize)] struct Home;
    /// # impl Component for Home {
    /// fn render(&self, cx: &Cx<Self>) -> Markup {
    ///     html! { a href=(cx.href("/rooms")) { "Rooms" } (link("About", cx.href("/about"))) }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn href<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.link.href(path)
    }

    /// Takes the person to another page of this app: a path that starts with one `/`, as [`App::page`](crate::App::page) has it.
    ///
    /// # Panics
    /// When it is anything else; the event then fails with a message that says so.
    pub fn navigate<'a>(&self, path: impl Into<Cow<'a, str>>) {
        let path = path.into().into_owned();
        assert!(is_local_path(&path), "expected a path of this site such as /thanks, got `{path}`");
        self.effect("navigate", Effect::Navigate(path));
    }

    #[track_caller]
    fn effect(&self, what: &str, effect: Effect) {
        let mut frame = self.frame();
        assert!(frame.phase == Phase::Handling, "cx.{what} is for handlers; rendering must not do anything, since it may run at any time");
        frame.effects.push(effect);
    }
}

/// At any time.
impl<S: 'static> Cx<S> {
    /// The app's state of this type: a database pool, a model, a shared room.
    ///
    /// # Panics
    /// When the app was given none of this type; the event then fails with a message that says so.
    #[must_use]
    pub fn state<T: Any + Send + Sync>(&self) -> Arc<T> {
        self.share();
        self.link
            .state()
            .unwrap_or_else(|| panic!("the app has no state of type {}: give it one with App::state", std::any::type_name::<T>()))
    }

    /// The way to the session and the app.
    #[must_use]
    pub fn link(&self) -> &Link {
        self.share();
        &self.link
    }

    /// The bus between sessions, for code that runs outside of a handler.
    #[must_use]
    pub fn bus(&self) -> &Bus {
        self.share();
        self.link.bus()
    }

    /// Notes that a rendering looks at what others may change: it can't be taken to give the same again.
    fn share(&self) {
        let mut frame = self.frame();
        frame.is_shared |= frame.phase == Phase::Rendering;
    }
}

/// For [`Typed`].
impl<S: 'static> Cx<S> {
    pub(crate) fn new(link: Link) -> Self {
        let frame = Frame {
            phase: Phase::Idle,
            table: Table::default(),
            children: Vec::new(),
            subscriptions: Vec::new(),
            presences: Vec::new(),
            timers: Vec::new(),
            effects: Vec::new(),
            places: Vec::new(),
            scratch: Vec::new(),
            is_shared: false,
            misuse: None,
        };
        Self { link, frame: Mutex::new(frame) }
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.link.limits()
    }

    fn frame(&self) -> MutexGuard<'_, Frame<S>> {
        // A panicking handler poisons nothing that matters: what the frame collected is dropped with the failed turn.
        self.frame.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn frame_mut(&mut self) -> &mut Frame<S> {
        self.frame.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn find(&mut self, event: &Event, argument: &mut Vec<u8>) -> Option<&'static dyn Action<S>> {
        let (action, bytes) = self.frame_mut().table.find(event.handler, event.seen)?;
        argument.extend_from_slice(bytes);
        Some(action)
    }
}

impl<S: 'static> Frame<S> {
    pub(crate) fn begin_rendering(&mut self) {
        self.phase = Phase::Rendering;
        self.table.begin();
        self.children.clear();
        self.subscriptions.clear();
        self.presences.clear();
        self.timers.clear();
        self.is_shared = false;
        self.misuse = None;
    }

    /// Drops what rendering makes again. `false` when that may be something else.
    pub(crate) fn sleep(&mut self) -> bool {
        self.scratch = Vec::new();
        if self.is_shared {
            self.table.shrink();
        } else {
            self.table = Table::default();
        }
        !self.is_shared
    }

    pub(crate) fn begin_handling(&mut self) {
        self.phase = Phase::Handling;
        self.effects.clear();
    }

    pub(crate) fn end(&mut self) -> Vec<Effect> {
        self.phase = Phase::Idle;
        std::mem::take(&mut self.effects)
    }
}

/// A handler in a table, with how its inputs are read. Has no size, so that a reference to one can live for ever at no cost.
struct Bound<H, R> {
    handler: H,
    run: R,
}

impl<S: Component, H: Copy + Send + Sync, R> Action<S> for Bound<H, R>
where
    R: Fn(H, Box<Typed<S>>, &[u8], &str) -> Turn + Send + Sync,
{
    fn run(&self, instance: Box<Typed<S>>, argument: &[u8], payload: &str) -> Turn {
        (self.run)(self.handler, instance, argument, payload)
    }

    fn deliver(&self, instance: Box<Typed<S>>, _: Arc<dyn Any + Send + Sync>) -> Turn {
        Typed::refuse(instance, Failure::Stale)
    }
}

/// The handler of a subscription.
struct Deliver<M, H, K> {
    handler: H,
    kind: PhantomData<fn(M, K)>,
}

impl<S: Component, M: Clone + Send + Sync + 'static, K: 'static, H: Handler<S, (M,), K>> Action<S> for Deliver<M, H, K> {
    fn run(&self, instance: Box<Typed<S>>, _: &[u8], _: &str) -> Turn {
        // A client named a subscription as if it were a handler.
        Typed::refuse(instance, Failure::Stale)
    }

    fn deliver(&self, instance: Box<Typed<S>>, message: Arc<dyn Any + Send + Sync>) -> Turn {
        match message.downcast::<M>() {
            Ok(message) => Typed::run(instance, self.handler, (M::clone(&message),)),
            // Two topics of one name and different types: the message is for somebody else.
            Err(_) => Typed::refuse(instance, Failure::Stale),
        }
    }
}

/// Runs the steps of an action on what the component has bound.
fn replay<S: Component>(state: &mut S, steps: Vec<u8>, cx: &Cx<S>) -> Result<(), action::ReplayError> {
    let place = |name: &str| cx.frame().places.iter().find(|(id, ..)| id.as_str() == name).map(|(_, _, place)| *place);
    action::replay(&steps, state, place)
}

/// A reference for ever to a value without size: leaking it leaks nothing.
fn forever<T: 'static>(value: T) -> &'static T {
    const { assert!(size_of::<T>() == 0, "a handler must not capture: put what it needs in the state, or bind it with cx.with(value, …)") };
    Box::leak(Box::new(value))
}

fn short_name<H>() -> &'static str {
    std::any::type_name::<H>()
}

pub(crate) fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && !path.contains(|character: char| character.is_control() || character == '\\')
}

/// Hashes a key into an [`Identity`](crate::handler::Identity): stable, which the standard hasher is not.
struct StableHasher(handler::Identity);

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        self.0.slot()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = self.0.bytes(bytes);
    }
}
