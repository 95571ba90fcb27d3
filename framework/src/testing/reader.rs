//! [`Reader`]: a page as the person in front of it has it: names, texts, what is hidden, what fields hold.
//!
//! Names are computed as <https://www.w3.org/TR/accname-1.2/> says, for what HTML without a stylesheet can tell.

use std::{cell::OnceCell, collections::HashMap};

use super::{
    Dom, Node,
    field::{self, Entered},
    find::is_control,
    role::Role,
};
use crate::tree::dom::NodeId;

/// A page to read in.
pub(super) struct Reader<'a> {
    pub(super) dom: &'a Dom,
    pub(super) entered: &'a Entered,
    index: OnceCell<Index<'a>>,
}

/// What names refer to.
struct Index<'a> {
    ids: HashMap<&'a str, Node<'a>>,
    /// Labels by the id that they are for.
    labels: HashMap<&'a str, Vec<Node<'a>>>,
}

/// Elements that stand in a line of text; all others begin and end a line, or stand apart.
const INLINE: &[&str] = &[
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "ins",
    "kbd",
    "lf-component",
    "mark",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "time",
    "u",
    "var",
    "wbr",
];

/// How text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As it stands on the page.
    Text,
    /// As the name of what it is in.
    Name,
    /// As the name of the control that it labels, which is no part of it.
    Label,
}

impl<'a> Reader<'a> {
    pub(super) fn new(dom: &'a Dom, entered: &'a Entered) -> Self {
        Self { dom, entered, index: OnceCell::new() }
    }

