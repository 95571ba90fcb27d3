use crate::tree::{Kind, Tape, element};

/// The tree in letters: elements by name, opaque ones with `!`, marked ones with `?`, implied ones with `+`, text as `"…"`.
fn shape(html: &str) -> String {
    let tape = Tape::parse(html);
    if tape.is_broken() {
        return "broken".to_owned();
    }
    let mut shape = String::new();
    write(html, &tape, None, &mut shape);
    shape
}

fn write(html: &str, tape: &Tape, parent: Option<u32>, shape: &mut String) {
    for (position, index) in tape.children(parent).enumerate() {
        let node = &tape.nodes()[index as usize];
        if position > 0 {
            shape.push(' ');
        }
        match node.kind {
            Kind::Text => {
                shape.push('"');
                shape.push_str(&html[node.inner as usize..node.inner_end as usize].replace('\n', "\\n"));
                shape.push('"');
                continue;
            }
            Kind::Comment => {
                shape.push('#');
                continue;
            }
            Kind::Component => shape.push('@'),
            Kind::Opaque => shape.push('!'),
            Kind::Marked => shape.push('?'),
            Kind::Implied => shape.push('+'),
            Kind::Element => {}
        }
        if node.kind != Kind::Component {
            shape.push_str(&element::name(html, node).to_ascii_lowercase());
        }
        if node.skip > index + 1 {
            shape.push('(');
            write(html, tape, Some(index), shape);
            shape.push(')');
        }
    }
}

