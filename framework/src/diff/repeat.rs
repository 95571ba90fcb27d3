//! Inserts siblings. Where many are alike, such as the rows of a table, one is sent as HTML and of the others only what is
//! different: a browser clones elements several times faster than it parses them.

use super::{Context, Side};
use crate::tree::{self, Kind, Node};

/// From so many on, a pattern is cheaper than the rows.
const MIN_ROWS: usize = 4;

/// A longer list takes several patterns. What a client makes of a few bytes is bounded so.
const MAX_COPIES: usize = 65_535;

/// Rows that differ in more places are not alike; looking for each among so many is still nothing.
const MAX_HOLES: usize = 64;

/// A place in a row where rows differ: a node, counted in document order from the row's own, and an attribute; none for text.
pub(super) type Hole<'a> = (u32, Option<&'a str>);

/// Writes the insertion of new siblings at `index`.
pub(super) fn insert(context: &mut Context<'_, '_>, mut index: u32, siblings: &[u32]) {
    let (mut plain, mut start) = (0, 0);
    while let Some(rest) = siblings.get(start..).filter(|rest| !rest.is_empty()) {
        let (n_rows, holes) = alike(&context.new, rest);
        if n_rows < MIN_ROWS {
            start += n_rows;
            continue;
        }
        index = as_written(context, index, siblings.get(plain..start).unwrap_or_default());
        index = repeat(context, index, rest.get(..n_rows).unwrap_or_default(), &holes);
        start += n_rows;
        plain = start;
    }
    as_written(context, index, siblings.get(plain..).unwrap_or_default());
}

/// Inserts siblings as HTML; gives the index after them.
fn as_written(context: &mut Context<'_, '_>, index: u32, siblings: &[u32]) -> u32 {
    let (Some(first), Some(last)) = (siblings.first(), siblings.last()) else { return index };
    let (html, opaque) = context.html(*first, *last);
    context.writer.insert(index, &html, &opaque);
    index + count(siblings)
}

fn repeat(context: &mut Context<'_, '_>, index: u32, rows: &[u32], holes: &[Hole<'_>]) -> u32 {
    let Some((first, others)) = rows.split_first() else { return index };
    let (html, _) = context.html(*first, *first);
    let side = context.new;
    // Copy by copy, hole by hole: counted, since how many there are is written first.
    let n_holes = holes.len().max(1);
    let values = (0..others.len() * holes.len()).map(|at| match (others.get(at / n_holes), holes.get(at % n_holes)) {
        (Some(row), Some(hole)) => value(&side, *row, hole),
        _ => std::borrow::Cow::default(),
    });
    context.writer.repeat(index, &html, holes, others.len(), values);
    index + count(rows)
}

fn count(siblings: &[u32]) -> u32 {
    u32::try_from(siblings.len()).unwrap_or(u32::MAX)
}

/// How many siblings are like the first one, which counts, and where they differ. Those that can't be repeated count as one.
fn alike<'a>(side: &Side<'a>, siblings: &[u32]) -> (usize, Vec<Hole<'a>>) {
    let mut holes = Vec::new();
    let Some((first, others)) = siblings.split_first() else { return (0, holes) };
    let n_others = others.iter().take(MAX_COPIES).take_while(|other| differences(side, *first, **other, &mut holes).is_some()).count();
    holes.sort_unstable();
    (1 + n_others, holes)
}

