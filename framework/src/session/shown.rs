//! [`Shown`]: what the client shows of a component: its HTML and the same as a tree; or, while the session sleeps, as
//! little as tells what they were.

use std::{cell::Cell, hash::Hasher as _};

use flate2::{Decompress, FlushDecompress};

use crate::{
    protocol::deflate,
    tree::{Fit, FitAsleep, Tape},
};

/// HTML that is kept packed. Less than this isn't worth it.
const WORTH_BYTES: usize = 512;

/// What the client shows of a component.
#[derive(Default)]
pub(super) struct Shown {
    /// With placeholders for its children.
    html: String,
    tape: Tape,
    asleep: Option<(Asleep, FitAsleep)>,
    /// Of the HTML, once somebody has asked.
    hash: Cell<Option<u64>>,
}

enum Asleep {
    /// Only a hash of the HTML is left: rendering gives the same again, or this tells that it doesn't.
    Forgotten,
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
        *self = Self { html, tape, ..Self::default() };
    }

    /// Tells one HTML from another, in any process.
    pub(super) fn hash(&self) -> u64 {
        let hash = self.hash.get().unwrap_or_else(|| hash(&self.html));
        self.hash.set(Some(hash));
        hash
    }

    /// Takes both out, to be set again.
    pub(super) fn take(&mut self) -> (String, Tape) {
        self.hash.set(None);
        (std::mem::take(&mut self.html), std::mem::take(&mut self.tape))
    }

    pub(super) fn is_asleep(&self) -> bool {
        self.asleep.is_some()
    }

    /// How the component fits its place, while it sleeps: what is around it may be read then.
    pub(super) fn fit_asleep(&self) -> Option<&FitAsleep> {
        self.asleep.as_ref().map(|(_, fit)| fit)
    }

    /// Keeps a hash only.
    pub(super) fn forget(&mut self) {
        let fit = FitAsleep::new(Fit::of(&self.html, &self.tape));
        let hash = Cell::new(Some(self.hash()));
        *self = Self { asleep: Some((Asleep::Forgotten, fit)), hash, ..Self::default() };
    }

    /// Keeps the HTML, as small as it gets. For what can't be rendered again in the same way.
    pub(super) fn pack(&mut self) {
        let hash = Cell::new(Some(self.hash()));
        let (mut html, tape) = self.take();
        let fit = FitAsleep::new(Fit::of(&html, &tape));
        let deflated = (html.len() >= WORTH_BYTES).then(|| deflate(html.as_bytes())).flatten();
        *self = if let Some(deflated) = deflated {
            let asleep = Asleep::Packed { deflated, n_bytes: html.len() };
            Self { asleep: Some((asleep, fit)), hash, ..Self::default() }
        } else {
            html.shrink_to_fit();
            Self { html, tape: Tape::default(), asleep: Some((Asleep::Plain, fit)), hash }
        };
    }

    /// Gives the HTML that was kept, to be set again with its tree. `None` where that takes a rendering: see [`Self::is_what_was_forgotten`].
    pub(super) fn unpack(&mut self) -> Option<String> {
        match &self.asleep {
            None | Some((Asleep::Plain, _)) => Some(std::mem::take(&mut self.html)),
            Some((Asleep::Forgotten, _)) => None,
            Some((Asleep::Packed { deflated, n_bytes }, _)) => Some(unpacked(deflated, *n_bytes)),
        }
    }

    /// Whether a rendering has made again what was forgotten.
    pub(super) fn is_what_was_forgotten(&self, html: &str) -> bool {
        matches!(&self.asleep, Some((Asleep::Forgotten, _))) && self.hash.get() == Some(hash(html))
    }
}

/// A store may give it to another process, so it starts with nothing random. If another version counts differently, a page is sent again.
fn hash(html: &str) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
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
            let mut packed = shown(&html);
            packed.pack();
            assert!(packed.is_asleep() && packed.tape().nodes().is_empty());
            assert_eq!(packed.unpack(), Some(html));
        }
    }

    #[test]
    fn packed_html_is_small() {
        let mut packed = shown(&list(3_000));
        packed.pack();
        let Some((Asleep::Packed { deflated, n_bytes }, _)) = &packed.asleep else { panic!("it is worth it") };
        assert!(deflated.capacity() < n_bytes / 3);
        assert_eq!(packed.html.capacity(), 0);
    }

    #[test]
    fn forgotten_html_is_known_again() {
        let mut forgotten = shown(&list(3));
        forgotten.forget();
        assert_eq!(forgotten.unpack(), None, "nothing is left to make it of");
        assert!(forgotten.is_what_was_forgotten(&list(3)));
        assert!(!forgotten.is_what_was_forgotten(&list(4)));
    }

    #[test]
    fn how_it_fits_its_place_is_not_forgotten() {
        for sleep in [Shown::forget, Shown::pack] {
            let mut asleep = shown("<p>a</p>");
            let fit = FitAsleep::new(Fit::of(asleep.html(), asleep.tape()));
            sleep(&mut asleep);
            assert_eq!(asleep.fit_asleep(), Some(&fit));
        }
    }
}
