//! [`Table`]: the handlers that a component has rendered, for the version on screen and for those not acknowledged yet.

#[cfg(debug_assertions)]
use std::collections::HashSet;
use std::collections::VecDeque;

use super::HandlerId;

/// How many earlier tables are kept for clients that have not acknowledged the newest patch: as many as there may be
/// unacknowledged patches by default. An event from before those gets `stale`, which is safe; the bound keeps a silent
/// client from holding memory.
const MAX_EARLIER: usize = 64;

/// One handler in a table.
#[derive(Debug, Clone)]
struct Slot<A> {
    id: HandlerId,
    /// What to run.
    action: A,
    /// Where its bound argument lies in the table's argument bytes.
    argument: (u32, u32),
}

/// The handlers of one rendering.
///
/// A list and no map: each rendering enters all handlers, and an event looks for one of them. Going through a list of
/// 2,000 takes 1 µs, and entering them into a map took 40.
#[derive(Debug)]
struct Rendering<A> {
    slots: Vec<Slot<A>>,
    /// Bound arguments, one after the other: one allocation a table and not one a handler.
    arguments: Vec<u8>,
    /// Order-free sum of the ids: equal sums and sizes mean the same handlers, since an id covers its argument.
    fingerprint: u64,
    #[cfg(debug_assertions)]
    ids: HashSet<HandlerId>,
}

impl<A> Default for Rendering<A> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            arguments: Vec::new(),
            fingerprint: 0,
            #[cfg(debug_assertions)]
            ids: HashSet::new(),
        }
    }
}

impl<A> Rendering<A> {
    fn clear(&mut self) {
        self.slots.clear();
        self.arguments.clear();
        self.fingerprint = 0;
        #[cfg(debug_assertions)]
        self.ids.clear();
    }
}

/// The handlers of one component, by the patch in which a person could see them.
///
/// Events carry the sequence number of the patch that was on the screen, and are looked up in the table of *that* patch:
/// a click means what the person saw.
#[derive(Debug)]
pub struct Table<A> {
    current: Rendering<A>,
    /// Being filled by the rendering under way; becomes `current` when it succeeds.
    next: Rendering<A>,
    /// Earlier tables, with the last patch that showed them; oldest first.
    earlier: VecDeque<(u64, Rendering<A>)>,
    /// The last patch of a table that had to go before it was acknowledged: what was seen up to it is stale.
    dropped: Option<u64>,
}

impl<A> Default for Table<A> {
    fn default() -> Self {
        Self { current: Rendering::default(), next: Rendering::default(), earlier: VecDeque::new(), dropped: None }
    }
}

impl<A: Clone> Table<A> {
    /// Starts a rendering; what an abandoned one left is dropped.
    pub fn begin(&mut self) {
        self.next.clear();
    }