/// Adds the places where two siblings differ; `None` when that is more than values.
fn differences<'a>(side: &Side<'a>, one: u32, other: u32, holes: &mut Vec<Hole<'a>>) -> Option<()> {
    let (row, twin) = (side.row(one)?, side.row(other)?);
    if row.len() != twin.len() || row.first()?.kind != Kind::Element {
        return None;
    }
    // What a sibling that turns out to be different has added says nothing wrong: only that a value is sent which is the same.
    for (position, (node, twin_node)) in (0_u32..).zip(row.iter().zip(twin)) {
        let same_shape = node.kind == twin_node.kind && node.skip - one == twin_node.skip - other;
        if !same_shape || matches!(node.kind, Kind::Component | Kind::Marked) {
            return None;
        }
        let (source, twin_source) = (side.part(node), side.part(twin_node));
        if source == twin_source {
            continue;
        }
        match node.kind {
            Kind::Text => add(holes, (position, None), || tree::decode(source).is_some() && tree::decode(twin_source).is_some())?,
            Kind::Element => attributes(position, source, twin_source, holes)?,
            _ => return None,
        }
    }
    Some(())
}

fn attributes<'a>(position: u32, tag: &'a str, twin: &'a str, holes: &mut Vec<Hole<'a>>) -> Option<()> {
    if tree::tag_name(tag) != tree::tag_name(twin) {
        return None;
    }
    let (mut all, mut twins) = (tree::attributes(tag), tree::attributes(twin));
    loop {
        match (all.next(), twins.next()) {
            (None, None) => return Some(()),
            (Some((name, value)), Some((twin_name, twin_value))) if name == twin_name => {
                if value != twin_value {
                    // What marks an element as opaque, and names that only a browser knows how to write, are no values.
                    let is_value = !name.contains('\0') && name != "lf-ignore";
                    let is_readable = || is_value && tree::decode(value).is_some() && tree::decode(twin_value).is_some();
                    add(holes, (position, Some(name)), is_readable)?;
                }
            }
            _ => return None,
        }
    }
}

fn add<'a>(holes: &mut Vec<Hole<'a>>, hole: Hole<'a>, is_readable: impl FnOnce() -> bool) -> Option<()> {
    if !is_readable() {
        return None;
    }
    // A row has few, and most rows differ where the ones before did.
    if !holes.contains(&hole) {
        holes.push(hole);
    }
    (holes.len() <= MAX_HOLES).then_some(())
}

/// What a row has in a hole.
fn value<'a>(side: &Side<'a>, row: u32, (position, name): &Hole<'_>) -> std::borrow::Cow<'a, str> {
    let source = side.node(row + position).map(|node| side.part(node)).unwrap_or_default();
    let raw = match name {
        Some(name) => tree::attribute(source, name).unwrap_or_default(),
        None => source,
    };
    tree::decode(raw).unwrap_or_default()
}

