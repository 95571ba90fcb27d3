use super::*;
use crate::patch::Operation;

#[test]
fn elements_are_found_through_components() {
    let dom = Dom::parse_page(
        "<p>a&amp;b</p><section lf-c=\"1\" class=x><lf-component lf-c=\"2\">t<b id=\"q\">u</b></lf-component></section>",
        &[],
    );
    let found: Vec<_> = dom.elements().map(|element| (element.name().to_owned(), element.component(), element.text())).collect();
    let expected = [("p", 0, "a&b"), ("section", 1, "tu"), ("lf-component", 2, "tu"), ("b", 2, "u")];
    assert_eq!(found, expected.map(|(name, id, text)| (name.to_owned(), id, text.to_owned())));
    assert_eq!(dom.components(), [0, 1, 2]);
    let bold = dom.page().find(|element| element.attribute("id") == Some("q")).unwrap();
    assert_eq!(bold.parent().unwrap().parent().unwrap().name(), "section");
    assert_eq!(
        dom.to_html(),
        "<p>a&amp;b</p><section lf-c=\"1\" class=\"x\"><lf-component lf-c=\"2\">t<b id=\"q\">u</b></lf-component></section>"
    );
}

#[test]
fn operations_follow_the_logical_tree() {
    let mut dom = Dom::parse_page("<table><tr><td>1</td></tr></table><p lf-c=\"5\">x</p>", &[]);
    let cell = dom.page().find(|element| element.name() == "td").unwrap().id();
    let child = |index| Operation::Child { index };
    let others = dom
        .apply(&[
            Operation::Component { id: 0 },
            child(0),
            child(0),
            Operation::Insert { index: 0, html: "<tr><td>0</td></tr>".to_owned(), opaque: Vec::new() },
            child(1),
            child(0),
            child(0),
            Operation::Text { text: "2".to_owned() },
            Operation::Title { text: "T".to_owned() },
            Operation::Component { id: 5 },
            Operation::Replace { index: 0, html: "<i>y</i>".to_owned(), opaque: Vec::new() },
        ])
        .unwrap();
    assert_eq!(others, [Operation::Title { text: "T".to_owned() }]);
    assert_eq!(dom.to_html(), "<table><tbody><tr><td>0</td></tr><tr><td>2</td></tr></tbody></table><i lf-c=\"5\">y</i>");
    assert_eq!(dom.node(cell).unwrap().text(), "2");
}

#[test]
fn a_failed_lookup_names_component_and_operation() {
    let cases = [
        (Operation::Component { id: 9 }, Mismatch::Component),
        (Operation::Up, Mismatch::Parent),
        (Operation::Child { index: 1 }, Mismatch::Child { got: 1 }),
        (Operation::Remove { index: 0, count: 2 }, Mismatch::Child { got: 1 }),
        (Operation::Text { text: String::new() }, Mismatch::Kind { expected: "text or a comment" }),
    ];
    for (operation, mismatch) in cases {
        let mut dom = Dom::parse_page("<p></p>", &[]);
        let drift = dom.apply(&[Operation::Component { id: 0 }, operation.clone()]).unwrap_err();
        assert_eq!((drift.position, &*drift.operation, drift.mismatch), (1, &operation, mismatch));
    }
    let mut dom = Dom::parse_page("<p></p>", &[]);
    assert_eq!(dom.apply(&[Operation::Up]).unwrap_err().mismatch, Mismatch::Cursor);
}

#[test]
fn removed_nodes_are_gone_and_others_keep_their_ids() {
    let mut dom = Dom::parse_page("<i>1</i><b lf-c=\"1\">2</b>", &[]);
    let ids: Vec<_> = dom.elements().map(Node::id).collect();
    dom.apply(&[Operation::Component { id: 0 }, Operation::Move { from: 0, to: 1 }, Operation::Remove { index: 0, count: 1 }]).unwrap();
    assert_eq!(ids.iter().map(|id| dom.node(*id).map(Node::text)).collect::<Vec<_>>(), [Some("1".to_owned()), None]);
    assert_eq!(dom.components(), [0]);
}
