//! What a page needs so that its forms and buttons can be posted without script. The client takes all of it out before it reads the page: what carries
//! `lf-post` is taken away, or gets the attributes back that this names.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

use form_urlencoded::byte_serialize;

use crate::tree::{self, Kind, Tape};

/// The field that says which handler, and what goes with it; the one that says which page; and boxes that send `on` for `true`.
pub(super) const HANDLER: &str = "lf";
pub(super) const TICKET: &str = "lf-at";
pub(super) const BOXES: &str = "lf-boxes";
/// The form of all buttons that are not in one of their own.
const SHARED_FORM: &str = "lf";

/// What was posted and not taken, to be shown in its form.
#[derive(Debug, Clone, Default)]
pub(super) struct Refused {
    /// As `HANDLER` had it.
    pub(super) handler: String,
    pub(super) entered: Vec<(String, String)>,
    pub(super) fields: Vec<(String, String)>,
}

/// The page's HTML with what can be posted made so, and whether there is any.
pub(super) fn with_posts<'a>(html: &'a str, ticket: &str, refused: Option<&Refused>) -> (Cow<'a, str>, bool) {
    if !html.contains("lf-submit") && !html.contains("lf-click") {
        return (Cow::Borrowed(html), false);
    }
    let tape = Tape::parse(html);
    let mut plain = Plain { html, ticket, refused, edits: Vec::new(), components: vec![(u32::MAX, "0")], form: None, select: None };
    for (index, node) in (0_u32..).zip(tape.nodes()) {
        if node.kind != Kind::Element {
            continue;
        }
        plain.components.retain(|(end, _)| *end > index);
        plain.form = plain.form.filter(|form| form.end > index);
        plain.select = plain.select.filter(|select| select.end > index);
        let tag = &html[node.start as usize..node.inner as usize];
        if let Some(id) = tree::attribute(tag, "lf-c") {
            plain.components.push((node.skip, id));
        }
        let name = tree::name(html, node);
        let at = node.start as usize + 1 + name.len();
        match name.to_ascii_lowercase().as_str() {
            "form" => plain.form(tag, at, node.inner as usize, node.skip, &tape, index),
            "button" => plain.button(tag, at),
            "input" => plain.input(tag, node.start as usize, at, node.end as usize),
            "select" => plain.select(tag, at, node.end as usize, node.skip),
            "option" => plain.option(tag, node.start as usize, at, &html[node.inner as usize..node.inner_end as usize]),
            "textarea" => plain.textarea(tag, at, node.inner as usize..node.inner_end as usize, node.end as usize),
            _ => {}
        }
    }
    // What is behind an element is noted before what is in it.
    plain.edits.sort_by_key(|(range, _)| range.start);
    if plain.edits.is_empty() {
        return (Cow::Borrowed(html), false);
    }
    let mut edited = String::with_capacity(html.len() + plain.edits.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut done = 0;
    for (range, text) in &plain.edits {
        edited.push_str(&html[done..range.start]);
        edited.push_str(text);
        done = range.end;
    }
    edited.push_str(&html[done..]);
    (Cow::Owned(edited), true)
}

/// The form that posts for all buttons which are in no other.
pub(super) fn shared_form(ticket: &str) -> String {
    format!("<form id=\"{SHARED_FORM}\" method=\"post\" hidden lf-post>{}</form>", hidden(TICKET, ticket))
}

#[derive(Clone, Copy)]
struct Form {
    end: u32,
    /// It is the one that was refused.
    is_refused: bool,
}

struct Plain<'a> {
    html: &'a str,
    ticket: &'a str,
    refused: Option<&'a Refused>,
    /// What is to stand in the place of what.
    edits: Vec<(Range<usize>, String)>,
    /// The components around, with the nodes behind them.
    components: Vec<(u32, &'a str)>,
    form: Option<Form>,
    select: Option<Select<'a>>,
}

/// A list in the form that was refused.
struct Select<'a> {
    end: u32,
    /// What was chosen, and has not been seen yet.
    chosen: Vec<&'a str>,
}

impl<'a> Plain<'a> {
    fn insert(&mut self, at: usize, text: String) {
        self.edits.push((at..at, text));
    }

    /// `COMPONENT.HANDLER`, if the element has one of these.
    fn handler(&self, tag: &str, attribute: &str) -> Option<String> {
        let handler = tree::attribute(tag, attribute).filter(|handler| !handler.is_empty())?;
        Some(format!("{}.{handler}", self.components.last()?.1))
    }

