//! [`Offer`]: what a control of a page may bring, and the ticket that says so.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{component::Link, session::Keys};

/// A longer ticket is none of ours.
const MAX_TICKET_CHARACTERS: usize = 4096;
const MAC: usize = 16;
/// In the place of a component: whichever has a control of that name.
pub(super) const ANY: u32 = u32::MAX;

/// What a control may bring: to which component of which session, under which name, how much, and of which kind. A page carries it signed, as a ticket, so that every node
/// knows what was offered without asking the session. It holds no time, since rendering is a function of the state: it ends with its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) session: [u8; 16],
    pub(crate) component: u32,
    pub(crate) max_files: u32,
    pub(crate) max_bytes: u64,
    /// The control's name.
    pub(crate) name: String,
    /// In HTML's words.
    pub(crate) accept: String,
}

impl Offer {
    pub(crate) fn ticket(&self, keys: &Keys) -> String {
        let Self { session, component, max_files, max_bytes, name, accept } = self;
        let mut bytes = session.to_vec();
        bytes.extend_from_slice(&component.to_be_bytes());
        bytes.extend_from_slice(&max_files.to_be_bytes());
        bytes.extend_from_slice(&max_bytes.to_be_bytes());
        bytes.extend_from_slice(&u32::try_from(name.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(accept.as_bytes());
        let mac = keys.offer(&bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what a client sent; `None` where we haven't made it.
    pub(crate) fn read(keys: &Keys, ticket: &str) -> Option<Self> {
        if ticket.len() > MAX_TICKET_CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(ticket).ok()?;
        let (bytes, mac) = bytes.split_last_chunk::<MAC>()?;
        if !keys.made_offer(bytes, mac) {
            return None;
        }
        let (session, rest) = bytes.split_first_chunk()?;
        let (component, rest) = rest.split_first_chunk()?;
        let (max_files, rest) = rest.split_first_chunk()?;
        let (max_bytes, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (name, accept) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(Self {
            session: *session,
            component: u32::from_be_bytes(*component),
            max_files: u32::from_be_bytes(*max_files),
            max_bytes: u64::from_be_bytes(*max_bytes),
            name: String::from_utf8(name.to_vec()).ok()?,
            accept: String::from_utf8(accept.to_vec()).ok()?,
        })
    }
}

/// What a [`file_field`](crate::widget::file_field) needs of its component so that files can come to it: [`Cx::uploads`](crate::Cx::uploads).
#[derive(Clone, Debug)]
pub struct Uploads {
    pub(crate) link: Link,
    /// `None` for whichever component of the session has the control's name.
    pub(crate) component: Option<u32>,
}

impl Uploads {
    /// The ticket of a control; and how many bytes a file may have, which is no more than the app allows.
    pub(crate) fn ticket(&self, name: &str, max_files: u32, max_bytes: Option<u64>, accept: &str) -> (String, u64) {
        let Self { link, component } = self;
        let max_bytes = max_bytes.unwrap_or(u64::MAX).min(link.limits().max_upload_bytes);
        let offer = Offer {
            session: link.mailbox.id(),
            component: component.unwrap_or(ANY),
            max_files,
            max_bytes,
            name: name.to_owned(),
            accept: accept.to_owned(),
        };
        (offer.ticket(&link.shared.keys), max_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_says_what_was_offered_and_nothing_else_is_one() {
        let keys = Keys::new(&[1; 32]);
        let offer = Offer {
            session: [7; 16],
            component: 3,
            max_files: 2,
            max_bytes: 10_000_000,
            name: "Bild ä".into(),
            accept: "image/*,.png".into(),
        };
        let ticket = offer.ticket(&keys);
        assert_eq!(Offer::read(&keys, &ticket), Some(offer.clone()));
        assert_eq!(Offer::read(&Keys::new(&[2; 32]), &ticket), None, "another app's");
        for at in 0..ticket.len() {
            let mut wrong = ticket.clone().into_bytes();
            wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(Offer::read(&keys, std::str::from_utf8(&wrong).unwrap()), None, "{at}");
            assert_eq!(Offer::read(&keys, &ticket[..at]), None, "{at}");
        }
        assert_eq!(Offer::read(&keys, &"A".repeat(MAX_TICKET_CHARACTERS + 1)), None);
        // What is the name's can't be taken for what is accepted.
        let other = Offer { name: "Bild äi".into(), accept: "mage/*,.png".into(), ..offer };
        assert_ne!(other.ticket(&keys), ticket);
    }
}
