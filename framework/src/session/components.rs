//! [`Components`]: a session's component tree; renders what changed and makes the patch.

mod idle;
#[cfg(debug_assertions)]
mod inspect;
mod keep;
mod timer;
mod write;

use std::fmt;

use rustc_hash::FxHashMap;
use tokio::{task::AbortHandle, time::Instant};

use crate::{
    Document, Failure,
    component::{
        Link,
        instance::{Child, Instance, Presence, Rendered, Subscription, Versions},
    },
    patch::HEAD,
    tree::{self, Resolve, Resolved},
};

use super::{document::DocumentParts, marks::Marks, shown::Shown};
use timer::Ticking;

/// The page's component.
pub(crate) const PAGE: u32 = 0;

/// A session's component tree.
pub(crate) struct Components {
    // Boxed: a map has room for four at the least, and most pages are one component.
    mounted: FxHashMap<u32, Box<Mounted>>,
    next_id: u32,
    dirty: Marks,
    /// Components that were rendered and whose changes the client doesn't show yet.
    changed: Marks,
    /// Components that may keep earlier handler tables.
    earlier: Vec<u32>,
    /// How many components keep less than what the client shows, since the session was idle.
    n_asleep: usize,
    /// Components of which the client shows something else than what is known here: they are sent as a whole.
    unlike: Marks,
    /// Whether the session's socket is connected: presence counts only then.
    connected: bool,
    title: Option<String>,
    /// What the page says of the document; most say nothing.
    document: Option<Box<DocumentParts>>,
    /// While they are made again: the components as they were.
    earlier_life: Option<Box<keep::Earlier>>,
    /// When the first of the timers is due.
    next_timer: Option<Instant>,
}

impl fmt::Debug for Components {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Components").field("mounted", &self.mounted.len()).finish_non_exhaustive()
    }
}

/// A component in the tree.
struct Mounted {
    /// `None` while a turn has it.
    instance: Option<Box<dyn Instance>>,
    link: Link,
    parent: u32,
    slot: u64,
    shown: Shown,
    /// Whether it was seen to render one state in two ways.
    is_unfaithful: bool,
    /// What it rendered since, which the client doesn't show yet.
    next_html: Option<String>,
    /// The last patch on which people may act on handlers from before the newest rendering; `None` when those are forgotten.
    earlier_until: Option<u64>,
    children: FxHashMap<u64, u32>,
    /// Whether it stands in an opaque element of its parent, so that the client's tree ends before it.
    is_unlisted: bool,
    /// Whether any of its children does.
    has_unlisted: bool,
    subscriptions: Vec<Subscription>,
    presences: Vec<Presence>,
    timers: Vec<Ticking>,
    tasks: Vec<AbortHandle>,
}

impl Mounted {
    /// What it renders; `None` while a turn has it.
    fn render(&mut self, versions: Versions) -> Result<Option<Rendered>, Failure> {
        let Some(instance) = &mut self.instance else { return Ok(None) };
        let rendered = instance.render(versions)?;
        let limit = self.link.limits().max_html_bytes;
        if rendered.html.len() > limit {
            let message = format!("a component rendered {} bytes of HTML; Limits::max_html_bytes allows {limit}", rendered.html.len());
            return Err(Failure::from_error(message.into()));
        }
        Ok(Some(rendered))
    }
}

/// As many components may keep handler tables which nobody can act on any more: it saves asking them at each acknowledgement.
/// (A component that renders forgets its own.)
const MAX_EARLIER: usize = 16;

impl Components {
    /// Mounts the page and renders it.
    ///
    /// # Errors
    /// When rendering fails; there is no page then.
    pub(crate) fn mount(page: Box<dyn Instance>, link: Link) -> Result<Self, Failure> {
        let mut components = Self::empty();
        let result = components.add(page, link, PAGE, 0).and_then(|_| components.render(Versions::default()));
        if let Err(failure) = result {
            components.unmount(PAGE);
            return Err(failure);
        }
        components.settle_new();
        #[cfg(debug_assertions)]
        components.inspect();
        Ok(components)
    }

    fn empty() -> Self {
        Self {
            mounted: FxHashMap::default(),
            next_id: PAGE,
            dirty: Marks::default(),
            changed: Marks::default(),
            earlier: Vec::new(),
            n_asleep: 0,
            unlike: Marks::default(),
            connected: false,
            title: None,
            document: None,
            earlier_life: None,
            next_timer: None,
        }
    }

