//! What two sources have in common at their ends.

/// Bytes compared at once: a length that compilers turn into vector instructions.
const BLOCK: usize = 64;

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
    let blocks = old.chunks_exact(BLOCK).zip(new.chunks_exact(BLOCK)).take_while(|(one, other)| one == other).count() * BLOCK;
    let rest = old.iter().skip(blocks).zip(new.iter().skip(blocks)).take_while(|(one, other)| one == other).count();
    blocks + rest
}

fn suffix(old: &[u8], new: &[u8]) -> usize {
    let blocks = old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK)).take_while(|(one, other)| one == other).count() * BLOCK;
    let rest = old.iter().rev().skip(blocks).zip(new.iter().rev().skip(blocks)).take_while(|(one, other)| one == other).count();
    blocks + rest
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
        let (old, new) = (format!("{}1{}", "a".repeat(200), "b".repeat(300)), format!("{}22{}", "a".repeat(200), "b".repeat(300)));
        assert_eq!(ends(old.as_bytes(), new.as_bytes()), (200, 300));
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
