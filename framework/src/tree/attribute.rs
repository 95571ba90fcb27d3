//! Attributes of a start tag, as slices of it.

/// The attributes of a start tag (from `<` to `>`): name and raw value, in order, each name once (the first one counts, as in a browser).
#[must_use]
pub fn attributes(tag: &str) -> Attributes<'_> {
    let rest = tag.get(1 + super::element::tag_name(tag).len()..).unwrap_or_default();
    Attributes { rest, seen: Vec::new() }
}

/// See [`attributes`].
#[derive(Debug, Clone)]
pub struct Attributes<'a> {
    rest: &'a str,
    seen: Vec<&'a str>,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (name, value) = self.advance()?;
            if !self.seen.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
                self.seen.push(name);
                return Some((name, value));
            }
        }
    }
}

impl<'a> Attributes<'a> {
    fn advance(&mut self) -> Option<(&'a str, &'a str)> {
        self.rest = self.rest.trim_start_matches(|character: char| character.is_ascii_whitespace() || character == '/');
        if self.rest.is_empty() || self.rest.starts_with('>') {
            return None;
        }
        // A leading `=` is part of the name: an error that browsers take this way.
        let end = self
            .rest
            .char_indices()
            .skip(1)
            .find(|(_, character)| character.is_ascii_whitespace() || matches!(character, '=' | '>' | '/'))
            .map_or(self.rest.len(), |(index, _)| index);
        let (name, rest) = self.rest.split_at_checked(end)?;
        let after_space = rest.trim_start_matches(|character: char| character.is_ascii_whitespace());
        let Some(value) = after_space.strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_start_matches(|character: char| character.is_ascii_whitespace());
        let quote = value.chars().next().filter(|character| matches!(character, '"' | '\''));
        let (value, rest) = if let Some(quote) = quote {
            value.get(1..)?.split_once(quote)?
        } else {
            let end = value.find(|character: char| character.is_ascii_whitespace() || character == '>').unwrap_or(value.len());
            value.split_at_checked(end)?
        };
        self.rest = rest;
        Some((name, value))
    }
}

/// The raw value of an attribute.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    // Most tags don't have it: looking for the bytes first saves reading all attributes.
    if !tag.contains(name) {
        return None;
    }
    attributes(tag).find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_as_a_browser_does() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("<p>", &[]),
            ("<br/>", &[]),
            (r#"<a href="/x?a=1&amp;b" class='y z'>"#, &[("href", "/x?a=1&amp;b"), ("class", "y z")]),
            ("<input disabled value=7>", &[("disabled", ""), ("value", "7")]),
            (r#"<i a = "1" a="2" A='3' b>"#, &[("a", "1"), ("b", "")]),
            ("<img src=a/b/ alt>", &[("src", "a/b/"), ("alt", "")]),
            (r#"<p title="a>b">"#, &[("title", "a>b")]),
            ("<p =x>", &[("=x", "")]),
        ];
        for (tag, expected) in cases {
            assert_eq!(attributes(tag).collect::<Vec<_>>(), *expected, "{tag}");
        }
    }
}
