//! Tags that are nested well, but by chance.

use std::fmt::Write as _;

use super::Choices;
use crate::tree::is_void;

const NAMES: &str = "p div span b a li ul ol dl dd dt table tbody thead tr td th caption colgroup col select option optgroup button form h1 h2
    pre textarea title svg g path foreignObject desc math mi ruby rt rp rb rtc script style template object iframe noscript br input hr img nobr
    section dialog search address fieldset marquee applet font i details summary listing custom-x image main menu center xmp keygen label em code
    DIV P annotation-xml selectedcontent datalist video wbr header";
const TEXTS: &str = "x| |\n|\ny|&amp;|&#10;z|\r\nw|a < b|<!-- c -->|&copy;|]]>|&|=\"|\0|é";
const ATTRIBUTES: &str = "||||| a| a=b| A='x>y'| class=\"c d\"| type=hidden| lf-ignore| a=b/| a='1'a=\"2\"|/| x=y'z";
/// A shorthand for the mistakes that there are rules for.
const STRAY: &str = "<br>|<p>x</p>|<div>y</div>|<td>c</td>|<tr><td>d</td></tr>|<li>i</li>|<input>|<option>o</option>|<b>f</b>";

pub(super) fn html(choices: &mut Choices<'_>) -> String {
    let names: Vec<&str> = NAMES.split_ascii_whitespace().collect();
    let [texts, attributes, stray] = [TEXTS, ATTRIBUTES, STRAY].map(|all| all.split('|').collect::<Vec<_>>());
    let mut html = String::new();
    let mut open: Vec<&str> = Vec::new();
    while !choices.is_empty() {
        match choices.below(8) {
            0 | 1 => html.push_str(choices.of(&texts)),
            2..=4 => {
                let name = choices.of(&names);
                // Writing to a string can't fail.
                let _ = write!(html, "<{name}{}>", choices.of(&attributes));
                if !is_void(name) {
                    open.push(name);
                }
            }
            5 | 6 => {
                if let Some(name) = open.pop() {
                    let _ = write!(html, "</{name}>");
                }
            }
            _ => html.push_str(choices.of(&stray)),
        }
    }
    while let Some(name) = open.pop() {
        let _ = write!(html, "</{name}>");
    }
    html
}