impl<'a> Side<'a> {
    /// A node and everything in it.
    fn row(&self, index: u32) -> Option<&'a [Node]> {
        self.nodes.get(index as usize..self.node(index)?.skip as usize)
    }

    /// What a node is by itself: an element's start tag, the data of a text or comment, all of what is opaque.
    fn part(&self, node: &Node) -> &'a str {
        let (start, end) = match node.kind {
            Kind::Element => (node.start, node.inner),
            Kind::Text | Kind::Comment => (node.inner, node.inner_end),
            Kind::Implied => (node.start, node.start),
            _ => (node.start, node.end),
        };
        self.html.get(start as usize..end as usize).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        diff::diff,
        patch::{Operation, PatchWriter},
        protocol::wire::Reader,
        tree::{Resolve, Resolved, Tape, dom::Dom},
    };

    struct NoComponents;

    impl Resolve for NoComponents {
        fn resolve(&self, _parent: u32, _slot: u64) -> Option<Resolved<'_>> {
            None
        }
    }

    /// The operations on the list itself from one list to another, which then show it.
    fn operations(before: &str, after: &str) -> Vec<Operation> {
        let (before, after) = (format!("<ul>{before}</ul>"), format!("<ul>{after}</ul>"));
        let mut frame = Vec::new();
        let _ = diff(&before, Tape::parse(&before), &after, 0, None, &mut PatchWriter::new(&mut frame), &NoComponents);
        let operations = Operation::decode_all(&mut Reader::new(&frame)).unwrap();
        let mut dom = Dom::parse_page(&before, &[]);
        dom.apply(&operations).unwrap();
        assert_eq!(dom, Dom::parse_page(&after, &[]), "{operations:#?}");
        operations.into_iter().filter(|operation| !matches!(operation, Operation::Component { .. } | Operation::Child { .. })).collect()
    }

    /// What a function makes of each number, one after the other.
    fn each(range: std::ops::Range<u32>, row: impl FnMut(u32) -> String) -> String {
        range.map(row).collect::<Vec<_>>().concat()
    }

    fn rows(range: std::ops::Range<u32>) -> String {
        each(range, |row| format!("<li lf-key=\"{row}\" class=\"a\"><b title=\"&lt;{row}\">row {row}</b> same</li>"))
    }

    #[test]
    fn rows_that_are_alike_are_sent_once_with_what_differs() {
        let [Operation::Repeat { index, html, copies, nodes, names, values }] =
            &operations("<li>x</li>", &format!("<li>x</li>{}", rows(1..6)))[..]
        else {
            panic!("expected one repeat")
        };
        assert_eq!((*index, html.as_str(), *copies), (1, rows(1..2).as_str(), 4));
        assert_eq!((nodes.as_slice(), names.join(",")), ([0, 1, 2].as_slice(), "lf-key,title,".to_owned()));
        assert_eq!(values[..6], ["2", "<2", "row 2", "3", "<3", "row 3"]);
    }

    #[test]
    fn what_is_not_alike_is_sent_as_it_is() {
        let kinds = |after: &str| {
            let name = |operation: &Operation| match operation {
                Operation::Repeat { copies, .. } => format!("repeat {copies}"),
                Operation::Insert { html, .. } => format!("insert {}", html.matches("<li").count()),
                other => format!("{other:?}"),
            };
            operations("", after).iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let other = "<li id=\"other\"><i></i></li>";
        let cases = [
            (rows(0..3), "insert 3"),
            (rows(0..4), "repeat 3"),
            (other.repeat(4), "repeat 3"),
            (rows(0..5) + other + &rows(5..10), "repeat 4, insert 1, repeat 4"),
            (other.to_owned() + &rows(0..2) + other + &rows(2..8), "insert 4, repeat 5"),
            // One has no text, one an attribute more, one another element, one a reference that only a browser reads.
            (each(0..6, |row| format!("<li>{}</li>", "x".repeat(row as usize % 2))), "insert 6"),
            (each(0..6, |row| format!("<li {}>x</li>", "a ".repeat(row as usize % 2))), "insert 6"),
            (each(0..6, |row| format!("<li><h{0}>x</h{0}></li>", 1 + row % 2)), "insert 6"),
            (each(0..6, |row| format!("<li>x{}</li>", "&copy;".repeat(row as usize % 2))), "insert 6"),
            (each(0..6, |row| format!("<li><script>{row}</script></li>")), "insert 6"),
            (each(0..6, |_| "<li><script>1</script></li>".to_owned()), "repeat 5"),
        ];
        for (after, expected) in cases {
            assert_eq!(kinds(&after), expected, "{after}");
        }
    }

    #[test]
    fn rows_go_where_they_belong_among_others() {
        operations(&rows(0..10), &(rows(20..25) + &rows(0..5) + &rows(30..40) + &rows(5..10) + &rows(50..60)));
        operations(&rows(0..10), &(rows(5..10) + &rows(30..40) + &rows(0..5)));
    }

    proptest! {
        #[test]
        fn rows_of_any_likeness_arrive(shapes in proptest::collection::vec((0..3_u32, 0..3_u32, 0..4_u32), 0..30)) {
            let row = |(attribute, text, child): &(u32, u32, u32)| {
                let child = if *child > 0 { format!("<b a=\"{child}\">{child}</b>") } else { String::new() };
                format!("<li class=\"{attribute}\">{}{child}</li>", "x".repeat(*text as usize))
            };
            operations("<li>first</li>", &shapes.iter().map(row).collect::<Vec<_>>().concat());
        }
    }
}
