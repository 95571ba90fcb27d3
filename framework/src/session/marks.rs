//! [`Marks`]: components that want something done, each once, in the order of their ids.

use std::collections::VecDeque;

/// A sorted list, which keeps its memory. Components are nearly always marked in the order of their ids, and most often
/// there is one: a tree would allocate for each.
#[derive(Debug, Default)]
pub(super) struct Marks(VecDeque<u32>);

impl Marks {
    pub(super) fn insert(&mut self, component: u32) {
        if self.0.back().is_none_or(|last| *last < component) {
            self.0.push_back(component);
        } else if let Err(place) = self.0.binary_search(&component) {
            self.0.insert(place, component);
        }
    }

    pub(super) fn remove(&mut self, component: u32) {
        if let Ok(place) = self.0.binary_search(&component) {
            self.0.remove(place);
        }
    }

    pub(super) fn pop_first(&mut self) -> Option<u32> {
        self.0.pop_front()
    }

    pub(super) fn pop_last(&mut self) -> Option<u32> {
        self.0.pop_back()
    }

    pub(super) fn contains(&self, component: u32) -> bool {
        self.0.binary_search(&component).is_ok()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Gives back memory that is not needed now.
    pub(super) fn shrink(&mut self) {
        self.0.shrink_to_fit();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn each_component_is_marked_once_and_comes_in_order() {
        let mut marks = Marks::default();
        for component in [3, 1, 4, 1, 5, 9, 2, 6, 5, 3] {
            marks.insert(component);
        }
        marks.remove(4);
        marks.remove(7);
        assert_eq!(marks.pop_last(), Some(9));
        let rising: Vec<_> = std::iter::from_fn(|| marks.pop_first()).collect();
        assert_eq!(rising, [1, 2, 3, 5, 6]);
        assert!(marks.is_empty());
    }
}
