//! [`Figures`]: all counts at one moment.

use super::{
    latency::Latency,
    shards::{Count, Shards},
};
use crate::session::BLOCK_BYTES;

/// All counts at one moment. Where not said otherwise they count from the moment that the app was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Figures {
    /// Sessions at present whose page was fetched and whose socket has not joined yet.
    pub unjoined_sessions: u64,
    /// Sessions at present with a socket.
    pub connected_sessions: u64,
    /// Sessions at present that wait for their socket to come back.
    pub detached_sessions: u64,
    /// Sessions at present, of all those, that have dropped what they can make again.
    pub sleeping_sessions: u64,
    /// Connections at present that the server's own accept loop took in, sockets among them.
    pub connections: u64,
    /// Sockets at present: those of sessions, and those that have not joined yet or are being closed.
    pub sockets: u64,
    /// Streams at present: what carries the same where no socket gets through.
    pub streams: u64,
    /// Events, messages and ends of tasks that wait at present for the turn before them.
    pub waiting: u64,
    /// Bytes at present of patches that were made and not acknowledged, as far as [`Limits::max_total_unacked_bytes`](crate::Limits) counts them.
    pub unacked_bytes: u64,
    /// Bytes at present of files that people have sent or are sending, as far as room was made for them.
    pub stored_upload_bytes: u64,
    /// Events that were settled, and how long they took.
    pub events: Latency,
    /// Events and renderings that were refused.
    pub refusals: Refusals,
    /// Patches that were made.
    pub patches: u64,
    /// Their bytes, as they travel.
    pub patch_bytes: u64,
    /// Components that were sent again since the page in a browser was not what the server thinks.
    pub resyncs: u64,
    /// Components that rendered one state in two ways.
    pub unfaithful_renders: u64,
    /// Pages that were opened, each with a session.
    pub pages_served: u64,
    /// Pages that could not be opened since the app's own code failed.
    pub pages_failed: u64,
    /// Sessions that were found in the store and made again.
    pub sessions_restored: u64,
    /// Sessions that were looked for in the store and could not be made again.
    pub sessions_not_restored: u64,
    /// Sessions that ended since they were as old as they may become.
    pub sessions_expired: u64,
    /// What was turned away since a bound was reached.
    pub limited: Limited,
    /// Sockets that pages of other origins tried to open.
    pub other_origins: u64,
    /// Files that have come whole.
    pub uploads: u64,
    /// Bytes that have come of files, whole or not.
    pub upload_bytes: u64,
    /// Files that were cut off before they were whole: how often.
    pub uploads_cut: u64,
    /// Files that were not taken: too large, of the wrong kind, too many, or nowhere to go.
    pub uploads_refused: u64,
    /// Snapshots that the store has taken.
    pub store_writes: u64,
    /// Their bytes.
    pub store_bytes: u64,
    /// Snapshots that the store has failed to take; each is tried again.
    pub store_failures: u64,
}

/// Refused events by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Refusals {
    /// What was acted on was no longer there.
    pub stale: u64,
    /// The input didn't fit.
    pub invalid: u64,
    /// The handler or the rendering failed.
    pub failed: u64,
    /// Too many were waiting.
    pub busy: u64,
    /// The handler took too long.
    pub timeout: u64,
}

/// What was turned away, by the field of [`Limits`](crate::Limits) that says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Limited {
    /// Pages.
    pub max_sessions: u64,
    /// Pages.
    pub max_sessions_per_address: u64,
    /// Pages.
    pub max_sessions_per_user: u64,
    /// Connections.
    pub max_connections: u64,
    /// Connections.
    pub max_connections_per_address: u64,
    /// Sockets that had not joined.
    pub max_unjoined: u64,
    /// Sockets that were closed since they sent too much.
    pub max_events_per_second: u64,
    /// Sockets that were closed.
    pub max_frame_bytes: u64,
    /// How often a session wanted to make a patch and had to wait.
    pub max_total_unacked_bytes: u64,
    /// Files.
    pub max_uploads_per_session: u64,
    /// Files.
    pub max_upload_bytes_per_session: u64,
    /// Files.
    pub max_total_upload_bytes: u64,
    /// Files, which their clients send again.
    pub max_uploading: u64,
}

impl Figures {
    /// Sessions at present.
    #[must_use]
    pub fn sessions(&self) -> u64 {
        self.unjoined_sessions + self.connected_sessions + self.detached_sessions
    }

    pub(super) fn read(shards: &Shards) -> Self {
        let sum = |count| shards.sum(count);
        // What was counted down on a shard that was read, and up on one that had been, is no count below zero.
        let present = |count| i64::try_from(sum(count)).map_or(0, i64::unsigned_abs);
        Self {
            unjoined_sessions: present(Count::Unjoined),
            connected_sessions: present(Count::Connected),
            detached_sessions: present(Count::Detached),
            sleeping_sessions: present(Count::Asleep),
            connections: present(Count::Connections),
            sockets: present(Count::Sockets),
            streams: present(Count::Streams),
            waiting: present(Count::Waiting),
            unacked_bytes: present(Count::UnackedBlocks) * BLOCK_BYTES as u64,
            stored_upload_bytes: present(Count::StoredUploadBytes),
            events: Latency::read(shards),
            refusals: Refusals {
                stale: sum(Count::RefusedStale),
                invalid: sum(Count::RefusedInvalid),
                failed: sum(Count::RefusedFailed),
                busy: sum(Count::RefusedBusy),
                timeout: sum(Count::RefusedTimeout),
            },
            patches: sum(Count::Patches),
            patch_bytes: sum(Count::PatchBytes),
            resyncs: sum(Count::Resyncs),
            unfaithful_renders: sum(Count::Unfaithful),
            pages_served: sum(Count::PagesServed),
            pages_failed: sum(Count::PagesFailed),
            sessions_restored: sum(Count::Restored),
            sessions_not_restored: sum(Count::NotRestored),
            sessions_expired: sum(Count::Expired),
            limited: Limited {
                max_sessions: sum(Count::LimitedSessions),
                max_sessions_per_address: sum(Count::LimitedSessionsOfAddress),
                max_sessions_per_user: sum(Count::LimitedSessionsOfUser),
                max_connections: sum(Count::LimitedConnections),
                max_connections_per_address: sum(Count::LimitedConnectionsOfAddress),
                max_unjoined: sum(Count::LimitedJoining),
                max_events_per_second: sum(Count::LimitedRate),
                max_frame_bytes: sum(Count::LimitedFrame),
                max_total_unacked_bytes: sum(Count::LimitedUnacked),
                max_uploads_per_session: sum(Count::LimitedUploads),
                max_upload_bytes_per_session: sum(Count::LimitedUploadBytes),
                max_total_upload_bytes: sum(Count::LimitedTotalUploadBytes),
                max_uploading: sum(Count::LimitedUploading),
            },
            other_origins: sum(Count::OtherOrigins),
            uploads: sum(Count::Uploads),
            upload_bytes: sum(Count::UploadBytes),
            uploads_cut: sum(Count::UploadsCut),
            uploads_refused: sum(Count::UploadsRefused),
            store_writes: sum(Count::StoreWrites),
            store_bytes: sum(Count::StoreBytes),
            store_failures: sum(Count::StoreFailures),
        }
    }
}
