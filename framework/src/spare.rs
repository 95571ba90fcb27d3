//! [`Spare`]: memory that a thread keeps for the next one who needs some for a moment.

use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
    thread::LocalKey,
};

/// A buffer larger than this is given back.
const MAX_BYTES: usize = 1024 * 1024;

/// An empty buffer of this thread. Dropped, it is kept for the next.
///
/// What is only needed during a turn allocates nothing so, and no session holds it while it waits. Nearly always a
/// turn ends before another one begins on the same thread; where not, a further buffer is made, and the larger one kept.
#[derive(Debug)]
pub(crate) struct Spare {
    buffer: Vec<u8>,
    home: &'static LocalKey<Cell<Vec<u8>>>,
}

impl Spare {
    pub(crate) fn take(home: &'static LocalKey<Cell<Vec<u8>>>) -> Self {
        Self { buffer: home.try_with(Cell::take).unwrap_or_default(), home }
    }
}

impl Deref for Spare {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.buffer
    }
}

impl DerefMut for Spare {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        let mut mine = std::mem::take(&mut self.buffer);
        if mine.capacity() > MAX_BYTES {
            return;
        }
        mine.clear();
        // A thread that ends keeps nothing any more.
        let _ = self.home.try_with(|home| {
            let other = home.take();
            home.set(if mine.capacity() > other.capacity() { mine } else { other });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    }

    #[test]
    fn memory_is_used_again_unless_there_is_too_much_of_it() {
        let memory = |n_bytes: usize| {
            let mut spare = Spare::take(&BUFFER);
            assert!(spare.is_empty());
            spare.resize(n_bytes, 7);
            spare.as_ptr()
        };
        let first = memory(100);
        assert_eq!(memory(50), first);
        memory(MAX_BYTES + 1);
        let (one, mut other) = (Spare::take(&BUFFER), Spare::take(&BUFFER));
        other.resize(10, 7);
        drop(one);
        drop(other);
        assert_eq!(Spare::take(&BUFFER).capacity(), 10);
    }
}
