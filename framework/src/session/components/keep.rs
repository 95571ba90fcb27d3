//! Components as a store keeps them, and made again of that.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::{Components, PAGE};
use crate::{
    Failure,
    component::{
        Link,
        instance::{Instance, Job, Versions},
    },
    session::snapshot::SavedComponent,
};

/// What is left of the components that a session had, while it is made again.
pub(super) struct Earlier {
    /// By parent and slot.
    components: FxHashMap<(u32, u64), SavedComponent>,
}

impl Earlier {
    /// The component that stood there.
    pub(super) fn id(&self, parent: u32, slot: u64) -> Option<u32> {
        self.components.get(&(parent, slot)).map(|saved| saved.id)
    }

    /// Gives a component the state that it had.
    pub(super) fn restore(&self, parent: u32, slot: u64, instance: &mut dyn Instance) -> Result<(), Failure> {
        let Some(saved) = self.components.get(&(parent, slot)) else { return Ok(()) };
        if saved.name != instance.name() {
            let message = format!("a {} was saved where there is a {} now", saved.name, instance.name());
            return Err(Failure::from_error(message.into()));
        }
        instance.restore(&saved.state)
    }
}

impl Components {
    /// All components, and the next one's id; `None` when one is of a kind that can't be saved, or is in a turn.
    ///
    /// # Errors
    /// When a state can't be written.
    pub(crate) fn save(&self) -> Result<Option<(u32, Vec<SavedComponent>)>, Failure> {
        let mut all = Vec::with_capacity(self.mounted.len());
        for (id, mounted) in &self.mounted {
            let Some(instance) = &mounted.instance else { return Ok(None) };
            let Some(state) = instance.save()? else { return Ok(None) };
            all.push(SavedComponent {
                id: *id,
                parent: mounted.parent,
                slot: mounted.slot,
                name: Cow::Borrowed(instance.name()),
                state,
                hash: mounted.shown.hash(),
            });
        }
        Ok(Some((self.next_id, all)))
    }

    /// What has to run before one of the components can be saved, if there is such work.
    pub(crate) fn before_save(&mut self) -> Option<(u32, Box<dyn Instance>, Job)> {
        let (component, job) =
            self.mounted.iter_mut().find_map(|(id, mounted)| mounted.instance.as_mut()?.before_save().map(|job| (*id, job)))?;
        self.take(component).map(|instance| (component, instance, job))
    }

    /// Makes the components again, as they were saved, and renders them: after this patch, which the client shows or will get. What is rendered in
    /// another way than then is sent as a whole.
    ///
    /// # Errors
    /// When a state can't be read, or rendering fails.
    pub(crate) fn restore(
        page: Box<dyn Instance>,
        link: Link,
        saved: Vec<SavedComponent>,
        next_id: u32,
        versions: Versions,
    ) -> Result<Self, Failure> {
        let hashes: FxHashMap<u32, u64> = saved.iter().map(|saved| (saved.id, saved.hash)).collect();
        let earlier = Earlier { components: saved.into_iter().map(|saved| ((saved.parent, saved.slot), saved)).collect() };
        let mut components = Self::empty();
        (components.earlier_life, components.next_id) = (Some(Box::new(earlier)), next_id);
        let result = components.add(page, link, PAGE, 0).and_then(|_| components.render(versions));
        components.earlier_life = None;
        if let Err(failure) = result {
            components.unmount(PAGE);
            return Err(failure);
        }
        components.settle_new();
        let is_same = |id: &u32| components.mounted.get(id).is_some_and(|mounted| hashes.get(id) == Some(&mounted.shown.hash()));
        if components.mounted.len() != hashes.len() || !components.mounted.keys().all(is_same) {
            // With all that is in it: other components may be somewhere else now.
            components.unlike.insert(PAGE);
        }
        Ok(components)
    }
}