#[test]
fn what_browsers_parse_differently_is_known() {
    let cases = [
        // plain
        ("", ""),
        ("a", "\"a\""),
        ("<p>a<br>b</p>", "p(\"a\" br \"b\")"),
        ("a<!--c-->b", "\"a\" # \"b\""),
        ("a < b", "\"a < b\""),
        ("<P>a</p>", "p(\"a\")"),
        ("<p title=\"a>b\">c</p>", "p(\"c\")"),
        // implied tbody
        ("<table><tr><td>1</td></tr></table>", "table(+tbody(tr(td(\"1\"))))"),
        ("<table> <tr></tr> <!--c--></table>", "table(\" \" +tbody(tr \" \" #))"),
        ("<table><tr></tr><tbody><tr></tr></tbody></table>", "table(+tbody(tr) tbody(tr))"),
        ("<table><caption>a</caption><colgroup><col></colgroup><thead></thead></table>", "table(caption(\"a\") colgroup(col) thead)"),
        ("<div><table><td>1</td></table></div>", "div(?table)"),
        ("<div><table><tr><tr></tr></tr></table></div>", "div(?table)"),
        ("<div><table><tr><td><tr></tr></td></tr></table></div>", "?div"),
        // foster parents, forms in tables
        ("<div><table>a</table></div>", "?div"),
        ("<div><table><tr><div></div></tr></table></div>", "?div"),
        ("<div><table><form></form></table></div>", "?div"),
        ("<table><tr><input type=hidden></tr></table>", "table(+tbody(tr(input)))"),
        ("<table>a</table>", "broken"),
        ("<div><tr>a</tr></div>", "broken"),
        ("<tr><td>1</td></tr>", "tr(td(\"1\"))"),
        // shadow roots, and what browsers disagree about
        ("<div><p>a</p><template shadowrootmode=\"open\"><i></i></template></div>", "?div"),
        ("<div><template><i></i></template></div>", "div(!template)"),
        ("<template shadowrootmode=\"open\"></template>", "broken"),
        ("<p title=\"\0\">a</p><p title=\"b\">c</p>", "?p p(\"c\")"),
        ("<div><table><lf-child s=\"0000000000000001\"></lf-child></table></div>", "?div"),
        ("<p><lf-child s=\"1\"></lf-child></p>", "p(lf-child)"),
        // closed by what comes
        ("<div><p><div></div></p></div>", "?div"),
        ("<div><p><b><ul></ul></b></p></div>", "?div"),
        ("<p><div></div></p>", "broken"),
        ("<p><button><div></div></button></p>", "p(button(div))"),
        ("<p><svg><foreignObject><div></div></foreignObject></svg></p>", "p(svg(foreignobject(div)))"),
        ("<p><desc><div></div></desc></p>", "broken"),
        ("<ul><li><li></li></li></ul>", "?ul"),
        ("<ul><li><ul><li></li></ul></li></ul>", "ul(li(ul(li)))"),
        ("<dl><dd><div><dt></dt></div></dd></dl>", "?dl"),
        // nested in themselves
        ("<div><a><b><a></a></b></a></div>", "?div"),
        ("<div><h1><h2></h2></h1></div>", "?div"),
        ("<div><h1><p><h2></h2></p></h1></div>", "?div"),
        ("<h1><b><h2></h2></b></h1>", "h1(b(h2))"),
        ("<div><i><h1><i><h2><h3></h3></h2></i></h1>x</i></div>", "?div"),
        ("<div><form><form></form></form></div>", "?div"),
        ("<div><button><b><button></button></b></button></div>", "?div"),
        ("<div><i><button><i><button></button></i></button></i></div>", "?div"),
        ("<div><table><em><marquee><table></table></marquee></em></table></div>", "broken"),
        // select
        ("<select><option>a</option><optgroup><option>b</option></optgroup></select>", "select(option(\"a\") optgroup(option(\"b\")))"),
        ("<select><div></div></select>", "?select"),
        ("<select><button><selectedcontent></selectedcontent></button></select>", "?select"),
        ("<div><select><input></select></div>", "?div"),
        ("<select><option><option></option></option></select>", "?select"),
        // tags that don't pair
        ("<b>1<p>2</b>3</p>", "broken"),
        ("<div/>", "broken"),
        ("</br>", "broken"),
        ("</p>", "broken"),
        ("<p>", "broken"),
        ("<br/>", "br"),
        // newlines that are dropped
        ("<pre>\na</pre>", "pre(\"a\")"),
        ("<pre>\n\na</pre>", "pre(\"\\na\")"),
        ("<pre>\n</pre>", "pre"),
        ("<pre>\r\na</pre>", "pre(\"a\")"),
        ("<pre>&#10;a</pre>", "?pre"),
        ("<pre><b>\n</b></pre>", "pre(b(\"\\n\"))"),
        ("<textarea>\na<b></textarea>", "textarea(\"a<b>\")"),
        ("<textarea></textarea>", "textarea"),
        ("<listing>\na</listing>", "listing(\"a\")"),
        // characters that are dropped
        ("<p>a\0b</p>", "?p"),
        ("a\0b", "broken"),
        // attributes
        ("<p a=1 A=2></p>", "p"),
        ("<p a=b/></p>", "p"),
        // comments
        ("<table><!--a--><tr></tr></table>", "table(# +tbody(tr))"),
        ("<select><!--a--><option><!--b--></option></select>", "select(# option(#))"),
        ("<textarea><!--a--></textarea>", "textarea(\"<!--a-->\")"),
        ("<!-->-->", "broken"),
        ("<!--a--!>", "broken"),
        ("<!doctype html>", "broken"),
        // raw text, always opaque
        ("<script>a<b</script>", "!script"),
        ("<script><!--<script></script>", "broken"),
        ("<style></style><iframe><p></iframe><noscript><p></noscript>", "!style !iframe !noscript"),
        ("<template><tr></tr></template>", "!template"),
        ("<template><b><tr></tr></b></template>", "broken"),
        ("<object><p>a</p></object>", "!object"),
        ("<div lf-ignore><p>a</p></div>", "!div"),
        ("<input lf-ignore>", "!input"),
        // namespaces
        ("<svg><path/><g><title>a</title></g></svg>", "svg(path g(title(\"a\")))"),
        ("<svg/>", "svg"),
        ("<svg><foreignObject><p>a</p></foreignObject></svg>", "svg(foreignobject(p(\"a\")))"),
        ("<svg><div></div></svg>", "broken"),
        ("<svg><style>a</style></svg>", "svg(!style)"),
        ("<math><mi>x</mi></math>", "!math"),
        ("<custom-element><p>a</p></custom-element>", "custom-element(p(\"a\"))"),
        ("<ruby>a<rt>b</rt></ruby>", "ruby(\"a\" rt(\"b\"))"),
        ("<ruby><rb>a<rt>b</rt></rb></ruby>", "?ruby"),
    ];
    for (html, expected) in cases {
        assert_eq!(shape(html), expected, "{html}");
    }
}

#[test]
fn deep_nesting_is_not_followed() {
    assert_eq!(shape(&format!("{}{}", "<i>".repeat(300), "</i>".repeat(300))), "broken");
}
