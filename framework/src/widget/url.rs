//! Which addresses a widget may put into `src` and `href`.
//!
//! Browsers drop leading control characters and spaces, and tabs and newlines anywhere, before they look
//! for a scheme; so does this, or `" java\tscript:…"` would pass for a relative address.

/// The address of an image that is refused: valid, empty and never fetched.
pub(super) const EMPTY_IMAGE: &str = "data:,";

/// The address of a link that is refused: goes nowhere.
pub(super) const EMPTY_LINK: &str = "#";

/// Whether an image may be loaded from here: http(s), relative, `data:image/…` or `blob:`.
pub(super) fn is_image_address(address: &str) -> bool {
    match scheme(address).as_deref() {
        None | Some("http" | "https" | "blob") => true,
        Some("data") => significant(address)
            .skip("data:".len())
            .zip("image/".chars())
            .filter(|(got, expected)| got.eq_ignore_ascii_case(expected))
            .count()
            .eq(&"image/".len()),
        Some(_) => false,
    }
}

/// Whether a link may lead here: http(s), relative, `mailto:` or `tel:`.
pub(super) fn is_link_address(address: &str) -> bool {
    matches!(scheme(address).as_deref(), None | Some("http" | "https" | "mailto" | "tel"))
}

/// The scheme in lower case, or nothing for a relative address.
fn scheme(address: &str) -> Option<String> {
    let mut scheme = String::new();
    for character in significant(address) {
        match character {
            ':' if !scheme.is_empty() => return Some(scheme),
            'a'..='z' | 'A'..='Z' => scheme.push(character.to_ascii_lowercase()),
            '0'..='9' | '+' | '-' | '.' if !scheme.is_empty() => scheme.push(character),
            _ => return None,
        }
    }
    None
}

/// The characters that a browser looks at.
fn significant(address: &str) -> impl Iterator<Item = char> {
    address.trim_start_matches(|character: char| character <= ' ').chars().filter(|character| !matches!(character, '\t' | '\n' | '\r'))
}

#[cfg(test)]
mod tests {
    use super::{is_image_address, is_link_address};

    #[test]
    fn harmless_addresses_pass() {
        for address in [
            "",
            "cat.png",
            "/cat.png",
            "./a:b",
            "//host/cat.png",
            "?q=a:b",
            "#a:b",
            "1:2",
            "http://host/cat.png",
            "HTTPS://host",
            "\u{1}https://host",
            "ht\ntps://host",
        ] {
            assert!(is_image_address(address), "{address:?} as image");
            assert!(is_link_address(address), "{address:?} as link");
        }
        for address in ["data:image/png;base64,AAAA", "DATA:Image/svg+xml,", "blob:https://host/1"] {
            assert!(is_image_address(address), "{address:?}");
        }
        for address in ["mailto:ada@example.org", "tel:+441234"] {
            assert!(is_link_address(address), "{address:?}");
        }
    }

    #[test]
    fn addresses_that_run_or_hide_something_are_refused() {
        for address in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "\u{0}javascript:alert(1)",
            "java\tscript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "javascript\n:alert(1)",
            "\u{1f}\u{20}jav\rascript:alert(1)",
            "vbscript:x",
            "file:///etc/passwd",
            "data:text/html,<script>",
            "data:,x",
            "data:imag",
            "view-source:x",
            "filesystem:x",
        ] {
            assert!(!is_image_address(address), "{address:?} as image");
            assert!(!is_link_address(address), "{address:?} as link");
        }
        assert!(!is_link_address("data:image/png;base64,AAAA"));
        assert!(!is_link_address("blob:https://host/1"));
    }
}
