//! What two sources have in common at their ends.

/// Bytes compared at once: a length that compilers turn into vector instructions.
const BLOCK: usize = 64;
/// Bytes compared at once where blocks differ.
const WORD: usize = 8;

/// The number of bytes before and after what changed. A change that begins inside of a tag begins with that tag: then a new
/// element lies between its siblings, and not between two halves of tags that happen to be alike.
pub(super) fn changed(old: &[u8], new: &[u8]) -> (usize, usize) {
    let (prefix, suffix) = ends(old, new);
    let tag = memchr::memrchr2(b'<', b'>', old.get(..prefix).unwrap_or_default()).filter(|at| old.get(*at) == Some(&b'<'));
    let Some(tag) = tag else { return (prefix, suffix) };
    // The suffix grows by at most as much as the prefix shrank.
    let (old, new) = (old.get(tag..old.len() - suffix), new.get(tag..new.len() - suffix));
    (tag, suffix + self::suffix(old.unwrap_or_default(), new.unwrap_or_default()))
}

/// The number of equal bytes at the beginning, and at the end without overlapping it.
pub(super) fn ends(old: &[u8], new: &[u8]) -> (usize, usize) {
    let prefix = prefix(old, new);
    let (old_rest, new_rest) = (old.get(prefix..).unwrap_or_default(), new.get(prefix..).unwrap_or_default());
    (prefix, suffix(old_rest, new_rest))
}

fn prefix(old: &[u8], new: &[u8]) -> usize {
    let length = old.len().min(new.len());
    let (old, new) = (old.get(..length).unwrap_or_default(), new.get(..length).unwrap_or_default());
    let (blocks, others) = (old.as_chunks::<BLOCK>().0, new.as_chunks::<BLOCK>().0);
    let start = blocks.iter().zip(others).take_while(|(one, other)| one == other).count() * BLOCK;
    let (words, rest) = old.get(start..).unwrap_or_default().as_chunks::<WORD>();
    let (others, other_rest) = new.get(start..).unwrap_or_default().as_chunks::<WORD>();
    for (index, (one, other)) in words.iter().zip(others).enumerate() {
        let differing = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differing != 0 {
            return start + index * WORD + differing.trailing_zeros() as usize / 8;
        }
    }
    start + words.len() * WORD + rest.iter().zip(other_rest).take_while(|(one, other)| one == other).count()
}

fn suffix(old: &[u8], new: &[u8]) -> usize {
    let length = old.len().min(new.len());
    let (old, new) = (old.get(old.len() - length..).unwrap_or_default(), new.get(new.len() - length..).unwrap_or_default());
    let (blocks, others) = (old.as_rchunks::<BLOCK>().1, new.as_rchunks::<BLOCK>().1);
    let end = blocks.iter().rev().zip(others.iter().rev()).take_while(|(one, other)| one == other).count() * BLOCK;
    let (rest, words) = old.get(..length - end).unwrap_or_default().as_rchunks::<WORD>();
    let (other_rest, others) = new.get(..length - end).unwrap_or_default().as_rchunks::<WORD>();
    for (index, (one, other)) in words.iter().rev().zip(others.iter().rev()).enumerate() {
        let differing = u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        if differing != 0 {
            return end + index * WORD + differing.leading_zeros() as usize / 8;
        }
    }
    end + words.len() * WORD + rest.iter().rev().zip(other_rest.iter().rev()).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::{changed, ends};

    #[test]
    fn ends_never_overlap() {
        let cases = [
            ("", "", (0, 0)),
            ("same", "same", (4, 0)),
            ("aaa", "aaaa", (3, 0)),
            ("a1c", "a2c", (1, 1)),
            ("abab", "ababab", (4, 0)),
            ("xab", "ab", (0, 2)),
        ];
        for (old, new, expected) in cases {
            assert_eq!(ends(old.as_bytes(), new.as_bytes()), expected, "{old} {new}");
        }
        for (before, after) in [(200, 300), (0, 0), (7, 8), (9, 1), (63, 64), (64, 63), (65, 71), (128, 137)] {
            let around = |middle: &str| format!("{}{middle}{}", "a".repeat(before), "b".repeat(after));
            let (old, new) = (around("1"), around("22"));
            assert_eq!(ends(old.as_bytes(), new.as_bytes()), (before, after));
        }
    }

    #[test]
    fn a_change_does_not_begin_inside_of_a_tag() {
        let cases = [
            ("<ul><li>1</li></ul>", "<ul><li>1</li><li>2</li></ul>", "", "<li>2</li>"),
            ("<ul><li>1</li><li>2</li></ul>", "<ul><li>1</li></ul>", "<li>2</li>", ""),
            ("<p class=\"a\">x</p>", "<p class=\"b\">x</p>", "<p class=\"a", "<p class=\"b"),
            ("<p>a</p>", "<p>b</p>", "a", "b"),
            ("", "<p>", "", "<p>"),
        ];
        for (old, new, removed, added) in cases {
            let (prefix, suffix) = changed(old.as_bytes(), new.as_bytes());
            assert_eq!((&old[prefix..old.len() - suffix], &new[prefix..new.len() - suffix]), (removed, added), "{old} {new}");
        }
    }
}