    fn form(&mut self, tag: &str, at: usize, inner: usize, end: u32, tape: &Tape, index: u32) {
        self.form = Some(Form { end, is_refused: false });
        let attribute = |name| tree::attribute(tag, name);
        let Some(handler) = self.handler(tag, "lf-submit") else { return };
        // One that goes elsewhere goes there.
        if attribute("action").is_some() || attribute("enctype").is_some() || attribute("method").is_some_and(|method| method == "dialog") {
            return;
        }
        self.form = Some(Form { end, is_refused: self.refused.is_some_and(|refused| refused.handler == handler) });
        let method = attribute("method").unwrap_or_default();
        if !method.eq_ignore_ascii_case("post") {
            self.insert(at, format!(" method=\"post\" lf-post=\"method={method}&amp;lf-post\""));
        }
        let own = tape.nodes()[index as usize + 1..end as usize].iter().filter(|node| node.kind == Kind::Element);
        let tags = own.map(|node| &self.html[node.start as usize..node.inner as usize]);
        let boxes = tags.filter(|tag| {
            let attribute = |name| tree::attribute(tag, name);
            tree::tag_name(tag).eq_ignore_ascii_case("input")
                && attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox"))
                && attribute("value").is_none()
        });
        let boxes: Vec<_> = boxes.filter_map(|tag| Some(encoded(&decoded(tree::attribute(tag, "name")?)))).collect();
        let boxes = if boxes.is_empty() { String::new() } else { hidden(BOXES, &boxes.join("&")) };
        self.insert(inner, format!("{}{}{boxes}", hidden(HANDLER, &handler), hidden(TICKET, self.ticket)));
    }

    fn button(&mut self, tag: &str, at: usize) {
        let attribute = |name| tree::attribute(tag, name);
        let Some(handler) = self.handler(tag, "lf-click") else { return };
        let kind = attribute("type").unwrap_or_default();
        let is_submit = !kind.eq_ignore_ascii_case("button") && !kind.eq_ignore_ascii_case("reset");
        // That posts its form.
        if is_submit && self.form.is_some() || attribute("form").is_some() || attribute("disabled").is_some() {
            return;
        }
        let (name, value) = (attribute("name"), attribute("value"));
        let mut sent = handler;
        if let Some(value) = value {
            let name = decoded(name.filter(|name| !name.is_empty()).unwrap_or("value"));
            // Writing to a string can't fail.
            let _ = write!(sent, " {}={}", encoded(&name), encoded(&decoded(value)));
        }
        let before = [("type", Some(kind).filter(|kind| !kind.is_empty())), ("name", name), ("value", value), ("form", None)];
        let before: Vec<_> = before.map(|(name, value)| format!("{name}={}", encoded(&decoded(value.unwrap_or_default())))).into();
        let before = before.join("&amp;");
        // The first of two attributes of one name is the one that counts.
        self.insert(
            at,
            format!(" type=\"submit\" name=\"{HANDLER}\" value=\"{sent}\" form=\"{SHARED_FORM}\" lf-post=\"{before}&amp;lf-post\""),
        );
    }

    /// What was entered into a control of the form that was refused; and what is wrong with it.
    fn entered(&self, tag: &str) -> Option<(Vec<&'a str>, Option<String>)> {
        let refused = self.refused.filter(|_| self.form.is_some_and(|form| form.is_refused))?;
        let name = decoded(tree::attribute(tag, "name")?);
        let entered = refused.entered.iter().filter(|(other, _)| *other == name).map(|(_, value)| value.as_str()).collect();
        let wrong = refused.fields.iter().find(|(field, _)| *field == name);
        Some((
            entered,
            wrong.map(|(_, message)| format!("<small class=\"lf-field-error\" role=\"alert\" lf-post>{}</small>", escaped(message))),
        ))
    }

    fn input(&mut self, tag: &str, start: usize, at: usize, end: usize) {
        let Some((entered, wrong)) = self.entered(tag) else { return };
        let kind = tree::attribute(tag, "type").unwrap_or("text").to_ascii_lowercase();
        let shown = match kind.as_str() {
            "password" | "file" | "hidden" | "submit" | "button" | "image" | "reset" => None,
            "checkbox" | "radio" => {
                let value = decoded(tree::attribute(tag, "value").unwrap_or("true"));
                if tree::attribute(tag, "disabled").is_none() {
                    self.switch(tag, start, at, "checked", entered.contains(&&*value));
                }
                None
            }
            _ => entered.first().map(|value| format!(" value=\"{}\"", escaped(value))),
        };
        if let Some(shown) = shown {
            self.insert(at, shown);
        }
        if let Some(wrong) = wrong {
            self.insert(at, " aria-invalid=\"true\" lf-post=\"aria-invalid&amp;lf-post\"".to_owned());
            self.insert(end, wrong);
        }
    }

