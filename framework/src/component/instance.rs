//! [`Instance`]: a mounted component as the session sees it, whatever language it is written in.
//!
//! [`Component`](crate::Component) is the way to write one in Rust; `Typed` makes an instance of it. Another language
//! implements `Instance` itself. A session owns its instances and runs one [`Turn`] at a time.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use super::Link;
use crate::{Change, Failure, HandlerId, Topic, handler::BoxFuture};

pub use crate::session::UnderWay;

/// A mounted component.
pub trait Instance: Send + 'static {
    /// Renders: a pure function of the state. Called when the component is new and after each turn that may have
    /// changed what it shows. Commits the handler table for `versions`.
    ///
    /// # Errors
    /// When rendering failed; the component keeps what it showed before.
    fn render(&mut self, versions: Versions) -> Result<Rendered, Failure>;

    /// Runs the handler of an event.
    fn event(self: Box<Self>, event: Event) -> Turn;

    /// The session has rendered what the last turn changed: keep the changes, or undo them since rendering failed.
    fn settle(&mut self, keep: bool);

    /// Whether a turn that has just ended left what this shows as it is, so that there is nothing to render.
    fn is_clean(&self) -> bool {
        false
    }

    /// Takes new properties from the parent. `true` when it has to render again.
    fn update(&mut self, properties: Box<dyn Any + Send>) -> bool;

    /// The client has shown patch `acked`: handlers that only earlier patches showed can be forgotten.
    fn forget(&mut self, acked: u64);

    /// The session has been idle for a while, and the client shows everything. Drops what rendering makes again, such as the
    /// table of handlers, if rendering is sure to give the same again, whatever happens elsewhere meanwhile: then `true`, and
    /// [`render`](Self::render) is called, on the session's own thread, before anything else. Default: `false`, and all stays.
    fn sleep(&mut self) -> bool {
        false
    }

    /// What has to run before [`save`](Self::save), where reading the state is nothing for the session's own thread: it runs as a turn, which changes
    /// nothing, and `save` is called before any other. Asked again until it has nothing. Default: nothing.
    fn before_save(&mut self) -> Option<Job> {
        None
    }

    /// The state as bytes, for a store; `None` when this kind of component can't be kept. Default: that.
    ///
    /// # Errors
    /// When the state is one that can't be written.
    fn save(&self) -> Result<Option<Vec<u8>>, Failure> {
        Ok(None)
    }

    /// Takes a state that [`save`](Self::save) wrote, maybe an earlier version of this component, into one that was mounted just now. A page
    /// that has to know it earlier finds it in its [`Visit`](crate::Visit::saved).
    ///
    /// # Errors
    /// When it doesn't fit.
    fn restore(&mut self, _state: &[u8]) -> Result<(), Failure> {
        Err(Failure::from_error("this kind of component can't be restored".into()))
    }

    /// What its author calls it, for the log and for stores.
    fn name(&self) -> &'static str {
        "a component"
    }

    /// For functions that know the instance's own type, such as the end of a task.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// Which patches a rendering comes after.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "built by tests of other crates")]
pub struct Versions {
    /// The newest patch that was made.
    pub seq: u64,
    /// The newest patch that the client has shown.
    pub acked: u64,
}

/// An event for a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by tests of other crates")]
pub struct Event {
    /// Which handler.
    pub handler: HandlerId,
    /// The last patch on the screen when the person acted.
    pub seen: u64,
    /// The form or value that came with it, `application/x-www-form-urlencoded`; may be empty.
    pub payload: String,
    /// Whether it came while a run of this handler for an earlier event was under way, or waited.
    pub overlaps: bool,
    /// Whether a later event of this handler waits already.
    pub superseded: bool,
    /// The files that the payload names, as far as this component may have them.
    pub uploads: Vec<crate::Upload>,
}

