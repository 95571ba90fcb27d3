//! [`Snapshot`]: a session as a store keeps it.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

/// The first byte. Another number is another form of snapshot, which is not read.
const FORMAT: u8 = 2;

/// A session as a store keeps it: what rendering can't make again, and what tells whether it made the same. Borrowed where it is written, which happens for
/// each event in durable mode.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Snapshot<'a> {
    pub(crate) place: Cow<'a, Place>,
    /// How often a socket has joined, and whether the client has shown that it got the token of the last time.
    pub(crate) turn: u64,
    pub(crate) is_confirmed: bool,
    /// The last event that is settled.
    pub(crate) settled: u64,
    /// The newest patch, the newest that the client has shown, and those between.
    pub(crate) seq: u64,
    pub(crate) acked: u64,
    pub(crate) patches: Vec<Cow<'a, serde_bytes::Bytes>>,
    pub(crate) title: Option<Cow<'a, str>>,
    pub(crate) next_id: u32,
    pub(crate) components: Vec<SavedComponent>,
    /// When its page was opened, in seconds since 1970: how old a session is has to be known in other processes as well.
    pub(crate) opened_s: u64,
}

/// Which page, opened how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The path as the app has it, with `{name}`s.
    pub(crate) route: String,
    pub(crate) path: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) query: String,
    /// In front of it in the browser.
    #[serde(default)]
    pub(crate) prefix: String,
}

/// A component of a session.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedComponent {
    pub(crate) id: u32,
    pub(crate) parent: u32,
    pub(crate) slot: u64,
    /// What its author calls it: the state of another type is not read.
    pub(crate) name: Cow<'static, str>,
    #[serde(with = "serde_bytes")]
    pub(crate) state: Vec<u8>,
    /// Of the HTML that the client shows of it.
    pub(crate) hash: u64,
}

/// Why a snapshot can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("expected a snapshot of form {FORMAT}, got {0:?}")]
    Format(Option<u8>),
    #[error("the snapshot can't be read: {0}")]
    Content(#[from] rmp_serde::decode::Error),
}

/// The time, in seconds since 1970.
pub(crate) fn now_s() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Snapshot<'_> {
    /// How old the session is: not at all, where the clock has been set back since.
    pub(crate) fn age(&self) -> Duration {
        Duration::from_secs(now_s().saturating_sub(self.opened_s))
    }

    /// `n_bytes`: as many will do, or nearly.
    pub(crate) fn encode(&self, n_bytes: usize) -> Result<Vec<u8>, rmp_serde::encode::Error> {
        let mut bytes = Vec::with_capacity(n_bytes);
        bytes.push(FORMAT);
        rmp_serde::encode::write(&mut bytes, self)?;
        Ok(bytes)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Snapshot<'static>, Unreadable> {
        match bytes.split_first() {
            Some((&FORMAT, content)) => Ok(rmp_serde::from_slice(content)?),
            other => Err(Unreadable::Format(other.map(|(format, _)| *format))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot() -> Snapshot<'static> {
        let place = Place {
            route: "/room/{name}".to_owned(),
            path: "/room/a".to_owned(),
            parameters: vec![("name".to_owned(), "a".to_owned())],
            query: "x=1".to_owned(),
            prefix: "/tools".to_owned(),
        };
        let component = SavedComponent { id: 0, parent: 0, slot: 0, name: "Room".into(), state: vec![1, 2, 3], hash: u64::MAX };
        Snapshot {
            place: Cow::Owned(place),
            turn: 3,
            is_confirmed: true,
            settled: 7,
            seq: 9,
            acked: 8,
            patches: vec![Cow::Owned(serde_bytes::ByteBuf::from(vec![2, 9]))],
            title: None,
            next_id: 1,
            components: vec![component],
            opened_s: 1_800_000_000,
        }
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        assert_eq!(Snapshot::decode(&snapshot().encode(0).unwrap()).unwrap(), snapshot());
    }

    #[test]
    fn what_is_cut_short_or_of_another_form_is_an_error() {
        let bytes = snapshot().encode(0).unwrap();
        for end in 0..bytes.len() {
            assert!(Snapshot::decode(&bytes[..end]).is_err(), "{end} bytes");
        }
        let error = Snapshot::decode(&[&[9], &bytes[1..]].concat()).unwrap_err();
        assert_eq!(error.to_string(), "expected a snapshot of form 2, got Some(9)");
    }
}
