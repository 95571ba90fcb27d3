//! Reads what is no tag: text, comments, and elements that hold only text.

use memchr::{memchr, memmem};

use super::{Kind, Tokenizer};
use crate::tree::element::Traits;

impl Tokenizer<'_> {
    pub(super) fn text(&mut self, start: usize, end: usize) -> Option<()> {
        if start >= end {
            return Some(());
        }
        let bytes = self.source.as_bytes().get(start..end)?;
        let mut skipped = 0;
        if let Some(parent) = self.open.last() {
            // A browser drops these, and it depends on the place whether it puts something else there.
            let has_null = memchr(0, bytes).is_some();
            let is_misplaced = parent.traits.has(Traits::STRUCTURE) && !bytes.iter().all(u8::is_ascii_whitespace);
            let eats_newline = parent.traits.has(Traits::EATS_NEWLINE) && parent.inner == start;
            if is_misplaced && !self.as_written {
                self.foster()?;
            }
            let newline = if eats_newline { newline(bytes) } else { Some(0) };
            if has_null || newline.is_none() {
                self.mark(self.open.len() - 1)?;
            }
            skipped = newline.unwrap_or(0);
        } else if memchr(0, bytes).is_some() && !self.as_written {
            return None;
        }
        if start + skipped < end {
            self.push(Kind::Text, start + skipped, start + skipped, end, end)?;
        }
        Some(())
    }

    pub(super) fn comment(&mut self, start: usize) -> Option<usize> {
        let data = self.source.get(start..)?.strip_prefix("<!--")?;
        let length = memmem::find(data.as_bytes(), b"-->")?;
        let inside = data.get(..length)?;
        // Browsers end these earlier.
        if inside.starts_with('>')
            || inside.starts_with("->")
            || inside.ends_with("--!")
            || inside.contains("--!>")
            || inside.contains('\0')
        {
            return None;
        }
        let end = start + 4 + length + 3;
        self.push(Kind::Comment, start, start + 4, start + 4 + length, end)?;
        Some(end)
    }

    pub(super) fn escapable(&mut self, name: &str, traits: Traits, kind: Kind, start: usize, inner: usize) -> Option<usize> {
        let (inner_end, end) = self.raw_end(name, inner)?;
        let text = self.source.as_bytes().get(inner..inner_end)?;
        let newline = if traits.has(Traits::EATS_NEWLINE) { newline(text) } else { Some(0) };
        let is_marked = newline.is_none() || memchr(0, text).is_some();
        let kind = if kind == Kind::Element && is_marked && !self.as_written { Kind::Marked } else { kind };
        let index = self.nodes.len();
        self.push(kind, start, inner, inner_end, end)?;
        let text = inner + newline.unwrap_or(0);
        if text < inner_end && (kind == Kind::Element || self.as_written) {
            self.push(Kind::Text, text, text, inner_end, inner_end)?;
        }
        let skip = u32::try_from(self.nodes.len()).ok()?;
        self.nodes.get_mut(index)?.skip = skip;
        Some(end)
    }

    /// Where the end tag of raw text begins and ends.
    pub(super) fn raw_end(&self, name: &str, from: usize) -> Option<(usize, usize)> {
        let bytes = self.source.as_bytes();
        let mut position = from;
        loop {
            let start = position + memmem::find(bytes.get(position..)?, b"</")?;
            position = start + 2;
            let name_end = position + name.len();
            if !bytes.get(position..name_end).is_some_and(|candidate| candidate.eq_ignore_ascii_case(name.as_bytes())) {
                continue;
            }
            let rest = bytes.get(name_end..)?;
            let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            match rest.get(spaces)? {
                b'>' => {}
                // Attributes, in which `>` may be no end.
                _ if spaces > 0 || rest.first() == Some(&b'/') => return None,
                _ => continue,
            }
            // A script that opens a comment and another script inside ends elsewhere.
            let content = self.source.get(from..start)?;
            let is_nested = name == "script" && content.contains("<!--");
            return (!is_nested).then_some((start, name_end + spaces + 1));
        }
    }
}

/// The length of a newline at the beginning, which some elements drop. `None` when it may be written as a reference.
fn newline(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'&', b'#' | b'N', ..] => None,
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => Some(0),
    }
}
