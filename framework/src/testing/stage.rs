//! [`Stage`]: a session whose components render the HTML that they are given.
//!
//! For properties and fuzzing of what leads from HTML to patches: everything from the component tree on is the session's
//! own, only handlers and the socket are missing.

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    App, Failure,
    app::Shared,
    component::{
        Link,
        instance::{Child, Event, Finished, Instance, Rendered, Turn, Versions},
    },
    handler::Identity,
    patch::PatchWriter,
    session::{self, Components, Mailbox, Who},
    tree,
};

/// What each component renders, by its name. A component is placed where a placeholder has its name as the slot; 0 is the page.
pub type Html = BTreeMap<u32, String>;

/// A session whose components render the HTML that they are given.
#[derive(Debug)]
pub struct Stage {
    components: Components,
    script: Arc<Mutex<Script>>,
}

/// What the components render, and which of the session's components they are.
#[derive(Debug, Default)]
struct Script {
    html: Html,
    ids: BTreeMap<u32, u32>,
}

/// A page as a browser gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StagePage {
    /// The content of the page's element.
    pub html: String,
    /// The positions of the elements that the client must not look into.
    pub opaque: Vec<u32>,
    /// For each component that the client can check: id, number of nodes, hash of its structure.
    pub checks: Vec<(u32, u32, u32)>,
}

impl Stage {
    /// Mounts a page.
    ///
    /// # Errors
    /// When it can't be rendered: it is too large, or a component is placed twice.
    pub fn new(html: Html) -> Result<Self, Failure> {
        static SHARED: LazyLock<Option<Arc<Shared>>> = LazyLock::new(|| Some(App::new().build(0).ok()?.1));
        let shared = SHARED.as_ref().ok_or_else(|| Failure::from_error("an app without pages is none".into()))?;
        let (mailbox, _) = Mailbox::new([0; 16], 0, 1, "", Who::default());
        let link = Link { shared: Arc::clone(shared), mailbox, component: 0, identity: Identity::ROOT };
        let script = Arc::new(Mutex::new(Script { html, ids: BTreeMap::new() }));
        let page = Actor::new(0, Arc::clone(&script), &link);
        Ok(Self { components: Components::mount(Box::new(page), link)?, script })
    }

    /// Renders this instead, where it is different, and writes the operations that follow from it.
    ///
    /// # Errors
    /// When a component can't be rendered; what it showed before then stays.
    pub fn update(&mut self, html: Html) -> Result<Vec<u8>, Failure> {
        let changed: Vec<u32> = {
            let script = lock(&self.script);
            let is_changed = |name: &u32| html.get(name) != script.html.get(name);
            script.ids.iter().filter(|(name, _)| is_changed(name)).map(|(_, id)| *id).collect()
        };
        for component in &changed {
            self.components.wake(*component, Versions::default())?;
        }
        lock(&self.script).html = html;
        self.components.mark(changed);
        let rendered = self.components.render(Versions::default());
        let mut operations = Vec::new();
        let mut writer = PatchWriter::new(&mut operations);
        self.components.write_patch(&mut writer, Duration::from_secs(1));
        let unlike: Vec<u32> = self.components.take_unlike().collect();
        for component in unlike {
            self.components.wake(component, Versions::default())?;
            self.components.write_resync(component, &mut writer);
        }
        rendered.map(|()| operations)
    }

    /// Forgets what can be made again, as a session does that nothing happens to.
    pub fn sleep(&mut self) {
        if self.components.can_sleep() {
            self.components.sleep(u64::MAX);
        }
    }

    /// Makes everything again that was forgotten.
    ///
    /// # Errors
    /// When a component can't be rendered.
    pub fn wake(&mut self) -> Result<(), Failure> {
        self.components.wake(0, Versions::default())
    }

    /// The operations that a client gets which has reported this component.
    #[must_use]
    pub fn resync(&mut self, component: u32) -> Vec<u8> {
        let mut operations = Vec::new();
        self.components.write_resync(component, &mut PatchWriter::new(&mut operations));
        operations
    }

    /// What a browser would get that loads the page now.
    #[must_use]
    pub fn page(&self) -> StagePage {
        let session::Page { html, opaque, checks, .. } = self.components.page();
        StagePage { html, opaque, checks }
    }

    /// What a debug build says of the HTML.
    #[cfg(all(test, debug_assertions))]
    pub(crate) fn findings(&self) -> Vec<String> {
        self.components.findings()
    }

    /// Checks that what the session keeps is what it would keep had it been mounted like this.
    ///
    /// # Errors
    /// The first thing that differs.
    pub fn verify(&self) -> Result<(), String> {
        self.components.verify()
    }
}

/// A component that renders what it is given.
struct Actor {
    name: u32,
    script: Arc<Mutex<Script>>,
}

impl Actor {
    fn new(name: u32, script: Arc<Mutex<Script>>, link: &Link) -> Self {
        lock(&script).ids.insert(name, link.component());
        Self { name, script }
    }

    fn child(&self, name: u32) -> Child {
        Child {
            slot: u64::from(name),
            properties: Box::new((name, Arc::clone(&self.script))),
            make: |properties, link| match properties.downcast::<(u32, Arc<Mutex<Script>>)>() {
                Ok(properties) => Box::new(Self::new(properties.0, properties.1, &link)),
                Err(_) => unreachable!("the children of these components are such components"),
            },
        }
    }
}

impl Instance for Actor {
    fn render(&mut self, _: Versions) -> Result<Rendered, Failure> {
        let script = lock(&self.script);
        let own = script.html.get(&self.name).cloned().unwrap_or_default();
        let placed = script.html.keys().filter(|name| **name != self.name && **name != 0).filter(|name| {
            let mut placeholder = String::new();
            tree::write_placeholder(u64::from(**name), &mut placeholder);
            own.contains(&placeholder)
        });
        let children: Vec<u32> = placed.copied().collect();
        drop(script);
        let children = children.into_iter().map(|name| self.child(name)).collect();
        Ok(Rendered { html: own, children, ..Rendered::default() })
    }

    fn event(self: Box<Self>, _: Event) -> Turn {
        Turn::Done(Finished::new(self, Err(Failure::Stale)))
    }

    fn settle(&mut self, _: bool) {}

    fn update(&mut self, _: Box<dyn Any + Send>) -> bool {
        false
    }

    fn forget(&mut self, _: u64) {}

    fn sleep(&mut self) -> bool {
        true
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

fn lock(script: &Mutex<Script>) -> MutexGuard<'_, Script> {
    script.lock().unwrap_or_else(PoisonError::into_inner)
}
