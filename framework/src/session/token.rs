//! [`Token`]: what a page holds to join its session.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

/// 128 bits that find a session and 128 bits that prove the right to it, both from the system's random source. It travels in
/// the page and in frames, never in a URL or a log.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub(crate) id: [u8; 16],
    pub(crate) secret: [u8; 16],
}

impl Token {
    /// A new session's token.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut token = Self { id: [0; 16], secret: [0; 16] };
        getrandom::fill(&mut token.id)?;
        getrandom::fill(&mut token.secret)?;
        Ok(token)
    }

    /// The same session with a new secret.
    pub(crate) fn rotated(&self) -> Result<Self, getrandom::Error> {
        Ok(Self { id: self.id, ..Self::random()? })
    }

    /// Reads what a client sent.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (id, secret) = bytes.split_at(16);
        (length == 32).then_some(Self { id: id.try_into().ok()?, secret: secret.try_into().ok()? })
    }

    /// Whether this is the secret, in a time that says nothing about it.
    pub(crate) fn admits(&self, secret: &[u8; 16]) -> bool {
        self.secret.ct_eq(secret).into()
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.id);
        bytes[16..].copy_from_slice(&self.secret);
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
        let token = Token::random().unwrap();
        let parsed = Token::parse(&token.to_string()).unwrap();
        assert_eq!(parsed.id, token.id);
        assert!(token.admits(&parsed.secret));
        assert!(!token.admits(&Token::random().unwrap().secret));
        for wrong in ["", "AAAA", &format!("{token}A"), &token.to_string()[1..], "ø"] {
            assert!(Token::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_logged_token_shows_nothing() {
        assert_eq!(format!("{:?}", Token::random().unwrap()), "Token(…)");
    }
}