    /// The page.
    pub(super) fn root(&self) -> Node<'a> {
        self.dom.page()
    }

    /// All elements in it that are not hidden, in document order.
    pub(super) fn elements(&self, inside: Node<'a>) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let mut waiting: Vec<Node<'a>> = inside.children().rev().filter(|child| child.is_element() && !hides(*child)).collect();
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.children().rev().filter(|child| child.is_element() && !hides(*child)));
            Some(next)
        })
    }

    /// Whether a person sees it, as far as HTML says.
    pub(super) fn is_visible(&self, node: Node<'a>) -> bool {
        !around(node).any(hides)
    }

    /// Whether it does nothing: it or the fieldset around it is disabled.
    pub(super) fn is_disabled(&self, node: Node<'a>) -> bool {
        node.attribute("aria-disabled") == Some("true")
            || node.attribute("disabled").is_some()
            || (is_control(&node) || node.name() == "button")
                && around(node).any(|around| around.name() == "fieldset" && around.attribute("disabled").is_some())
    }

    /// Whether a box, radio, switch or menu item is on; `None` for what can't be.
    pub(super) fn is_checked(&self, node: Node<'a>) -> Option<bool> {
        if field::is_switch(node) {
            return Some(field::is_on(node, self.entered));
        }
        node.attribute("aria-checked").map(|checked| checked == "true")
    }

    /// What it holds: a control's value; of a slider, bar or the like the one that it shows.
    pub(super) fn value(&self, node: Node<'a>) -> Option<String> {
        match node.name() {
            "input" if field::is_switch(node) => None,
            "input" | "textarea" | "select" => Some(field::text(node, self.entered)),
            _ if is_control(&node) => Some(field::text(node, self.entered)),
            _ if super::find::is_radio_group(node) => {
                let on = super::find::radios(node).find(|radio| field::is_on(*radio, self.entered));
                Some(on.map_or_else(String::new, |radio| radio.attribute("value").unwrap_or_default().to_owned()))
            }
            "progress" | "meter" => node.attribute("value").map(str::to_owned),
            _ => node.attribute("aria-valuetext").or_else(|| node.attribute("aria-valuenow")).map(str::to_owned),
        }
    }

    /// All text in it, as it is read: without what is hidden, and without the spaces of the source.
    pub(super) fn text(&self, node: Node<'a>) -> String {
        if self.is_visible(node) { self.text_inside(node) } else { String::new() }
    }

    /// The same, whether or not what it is in is hidden.
    pub(super) fn text_inside(&self, node: Node<'a>) -> String {
        let mut text = String::new();
        self.read_children(node, Reading::Text, &mut text);
        squeezed(&text)
    }

    /// The same, with the spaces around and in it.
    pub(super) fn raw_text(&self, node: Node<'a>) -> String {
        let mut text = String::new();
        self.read(node, Reading::Text, &mut text);
        text
    }

    /// What it is called.
    pub(super) fn name(&self, node: Node<'a>) -> String {
        if let Some(ids) = node.attribute("aria-labelledby") {
            let names: Vec<_> = ids.split_ascii_whitespace().filter_map(|id| self.by_id(id)).map(|named| self.content(named)).collect();
            let name = squeezed(&names.join(" "));
            if !name.is_empty() {
                return name;
            }
        }
        let said = |attribute: &str| node.attribute(attribute).map(squeezed).filter(|name| !name.is_empty());
        if let Some(name) = said("aria-label") {
            return name;
        }
        if let Some(name) = self.name_of_html(node).filter(|name| !name.is_empty()) {
            return name;
        }
        if Role::of(node).is_some_and(Role::is_named_by_content) {
            let name = self.content(node);
            if !name.is_empty() {
                return name;
            }
        }
        said("title").or_else(|| said("placeholder")).unwrap_or_default()
    }

    /// The element with this id.
    pub(super) fn by_id(&self, id: &str) -> Option<Node<'a>> {
        self.index().ids.get(id).copied()
    }

    /// The node, if it is still there.
    pub(super) fn node(&self, id: NodeId) -> Option<Node<'a>> {
        self.dom.node(id)
    }

    fn name_of_html(&self, node: Node<'a>) -> Option<String> {
        let child = |name: &str| node.children().find(|child| child.name() == name).map(|child| self.content(child));
        match node.name() {
            "input" => match node.attribute("type").map(str::to_ascii_lowercase).as_deref() {
                Some("submit") => Some(node.attribute("value").unwrap_or("Submit").to_owned()),
                Some("reset") => Some(node.attribute("value").unwrap_or("Reset").to_owned()),
                Some("button") => node.attribute("value").map(squeezed),
                Some("image") => node.attribute("alt").map(squeezed),
                _ => Some(self.label(node)),
            },
            "textarea" | "select" | "meter" | "progress" | "output" => Some(self.label(node)),
            "fieldset" => child("legend"),
            "table" => child("caption"),
            "figure" => child("figcaption"),
            "svg" => child("title"),
            "img" | "area" => node.attribute("alt").map(squeezed),
            "option" | "optgroup" => node.attribute("label").map(squeezed),
            _ if is_control(&node) => Some(self.label(node)),
            _ => None,
        }
    }

    /// What its labels say.
    fn label(&self, control: Node<'a>) -> String {
        let mut labels: Vec<Node<'a>> =
            control.attribute("id").and_then(|id| self.index().labels.get(id)).into_iter().flatten().copied().collect();
        let is_for_it = |label: Node<'a>| label.attribute("for").is_none_or(|id| control.attribute("id") == Some(id));
        if let Some(label) = around(control).find(|around| around.name() == "label").filter(|label| is_for_it(*label))
            && !labels.contains(&label)
        {
            labels.push(label);
        }
        let words: Vec<_> = labels
            .into_iter()
            .map(|label| {
                let mut text = String::new();
                self.read_children(label, Reading::Label, &mut text);
                text
            })
            .collect();
        squeezed(&words.join(" "))
    }

    fn content(&self, node: Node<'a>) -> String {
        let mut text = String::new();
        self.read_children(node, Reading::Name, &mut text);
        squeezed(&text)
    }

    fn read_children(&self, node: Node<'a>, reading: Reading, text: &mut String) {
        for child in node.children() {
            self.read(child, reading, text);
        }
    }

    fn read(&self, node: Node<'a>, reading: Reading, text: &mut String) {
        if hides(node) {
            return;
        }
        if node.is_text() {
            text.push_str(&node.text());
        }
        if !node.is_element() {
            return;
        }
        if reading != Reading::Text {
            if node.attribute("aria-hidden") == Some("true") || reading == Reading::Label && is_control(&node) {
                return;
            }
            let replaced = node.attribute("aria-label").or_else(|| node.attribute("alt").filter(|_| node.name() == "img"));
            if let Some(name) = replaced {
                text.push(' ');
                text.push_str(name);
                text.push(' ');
                return;
            }
        }
        let is_apart = !is_inline(node);
        if is_apart {
            text.push(' ');
        }
        self.read_children(node, reading, text);
        if is_apart {
            text.push(' ');
        }
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| {
            let mut index = Index { ids: HashMap::new(), labels: HashMap::new() };
            for node in self.dom.elements() {
                if let Some(id) = node.attribute("id") {
                    index.ids.entry(id).or_insert(node);
                }
                if let Some(id) = node.attribute("for").filter(|_| node.name() == "label") {
                    index.labels.entry(id).or_default().push(node);
                }
            }
            index
        })
    }
}

