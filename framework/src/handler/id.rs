//! [`HandlerId`]: what a handler is called on the wire.

use std::{fmt, panic::Location};

/// The URL-safe base64 alphabet, six bits a character.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Names a handler that a component rendered. It renders as eight characters, for an attribute such as `lf-click`.
///
/// The id is a hash of the component's place, the call site and the bound argument, so that rendering again gives the
/// same id (no noise in the diff), also after a restart. It is a name and not a secret: the table decides what runs.
///
/// ```
/// use livefloe::{Component, Cx, Markup, html};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Counter { count: i64 }
/// impl Component for Counter {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let add = cx.on(Self::add); // one id may be used in several places
///         html! { button lf-click=(add) { (self.count) } a href="#" lf-click=(add) { "add" } }
///     }
/// }
/// impl Counter { fn add(&mut self) { self.count += 1 } }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HandlerId([u8; 8]);

impl HandlerId {
    /// The id with these 8 characters of `A-Za-z0-9_-`; `None` for anything else.
    #[must_use]
    pub fn from_wire(characters: [u8; 8]) -> Option<Self> {
        // The alphabet as ranges: looking each byte up in it costs as much as the handler.
        characters.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).then_some(Self(characters))
    }

    /// The eight characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Both ways to make one allow only characters of the alphabet, which are ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as a number of 48 bits: its hash.
    pub(crate) fn bits(self) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
    }

    /// How many bits eight characters hold.
    const BITS: u32 = 48;

    fn from_bits(mut bits: u64) -> Self {
        Self(std::array::from_fn(|_| {
            let character = ALPHABET[(bits & 63) as usize];
            bits >>= 6;
            character
        }))
    }
}

/// The number that is all of an argument: MessagePack's unsigned numbers of up to four bytes.
fn small_number(argument: &[u8]) -> Option<u64> {
    match *argument {
        [number @ 0..0x80] | [0xcc, number] => Some(u64::from(number)),
        [0xcd, high, low] => Some(u64::from(u16::from_be_bytes([high, low]))),
        [0xce, a, b, c, d] => Some(u64::from(u32::from_be_bytes([a, b, c, d]))),
        _ => None,
    }
}

impl maud::Render for HandlerId {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(self.as_str());
    }
}

impl fmt::Display for HandlerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for HandlerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HandlerId({self})")
    }
}

/// A running hash that says *which* component or handler this is: FNV-1a's steps, eight bytes at a time.
///
/// It must give the same value in every process and version, since snapshots and clients remember what it named; that
/// rules out the standard library's seeded hashers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64);

impl Identity {
    /// Where hashing starts: the page.
    pub const ROOT: Self = Self(0xcbf2_9ce4_8422_2325);
    const PRIME: u64 = 0x0000_0100_0000_01b3;

    /// Mixes bytes in.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        // A page of 1,000 rows hashes a call site for each of its handlers: by single bytes that took as long as the HTML.
        let (words, rest) = bytes.as_chunks::<8>();
        let whole = words.iter().fold(self, |identity, word| identity.number(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length tells what ends in zeros from what is shorter.
        whole.number(u64::from_le_bytes(last)).number(bytes.len() as u64)
    }

    /// Mixes a number in.
    #[must_use]
    pub fn number(self, number: u64) -> Self {
        // One round for the whole word: distinct call sites differ in few bits, and the rotation spreads them.
        Self((self.0 ^ number).wrapping_mul(Self::PRIME).rotate_left(23).wrapping_mul(Self::PRIME))
    }

    /// Mixes a call site in.
    #[must_use]
    pub fn site(self, site: &Location<'_>) -> Self {
        self.bytes(site.file().as_bytes()).number((u64::from(site.line()) << 32) | u64::from(site.column()))
    }

    /// FNV mixes its upper bits best and its lower ones hardly: this spreads them (the finalizer of `MurmurHash3`).
    fn mixed(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }

    /// The id of a handler with this identity.
    #[must_use]
    pub fn handler(self) -> HandlerId {
        HandlerId::from_bits(self.mixed())
    }

    /// The id of a handler with this identity and a bound argument, as it is encoded.
    ///
    /// Rows are mostly told apart by a small number. Then five characters say which handler, and three the number itself: ids of
    /// a thousand rows are alike, and a patch that brings them shrinks by a third when it is deflated.
    #[must_use]
    pub fn bound(self, argument: &[u8]) -> HandlerId {
        const HASH_BITS: u32 = 30;
        match small_number(argument).filter(|number| number >> (HandlerId::BITS - HASH_BITS) == 0) {
            Some(number) => {
                let hash = self.number(u64::from(HASH_BITS)).mixed() & ((1 << HASH_BITS) - 1);
                HandlerId::from_bits(hash | number << HASH_BITS)
            }
            None => self.bytes(argument).handler(),
        }
    }

    /// The name of a child component's place in its parent.
    #[must_use]
    pub fn slot(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::Render;

    #[test]
    fn id_renders_as_eight_characters_and_comes_back_from_the_wire() {
        let id = Identity::ROOT.number(7).handler();
        let text = id.render().into_string();
        assert_eq!(text.len(), 8);
        assert_eq!(HandlerId::from_wire(text.as_bytes().try_into().unwrap()), Some(id));
    }

    #[test]
    fn bytes_outside_the_alphabet_are_no_id() {
        for wrong in [*b"AAAA AAA", *b"AAAA\0AAA", *b"<script>", *b"AAAAAA\xc3\xa9"] {
            assert_eq!(HandlerId::from_wire(wrong), None);
        }
    }

    #[test]
    fn neighbouring_identities_give_distinct_ids() {
        let mut ids: Vec<_> = (0..100_000).map(|row| Identity::ROOT.number(row).handler()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 100_000);
    }

    #[test]
    fn rows_of_one_handler_have_ids_that_are_alike_and_distinct() {
        let encoded = |row: u32| rmp_serde::to_vec(&row).unwrap();
        let ids: Vec<_> = (0..300_000).map(|row| Identity::ROOT.number(1).bound(&encoded(row))).collect();
        let start = |id: &HandlerId| id.as_str()[..5].to_owned();
        assert!(ids[..1 << 18].iter().all(|id| start(id) == start(&ids[0])));
        assert_ne!(start(&Identity::ROOT.number(2).bound(&encoded(0))), start(&ids[0]), "another handler");
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(Identity::ROOT.bound(b""), Identity::ROOT.bytes(b"").handler());
        assert_eq!(Identity::ROOT.bound(&encoded(1000)).as_str().len(), 8);
    }

    #[test]
    fn identity_is_the_same_in_every_process() {
        assert_eq!(Identity::ROOT.bytes(b"counter").number(3).handler().as_str(), "jguG6HuW");
    }
}
