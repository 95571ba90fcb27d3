//! What a browser makes of HTML, by html5ever, and whether a tape shows the same tree.
//!
//! Not part of what serves a page: tests and fuzzing read HTML so, and servers in development check what they send.

mod sink;
#[cfg(test)]
mod tests;

use super::{Kind, Resolve, Tape, attributes, decode, element, expand};
use sink::{Data, Document};

/// The first place where a tape shows another tree than a browser builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The component whose tape it is.
    pub component: u32,
    /// Where it is in that component's HTML, in bytes.
    pub at: u32,
    /// What each of them has there.
    pub message: String,
}

/// Whether the tapes of a component and of those in it show the tree that a browser builds of all their HTML. Opaque elements
/// are not looked into, and of a broken component nothing is.
///
/// # Errors
/// The first difference.
pub fn compare(html: &str, tape: &Tape, component: u32, resolve: &dyn Resolve) -> Result<(), Difference> {
    if tape.is_broken() {
        return Ok(());
    }
    let (mut expanded, mut opaque) = (String::new(), Vec::new());
    expand::expand_all(html, tape, component, resolve, &mut expanded, &mut opaque);
    let document = Document::parse(&expanded);
    Compare { html, tape, component, resolve, document: &document }.siblings(None, document.content())
}

/// A component's tape against a document.
struct Compare<'a> {
    html: &'a str,
    tape: &'a Tape,
    component: u32,
    resolve: &'a dyn Resolve,
    document: &'a Document,
}

impl Compare<'_> {
    fn siblings(&self, parent: Option<u32>, their_parent: usize) -> Result<(), Difference> {
        let mut theirs = self.document.children(their_parent).iter();
        for index in self.tape.children(parent) {
            let Some(their) = theirs.next() else { return Err(self.difference(index, "nothing")) };
            self.same(index, *their)?;
        }
        match theirs.next() {
            None => Ok(()),
            Some(their) => {
                let at = parent
                    .and_then(|parent| self.tape.nodes().get(parent as usize))
                    .map_or(self.html.len(), |node| node.inner_end as usize);
                let message = format!("nothing more; a browser has {}", self.document.describe(*their));
                Err(Difference { component: self.component, at: u32::try_from(at).unwrap_or(u32::MAX), message })
            }
        }
    }

    fn same(&self, index: u32, their: usize) -> Result<(), Difference> {
        let Some(node) = self.tape.nodes().get(index as usize) else { return Ok(()) };
        let data = self.html.get(node.inner as usize..node.inner_end as usize).unwrap_or_default();
        match (node.kind, self.document.data(their)) {
            // References that only a browser knows are its own to read.
            (Kind::Text, Data::Text(text)) if decode(data).is_none_or(|data| data == **text) => Ok(()),
            (Kind::Comment, Data::Comment(text)) if data.contains('\r') || data == text => Ok(()),
            (Kind::Component, Data::Element { .. }) => self.component(index, their),
            (Kind::Element | Kind::Implied | Kind::Opaque | Kind::Marked, Data::Element { name, .. })
                if element::name(self.html, node).eq_ignore_ascii_case(&name.local) && self.has_same_attributes(index, their) =>
            {
                if matches!(node.kind, Kind::Opaque | Kind::Marked) { Ok(()) } else { self.siblings(Some(index), their) }
            }
            _ => Err(self.difference(index, &self.document.describe(their))),
        }
    }

    fn component(&self, index: u32, their: usize) -> Result<(), Difference> {
        let Some(node) = self.tape.nodes().get(index as usize) else { return Ok(()) };
        let Some(child) = expand::slot(self.html, node).and_then(|slot| self.resolve.resolve(self.component, slot)) else {
            return if self.document.name(their) == Some(expand::PLACEHOLDER) {
                Ok(())
            } else {
                Err(self.difference(index, "another element"))
            };
        };
        let is_marked = self.document.attribute(their, "lf-c").is_some_and(|id| *id == child.id.to_string());
        if !is_marked {
            return Err(self.difference(index, &self.document.describe(their)));
        }
        let inner = Compare { html: child.html, tape: child.tape, component: child.id, ..*self };
        if !expand::is_wrapped(child.html, child.tape) {
            return inner.same(0, their);
        }
        if self.document.name(their) != Some("lf-component") {
            return Err(self.difference(index, &self.document.describe(their)));
        }
        if child.tape.is_broken() { Ok(()) } else { inner.siblings(None, their) }
    }

    fn has_same_attributes(&self, index: u32, their: usize) -> bool {
        let Some(node) = self.tape.nodes().get(index as usize) else { return false };
        let tag = if node.kind == Kind::Implied { "" } else { self.html.get(node.start as usize..node.inner as usize).unwrap_or_default() };
        let ours: Vec<_> = attributes(tag).filter(|(name, _)| !name.eq_ignore_ascii_case("lf-c")).collect();
        // A browser changes such names, and may then find that it had one of them before; patches leave them alone.
        if ours.iter().any(|(name, _)| name.contains('\0')) {
            return true;
        }
        let theirs: Vec<_> = self.document.attributes(their).filter(|(name, _)| *name != "lf-c").collect();
        let is_among_them = |(name, value): &(&str, &str)| {
            // A prefix such as `xlink:` is not part of the local name.
            let local = name.rsplit(':').next().unwrap_or(name);
            let is_name = |their: &str| their.eq_ignore_ascii_case(name) || their.eq_ignore_ascii_case(local);
            theirs.iter().any(|(their, their_value)| is_name(their) && decode(value).is_none_or(|value| value == **their_value))
        };
        ours.len() == theirs.len() && ours.iter().all(is_among_them)
    }

    fn difference(&self, index: u32, theirs: &str) -> Difference {
        let node = self.tape.nodes().get(index as usize);
        let at = node.map_or(0, |node| node.start);
        let ours = node.map_or("nothing".to_owned(), |node| {
            let source = self.html.get(node.start as usize..node.end as usize).unwrap_or_default();
            format!("{:?} {:?}", node.kind, source.chars().take(200).collect::<String>())
        });
        Difference { component: self.component, at, message: format!("{ours}; a browser has {theirs}") }
    }
}