impl Event {
    /// An event that neither overlaps another nor is superseded.
    #[must_use]
    pub fn new(handler: HandlerId, seen: u64, payload: String) -> Self {
        Self { handler, seen, payload, overlaps: false, superseded: false, uploads: Vec::new() }
    }
}

/// Called when a later event of the handler comes whose run is under way. The run may end earlier then; the session doesn't care.
pub type Overtake = Arc<dyn Fn() + Send + Sync>;

/// A run of the component's code: finished, or still going.
pub enum Turn {
    /// It is over.
    Done(Finished),
    /// It goes on without blocking the session's thread; the session runs no other turn meanwhile.
    Pending(BoxFuture<'static, Finished>),
    /// The same of a handler that wants to know when a later event for it comes.
    Overtakable(BoxFuture<'static, Finished>, Overtake),
}

impl fmt::Debug for Turn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(finished) => formatter.debug_tuple("Done").field(finished).finish(),
            Self::Pending(_) | Self::Overtakable(..) => formatter.write_str("Pending"),
        }
    }
}

/// How a turn ended.
pub struct Finished {
    /// The component, back from the turn.
    pub instance: Box<dyn Instance>,
    /// What the turn asks the session to do; or why it failed, in which case it changed nothing.
    pub result: Result<Vec<Effect>, Failure>,
    /// Other components that have to render again, besides this one.
    pub dirty: Vec<u32>,
    /// The rest of the work: what changed so far is pushed first, and other events may run in between.
    pub then: Option<Job>,
    /// Called when a later event of the handler comes before the rest of the work is done.
    pub overtake: Option<Overtake>,
}

impl Finished {
    /// The end of a turn that has nothing more to say.
    #[must_use]
    pub fn new(instance: Box<dyn Instance>, result: Result<Vec<Effect>, Failure>) -> Self {
        Self { instance, result, dirty: Vec::new(), then: None, overtake: None }
    }
}

impl fmt::Debug for Finished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Finished")
            .field("result", &self.result)
            .field("dirty", &self.dirty)
            .field("then", &self.then.is_some())
            .finish_non_exhaustive()
    }
}

/// Work to do on an instance, later.
pub type Job = Box<dyn FnOnce(Box<dyn Instance>) -> Turn + Send>;

/// What a turn asks of the session. Effects happen after the turn succeeded; a failed turn has none.
pub enum Effect {
    /// Run this future beside the session, then the job that it gives on the component.
    Spawn(BoxFuture<'static, Job>),
    /// Send a message to all subscribers of a topic.
    Broadcast {
        /// The topic's name.
        topic: Arc<str>,
        /// The message; each subscriber clones it out.
        message: Arc<dyn Any + Send + Sync>,
        /// The message as it goes to other nodes, if it does.
        far: Option<Vec<u8>>,
    },
    /// Take the person to another page of this site.
    Navigate(String),
}

impl fmt::Debug for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spawn(_) => formatter.write_str("Spawn"),
            Self::Broadcast { topic, .. } => write!(formatter, "Broadcast({topic})"),
            Self::Navigate(path) => write!(formatter, "Navigate({path})"),
        }
    }
}

/// What rendering a component gave.
#[derive(Default)]
pub struct Rendered {
    /// Its HTML, with placeholders where its children go.
    pub html: String,
    /// The document's title; only the page's own counts.
    pub title: Option<String>,
    /// What else it says of the document; only the page's own counts.
    pub document: crate::Document,
    /// Its children, in the order in which they were rendered.
    pub children: Vec<Child>,
    /// The topics it listens to.
    pub subscriptions: Vec<Subscription>,
    /// The topics whose members it shows, and as whom it is one itself.
    pub presences: Vec<Presence>,
    /// What it does after some time, or every so often.
    pub timers: Vec<Timer>,
}

/// A handler that runs by itself while its component renders this, and the session's socket is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "built by other languages' bindings")]
pub struct Timer {
    /// Which handler of the component.
    pub handler: HandlerId,
    /// How long after it was first rendered, and how often from then on. At least [`Timer::MIN`].
    pub period: Duration,
    /// Whether it runs more than once.
    pub repeats: bool,
}

