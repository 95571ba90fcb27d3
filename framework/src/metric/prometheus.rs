//! [`Figures`] in the text format of Prometheus (exposition format 0.0.4, <https://prometheus.io/docs/instrumenting/exposition_formats/>).
//!
//! Written here: it is a line for each number. The crates for it bring counters of their own, which we would have to copy ours into.

use std::fmt::{self, Write as _};

use super::Figures;

/// What the answer's `Content-Type` says.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures as text.
pub(super) fn text(figures: &Figures) -> String {
    let mut text = String::with_capacity(8 * 1024);
    write(figures, &mut text).expect("writing to a string does not fail");
    text
}

fn write(figures: &Figures, text: &mut String) -> fmt::Result {
    let mut family = |kind, name, help, label: &str, values: &[(&str, u64)]| {
        writeln!(text, "# HELP livefloe_{name} {help}\n# TYPE livefloe_{name} {kind}")?;
        for (value, number) in values {
            match label {
                "" => writeln!(text, "livefloe_{name} {number}")?,
                _ => writeln!(text, "livefloe_{name}{{{label}=\"{value}\"}} {number}")?,
            }
        }
        Ok(())
    };
    let Figures { refusals, limited, .. } = figures;
    let stages =
        [("unjoined", figures.unjoined_sessions), ("connected", figures.connected_sessions), ("detached", figures.detached_sessions)];
    family("gauge", "sessions", "Sessions by whether they have a socket.", "stage", &stages)?;
    let gauges = [
        ("sleeping_sessions", "Sessions that have dropped what they can make again.", figures.sleeping_sessions),
        ("connections", "Open connections, sockets among them.", figures.connections),
        ("sockets", "Open sockets.", figures.sockets),
        ("streams", "Open streams, of pages that no socket gets through to.", figures.streams),
        ("waiting", "Events, messages and ends of tasks that wait for a turn.", figures.waiting),
        ("unacked_bytes", "Bytes of patches that are not acknowledged, beyond what each session has free.", figures.unacked_bytes),
        ("stored_upload_bytes", "Bytes of files that people have sent or are sending.", figures.stored_upload_bytes),
    ];
    for (name, help, number) in gauges {
        family("gauge", name, help, "", &[("", number)])?;
    }
    let kinds = [
        ("stale", refusals.stale),
        ("invalid", refusals.invalid),
        ("failed", refusals.failed),
        ("busy", refusals.busy),
        ("timeout", refusals.timeout),
    ];
    family("counter", "refusals_total", "Events and renderings that were refused.", "kind", &kinds)?;
    let limits = [
        ("max_sessions", limited.max_sessions),
        ("max_sessions_per_address", limited.max_sessions_per_address),
        ("max_sessions_per_user", limited.max_sessions_per_user),
        ("max_connections", limited.max_connections),
        ("max_connections_per_address", limited.max_connections_per_address),
        ("max_unjoined", limited.max_unjoined),
        ("max_events_per_second", limited.max_events_per_second),
        ("max_frame_bytes", limited.max_frame_bytes),
        ("max_total_unacked_bytes", limited.max_total_unacked_bytes),
        ("max_uploads_per_session", limited.max_uploads_per_session),
        ("max_upload_bytes_per_session", limited.max_upload_bytes_per_session),
        ("max_total_upload_bytes", limited.max_total_upload_bytes),
        ("max_uploading", limited.max_uploading),
    ];
    family("counter", "limited_total", "Pages, connections, sockets, patches and files that a limit turned away.", "limit", &limits)?;
    let counters = [
        ("patches_total", "Patches.", figures.patches),
        ("patch_bytes_total", "Bytes of patches, as they travel.", figures.patch_bytes),
        ("resyncs_total", "Components sent again since a browser showed something else.", figures.resyncs),
        ("unfaithful_renders_total", "Components that rendered one state in two ways.", figures.unfaithful_renders),
        ("pages_served_total", "Pages opened, each with a session.", figures.pages_served),
        ("pages_failed_total", "Pages that failed in the app's own code.", figures.pages_failed),
        ("sessions_restored_total", "Sessions made again from the store.", figures.sessions_restored),
        ("sessions_not_restored_total", "Sessions that could not be made again from the store.", figures.sessions_not_restored),
        ("sessions_expired_total", "Sessions that were as old as they may become.", figures.sessions_expired),
        ("other_origins_total", "Sockets that pages of other origins tried to open.", figures.other_origins),
        ("uploads_total", "Files that have come whole.", figures.uploads),
        ("upload_bytes_total", "Bytes that have come of files, whole or not.", figures.upload_bytes),
        ("uploads_cut_total", "Times that a file was cut off before it was whole.", figures.uploads_cut),
        ("uploads_refused_total", "Files that were not taken.", figures.uploads_refused),
        ("store_writes_total", "Snapshots that the store has taken.", figures.store_writes),
        ("store_bytes_total", "Bytes of those.", figures.store_bytes),
        ("store_failures_total", "Snapshots that the store failed to take.", figures.store_failures),
    ];
    for (name, help, number) in counters {
        family("counter", name, help, "", &[("", number)])?;
    }
    let events = &figures.events;
    let name = "livefloe_event_seconds";
    writeln!(text, "# HELP {name} From hearing of an event until it was settled and its patch made.\n# TYPE {name} histogram")?;
    for (bound, count) in events.buckets() {
        writeln!(text, "{name}_bucket{{le=\"{}\"}} {count}", bound.as_secs_f64())?;
    }
    writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {0}\n{name}_sum {1}\n{name}_count {0}", events.count(), events.sum().as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::{Metrics, metric::Count};

    #[test]
    fn each_family_is_described_before_its_numbers_and_each_series_is_there_once() {
        let metrics = Metrics::default();
        metrics.one(Count::Connected);
        metrics.add(Count::PatchBytes, 700);
        metrics.settled(std::time::Duration::from_micros(150));
        let text = metrics.prometheus();
        let (mut described, mut series, mut last) = (HashSet::new(), HashSet::new(), "");
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                last = rest.split(' ').next().unwrap();
                assert!(described.insert(last), "{last} twice");
            } else if !line.starts_with("# HELP ") {
                let (name, number) = line.rsplit_once(' ').unwrap();
                assert!(name.starts_with(last), "{line} under {last}");
                assert!(series.insert(name), "{name} twice");
                assert!(number.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            }
        }
        for line in [
            "livefloe_sessions{stage=\"connected\"} 1",
            "livefloe_patch_bytes_total 700",
            "livefloe_event_seconds_bucket{le=\"0.0001\"} 0",
            "livefloe_event_seconds_bucket{le=\"0.00025\"} 1",
            "livefloe_event_seconds_bucket{le=\"+Inf\"} 1",
            "livefloe_event_seconds_sum 0.00015",
            "livefloe_event_seconds_count 1",
        ] {
            assert!(text.lines().any(|other| other == line), "no {line} in\n{text}");
        }
    }
}
