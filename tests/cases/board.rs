//! [`Board`]: what the pages show, by topic, and the gates that their handlers pass.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Semaphore;

/// The state that all sessions share. Here and not in the component, so that a page that is opened later shows the
/// same as one that was patched.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<HashMap<String, Entry>>>);

#[derive(Clone, Default)]
pub(crate) struct Entry {
    /// What the page shows, with `{{…}}` where it has handlers.
    pub(crate) html: String,
    /// The last text that a handler took.
    pub(crate) text: String,
    /// All that handlers took, in order.
    pub(crate) log: Vec<String>,
    /// Where handlers wait; none while they needn't.
    gate: Option<Arc<Semaphore>>,
}

impl Board {
    pub(crate) fn read(&self, topic: &str) -> Entry {
        self.entries().get(topic).cloned().unwrap_or_default()
    }

    pub(crate) fn write(&self, topic: &str, html: String) {
        self.entries().entry(topic.to_owned()).or_default().html = html;
    }

    /// A handler took something; `text` is what its field shows from then on.
    pub(crate) fn take(&self, topic: &str, what: String, text: &str) {
        let mut entries = self.entries();
        let entry = entries.entry(topic.to_owned()).or_default();
        entry.log.push(what);
        text.clone_into(&mut entry.text);
    }

    pub(crate) fn hold(&self, topic: &str) {
        self.entries().entry(topic.to_owned()).or_default().gate = Some(Arc::new(Semaphore::new(0)));
    }

    pub(crate) fn release(&self, topic: &str) {
        if let Some(gate) = self.read(topic).gate {
            gate.add_permits(1);
        }
    }

    pub(crate) fn open(&self, topic: &str) {
        let gate = self.entries().get_mut(topic).and_then(|entry| entry.gate.take());
        if let Some(gate) = gate {
            gate.close();
        }
    }

    /// Done when the topic's gate lets another handler through.
    pub(crate) async fn pass(&self, topic: &str) {
        let gate = self.read(topic).gate;
        if let Some(gate) = gate
            && let Ok(permit) = gate.acquire().await
        {
            permit.forget();
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
