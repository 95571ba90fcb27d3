//! Whatever a widget is given stays in its place.

use maud::{Markup, Render};

use super::{super::*, written};

/// Every place of every widget that takes a text, filled with the same one.
fn filled_with(value: &str) -> Vec<Markup> {
    let choices = || [(value, value)];
    vec![
        text(value).key(value).render(),
        heading(value).id(value).render(),
        markdown(value).render(),
        code(value).language(value).render(),
        link(value, value).render(),
        button(value).name(value).value(value).accessible_name(value).key(value).render(),
        text_field(value, value).id(value).value(value).placeholder(value).autocomplete(value).help(value).error(value).render(),
        text_area(value, value).value(value).placeholder(value).help(value).error(value).render(),
        number(value, value).value(value).min(value).max(value).step(value).placeholder(value).render(),
        slider(value, value).value(value).min(value).max(value).step(value).unit(value).render(),
        checkbox(value, value).value(value).error(value).render(),
        select(value, value).options(choices()).selected(value).placeholder(value).render(),
        radio(value, value).id(value).options(choices()).selected(value).help(value).render(),
        sketchpad(value, value).id(value).pen(value).clear(value).help(value).error(value).render(),
        image(value, value).caption(value).key(value).render(),
        label([(value, 0.5)]).title(value).render(),
        label([(value, 0.5); 0]).placeholder(value).render(),
        table([value]).keyed_row(value, [value]).caption(value).render(),
        progress(value).value(value).max(value).note(value).render(),
        alert(value).title(value).key(value).render(),
        card(value).title(value).link(value).key(value).render(),
        row(value).key(value).render(),
        column(value).key(value).render(),
        grid(value).key(value).render(),
        form(value).key(value).render(),
        nav(value).link(value, value).current(value).render(),
        page_header(value).subtitle(value).render(),
    ]
}

#[test]
fn no_value_gets_out_of_its_place() {
    let values = [
        "\"><img src=x onerror=alert(1)>",
        "' onfocus=alert(1) autofocus='",
        "</textarea></select></title><script>alert(1)</script>",
        "--><svg onload=alert(1)>",
        "&quot;&gt;<b>",
        "javascript:alert(1)",
        "{{constructor}}`${1}`",
    ];
    // What is around a value must not depend on it: take the value out, and the same is left as with a plain one.
    let skeleton = |markup: &Markup| {
        let html = &markup.0;
        let tags: Vec<_> = html.split('<').skip(1).map(|tag| tag.split(['>', ' ']).next().unwrap()).collect();
        let quotes = html.matches('"').count();
        (tags.join(" "), quotes)
    };
    let plain = filled_with("plain");
    for value in values {
        for (markup, plain) in filled_with(value).iter().zip(&plain) {
            let html = markup.0.as_str();
            assert!(!html.contains(value) || !value.contains(['<', '"']), "{html}");
            assert!(!html.contains("href=\"javascript:") && !html.contains("src=\"javascript:"), "{html}");
            // Markdown is made of its text, and a card without a link has no `a`: these two have a skeleton of their own.
            if !html.starts_with("<div class=\"lf-markdown") && !html.starts_with("<section") {
                assert_eq!(skeleton(markup), skeleton(plain), "{html}");
            }
        }
    }
}

#[test]
fn addresses_that_run_code_are_not_written() {
    let address = "\u{1}JAVA\tscript:alert(1)";
    for html in [
        written(link("a", address)),
        written(image(address, "a")),
        written(nav("a").link("a", address)),
        written(card("a").title("a").link(address)),
    ] {
        assert!(!html.to_ascii_lowercase().contains("script"), "{html}");
    }
}
