//! [`Keys`]: what proves that a token or a snapshot is ours.

use subtle::ConstantTimeEq as _;

use super::{Token, Who};

/// The keys of an app, made from the one secret that its store keeps; without a store, from a new one.
pub(crate) struct Keys {
    token: [u8; 32],
    snapshot: [u8; 32],
    stream: [u8; 32],
    ticket: [u8; 32],
    offer: [u8; 32],
    media: [u8; 32],
}

/// The length of a signature.
const MAC: usize = 16;

impl Keys {
    pub(crate) fn new(secret: &[u8; 32]) -> Self {
        // What a key is for is part of it: what signs one thing says nothing about another.
        Self {
            token: blake3::derive_key("livefloe join token 1", secret),
            snapshot: blake3::derive_key("livefloe session snapshot 1", secret),
            stream: blake3::derive_key("livefloe stream 1", secret),
            ticket: blake3::derive_key("livefloe post ticket 1", secret),
            offer: blake3::derive_key("livefloe upload offer 1", secret),
            media: blake3::derive_key("livefloe media 1", secret),
        }
    }

    /// The token of a session's `turn`th join, for this user.
    pub(crate) fn token(&self, id: [u8; 16], turn: u64, who: Who) -> Token {
        let mut hasher = blake3::Hasher::new_keyed(&self.token);
        hasher.update(&id).update(&turn.to_be_bytes()).update(who.bytes());
        Token { id, turn, mac: first(&hasher.finalize()) }
    }

    /// Whether we made this token, for this user, in a time that says nothing about it.
    pub(crate) fn made(&self, token: &Token, who: Who) -> bool {
        self.token(token.id, token.turn, who).mac.ct_eq(&token.mac).into()
    }

    /// Signs what a page posts with.
    pub(crate) fn ticket(&self, id: [u8; 16], seq: u64, seen: u64, who: Who) -> [u8; MAC] {
        let mut hasher = blake3::Hasher::new_keyed(&self.ticket);
        hasher.update(&id).update(&seq.to_be_bytes()).update(&seen.to_be_bytes()).update(who.bytes());
        first(&hasher.finalize())
    }

    /// Whether we signed it, in a time that says nothing about it.
    pub(crate) fn made_ticket(&self, id: [u8; 16], seq: u64, seen: u64, who: Who, mac: &[u8; MAC]) -> bool {
        self.ticket(id, seq, seen, who).ct_eq(mac).into()
    }

    /// Signs what a control may bring.
    pub(crate) fn offer(&self, offer: &[u8]) -> [u8; MAC] {
        first(&blake3::keyed_hash(&self.offer, offer))
    }

    /// Whether we signed it, in a time that says nothing about it.
    pub(crate) fn made_offer(&self, offer: &[u8], mac: &[u8; MAC]) -> bool {
        self.offer(offer).ct_eq(mac).into()
    }

    /// Signs what an address leads to.
    pub(crate) fn media(&self, what: &[u8]) -> [u8; MAC] {
        first(&blake3::keyed_hash(&self.media, what))
    }

    /// Whether we signed it, in a time that says nothing about it.
    pub(crate) fn made_media(&self, what: &[u8], mac: &[u8; MAC]) -> bool {
        self.media(what).ct_eq(mac).into()
    }

    /// Signs the name of a stream, which this node has.
    pub(crate) fn stream(&self, node: [u8; 16], id: [u8; 16]) -> [u8; MAC] {
        let mut hasher = blake3::Hasher::new_keyed(&self.stream);
        hasher.update(&node).update(&id);
        first(&hasher.finalize())
    }

    /// Whether we signed it, in a time that says nothing about it.
    pub(crate) fn made_stream(&self, node: [u8; 16], id: [u8; 16], mac: &[u8; MAC]) -> bool {
        self.stream(node, id).ct_eq(mac).into()
    }

    /// Signs a snapshot: of this session, so that nobody puts it in another's place.
    pub(crate) fn seal(&self, id: [u8; 16], snapshot: &mut Vec<u8>) {
        let mac = self.snapshot_mac(id, snapshot);
        snapshot.extend_from_slice(&mac);
    }

    /// A signed snapshot without its signature; `None` when it is not ours.
    pub(crate) fn open<'a>(&self, id: [u8; 16], sealed: &'a [u8]) -> Option<&'a [u8]> {
        let (snapshot, mac) = sealed.split_last_chunk::<MAC>()?;
        bool::from(self.snapshot_mac(id, snapshot).ct_eq(mac)).then_some(snapshot)
    }

    fn snapshot_mac(&self, id: [u8; 16], snapshot: &[u8]) -> [u8; MAC] {
        let mut hasher = blake3::Hasher::new_keyed(&self.snapshot);
        hasher.update(&id).update(snapshot);
        first(&hasher.finalize())
    }
}

fn first(hash: &blake3::Hash) -> [u8; MAC] {
    let mut mac = [0; MAC];
    mac.copy_from_slice(&hash.as_bytes()[..MAC]);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_ours_as_it_was_made_only() {
        let keys = Keys::new(&[1; 32]);
        let (nobody, ada) = (Who::default(), Who::named("ada"));
        for (who, others) in [(nobody, [ada, Who::named("")]), (ada, [nobody, Who::named("ben")])] {
            let token = keys.token([7; 16], 3, who);
            assert!(keys.made(&token, who));
            assert!(!keys.made(&Token { turn: 4, ..token }, who));
            assert!(!keys.made(&Token { id: [8; 16], ..token }, who));
            assert!(!keys.made(&Token { mac: [0; 16], ..token }, who));
            assert!(!Keys::new(&[2; 32]).made(&token, who));
            assert!(others.iter().all(|other| !keys.made(&token, *other)), "another user's");
        }
    }

    #[test]
    fn a_snapshot_is_opened_as_it_was_sealed_only() {
        let keys = Keys::new(&[1; 32]);
        let mut sealed = b"state".to_vec();
        keys.seal([7; 16], &mut sealed);
        assert_eq!(keys.open([7; 16], &sealed), Some(&b"state"[..]));
        assert_eq!(keys.open([8; 16], &sealed), None, "another session's");
        for at in 0..sealed.len() {
            let mut wrong = sealed.clone();
            wrong[at] ^= 1;
            assert_eq!(keys.open([7; 16], &wrong), None);
            assert_eq!(keys.open([7; 16], &sealed[..at]), None);
        }
    }
}