    fn select(&mut self, tag: &str, at: usize, end: usize, skip: u32) {
        let Some((entered, wrong)) = self.entered(tag) else { return };
        // Nothing comes of one that can't be used, and of one in which nothing is chosen.
        let may_be_none = tree::attribute(tag, "multiple").is_some() && tree::attribute(tag, "disabled").is_none();
        if !entered.is_empty() || may_be_none {
            self.select = Some(Select { end: skip, chosen: entered });
        }
        if let Some(wrong) = wrong {
            self.insert(at, " aria-invalid=\"true\" lf-post=\"aria-invalid&amp;lf-post\"".to_owned());
            self.insert(end, wrong);
        }
    }

    /// An option is as it was when the form was sent, whatever the server has chosen.
    fn option(&mut self, tag: &'a str, start: usize, at: usize, inner: &str) {
        let Some(select) = &mut self.select else { return };
        let text = || Cow::Owned(decoded(inner).split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        let value = tree::attribute(tag, "value").map_or_else(text, decoded);
        let place = select.chosen.iter().position(|chosen| *chosen == value);
        if let Some(place) = place {
            select.chosen.remove(place);
        }
        self.switch(tag, start, at, "selected", place.is_some());
    }

    /// Has an attribute without value be there or not.
    fn switch(&mut self, tag: &str, start: usize, at: usize, name: &str, is_on: bool) {
        match range(tag, name) {
            None if is_on => self.insert(at, format!(" {name}")),
            Some(range) if !is_on => self.edits.push((start + range.start..start + range.end, String::new())),
            _ => {}
        }
    }

    fn textarea(&mut self, tag: &str, at: usize, content: Range<usize>, end: usize) {
        let Some((entered, wrong)) = self.entered(tag) else { return };
        let is_wrong = wrong.is_some();
        if is_wrong {
            self.insert(at, " aria-invalid=\"true\" lf-post=\"aria-invalid&amp;lf-post\"".to_owned());
        }
        if let Some(value) = entered.first() {
            self.edits.push((content, format!("\n{}", escaped(value))));
        }
        if let Some(wrong) = wrong {
            self.insert(end, wrong);
        }
    }
}

/// Where an attribute stands in a tag, with its value.
fn range(tag: &str, name: &str) -> Option<Range<usize>> {
    let place = |part: &str| part.as_ptr() as usize - tag.as_ptr() as usize;
    let (name, value) = tree::attributes(tag).find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    let (start, end) = (place(name), place(name) + name.len());
    if !tag[end..].trim_ascii_start().starts_with('=') {
        return Some(start..end);
    }
    let end = place(value) + value.len();
    let is_quoted = tag[..place(value)].ends_with(['"', '\'']);
    Some(start..end + usize::from(is_quoted))
}

fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\" lf-post>", escaped(value))
}