    /// The page's HTML, all components in place, with what the client needs to check its own tree.
    pub(crate) fn page(&self) -> Page {
        let document = self.document.as_ref().map(|document| document.shown().clone());
        let mut page = Page { title: self.title.clone(), document: document.unwrap_or_default(), ..Page::default() };
        if let Some(root) = self.mounted.get(&PAGE) {
            tree::expand_all(root.shown.html(), root.shown.tape(), PAGE, self, &mut page.html, &mut page.opaque);
        }
        let mut ids: Vec<_> = self.mounted.keys().copied().collect();
        ids.sort_unstable();
        page.checks = ids
            .into_iter()
            .filter_map(|id| {
                // One that can't be read as a tree has nothing to check, nor has one that the client has no tree of.
                let shown = &self.mounted.get(&id).filter(|_| self.opaque_around(id).is_none())?.shown;
                let (count, hash) = if shown.tape().is_broken() { None } else { Some(shown.tape().check(shown.html())) }?;
                Some((id, count, hash))
            })
            .collect();
        page
    }

    /// Takes a component out for a turn; `None` when it is not mounted any more.
    pub(crate) fn take(&mut self, component: u32) -> Option<Box<dyn Instance>> {
        self.mounted.get_mut(&component)?.instance.take()
    }

    /// Puts a component back after a turn.
    pub(crate) fn put_back(&mut self, component: u32, instance: Box<dyn Instance>) {
        if let Some(mounted) = self.mounted.get_mut(&component) {
            mounted.instance = Some(instance);
        }
    }

    /// A component that no turn has.
    pub(crate) fn instance(&mut self, component: u32) -> Option<&mut Box<dyn Instance>> {
        self.mounted.get_mut(&component)?.instance.as_mut()
    }

    /// Marks components to be rendered; those that are gone are skipped.
    pub(crate) fn mark(&mut self, components: impl IntoIterator<Item = u32>) {
        for component in components {
            if self.mounted.contains_key(&component) {
                self.dirty.insert(component);
            }
        }
    }

    /// Whether there is something to render.
    pub(crate) fn is_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Whether there is something that no patch has told of yet.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn is_changed(&self) -> bool {
        !self.changed.is_empty() || !self.unlike.is_empty()
    }

    /// Renders what is marked and what follows from it: children with new properties, new children.
    ///
    /// # Errors
    /// The first rendering that fails. That component keeps what it shows; the others are rendered all the same.
    pub(crate) fn render(&mut self, versions: Versions) -> Result<(), Failure> {
        let mut result = Ok(());
        // Parents have smaller ids than their children, so each is rendered once, after it got its properties.
        while let Some(component) = self.dirty.pop_first() {
            if let Err(failure) = self.render_one(component, versions)
                && result.is_ok()
            {
                result = Err(failure);
            }
        }
        result
    }

    /// The components that have to be sent as a whole, each once.
    pub(crate) fn take_unlike(&mut self) -> impl Iterator<Item = u32> {
        std::iter::from_fn(|| self.unlike.pop_first())
    }

    /// The page's title, if it is another one than `shown`.
    pub(crate) fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The socket came or went.
    pub(crate) fn set_connected(&mut self, connected: bool) {
        self.connected = connected;
        for (component, mounted) in &self.mounted {
            for presence in &mounted.presences {
                mounted.link.bus().watch(&mounted.link.mailbox, *component, presence, connected);
            }
        }
    }

    /// The client has shown patch `acked`.
    pub(crate) fn forget(&mut self, acked: u64) {
        if self.earlier.len() > MAX_EARLIER {
            self.forget_now(acked);
        }
    }

    /// The same without delay.
    fn forget_now(&mut self, acked: u64) {
        let mut earlier = std::mem::take(&mut self.earlier);
        earlier.retain(|component| {
            let Some(mounted) = self.mounted.get_mut(component) else { return false };
            if mounted.earlier_until.is_some_and(|until| until >= acked) {
                return true;
            }
            // A component that a turn has is asked the next time.
            let Some(instance) = &mut mounted.instance else { return true };
            instance.forget(acked);
            mounted.earlier_until = None;
            false
        });
        self.earlier = earlier;
    }

