//! [`Token`]: what a page holds to join its session.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// 128 bits that find a session, how often it was joined, and a signature that proves both. Each join gives a new one, and the one before is worth
/// nothing once that has arrived. It travels in the page and in frames, never in a URL or a log.
///
/// Signed, and not remembered: a process that restores a session knows the right token even if it was given out after the session was last saved.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) id: [u8; 16],
    pub(crate) turn: u64,
    pub(crate) mac: [u8; 16],
}

impl Token {
    const BYTES: usize = 16 + 8 + 16;

    /// Reads what a client sent. Whether we made it is for [`Keys`](super::Keys) to say.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (id, rest) = bytes.split_first_chunk()?;
        let (turn, mac) = rest.split_first_chunk()?;
        (length == Self::BYTES).then_some(Self { id: *id, turn: u64::from_be_bytes(*turn), mac: mac.try_into().ok()? })
    }
}

/// A new session's id, from the system's random source.
pub(crate) fn random_id() -> Result<[u8; 16], getrandom::Error> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map(|()| id)
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: Vec<u8> = [&self.id[..], &self.turn.to_be_bytes(), &self.mac].concat();
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_comes_back_from_its_text_and_nothing_else_does() {
        let token = Token { id: random_id().unwrap(), turn: 7, mac: random_id().unwrap() };
        let parsed = Token::parse(&token.to_string()).unwrap();
        assert_eq!((parsed.id, parsed.turn, parsed.mac), (token.id, token.turn, token.mac));
        for wrong in ["", "AAAA", &format!("{token}A"), &token.to_string()[1..], "ø"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_logged_token_shows_nothing() {
        let token = Token { id: [1; 16], turn: 1, mac: [1; 16] };
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
