//! [`Name`]: what the frames of a client say they belong to.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::session::Keys;

/// Names one stream, for as long as it is open: the node that has it, 128 bits from the system's random source, and a signature, so that nobody
/// sends us to other nodes with what was made up. It travels in the stream and in a header, never in a URL or a log.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) node: [u8; 16],
    pub(super) id: [u8; 16],
    mac: [u8; 16],
}

impl Name {
    const BYTES: usize = 48;

    pub(super) fn new(keys: &Keys, node: [u8; 16], id: [u8; 16]) -> Self {
        Self { node, id, mac: keys.stream(node, id) }
    }

    /// Reads what a client sent; `None` where we haven't made it.
    pub(super) fn parse(keys: &Keys, text: &str) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (node, rest) = bytes.split_first_chunk()?;
        let (id, mac) = rest.split_first_chunk()?;
        let name = Self { node: *node, id: *id, mac: mac.try_into().ok()? };
        (length == Self::BYTES && keys.made_stream(name.node, name.id, &name.mac)).then_some(name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode([self.node, self.id, self.mac].concat()))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Name(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_from_its_text_and_nothing_else_does() {
        let keys = Keys::new(&[1; 32]);
        let name = Name::new(&keys, [2; 16], [3; 16]);
        let parsed = Name::parse(&keys, &name.to_string()).unwrap();
        assert_eq!((parsed.node, parsed.id), (name.node, name.id));
        assert!(Name::parse(&Keys::new(&[2; 32]), &name.to_string()).is_none(), "another app's");
        let forged = Name { id: [4; 16], ..name };
        for wrong in [String::new(), "AAAA".into(), format!("{name}A"), name.to_string()[1..].into(), forged.to_string(), "ø".into()] {
            assert!(Name::parse(&keys, &wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{name:?}"), "Name(…)");
    }
}
