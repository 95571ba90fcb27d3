//! Whether a tape is in order.

use crate::tree::{self, Kind, NoChildren, Node, Owner, Tape, Window, name, tokenize};

/// Checks that nodes lie in their parents and after one another, that all ends are where characters end, and that each element's
/// content is read by itself as it is within the whole.
pub(super) fn verify(html: &str, tape: &Tape) -> Result<(), String> {
    let nodes = tape.nodes();
    let length = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let mut names = Vec::new();
    siblings(html, nodes, (0, length), (0, html.len()), &mut names).map_err(|wrong| format!("{wrong} in {html:?}: {nodes:?}"))
}

fn siblings<'a>(
    html: &'a str,
    nodes: &[Node],
    (first, end): (u32, u32),
    (from, to): (usize, usize),
    names: &mut Vec<&'a str>,
) -> Result<(), String> {
    let (mut next, mut after) = (first, from);
    while next < end {
        let node = nodes.get(next as usize).ok_or("a subtree is longer than the tape")?;
        let ends = [node.start, node.inner, node.inner_end, node.end].map(|end| end as usize);
        if !ends.is_sorted() || ends[0] < after || ends[3] > to || !ends.iter().all(|end| html.is_char_boundary(*end)) {
            return Err(format!("node {next} lies at {ends:?}, not in order between {after} and {to}"));
        }
        if node.skip <= next || node.skip > end {
            return Err(format!("the subtree of node {next} ends at {}, with its siblings ending at {end}", node.skip));
        }
        let has_children = matches!(node.kind, Kind::Element | Kind::Implied);
        if !has_children && node.skip != next + 1 {
            return Err(format!("node {next}, {:?}, has children", node.kind));
        }
        if has_children {
            names.push(name(html, node));
            siblings(html, nodes, (next + 1, node.skip), (ends[1], ends[2]), names)?;
            content(html, nodes, next, node, names)?;
            names.pop();
        }
        after = ends[3];
        next = node.skip;
    }
    Ok(())
}

/// Reads an element's content by itself, and what comes after its first child that is an element.
fn content(html: &str, nodes: &[Node], index: u32, node: &Node, names: &[&str]) -> Result<(), String> {
    let is_text = names.last().is_some_and(|name| ["textarea", "title"].iter().any(|text| text.eq_ignore_ascii_case(name)));
    let has_end = node.inner_end < node.end || node.kind == Kind::Implied;
    if is_text || !has_end {
        return Ok(());
    }
    let (mut first, mut start) = (index + 1, node.inner);
    // All of it, and then what follows each child that ends with a tag.
    loop {
        let window = Window { start: start as usize, end: node.inner_end as usize, is_first: first == index + 1, ancestors: names };
        let owner = Owner::new(tree::PAGE, html, &NoChildren);
        let read = tokenize(html, &window, owner).map(|(nodes, _)| nodes);
        let mut expected = nodes.get(first as usize..node.skip as usize).unwrap_or_default().to_vec();
        for node in &mut expected {
            node.skip -= first;
        }
        if read.as_ref() != Some(&expected) {
            return Err(format!("from {start}, in {names:?}, expected {expected:?}, got {read:?}"));
        }
        let boundary = first_boundary(nodes, first, node.skip);
        // A group of rows without a tag may take in what follows.
        let is_table = names.last().is_some_and(|name| name.eq_ignore_ascii_case("table"));
        match boundary.filter(|_| !is_table) {
            Some((after, end)) => (first, start) = (after, end),
            None => return Ok(()),
        }
    }
}

fn first_boundary(nodes: &[Node], mut next: u32, end: u32) -> Option<(u32, u32)> {
    while next < end {
        let node = nodes.get(next as usize)?;
        if !matches!(node.kind, Kind::Text | Kind::Implied) {
            return Some((node.skip, node.end));
        }
        next = node.skip;
    }
    None
}