    /// Enters a handler; of two with one id the last one counts. `false`, in debug builds only, when the id was entered
    /// before in this rendering.
    pub fn enter(&mut self, id: HandlerId, action: A, argument: &[u8]) -> bool {
        let next = &mut self.next;
        let start = next.arguments.len();
        next.arguments.extend_from_slice(argument);
        // A table never reaches 4 GiB of arguments: a page that large is refused long before.
        let argument = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(argument.len()).unwrap_or(0));
        next.slots.push(Slot { id, action, argument });
        next.fingerprint = next.fingerprint.wrapping_add(id.bits());
        #[cfg(debug_assertions)]
        return next.ids.insert(id);
        #[cfg(not(debug_assertions))]
        true
    }

    /// Ends a rendering that succeeded. `seq` is the newest patch made before it: the last that showed the old table.
    /// With `keep_identical` unset, a table with the same ids simply replaces the old one; actions that capture
    /// something (functions from another language) must keep it, since the same id can then mean another closure.
    pub fn commit(&mut self, seq: u64, acked: u64, keep_identical: bool) {
        self.forget(acked);
        let same = self.current.fingerprint == self.next.fingerprint && self.current.slots.len() == self.next.slots.len();
        if same && !keep_identical {
            std::mem::swap(&mut self.current, &mut self.next);
            self.next.clear();
            return;
        }
        let before = std::mem::replace(&mut self.current, std::mem::take(&mut self.next));
        if !before.slots.is_empty() && seq >= acked {
            self.earlier.push_back((seq, before));
            if self.earlier.len() > MAX_EARLIER {
                self.dropped = self.earlier.pop_front().map(|(until, _)| until);
            }
        }
    }

    /// Drops the tables that no person can act on any more, now that patch `acked` is on the screen.
    pub fn forget(&mut self, acked: u64) {
        while self.earlier.front().is_some_and(|(until, _)| *until < acked) {
            self.earlier.pop_front();
        }
    }

    /// The handler `id` as it was on the screen at patch `seen`, with its bound argument.
    #[must_use]
    pub fn find(&self, id: HandlerId, seen: u64) -> Option<(A, &[u8])> {
        if self.dropped.is_some_and(|until| seen <= until) {
            return None;
        }
        let rendering = self.earlier.iter().find(|(until, _)| seen <= *until).map_or(&self.current, |(_, earlier)| earlier);
        let slot = rendering.slots.iter().rfind(|slot| slot.id == id)?;
        let (start, length) = (slot.argument.0 as usize, slot.argument.1 as usize);
        Some((slot.action.clone(), rendering.arguments.get(start..start + length)?))
    }

    /// Gives back memory that a rendering would use.
    pub fn shrink(&mut self) {
        self.next = Rendering::default();
        self.current.slots.shrink_to_fit();
        self.current.arguments.shrink_to_fit();
        self.earlier.shrink_to_fit();
    }

    /// How many handlers the newest rendering has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.current.slots.len()
    }

    /// Whether the newest rendering has no handler.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handler::Identity;

    fn id(number: u64) -> HandlerId {
        Identity::ROOT.number(number).handler()
    }

    fn rendered(table: &mut Table<char>, seq: u64, acked: u64, handlers: &[(u64, char, &[u8])]) {
        table.begin();
        for (number, action, argument) in handlers {
            table.enter(id(*number), *action, argument);
        }
        table.commit(seq, acked, false);
    }

    #[test]
    fn a_click_means_what_was_on_the_screen() {
        let mut table = Table::default();
        rendered(&mut table, 0, 0, &[(1, 'a', b"one"), (2, 'b', b"two")]);
        rendered(&mut table, 0, 0, &[(2, 'b', b"two")]); // shown from patch 1 on
        assert_eq!(table.find(id(1), 0), Some(('a', &b"one"[..])), "seen before patch 1");
        assert_eq!(table.find(id(1), 1), None, "gone from what the person saw");
        assert_eq!(table.find(id(2), 1), Some(('b', &b"two"[..])));
    }

    #[test]
    fn acknowledged_tables_are_forgotten() {
        let mut table = Table::default();
        rendered(&mut table, 0, 0, &[(1, 'a', b"")]);
        rendered(&mut table, 0, 0, &[(2, 'b', b"")]);
        rendered(&mut table, 1, 0, &[(3, 'c', b"")]);
        assert!(table.find(id(1), 0).is_some());
        table.forget(1);
        assert!(table.find(id(1), 0).is_none());
        assert!(table.find(id(2), 1).is_some());
    }

    #[test]
    fn an_abandoned_rendering_changes_nothing() {
        let mut table = Table::default();
        rendered(&mut table, 0, 0, &[(1, 'a', b"")]);
        table.begin();
        table.enter(id(9), 'z', b"");
        assert!(table.find(id(9), 0).is_none());
        assert!(table.find(id(1), 0).is_some());
    }

    #[test]
    fn tables_kept_for_a_silent_client_are_bounded() {
        let mut table = Table::default();
        for version in 0..1_000 {
            rendered(&mut table, version, 0, &[(version, 'a', b"")]);
        }
        assert_eq!(table.earlier.len(), MAX_EARLIER);
        assert!(table.find(id(0), 0).is_none());
    }

    #[test]
    fn of_two_handlers_with_one_id_the_last_one_counts() {
        let mut table = Table::default();
        rendered(&mut table, 0, 0, &[(1, 'a', b"one"), (2, 'b', b""), (1, 'c', b"two")]);
        assert_eq!(table.find(id(1), 0), Some(('c', &b"two"[..])));
    }

    #[test]
    #[cfg(debug_assertions)]
    fn entering_an_id_twice_is_noticed() {
        let mut table = Table::default();
        table.begin();
        assert!(table.enter(id(1), 'a', b""));
        assert!(!table.enter(id(1), 'a', b""));
    }
}
