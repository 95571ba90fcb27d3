//! Writes removals, moves and insertions: the fewest moves, and one insertion for neighbours that are new.

use super::{Context, repeat};

/// Turns `n_old` siblings that start at `head` into the new ones; `matched` says which old one each new one was.
pub(super) fn write(context: &mut Context<'_, '_>, head: usize, n_old: usize, matched: &[Option<usize>], new: &[u32]) {
    // A component that is one element has to stay one, at any time.
    if let ([None], [only], 1) = (matched, new, n_old) {
        let (html, opaque) = context.html(*only, *only);
        context.writer.replace(index(head), &html, &opaque);
        return;
    }
    let mut kept = vec![false; n_old];
    for old in matched.iter().flatten() {
        kept[*old] = true;
    }
    remove(context, head, &kept);
    if n_old == matched.len() && matched.iter().enumerate().all(|(position, old)| *old == Some(position)) {
        return;
    }
    let stays = longest_rising(matched);
    place(context, head, &kept, &stays, matched, new);
}

/// Removes what is gone, from the end, so that positions before it hold.
fn remove(context: &mut Context<'_, '_>, head: usize, kept: &[bool]) {
    let mut end = kept.len();
    while end > 0 {
        if kept[end - 1] {
            end -= 1;
            continue;
        }
        let start = kept[..end].iter().rposition(|kept| *kept).map_or(0, |last| last + 1);
        context.writer.remove(index(head + start), index(end - start));
        end = start;
    }
}

/// Goes through the new siblings from the last to the first and puts each before the one that follows it, unless it
/// stays where it is.
///
/// The list at any time: the old ones that were not come to yet, in their old order, and among them those that are in place.
/// Two counts over old positions tell where anything is: how many not come to yet lie before it, and how many in place.
fn place(context: &mut Context<'_, '_>, head: usize, kept: &[bool], stays: &[bool], matched: &[Option<usize>], new: &[u32]) {
    let mut waiting = Counts::new(kept.len());
    kept.iter().enumerate().filter(|(_, kept)| **kept).for_each(|(old, _)| waiting.add(old, 1));
    // Those in place are counted at the old position of the staying one that they were put before; `n_old` for the end.
    let mut placed = Counts::new(kept.len() + 1);
    let mut anchor = kept.len();
    let mut position = new.len();
    while position > 0 {
        position -= 1;
        match matched[position] {
            None => {
                let first = matched[..position].iter().rposition(Option::is_some).map_or(0, |last| last + 1);
                repeat::insert(context, index(head + waiting.before(anchor)), &new[first..=position]);
                placed.add(anchor, index_i64(position - first + 1));
                position = first;
            }
            Some(old) if stays[position] => {
                waiting.add(old, -1);
                anchor = old;
                placed.add(anchor, 1);
            }
            Some(old) => {
                let from = waiting.before(old) + placed.before(old);
                waiting.add(old, -1);
                let to = waiting.before(anchor);
                if from != to {
                    context.writer.move_child(index(head + from), index(head + to));
                }
                placed.add(anchor, 1);
            }
        }
    }
}

// Indexes in this file come from enumerating the lists that they index, or from `matched`, whose positions are those of the
// `n_old` siblings that it was made of.

/// Which of the new siblings keep their order among each other: a longest rising subsequence of the old positions.
/// (Patience sorting, O(n log n): Fredman, "On computing the length of longest increasing subsequences", 1975.)
fn longest_rising(matched: &[Option<usize>]) -> Vec<bool> {
    let mut piles: Vec<(usize, usize)> = Vec::new(); // the smallest last element of a sequence of each length, and where it is
    let mut before: Vec<Option<usize>> = vec![None; matched.len()];
    for (position, old) in matched.iter().enumerate() {
        let Some(old) = *old else { continue };
        let length = piles.partition_point(|(last, _)| *last < old);
        before[position] = length.checked_sub(1).map(|shorter| piles[shorter].1);
        if length == piles.len() {
            piles.push((old, position));
        } else {
            piles[length] = (old, position);
        }
    }
    let mut rising = vec![false; matched.len()];
    let mut next = piles.last().map(|(_, position)| *position);
    while let Some(position) = next {
        rising[position] = true;
        next = before[position];
    }
    rising
}

/// Counts by position, with their sums (a Fenwick tree: Fenwick, "A new data structure for cumulative frequency tables", 1994).
struct Counts(Vec<i64>);

impl Counts {
    fn new(length: usize) -> Self {
        Self(vec![0; length + 1])
    }

    fn add(&mut self, position: usize, count: i64) {
        let mut node = position + 1;
        while node < self.0.len() {
            self.0[node] += count;
            node += node & node.wrapping_neg();
        }
    }

    /// The sum of the counts before a position.
    fn before(&self, position: usize) -> usize {
        let (mut sum, mut node) = (0, position);
        while node > 0 {
            sum += self.0[node];
            node &= node - 1;
        }
        usize::try_from(sum).unwrap_or(0)
    }
}

fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn index_i64(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Counts, longest_rising};

    #[test]
    fn what_stays_is_a_longest_rising_subsequence() {
        let cases: &[(&[Option<usize>], usize)] = &[
            (&[], 0),
            (&[None], 0),
            (&[Some(0), Some(1), Some(2)], 3),
            (&[Some(2), Some(1), Some(0)], 1),
            (&[Some(3), Some(0), None, Some(1), Some(2)], 3),
            (&[Some(1), Some(2), Some(3), Some(0)], 3),
        ];
        for (matched, length) in cases {
            let stays = longest_rising(matched);
            let kept: Vec<usize> = matched.iter().zip(&stays).filter(|(_, stays)| **stays).filter_map(|(old, _)| *old).collect();
            assert_eq!(kept.len(), *length, "{matched:?}");
            assert!(kept.is_sorted(), "{matched:?}");
        }
    }

    #[test]
    fn counts_are_summed_up_to_a_position() {
        let mut counts = Counts::new(5);
        for (position, count) in [(0, 1), (2, 3), (4, 5), (2, -1)] {
            counts.add(position, count);
        }
        assert_eq!([0, 1, 2, 3, 4, 5].map(|position| counts.before(position)), [0, 1, 1, 3, 3, 8]);
    }
}