    /// A subscription that a component has at present.
    pub(crate) fn listens(&self, component: u32, handler: crate::HandlerId) -> bool {
        self.mounted.get(&component).is_some_and(|mounted| mounted.subscriptions.iter().any(|subscription| subscription.handler == handler))
    }

    /// Ties a task to a component. `false` when it has too many.
    pub(crate) fn add_task(&mut self, component: u32, task: AbortHandle) {
        if let Some(mounted) = self.mounted.get_mut(&component) {
            mounted.tasks.retain(|task| !task.is_finished());
            mounted.tasks.push(task);
        } else {
            task.abort();
        }
    }

    /// How many tasks run.
    pub(crate) fn n_tasks(&self) -> usize {
        self.mounted.values().flat_map(|mounted| &mounted.tasks).filter(|task| !task.is_finished()).count()
    }

    /// Ends all components.
    pub(crate) fn clear(&mut self) {
        self.unmount(PAGE);
    }

    /// Checks that what was kept up to date by patches is what reading everything gives.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn verify(&self) -> Result<(), String> {
        for (id, Mounted { shown, .. }) in self.mounted.iter().map(|(id, mounted)| (id, &**mounted)) {
            let fresh = tree::Tape::read(shown.html(), *id, self);
            if *shown.tape() != fresh {
                return Err(format!("the tape of component {id}, {:?}: expected {fresh:?}, got {:?}", shown.html(), shown.tape()));
            }
        }
        Ok(())
    }

    /// The id of a new component.
    fn id_for(&self, parent: u32, slot: u64) -> u32 {
        self.earlier_life.as_ref().and_then(|earlier| earlier.id(parent, slot)).unwrap_or(self.next_id)
    }

    /// Adds a component.
    ///
    /// # Errors
    /// When it is one from before, whose state can't be read.
    fn add(&mut self, mut instance: Box<dyn Instance>, link: Link, parent: u32, slot: u64) -> Result<u32, Failure> {
        if let Some(earlier) = &self.earlier_life {
            earlier.restore(parent, slot, &mut *instance)?;
        }
        let id = link.component();
        self.next_id = self.next_id.max(id + 1);
        self.mounted.insert(
            id,
            Box::new(Mounted {
                instance: Some(instance),
                link,
                parent,
                slot,
                shown: Shown::default(),
                is_unfaithful: false,
                next_html: None,
                earlier_until: None,
                children: FxHashMap::default(),
                is_unlisted: false,
                has_unlisted: false,
                subscriptions: Vec::new(),
                presences: Vec::new(),
                timers: Vec::new(),
                tasks: Vec::new(),
            }),
        );
        self.dirty.insert(id);
        Ok(id)
    }

    fn render_one(&mut self, component: u32, versions: Versions) -> Result<(), Failure> {
        if self.mounted.get(&component).is_some_and(|mounted| mounted.shown.is_asleep()) {
            self.wake(component, versions)?;
        }
        let Some(mounted) = self.mounted.get_mut(&component) else { return Ok(()) };
        let Some(rendered) = mounted.render(versions)? else { return Ok(()) };
        let Rendered { html, title, document, children, subscriptions, presences, timers } = rendered;
        mounted.next_html = Some(html);
        self.changed.insert(component);
        if mounted.earlier_until.replace(versions.seq).is_none() {
            self.earlier.push(component);
        }
        self.take_document(component, title, document);
        self.reconcile_children(component, children)?;
        self.reconcile_topics(component, subscriptions, presences);
        self.reconcile_timers(component, &timers);
        Ok(())
    }

    /// What only the page says.
    fn take_document(&mut self, component: u32, title: Option<String>, document: Document) {
        if component != PAGE {
            return;
        }
        self.title = title;
        match &mut self.document {
            Some(parts) => parts.set(document),
            None if document == Document::default() => {}
            None => self.document.get_or_insert_default().set(document),
        }
    }

    fn reconcile_children(&mut self, parent: u32, children: Vec<Child>) -> Result<(), Failure> {
        let Some(mounted) = self.mounted.get_mut(&parent) else { return Ok(()) };
        if children.is_empty() && mounted.children.is_empty() {
            return Ok(());
        }
        let mut before = std::mem::take(&mut mounted.children);
        let mut now = FxHashMap::with_capacity_and_hasher(children.len(), rustc_hash::FxBuildHasher);
        let mut result = Ok(());
        for child in children {
            if now.contains_key(&child.slot) {
                let message = "two children of one call site have the same key; give each its own";
                result = Err(Failure::from_error(message.into()));
                continue;
            }
            if let Some(id) = before.remove(&child.slot) {
                now.insert(child.slot, id);
                if let Some(instance) = self.instance(id)
                    && instance.update(child.properties)
                {
                    self.dirty.insert(id);
                }
                continue;
            }
            let Some(link) = self.mounted.get(&parent).map(|mounted| mounted.link.child(self.id_for(parent, child.slot), child.slot))
            else {
                break;
            };
            let limit = link.limits().max_components;
            if self.mounted.len() >= limit {
                result = Err(Failure::from_error(format!("a page has more than {limit} components (Limits::max_components)").into()));
                break;
            }
            let instance = (child.make)(child.properties, link.clone());
            match self.add(instance, link, parent, child.slot) {
                Ok(id) => _ = now.insert(child.slot, id),
                Err(failure) => result = Err(failure),
            }
        }
        for gone in before.into_values() {
            self.unmount(gone);
        }
        if let Some(mounted) = self.mounted.get_mut(&parent) {
            mounted.children = now;
        }
        result
    }

    fn reconcile_topics(&mut self, component: u32, subscriptions: Vec<Subscription>, presences: Vec<Presence>) {
        let Some(mounted) = self.mounted.get_mut(&component) else { return };
        if subscriptions.is_empty() && presences.is_empty() && mounted.subscriptions.is_empty() && mounted.presences.is_empty() {
            return;
        }
        let (bus, mailbox) = (mounted.link.bus(), &mounted.link.mailbox);
        let is = |one: &Subscription, other: &Subscription| one.handler == other.handler && one.topic == other.topic;
        for gone in mounted.subscriptions.iter().filter(|old| !subscriptions.iter().any(|new| is(old, new))) {
            bus.unsubscribe(mailbox, component, gone);
        }
        for new in subscriptions.iter().filter(|new| !mounted.subscriptions.iter().any(|old| is(old, new))) {
            bus.subscribe(mailbox, component, new);
        }
        for gone in mounted.presences.iter().filter(|old| !presences.iter().any(|new| new.topic == old.topic)) {
            bus.unwatch(mailbox, component, &gone.topic);
        }
        for presence in &presences {
            bus.watch(mailbox, component, presence, self.connected);
        }
        mounted.subscriptions = subscriptions;
        mounted.presences = presences;
    }

    fn unmount(&mut self, component: u32) {
        let Some(mounted) = self.mounted.remove(&component) else { return };
        self.dirty.remove(component);
        self.changed.remove(component);
        self.unlike.remove(component);
        self.n_asleep -= usize::from(mounted.shown.is_asleep());
        for task in &mounted.tasks {
            task.abort();
        }
        let (bus, mailbox) = (mounted.link.bus(), &mounted.link.mailbox);
        for subscription in &mounted.subscriptions {
            bus.unsubscribe(mailbox, component, subscription);
        }
        for presence in &mounted.presences {
            bus.unwatch(mailbox, component, &presence.topic);
        }
        if !mounted.timers.is_empty() {
            self.find_next_timer();
        }
        for child in mounted.children.into_values() {
            self.unmount(child);
        }
    }
}

impl Resolve for Components {
    fn resolve(&self, parent: u32, slot: u64) -> Option<Resolved<'_>> {
        let id = *self.mounted.get(&parent)?.children.get(&slot)?;
        let child = self.mounted.get(&id)?;
        Some(Resolved { id, html: child.shown.html(), tape: child.shown.tape(), asleep: child.shown.fit_asleep() })
    }
}

/// The page's HTML and what the client needs to check its own tree.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The content of the page's element.
    pub(crate) html: String,
    /// Positions of the elements that the server marked opaque.
    pub(crate) opaque: Vec<u32>,
    /// For each component: id, number of nodes, hash of its structure.
    pub(crate) checks: Vec<(u32, u32, u32)>,
    /// The document's title.
    pub(crate) title: Option<String>,
    /// What else the document shows of the page.
    pub(crate) document: Document,
}

impl Drop for Components {
    fn drop(&mut self) {
        self.clear();
    }
}
