//! What two sources have in common at their ends.

/// Bytes compared at once: a length that compilers turn into vector instructions.
const BLOCK: usize = 64;

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
    use super::ends;

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
}