fn decoded(raw: &str) -> Cow<'_, str> {
    tree::decode(raw).unwrap_or(Cow::Borrowed(raw))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// As text and as an attribute's value.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: &str = "AAAAAAAA";

    #[test]
    fn what_can_be_posted_is_and_nothing_else_changes() {
        let button = |before: &str, value: &str| {
            format!(" type=\"submit\" name=\"lf\" value=\"{value}\" form=\"lf\" lf-post=\"{}&amp;lf-post\"", before.replace('&', "&amp;"))
        };
        let at = "<input type=\"hidden\" name=\"lf-at\" value=\"T\" lf-post>";
        let cases = [
            (
                format!("<button lf-click=\"{H}\">a</button>"),
                format!("<button{} lf-click=\"{H}\">a</button>", button("type=&name=&value=&form=", "0.AAAAAAAA")),
            ),
            (
                format!("<p lf-c=\"7\"><button type=\"button\" name=\"n\" value=\"a &amp; b\" lf-click=\"{H}\">a</button></p>"),
                format!(
                    "<p lf-c=\"7\"><button{} type=\"button\" name=\"n\" value=\"a &amp; b\" lf-click=\"{H}\">a</button></p>",
                    button("type=button&name=n&value=a+%26+b&form=", "7.AAAAAAAA n=a+%26+b")
                ),
            ),
            (
                format!("<form lf-submit=\"{H}\"><input type=\"checkbox\" name=\"on\"><button>a</button></form>"),
                format!(
                    "<form method=\"post\" lf-post=\"method=&amp;lf-post\" lf-submit=\"{H}\"><input type=\"hidden\" name=\"lf\" value=\"0.{H}\" lf-post>{at}\
                     <input type=\"hidden\" name=\"lf-boxes\" value=\"on\" lf-post><input type=\"checkbox\" name=\"on\"><button>a</button></form>"
                ),
            ),
        ];
        for (html, expected) in cases {
            assert_eq!(with_posts(&html, "T", None), (Cow::Borrowed(expected.as_str()), true));
        }
        for html in [
            format!("<div lf-click=\"{H}\">a</div>"),
            format!("<button disabled lf-click=\"{H}\">a</button>"),
            format!("<form action=\"/x\"><button lf-click=\"{H}\">a</button></form>"),
            format!("<form lf-submit=\"{H}\" action=\"/x\"></form>"),
            format!("<form lf-submit=\"{H}\" method=\"dialog\"></form>"),
            format!("<template><button lf-click=\"{H}\">a</button></template>"),
            format!("<!-- <button lf-click=\"{H}\">a</button> -->"),
            "<p>lf-click</p>".to_owned(),
        ] {
            assert_eq!(with_posts(&html, "T", None), (Cow::Borrowed(html.as_str()), false));
        }
    }

    #[test]
    fn what_was_entered_stays_in_the_form_that_was_refused() {
        let html = format!(
            "<form lf-submit=\"{H}\" method=\"post\"><input name=\"mail\" value=\"x\"><input type=\"password\" name=\"secret\">\
             <textarea name=\"text\">old</textarea></form><form lf-submit=\"BBBBBBBB\" method=\"post\"><input name=\"mail\"></form>"
        );
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let refused = Refused {
            handler: format!("0.{H}"),
            entered: vec![pair("mail", "\"<b>"), pair("secret", "hush"), pair("text", "</textarea>")],
            fields: vec![pair("mail", "no & address")],
        };
        let (shown, _) = with_posts(&html, "T", Some(&refused));
        for part in [
            " aria-invalid=\"true\" lf-post=\"aria-invalid&amp;lf-post\"",
            " value=\"&quot;&lt;b>\"",
            "role=\"alert\" lf-post>no &amp; address</small>",
            "<textarea name=\"text\">\n&lt;/textarea></textarea>",
        ] {
            assert!(shown.contains(part), "no {part} in {shown}");
        }
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!(shown.matches("&quot;&lt;b>").count(), 1, "in the one form: {shown}");
    }
    #[test]
    fn what_was_chosen_stays_chosen_in_the_form_that_was_refused() {
        let shown = |controls: &str, entered: &[(&str, &str)]| {
            let entered = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let refused = Refused { handler: format!("0.{H}"), entered, fields: vec![("a".to_owned(), "no".to_owned())] };
            let html = format!("<form lf-submit=\"{H}\" method=\"post\">{controls}</form>");
            let (shown, _) = with_posts(&html, "T", Some(&refused));
            let inner = shown.split_once("name=\"lf-at\" value=\"T\" lf-post>").unwrap().1;
            inner.split_once("lf-boxes").map_or(inner, |(_, rest)| rest.split_once('>').unwrap().1).replace("</form>", "")
        };
        let wrong = "<small class=\"lf-field-error\" role=\"alert\" lf-post>no</small>";
        let marked = " aria-invalid=\"true\" lf-post=\"aria-invalid&amp;lf-post\"";
        let cases = [
            // With a value, with text as the value, and where the server has chosen another.
            (
                "<select name=\"s\"><option value=\"x\" selected>X</option><option> big  &amp; red </option></select>",
                &[("s", "big & red")][..],
                "<select name=\"s\"><option value=\"x\" >X</option><option selected> big  &amp; red </option></select>".to_owned(),
            ),
            (
                "<select name=\"a\"><option value=\"x\" selected=\"\">X</option><option value=\"y\">Y</option></select><p></p>",
                &[("a", "y")],
                format!("<select{marked} name=\"a\"><option value=\"x\" >X</option><option selected value=\"y\">Y</option></select>{wrong}<p></p>"),
            ),
            (
                "<select name=\"s\" multiple><option selected=selected>a</option><option>b</option><option>b</option><option>c</option></select>",
                &[("s", "b"), ("s", "c")],
                "<select name=\"s\" multiple><option >a</option><option selected>b</option><option>b</option><option selected>c</option></select>".to_owned(),
            ),
            // Nothing came of these.
            (
                "<select name=\"s\" disabled><option selected>a</option></select>",
                &[],
                "<select name=\"s\" disabled><option selected>a</option></select>".to_owned(),
            ),
            (
                "<input type=\"checkbox\" name=\"b\" checked disabled>",
                &[],
                "<input type=\"checkbox\" name=\"b\" checked disabled>".to_owned(),
            ),
            // What was switched off stays off.
            (
                "<input type=\"checkbox\" name=\"b\" checked><input type=\"radio\" name=\"r\" value=\"1\" checked><input type=\"radio\" name=\"r\" value=\"2\">",
                &[("r", "2")],
                "<input type=\"checkbox\" name=\"b\" ><input type=\"radio\" name=\"r\" value=\"1\" ><input checked type=\"radio\" name=\"r\" value=\"2\">"
                    .to_owned(),
            ),
        ];
        for (controls, entered, expected) in cases {
            assert_eq!(shown(controls, entered), expected);
        }
    }
}
