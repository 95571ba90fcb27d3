//! Character references.

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

/// Text or an attribute's value as a browser reads it; `None` where that takes more than the references that templates
/// write, in which case the browser had better read it itself.
#[must_use]
pub fn decode(raw: &str) -> Option<Cow<'_, str>> {
    // One look for all three: most text has none of them, and is short.
    let is_special = |byte: &u8| matches!(byte, b'&' | b'\r' | 0);
    let bytes = raw.as_bytes();
    let first = if bytes.len() < 32 { bytes.iter().position(is_special) } else { memchr3(b'&', b'\r', 0, bytes) };
    let Some(first) = first else { return Some(Cow::Borrowed(raw)) };
    if memchr2(b'\r', 0, bytes).is_some() {
        return None;
    }
    let (plain, mut rest) = raw.split_at_checked(first)?;
    let mut decoded = String::with_capacity(raw.len());
    decoded.push_str(plain);
    loop {
        let reference = rest.strip_prefix('&')?;
        let after = if reference.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '#') {
            let end = reference.bytes().take(10).position(|byte| byte == b';')?;
            decoded.push(character(reference.get(..end)?)?);
            reference.get(end + 1..)?
        } else {
            decoded.push('&');
            reference
        };
        let next = after.find('&').unwrap_or(after.len());
        let (plain, following) = after.split_at_checked(next)?;
        decoded.push_str(plain);
        if following.is_empty() {
            return Some(Cow::Owned(decoded));
        }
        rest = following;
    }
}

fn character(reference: &str) -> Option<char> {
    let number = match reference {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        "nbsp" => return Some('\u{a0}'),
        _ => reference.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) if !hexadecimal.starts_with('+') => u32::from_str_radix(hexadecimal, 16).ok()?,
        Some(_) => return None,
        None if number.starts_with('+') => return None,
        None => number.parse().ok()?,
    };
    // Browsers replace control codes and what is no character by others: they know which.
    char::from_u32(code).filter(|character| !character.is_control() || matches!(character, '\t' | '\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_that_templates_write_are_decoded_and_others_left_to_the_browser() {
        let cases = [
            ("plain", Some("plain")),
            ("a &lt; b &amp;&amp; c", Some("a < b && c")),
            ("&quot;&apos;&#39;&#x27;&#65;", Some("\"'''A")),
            ("&copy;", None),
            ("&amp", None),
            ("a & b && c&", Some("a & b && c&")),
            ("?a=1&b=2", None),
            ("&#0;", None),
            ("&#128;", None),
            ("&#xD800;", None),
            ("&#+65;", None),
            ("line\r\n", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(decode(raw).as_deref(), expected, "{raw:?}");
        }
    }
}