/// Whether nobody sees it and what is in it.
fn hides(node: Node<'_>) -> bool {
    match node.name() {
        "script" | "style" | "template" | "head" | "noscript" | "datalist" | "title" => return true,
        "input" if node.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")) => return true,
        "dialog" if node.attribute("open").is_none() => return true,
        _ => {}
    }
    if node.attribute("hidden").is_some() {
        return true;
    }
    // What is folded away, without the line that unfolds it.
    let closed = node.parent().filter(|parent| parent.name() == "details" && parent.attribute("open").is_none());
    closed.is_some_and(|details| details.children().find(|child| child.name() == "summary") != Some(node))
}

/// Whether it stands in a line of text.
pub(super) fn is_inline(node: Node<'_>) -> bool {
    INLINE.contains(&node.name())
}

/// An element and all around it.
pub(super) fn around(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    std::iter::successors(Some(node), |node| node.parent())
}

/// Text as it is read: without the spaces of the source.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Dom, Entered, Reader};

    fn named(html: &str) -> String {
        let (dom, entered) = (Dom::parse_page(html, &[]), Entered::new());
        let reader = Reader::new(&dom, &entered);
        let node = reader.by_id("x").or_else(|| dom.elements().next());
        node.map(|node| reader.name(node)).unwrap_or_default()
    }

    #[test]
    fn names_are_what_a_person_would_call_it() {
        let cases = [
            ("<button>  Save\n all </button>", "Save all"),
            ("<button aria-label=\"Remove Ada\">×</button>", "Remove Ada"),
            ("<button><img alt=\"Save\"><span aria-hidden=\"true\">!</span></button>", "Save"),
            ("<button><b>Sa</b>ve</button>", "Save"),
            ("<h2>One<br>two</h2>", "One two"),
            ("<b id=\"a\">Age</b> <i id=\"b\">years</i><input id=\"x\" aria-labelledby=\"a b c\">", "Age years"),
            ("<label for=\"x\">Name</label><input id=\"x\">", "Name"),
            ("<label><span>Name</span><input id=\"x\"> of the boat</label>", "Name of the boat"),
            ("<label><select id=\"x\"><option>a</option></select> Size</label>", "Size"),
            ("<label for=\"y\">Other <input id=\"x\" placeholder=\"Say\"></label>", "Say"),
            ("<input type=\"submit\">", "Submit"),
            ("<input type=\"button\" value=\"Go\">", "Go"),
            ("<fieldset><legend>Size</legend><p>x</p></fieldset>", "Size"),
            ("<table><caption>Digits</caption></table>", "Digits"),
            ("<figure><img alt=\"a\"><figcaption>Two</figcaption></figure>", "Two"),
            ("<img alt=\"A boat\">", "A boat"),
            ("<p>words</p>", ""),
            ("<nav aria-label=\"Pages\"></nav>", "Pages"),
            ("<div title=\"hint\">x</div>", "hint"),
            ("<label><progress id=\"x\"></progress>Training</label>", "Training"),
        ];
        for (html, expected) in cases {
            assert_eq!(named(html), expected, "{html}");
        }
    }

    #[test]
    fn text_is_what_is_seen() {
        let cases = [
            ("<p>Count: <b>1</b>.</p><p>Two</p>", "Count: 1. Two"),
            ("<ul><li>a<li>b</ul>", "a b"),
            ("<p hidden>no</p><p>yes</p>", "yes"),
            ("<dialog>no</dialog><dialog open>yes</dialog>", "yes"),
            ("<details><summary>More</summary>no</details>", "More"),
            ("<details open><summary>More</summary>yes</details>", "More yes"),
            ("<template>no</template><script>no</script><p aria-hidden=\"true\">seen</p>", "seen"),
            ("<button>a</button><button>b</button>", "a b"),
        ];
        for (html, expected) in cases {
            let (dom, entered) = (Dom::parse_page(html, &[]), Entered::new());
            assert_eq!(Reader::new(&dom, &entered).text(dom.page()), expected, "{html}");
        }
    }
}
