//! What holds for every widget: the HTML it writes, and that nothing it is given gets out of its place.

mod escaping;
mod html;

use maud::{Render, html};

use super::*;

fn written(widget: impl Render) -> String {
    widget.render().into_string()
}

#[test]
fn halves_of_a_container_make_the_whole() {
    fn halves(open: impl FnOnce(&mut String), close: impl FnOnce(&mut String)) -> String {
        let mut buffer = String::new();
        open(&mut buffer);
        buffer.push_str("<p>a</p>");
        close(&mut buffer);
        buffer
    }
    let content = || html! { p { "a" } };
    let cases = [
        (written(row(content()).key(1)), halves(|b| row(()).key(1).open(b), |b| row(()).close(b))),
        (written(column(content())), halves(|b| column(()).open(b), |b| column(()).close(b))),
        (written(grid(content())), halves(|b| grid(()).open(b), |b| grid(()).close(b))),
        (written(card(content()).title("T")), halves(|b| card(()).title("T").open(b), |b| card(()).close(b))),
        (written(form(content())), halves(|b| form(()).open(b), |b| form(()).close(b))),
        (written(alert(content())), halves(|b| alert(()).open(b), |b| alert(()).close(b))),
    ];
    for (whole, halves) in cases {
        assert_eq!(whole, halves);
    }
}
