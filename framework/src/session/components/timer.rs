//! Timers: handlers that run by themselves while their component renders them.

use tokio::time::Instant;

use super::Components;
use crate::{HandlerId, component::instance::Timer};

/// A timer that a component renders.
pub(super) struct Ticking {
    timer: Timer,
    /// `None` for one that was to run once, and has.
    due: Option<Instant>,
}

impl Components {
    /// When the first timer is due.
    pub(crate) fn next_timer(&self) -> Option<Instant> {
        self.next_timer
    }

    /// The timers that are due by now, each with its component. Those that repeat are set again: from now on, so that what was missed while
    /// nobody was connected is not made up for.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<(u32, HandlerId)> {
        let mut taken = Vec::new();
        if self.next_timer.is_none_or(|next| next > now) {
            return taken;
        }
        for (component, mounted) in &mut self.mounted {
            for Ticking { timer, due } in &mut mounted.timers {
                if due.is_some_and(|due| due <= now) {
                    taken.push((*component, timer.handler));
                    *due = timer.repeats.then(|| now + timer.period);
                }
            }
        }
        // Of several the one that was rendered first comes first.
        taken.sort_unstable_by_key(|(component, _)| *component);
        self.find_next_timer();
        taken
    }

    /// A component renders these now. One that it rendered before goes on.
    pub(super) fn reconcile_timers(&mut self, component: u32, timers: &[Timer]) {
        let Some(mounted) = self.mounted.get_mut(&component) else { return };
        if timers.is_empty() && mounted.timers.is_empty() {
            return;
        }
        let before = std::mem::take(&mut mounted.timers);
        mounted.timers = timers
            .iter()
            .map(|timer| {
                let timer = Timer { period: timer.period.max(Timer::MIN), ..*timer };
                let known = before.iter().find(|known| known.timer == timer);
                Ticking { timer, due: known.map_or_else(|| Instant::now().checked_add(timer.period), |known| known.due) }
            })
            .collect();
        self.find_next_timer();
    }

    pub(super) fn find_next_timer(&mut self) {
        self.next_timer = self.mounted.values().flat_map(|mounted| &mounted.timers).filter_map(|ticking| ticking.due).min();
    }
}
