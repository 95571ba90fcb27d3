//! [`Seats`]: how many of something each address or user has.

use std::{hash::Hash, sync::Arc};

use dashmap::{DashMap, Entry};

use super::address::Group;
use crate::session::Who;

/// How many of something each of a group has.
#[derive(Debug)]
pub(crate) struct Seats<K: Eq + Hash> {
    taken: DashMap<K, usize>,
}

impl<K: Eq + Hash> Default for Seats<K> {
    fn default() -> Self {
        Self { taken: DashMap::new() }
    }
}

/// One of them, for as long as it is held.
#[derive(Debug)]
pub(crate) struct Seat<K: Eq + Hash + Copy = Group> {
    seats: Arc<Seats<K>>,
    group: K,
}

/// The places of a session.
#[derive(Debug, Default)]
pub(crate) struct SessionSeats {
    pub(crate) address: Option<Seat>,
    pub(crate) user: Option<Seat<Who>>,
}

impl<K: Eq + Hash + Copy> Seats<K> {
    /// One more, unless there are `limit` already.
    pub(crate) fn take(self: &Arc<Self>, group: K, limit: usize) -> Option<Seat<K>> {
        let mut taken = self.taken.entry(group).or_default();
        if *taken >= limit {
            // What has room for none leaves no entry behind.
            if *taken == 0 {
                drop(taken);
                self.taken.remove_if(&group, |_, taken| *taken == 0);
            }
            return None;
        }
        *taken += 1;
        Some(Seat { seats: Arc::clone(self), group })
    }
}

impl<K: Eq + Hash + Copy> Drop for Seat<K> {
    fn drop(&mut self) {
        if let Entry::Occupied(mut taken) = self.seats.taken.entry(self.group) {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::app::address::Proxies;

    fn group(address: &str) -> Group {
        Proxies::default().group_of_peer(address.parse::<IpAddr>().unwrap()).unwrap()
    }

    #[test]
    fn an_address_has_as_many_as_it_may_and_nothing_stays_of_it() {
        let seats = Arc::new(Seats::<Group>::default());
        let (one, other) = (group("192.0.2.1"), group("192.0.2.2"));
        let first = seats.take(one, 2).unwrap();
        let second = seats.take(one, 2).unwrap();
        assert!(seats.take(one, 2).is_none());
        let third = seats.take(other, 2).unwrap();
        drop(first);
        let fourth = seats.take(one, 2).unwrap();
        drop((second, third, fourth));
        assert!(seats.take(one, 0).is_none());
        assert!(seats.taken.is_empty());
    }
}