impl Timer {
    /// The shortest period: each run is a turn of the session.
    pub const MIN: Duration = Duration::from_millis(50);
}

impl fmt::Debug for Rendered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rendered").field("html", &self.html).field("children", &self.children.len()).finish_non_exhaustive()
    }
}

/// A child that a component rendered: mounted when its slot is new, updated when it is not.
pub struct Child {
    /// Names its place in the parent: call site, type and key.
    pub slot: u64,
    /// What the parent passes down.
    pub properties: Box<dyn Any + Send>,
    /// Makes the instance when the slot is new.
    pub make: fn(Box<dyn Any + Send>, Link) -> Box<dyn Instance>,
}

impl fmt::Debug for Child {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Child({:016x})", self.slot)
    }
}

/// A child that is a Rust component, for components in other languages. `slot` has to name the type as well.
#[must_use]
pub fn typed_child<C: crate::Child>(slot: u64, properties: C::Properties) -> Child {
    Child {
        slot,
        properties: Box::new(properties),
        make: |properties, link| match properties.downcast::<C::Properties>() {
            Ok(properties) => super::Typed::<C>::child(*properties, link),
            Err(_) => unreachable!("a slot's identity covers the child's type"),
        },
    }
}

/// Runs a subscription's handler with a message of its topic.
pub type Deliver = fn(Box<dyn Instance>, Arc<dyn Any + Send + Sync>, HandlerId) -> Turn;

/// Reads a message that another node sent.
pub type Decode = fn(&[u8]) -> Result<Arc<dyn Any + Send + Sync>, Box<dyn std::error::Error + Send + Sync>>;

/// A topic that a component listens to, for as long as it renders it.
#[derive(Clone)]
pub struct Subscription {
    /// The topic's name.
    pub topic: Arc<str>,
    /// Which handler of the component gets the messages.
    pub handler: HandlerId,
    /// How to run it.
    pub deliver: Deliver,
    /// How to read a message of another node, if there may be some.
    pub decode: Option<Decode>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Subscription({} → {})", self.topic, self.handler)
    }
}

/// A topic whose members a component shows.
#[derive(Clone)]
#[non_exhaustive]
pub struct Presence {
    /// The topic's name.
    pub topic: Arc<str>,
    /// As whom this session is a member while its socket is connected; `None` just watches.
    pub member: Option<Arc<dyn Any + Send + Sync>>,
    /// Whether two members are equal, so that an unchanged one is no news.
    pub same: fn(&(dyn Any + Send + Sync), &(dyn Any + Send + Sync)) -> bool,
    /// The message for [`Topic::changes`](crate::Topic::changes) that a member has joined (true) or left.
    pub change: fn(&(dyn Any + Send + Sync), bool) -> Option<Arc<dyn Any + Send + Sync>>,
    /// Whether members are on other nodes, too.
    pub is_far: bool,
    /// The member as those hear of it.
    pub far: Option<Vec<u8>>,
}

impl Presence {
    /// A topic whose members a component shows, and as whom it is one itself, if at all. `far`: the member for other nodes.
    #[must_use]
    pub fn new<M: Clone + PartialEq + Send + Sync + 'static>(topic: &Topic<M>, member: Option<M>, far: Option<Vec<u8>>) -> Self {
        Self {
            topic: topic.shared_name(),
            member: member.map(|member| Arc::new(member) as Arc<dyn Any + Send + Sync>),
            same: |one, other| one.downcast_ref::<M>() == other.downcast_ref::<M>(),
            change: |member, joined| {
                let member = member.downcast_ref::<M>()?.clone();
                Some(Arc::new(if joined { Change::Joined(member) } else { Change::Left(member) }))
            },
            is_far: topic.decode().is_some(),
            far,
        }
    }
}

impl fmt::Debug for Presence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Presence({}, member: {})", self.topic, self.member.is_some())
    }
}
