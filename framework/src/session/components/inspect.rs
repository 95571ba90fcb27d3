//! In debug builds: says where a browser builds another tree than its tags suggest, and what that costs.
//!
//! Patches are as right there as anywhere, but larger, so an author wants to know. And our own reading is held against html5ever's.

use super::{Components, PAGE};
use crate::tree::{self, Kind, browser};

/// A page of more HTML is not looked at: a debug build would take longer for that than for anything else.
const MOST_BYTES: usize = 64 * 1024;

/// As many different things are said by an app.
const MOST_TOLD: usize = 100;

impl Components {
    /// Logs what was found, each thing once for an app.
    pub(super) fn inspect(&self) {
        let Some(shared) = self.mounted.get(&PAGE).map(|page| &page.link.shared) else { return };
        for finding in self.findings() {
            if shared.told.len() < MOST_TOLD && shared.told.insert(finding.clone()) {
                tracing::warn!("{finding}");
            }
        }
    }

    /// What a browser reads differently: which component, which line of its HTML, and what.
    pub(crate) fn findings(&self) -> Vec<String> {
        let n_bytes: usize = self.mounted.values().map(|mounted| mounted.shown.html().len()).sum();
        let Some(page) = self.mounted.get(&PAGE).filter(|page| page.link.shared.dev) else { return Vec::new() };
        if self.n_asleep > 0 || !self.unlike.is_empty() || n_bytes > MOST_BYTES {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for mounted in self.mounted.values() {
            let (html, tape) = (mounted.shown.html(), mounted.shown.tape());
            let name = mounted.instance.as_ref().map_or("a component", |instance| instance.name());
            if tape.is_broken() {
                let at = tree::first_unbalanced(html).unwrap_or(0);
                findings.push(format!(
                    "{name}, line {} of its HTML, at {}: its tags are not all closed by tags of their own, so what it shows is sent as a whole \
                     whenever it changes",
                    line(html, at),
                    excerpt(html, at)
                ));
            }
            for node in tape.nodes().iter().filter(|node| node.kind == Kind::Marked) {
                let at = node.start as usize;
                findings.push(format!(
                    "{name}, line {} of its HTML, at {}: a browser builds another tree of what is in this element than its tags suggest, so it is \
                     replaced as a whole when something in it changes",
                    line(html, at),
                    excerpt(html, at)
                ));
            }
        }
        if let Err(difference) = browser::compare(page.shown.html(), page.shown.tape(), PAGE, self) {
            let mounted = self.mounted.get(&difference.component);
            let name = mounted.and_then(|mounted| mounted.instance.as_ref()).map_or("a component", |instance| instance.name());
            let html = mounted.map_or("", |mounted| mounted.shown.html());
            let line = line(html, difference.at as usize);
            findings.push(format!(
                "{name}, line {line} of its HTML: this was read otherwise than a browser reads it, which is a defect of Livefloe, and the page may be \
                 sent again because of it: {}",
                difference.message
            ));
        }
        findings
    }
}

/// Counted from 1.
fn line(html: &str, at: usize) -> usize {
    html.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

fn excerpt(html: &str, at: usize) -> String {
    let text: String = html.get(at..).unwrap_or_default().chars().take(60).collect();
    format!("`{}`", text.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::testing::stage::Stage;

    fn findings(html: &str) -> Vec<String> {
        Stage::new([(0, html.to_owned())].into()).unwrap().findings()
    }

    #[test]
    fn what_a_browser_reads_otherwise_is_said_with_component_and_line() {
        let cases = [
            ("<p>fine</p>\n<ul><li>1</li></ul>", ""),
            (
                "<p>a</p>\n<section>\n<p><div>b</div></p></section>",
                "a component, line 2 of its HTML, at `<section>`: a browser builds another tree",
            ),
            ("<p>a</p>\n\n<ul><li>1<li>2</ul>", "a component, line 3 of its HTML, at `</ul>`: its tags are not all closed"),
            ("<div>", "a component, line 1 of its HTML, at `<div>`: its tags are not all closed"),
        ];
        for (html, expected) in cases {
            let findings = findings(html);
            if expected.is_empty() {
                assert_eq!(findings, Vec::<String>::new(), "{html}");
            } else {
                assert_eq!(findings.len(), 1, "{html}: {findings:?}");
                assert!(findings[0].contains(expected), "{html}: {findings:?}");
            }
        }
    }
}
