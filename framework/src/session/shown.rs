//! [`Shown`]: what the client shows of a component: its HTML and the same as a tree; or, while the session sleeps, as
//! little as tells what they were.

use std::hash::{DefaultHasher, Hasher as _};

use flate2::{Decompress, FlushDecompress};

use crate::{protocol::deflate, tree::Tape};

/// HTML that is kept packed. Less than this isn't worth it.
const WORTH_BYTES: usize = 512;

/// What the client shows of a component.
#[derive(Default)]
pub(super) struct Shown {
    /// With placeholders for its children.
    html: String,
    tape: Tape,
    asleep: Option<Asleep>,
}

enum Asleep {
    /// Only a hash of the HTML is left: rendering gives the same again, or this tells that it doesn't.
    Forgotten { hash: u64 },
    /// The HTML, deflated.
    Packed { deflated: Vec<u8>, n_bytes: usize },
    /// The HTML as it is: only the tree is left out.
    Plain,
}

impl Shown {
    pub(super) fn html(&self) -> &str {
        &self.html
    }

    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    pub(super) fn set(&mut self, html: String, tape: Tape) {
        *self = Self { html, tape, asleep: None };
    }

    /// Takes both out, to be set again.
    pub(super) fn take(&mut self) -> (String, Tape) {
        (std::mem::take(&mut self.html), std::mem::take(&mut self.tape))
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.is_some()
    }

    /// Keeps a hash only.
    pub(super) fn forget(&mut self) {
        *self = Self { asleep: Some(Asleep::Forgotten { hash: hash(&self.html) }), ..Self::default() };
    }

    /// Keeps the HTML, as small as it gets. For what can't be rendered again in the same way.
    pub(super) fn pack(&mut self) {
        let (mut html, _) = self.take();
        let deflated = (html.len() >= WORTH_BYTES).then(|| deflate(html.as_bytes())).flatten();
        *self = if let Some(deflated) = deflated {
            let asleep = Asleep::Packed { deflated, n_bytes: html.len() };
            Self { asleep: Some(asleep), ..Self::default() }
        } else {
            html.shrink_to_fit();
            Self { html, tape: Tape::default(), asleep: Some(Asleep::Plain) }
        };
    }

    /// Makes both again from what was kept. `false` where that takes a rendering: then [`Self::remember`].
    pub(super) fn unpack(&mut self) -> bool {
        let html = match &self.asleep {
            None => return true,
            Some(Asleep::Forgotten { .. }) => return false,
            Some(Asleep::Plain) => std::mem::take(&mut self.html),
            Some(Asleep::Packed { deflated, n_bytes }) => unpacked(deflated, *n_bytes),
        };
        let tape = Tape::parse(&html);
        self.set(html, tape);
        true
    }

    /// Takes the HTML that a rendering has made again. `false` when it is not what was forgotten.
    pub(super) fn remember(&mut self, html: String) -> bool {
        let is_same = matches!(&self.asleep, Some(Asleep::Forgotten { hash: before }) if *before == hash(&html));
        let tape = Tape::parse(&html);
        self.set(html, tape);
        is_same
    }
}

/// The standard library's hash with its fixed keys: all of 64 bits count, and the process that made it reads it.
fn hash(html: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(html.as_bytes());
    hasher.finish()
}

fn unpacked(deflated: &[u8], n_bytes: usize) -> String {
    // The first byte is the kind of a frame.
    let deflated = deflated.get(1..).unwrap_or_default();
    let mut html = Vec::with_capacity(n_bytes);
    let end = Decompress::new(true).decompress_vec(deflated, &mut html, FlushDecompress::Finish);
    debug_assert!(end.is_ok_and(|_| html.len() == n_bytes), "what was deflated here is whole");
    String::from_utf8(html).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> Shown {
        let mut shown = Shown::default();
        shown.set(html.to_owned(), Tape::parse(html));
        shown
    }

    fn list(n_items: usize) -> String {
        let items: Vec<_> = (0..n_items).map(|item| format!("<li>item {item}</li>")).collect();
        format!("<ul>{}</ul>", items.concat())
    }

    #[test]
    fn packed_html_comes_back_as_it_was() {
        for html in [String::new(), "<p>ą</p>".to_owned(), list(3), list(3_000), "<p>".repeat(400)] {
            let (mut packed, before) = (shown(&html), shown(&html));
            packed.pack();
            assert!(packed.is_asleep() && packed.tape().nodes().is_empty());
            assert!(packed.unpack() && !packed.is_asleep());
            assert_eq!((packed.html(), packed.tape()), (before.html(), before.tape()));
        }
    }

    #[test]
    fn packed_html_is_small() {
        let mut packed = shown(&list(3_000));
        packed.pack();
        let Some(Asleep::Packed { deflated, n_bytes }) = &packed.asleep else { panic!("it is worth it") };
        assert!(deflated.capacity() < n_bytes / 3);
        assert_eq!(packed.html.capacity(), 0);
    }

    #[test]
    fn forgotten_html_is_known_again() {
        let mut forgotten = shown(&list(3));
        forgotten.forget();
        assert!(!forgotten.unpack(), "nothing is left to make it of");
        assert!(forgotten.remember(list(3)));
        assert_eq!((forgotten.html(), forgotten.tape()), (&*list(3), &Tape::parse(&list(3))));
        forgotten.forget();
        assert!(!forgotten.remember(list(4)));
        assert_eq!(forgotten.html(), list(4), "it is what is rendered now");
    }
}
