//! Where tags stop to be nested, for people who look for it.

use memchr::memchr;

use super::tag;
use crate::tree::element;

/// The first end tag that closes something else than what was opened last; or else the last tag that is never closed. Looks at tags only, and
/// not at what is none in a script or a text: it is a hint, in development.
pub(crate) fn first_unbalanced(html: &str) -> Option<usize> {
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(start) = memchr(b'<', html.as_bytes().get(at..)?).map(|found| at + found) {
        let is_end = html.as_bytes().get(start + 1) == Some(&b'/');
        let name_at = start + 1 + usize::from(is_end);
        let name = element::tag_name(html.get(name_at - 1..)?);
        at = start + 1;
        if name.is_empty() || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            continue;
        }
        let (end, closes_itself) = tag::end(html.as_bytes(), start, name_at + name.len())?;
        at = end;
        if is_end {
            match open.pop() {
                Some((_, opened)) if opened.eq_ignore_ascii_case(name) => {}
                _ => return Some(start),
            }
        } else if !closes_itself && !element::is_void(name) {
            open.push((start, name));
        }
    }
    open.last().map(|(start, _)| *start)
}

#[cfg(test)]
mod tests {
    use super::first_unbalanced;

    #[test]
    fn the_first_tag_that_does_not_fit_is_found() {
        let cases = [
            ("<p>a</p><br><img src=\"<p>\"><svg><path/></svg>", None),
            ("<ul><li>1<li>2</ul>", Some("</ul>")),
            ("<p>a</p><div><b>", Some("<b>")),
            ("</p>", Some("</p>")),
            ("a < b <!-- <p> -->", Some("<p> -->")),
            ("", None),
        ];
        for (html, expected) in cases {
            assert_eq!(first_unbalanced(html).map(|at| &html[at..]), expected, "{html}");
        }
    }
}
