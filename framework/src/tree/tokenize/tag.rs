//! Finds the end of a start tag.

use memchr::{memchr, memchr3};

/// The end of the start tag at `start`, and whether it closes itself. `name_end` is where its attributes begin.
pub(super) fn end(bytes: &[u8], start: usize, name_end: usize) -> Option<(usize, bool)> {
    // Without quotes the first `>` is the end, and without values a `/` before it counts.
    let close = name_end + memchr(b'>', bytes.get(name_end..)?)?;
    let inside = bytes.get(name_end..close)?;
    if memchr3(b'"', b'\'', b'=', inside).is_none() {
        return Some((close + 1, close > start && inside.last() == Some(&b'/')));
    }
    attributes_end(bytes, name_end)
}

/// Goes through the attributes one by one: in a quoted value `>` is no end, and in an unquoted one `/` doesn't close.
fn attributes_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let find = |from: usize, is_end: fn(u8) -> bool| Some(from + bytes.get(from..)?.iter().position(|byte| is_end(*byte))?);
    loop {
        let name = find(at, |byte| !byte.is_ascii_whitespace() && byte != b'/')?;
        if bytes.get(name) == Some(&b'>') {
            return Some((name + 1, name > at && bytes.get(name - 1) == Some(&b'/')));
        }
        // A leading `=` is part of the name.
        let name_end = find(name + 1, |byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'>' | b'/'))?;
        let equals = find(name_end, |byte| !byte.is_ascii_whitespace())?;
        if bytes.get(equals) != Some(&b'=') {
            at = name_end;
            continue;
        }
        let value = find(equals + 1, |byte| !byte.is_ascii_whitespace())?;
        at = match bytes.get(value) {
            Some(quote @ (b'"' | b'\'')) => value + 2 + memchr(*quote, bytes.get(value + 1..)?)?,
            _ => find(value, |byte| byte.is_ascii_whitespace() || byte == b'>')?,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::end;

    #[test]
    fn a_tag_ends_where_a_browser_ends_it() {
        let cases = [
            ("<p>", false),
            ("<br/>", true),
            ("<br / >", false),
            ("<a b/>", true),
            ("<a b=/>", false),
            ("<a b=c/>", false),
            ("<a b='/'/>", true),
            ("<a b=\">\" c='>'>", false),
            ("<a b=c\">", false),
            ("<a =\">", false),
            ("<a b= >", false),
            ("<a b=c'd e=\">\">", false),
        ];
        for (tag, closes) in cases {
            let source = format!("{tag}x>\"'>");
            assert_eq!(end(source.as_bytes(), 0, 2.max(tag.find(['/', ' ', '>']).unwrap())), Some((tag.len(), closes)), "{tag}");
        }
        for unfinished in ["<a", "<a b=\"", "<a b='>", "<a b=c"] {
            assert_eq!(end(unfinished.as_bytes(), 0, 2), None, "{unfinished}");
        }
    }
}
