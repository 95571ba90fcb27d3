//! Changes a page in one place, as an event does.

use super::{Choices, Page, Piece, component, make::Make};

/// A component can't be in these, or not any, so they get another text.
const TEXT_ONLY: &[&str] =
    &["br", "hr", "img", "wbr", "input", "path", "circle", "rect", "use", "textarea", "script", "style", "template", "option", "title"];

impl Page {
    /// Changes it in one place.
    pub fn edit(&mut self, choices: &mut Choices<'_>) {
        let names: Vec<u32> = self.0.keys().copied().collect();
        let name = choices.of(&names);
        let children: Vec<u32> = (1..=3).filter(|child| self.0.contains_key(&(name * 4 + child))).collect();
        // A name that was used before could come back elsewhere in the same patch, which no session does.
        let n_children = children.last().copied().unwrap_or(0);
        let Some(mut pieces) = self.0.remove(&name) else { return };
        let mut make = Make::new(choices, name, n_children);
        edit_siblings(&mut make, &mut pieces);
        let placed = make.placed;
        self.0.insert(name, pieces);
        for (child, place) in placed {
            component(choices, child, place, &mut self.0);
        }
        let mut shown = Vec::new();
        self.reachable(0, &mut shown);
        self.0.retain(|name, _| shown.contains(name));
    }

    fn reachable(&self, name: u32, shown: &mut Vec<u32>) {
        shown.push(name);
        let mut found = Vec::new();
        children(self.0.get(&name).map_or(&[], Vec::as_slice), &mut found);
        for child in found {
            self.reachable(child, shown);
        }
    }
}

fn children(pieces: &[Piece], found: &mut Vec<u32>) {
    for piece in pieces {
        match piece {
            Piece::Child(name) => found.push(*name),
            Piece::Element { children: inner, .. } => children(inner, found),
            Piece::Raw(_) => {}
        }
    }
}

fn edit_siblings(make: &mut Make<'_, '_>, pieces: &mut Vec<Piece>) {
    let at = make.choices.below(pieces.len().max(1));
    if make.choices.below(3) > 0
        && let Some(Piece::Element { name, attributes, children }) = pieces.get_mut(at)
        && attributes.iter().all(|(name, _)| *name != "lf-ignore")
    {
        if make.choices.below(5) == 0 {
            *attributes = make.attributes(name);
        } else if TEXT_ONLY.contains(name) {
            *children = if super::VOID.contains(name) { Vec::new() } else { vec![make.text()] };
        } else {
            edit_siblings(make, children);
        }
        return;
    }
    match make.choices.below(8) {
        0 => {
            // Of the kind that is there, which lists and tables ask for.
            let piece = match pieces.get(at) {
                Some(piece @ Piece::Element { .. }) if make.choices.below(2) == 0 && !has_child(piece) => piece.clone(),
                _ => make.piece(2),
            };
            pieces.insert(at.min(pieces.len()), piece);
        }
        1 if !pieces.is_empty() => drop(pieces.remove(at)),
        2 if !pieces.is_empty() => {
            let piece = pieces.remove(at);
            let to = make.choices.below(pieces.len() + 1);
            pieces.insert(to, piece);
        }
        3 if !pieces.is_empty() => {
            let other = make.choices.below(pieces.len());
            pieces.swap(at, other);
        }
        4 => pieces.reverse(),
        5 => pieces.clear(),
        6 => {
            // What a condition shows or hides around something.
            let piece = if pieces.is_empty() { make.text() } else { pieces.remove(at) };
            let around = Piece::Element { name: "div", attributes: Vec::new(), children: vec![piece] };
            pieces.insert(at.min(pieces.len()), around);
        }
        _ => {
            let text = make.text();
            match pieces.get_mut(at) {
                Some(piece @ Piece::Raw(_)) => *piece = text,
                _ => pieces.push(text),
            }
        }
    }
}

fn has_child(piece: &Piece) -> bool {
    let mut found = Vec::new();
    children(std::slice::from_ref(piece), &mut found);
    !found.is_empty()
}
