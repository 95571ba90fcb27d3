//! Which files a control takes, by what they are called and said to be; and sizes in words.

/// Whether a file is among those that `accept` lists, in HTML's words: `image/*`, `application/pdf`, `.csv`, with commas between them; all where it
/// lists none. It goes by what the browser says, as the browser's own dialog does: what is in the file is for whoever reads it to find out.
pub(super) fn accepts(accept: &str, name: &str, content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let mut listed = accept.split(',').map(str::trim).filter(|part| !part.is_empty()).peekable();
    listed.peek().is_none() || listed.any(|part| matches(part, name, kind))
}

fn matches(part: &str, name: &str, kind: &str) -> bool {
    if part.starts_with('.') {
        let start = name.len().checked_sub(part.len()).and_then(|start| name.get(start..));
        return start.is_some_and(|end| end.eq_ignore_ascii_case(part));
    }
    match part.strip_suffix("/*") {
        Some("*") => true,
        Some(group) => kind.split_once('/').is_some_and(|(own, _)| own.eq_ignore_ascii_case(group)),
        None => kind.eq_ignore_ascii_case(part),
    }
}

/// A number of bytes for people, in steps of a thousand as file managers count: `12.3 MB`.
pub(super) fn in_words(n_bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| n_bytes >= *unit) else { return format!("{n_bytes} bytes") };
    // Cut off, not rounded: what is a byte too large is never said to be as large as it may be, but for that digit.
    match (n_bytes / unit, n_bytes % unit / (unit / 10)) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, tenths) => format!("{whole}.{tenths} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{accepts, in_words};

    #[test]
    fn a_list_means_what_it_means_in_html() {
        let cases = [
            ("", "a.exe", "", true),
            (" , ", "a.exe", "", true),
            ("image/*", "a", "image/png", true),
            ("image/*", "a", "IMAGE/svg+xml; x", true),
            ("image/*", "a.png", "text/html", false),
            ("image/*", "a", "imagery/png", false),
            ("image/*", "a", "image", false),
            ("image/*", "a.png", "", false),
            ("image/png,.CSV", "x.csv", "", true),
            (".csv", "csv", "", false),
            (".csv", "ä.csv", "", true),
            (".sv", "aä", "", false),
            ("*/*", "a", "", true),
            ("application/pdf", "a", "Application/PDF", true),
            ("application/pdf", "a.pdf", "application/pdfx", false),
        ];
        for (accept, name, kind, expected) in cases {
            assert_eq!(accepts(accept, name, kind), expected, "{accept} {name} {kind}");
        }
    }

    #[test]
    fn sizes_are_said_as_people_say_them() {
        let cases =
            [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (10_000_000, "10 MB"), (12_345_678, "12.3 MB"), (2_000_000_000, "2 GB")];
        for (n_bytes, expected) in cases {
            assert_eq!(in_words(n_bytes), expected);
        }
        assert!(in_words(u64::MAX).ends_with(" TB"));
    }
}
