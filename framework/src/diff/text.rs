//! What differs between two texts.

/// What a part has to save, in bytes of text: it says three numbers more than a whole text does.
const WORTH_BYTES: usize = 8;

/// A part of a text and what comes in its place, counted in UTF-16 code units as the DOM does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Splice<'a> {
    pub(super) start: u32,
    pub(super) count: u32,
    /// How long the whole text was.
    pub(super) length: u32,
    pub(super) text: &'a str,
}

/// The one part that turns `before` into `now`; `None` when sending all of it takes hardly more.
pub(super) fn splice<'a>(before: &str, now: &'a str) -> Option<Splice<'a>> {
    if now.len() <= WORTH_BYTES {
        return None;
    }
    let (prefix, suffix) = super::common::ends(before.as_bytes(), now.as_bytes());
    // Between characters: a byte that two texts share may be a part of different ones.
    let prefix = (0..=prefix).rev().find(|at| before.is_char_boundary(*at) && now.is_char_boundary(*at))?;
    let suffix = (0..=suffix).rev().find(|at| before.is_char_boundary(before.len() - at) && now.is_char_boundary(now.len() - at))?;
    let text = now.get(prefix..now.len() - suffix)?;
    if text.len() + WORTH_BYTES > now.len() {
        return None;
    }
    Some(Splice {
        start: units(before.get(..prefix)?)?,
        count: units(before.get(prefix..before.len() - suffix)?)?,
        length: units(before)?,
        text,
    })
}

/// The length in UTF-16 code units.
fn units(text: &str) -> Option<u32> {
    let count = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    u32::try_from(count).ok()
}

#[cfg(test)]
mod tests {
    use super::{Splice, splice};

    #[test]
    fn only_the_part_that_differs_is_sent_of_a_long_text() {
        let long = "a text that is long enough to be worth it";
        let cases = [
            (long.to_owned(), long.replace("long", "short"), Some((15, 4, 41, "short"))),
            (format!("{long} 1"), format!("{long} 2"), Some((42, 1, 43, "2"))),
            (format!("😀{long} é"), format!("😀{long} è"), Some((44, 1, 45, "è"))),
            (format!("{long} 😀"), format!("{long} 😁"), Some((42, 2, 44, "😁"))),
            (long.replace("long", ""), long.to_owned(), Some((15, 0, 37, "long"))),
            ("Count: 99999".to_owned(), "Count: 100000".to_owned(), None),
            ("Count: 100000".to_owned(), "Count: 100001".to_owned(), Some((12, 1, 13, "1"))),
            ("short".to_owned(), "shorts".to_owned(), None),
            (long.to_owned(), long.to_uppercase(), None),
        ];
        for (before, now, expected) in cases {
            let expected = expected.map(|(start, count, length, text)| Splice { start, count, length, text });
            assert_eq!(splice(&before, &now), expected, "{before} → {now}");
        }
    }
}
