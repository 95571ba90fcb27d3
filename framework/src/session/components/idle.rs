//! What an idle session does without: HTML, trees and tables of handlers, which rendering makes again.
//!
//! Rendering is a pure function of the state, so what it made needn't be kept. Where it is not (a clock, a random number),
//! a hash of what the client shows tells so, and the client gets that component again. What is known to look at
//! something shared, or can't be rendered here and now (another language's), keeps its HTML, packed.

use super::{Components, Mounted, PAGE};
use crate::{
    Failure,
    component::instance::{Rendered, Versions},
    tree::{Fit, FitAsleep, Tape},
};

impl Components {
    /// Whether nothing is under way: no turn, and nothing rendered that the client doesn't show yet.
    /// A page that can't be taken apart by components may have to be sent with all of them: it stays awake.
    pub(crate) fn can_sleep(&self) -> bool {
        let is_apart = |mounted: &Mounted| !mounted.has_unlisted && !mounted.shown.tape().is_broken();
        let is_home = |mounted: &Mounted| mounted.instance.is_some() && mounted.next_html.is_none();
        self.dirty.is_empty()
            && self.changed.is_empty()
            && self.unlike.is_empty()
            && self.mounted.values().all(|mounted| is_home(mounted) && is_apart(mounted))
    }

    /// Drops what can be made again. `acked` is the newest patch, which the client shows.
    pub(crate) fn sleep(&mut self, acked: u64) {
        self.forget_now(acked);
        for mounted in self.mounted.values_mut() {
            let Some(instance) = mounted.instance.as_mut().filter(|_| !mounted.shown.is_asleep()) else { continue };
            if !mounted.is_unfaithful && instance.sleep() {
                mounted.shown.forget();
            } else {
                mounted.shown.pack();
            }
            mounted.children.shrink_to_fit();
            mounted.subscriptions.shrink_to_fit();
            mounted.presences.shrink_to_fit();
            mounted.timers.shrink_to_fit();
            mounted.tasks.retain(|task| !task.is_finished());
            mounted.tasks.shrink_to_fit();
            self.n_asleep += 1;
        }
        self.dirty.shrink();
        self.changed.shrink();
        self.unlike.shrink();
        self.earlier = Vec::new();
    }

    /// Makes a component ready that something happens to, with all that its patch may need: the components around it, in whose
    /// HTML it may have to be replaced, and those below it, which get new properties.
    ///
    /// # Errors
    /// When a rendering fails. What it was for sleeps on.
    pub(crate) fn wake(&mut self, component: u32, versions: Versions) -> Result<(), Failure> {
        if self.n_asleep == 0 {
            return Ok(());
        }
        let mut around = component;
        while let Some(mounted) = self.mounted.get(&around).filter(|_| around != PAGE) {
            around = mounted.parent;
            self.wake_one(around, versions)?;
        }
        self.wake_all(component, versions)?;
        if !self.unlike.is_empty() {
            // What is sent as a whole is sent with all that is in it, and new children among it.
            self.wake_all(PAGE, versions)?;
            self.render(versions)?;
        }
        Ok(())
    }

    fn wake_all(&mut self, component: u32, versions: Versions) -> Result<(), Failure> {
        let mut waiting = vec![component];
        while let Some(component) = waiting.pop() {
            self.wake_one(component, versions)?;
            waiting.extend(self.children(component));
        }
        Ok(())
    }

    fn children(&self, component: u32) -> Vec<u32> {
        self.mounted.get(&component).map_or_else(Vec::new, |mounted| mounted.children.values().copied().collect())
    }

    fn wake_one(&mut self, component: u32, versions: Versions) -> Result<(), Failure> {
        let Some(mounted) = self.mounted.get_mut(&component).filter(|mounted| mounted.shown.is_asleep()) else { return Ok(()) };
        if let Some(html) = mounted.shown.unpack() {
            self.n_asleep -= 1;
            self.show_again(component, html);
            return Ok(());
        }
        let Some(mut rendered) = mounted.render(versions)? else { return Ok(()) };
        self.n_asleep -= 1;
        let is_same = mounted.shown.is_what_was_forgotten(&rendered.html);
        self.show_again(component, std::mem::take(&mut rendered.html));
        if is_same {
            // Its children are there and have these properties, and it listens to these topics.
            return Ok(());
        }
        let Some(mounted) = self.mounted.get_mut(&component) else { return Ok(()) };
        mounted.link.shared.metrics.one(crate::metric::Count::Unfaithful);
        if !std::mem::replace(&mut mounted.is_unfaithful, true) {
            let name = mounted.instance.as_ref().map_or("", |instance| instance.name());
            tracing::warn!(
                component = name,
                "rendered the same state differently the second time: rendering may look at the state only, not at a clock or a random \
                 number. It is sent again as a whole now, and whenever this happens"
            );
        }
        self.unlike.insert(component);
        // Before they get other properties.
        for child in self.children(component) {
            self.wake_all(child, versions)?;
        }
        let Rendered { title, document, children, subscriptions, presences, timers, .. } = rendered;
        self.take_document(component, title, document);
        self.reconcile_topics(component, subscriptions, presences);
        self.reconcile_timers(component, &timers);
        self.reconcile_children(component, children)
    }

    /// Takes what a component shows, now that it is at hand again.
    fn show_again(&mut self, component: u32, html: String) {
        let before = self.mounted.get(&component).and_then(|mounted| mounted.shown.fit_asleep().cloned());
        let tape = Tape::read(&html, component, self);
        let fits = before.is_none_or(|before| before.fit() == Fit::of(&html, &tape));
        self.show(component, html, tape);
        if !fits {
            // A browser may build another tree around it than the one that is shown.
            self.read_again(component);
        }
    }

    /// Reads what is around a component again, and has all sent if that makes a difference.
    fn read_again(&mut self, mut component: u32) {
        while let Some(parent) = self.mounted.get(&component).map(|mounted| mounted.parent).filter(|_| component != PAGE) {
            self.unlike.insert(PAGE);
            let Some(mounted) = self.mounted.get_mut(&parent) else { return };
            // Asleep, it is read when it wakes.
            if mounted.shown.is_asleep() {
                return;
            }
            let (html, tape) = mounted.shown.take();
            let before = FitAsleep::new(Fit::of(&html, &tape));
            let tape = Tape::read(&html, parent, self);
            let fits = before.fit() == Fit::of(&html, &tape);
            self.show(parent, html, tape);
            if fits {
                return;
            }
            component = parent;
        }
    }
}
