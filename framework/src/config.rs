//! [`Limits`]: every bound of the server, with unit, default and reason.

use std::time::Duration;

/// The bounds of an app. All of them hold for every session; each says what happens when it is reached.
///
/// ```
/// # use livefloe::{App, Limits};
/// # use std::time::Duration;
/// let app = App::new().limits(Limits { max_sessions: 500, handler_time: Duration::from_secs(5), ..Limits::default() });
/// ```
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "built with struct update syntax, which non_exhaustive forbids")]
pub struct Limits {
    /// Sessions in the process. Default 20,000. When full, new pages answer 503 with `Retry-After`.
    pub max_sessions: usize,
    /// Sessions opened from one address; in IPv6 from one /64. Default 1,000: a school behind one address, and far from all the places that there are.
    /// When full, new pages for that address answer 429 with `Retry-After`. Not counted are proxies, behind which are many people:
    /// see [`App::trusted_proxies`](crate::App::trusted_proxies), which says whose addresses these are.
    pub max_sessions_per_address: usize,
    /// Sessions of one user, where the app [knows users](crate::App::identify). Default 100. When full, further pages answer 429.
    pub max_sessions_per_user: usize,
    /// How long a session may live, with and without a socket, over restarts. Default 30 days. After it the session ends, and the page says that it is
    /// over.
    pub session_time: Duration,
    /// Connections that [`Server`](crate::Server) has open, sockets among them. Default 40,000: a socket for each session, and as many for pages and
    /// assets. When full, the connection that has waited longest for a request is closed for a new one; where all are busy, the new one is
    /// answered 503. Health and readiness are answered even then.
    pub max_connections: usize,
    /// Connections from one address, counted as for `max_sessions_per_address`. Default 2,000. Further ones are closed at once.
    pub max_connections_per_address: usize,
    /// How long a request's head may take, from when the connection was opened or has answered the request before. Default 10 s. After it the
    /// connection is closed.
    pub header_time: Duration,
    /// Sessions whose page was fetched and whose socket has not joined yet. Default 2,000. When full, the oldest one goes:
    /// a flood of page loads then costs bounded memory, and a real visitor joins within a second. As many sockets may be open that
    /// have not said yet which session is theirs; further ones are refused.
    pub max_unjoined: usize,
    /// How long a fetched page waits for its socket. Default 30 s. After it the session ends.
    pub join_time: Duration,
    /// How long a session lives without a socket. Default 5 min. After it the session ends.
    pub detached_time: Duration,
    /// How long a store keeps a session that nobody comes back to. Default 24 h. Without a store, `detached_time` is all there is.
    pub kept_time: Duration,
    /// Bytes of one value in a store: the state of a component, or a field of a Python state. Default 1 MiB. A session with a larger component is not kept, and a
    /// larger field of Python's not with its session; the log says so.
    pub max_value_bytes: usize,
    /// Bytes of a session in its store. Default 4 MiB. A larger one is not kept, which the log says.
    pub max_snapshot_bytes: usize,
    /// Bytes in one frame from the client. Default 64 KiB: a form, never a file. A larger one closes the socket with 1009.
    pub max_frame_bytes: usize,
    /// Bytes of one file that a person sends. Default 200 MB; a control may take less. A larger one is refused at its control, before any of it is sent.
    pub max_upload_bytes: u64,
    /// Files of one session that are coming, wait for their event, or are kept by a handler. Default 1,000. Further ones are refused at their control.
    pub max_uploads_per_session: usize,
    /// Bytes of those. Default 1 GB. Further files are refused at their control.
    pub max_upload_bytes_per_session: u64,
    /// Bytes of such files of all sessions: what they may take of the disk. Default 10 GB. Further ones are refused at their control.
    pub max_total_upload_bytes: u64,
    /// Files that may be coming in at the same time. Default 256, of one session eight. Further ones answer 503, and the client tries again.
    pub max_uploading: usize,
    /// How long a file that comes may stand still: in each such time 16 KiB have to come, and what was cut off waits as long for its client to go on. Default 60 s. After
    /// it, what has come of it is removed, and the client begins anew.
    pub upload_time: Duration,
    /// How long a whole file waits for the event that names it. Default 1 h. After it, it is removed; whoever sends the form then is asked for the file again.
    pub upload_kept_time: Duration,
    /// Bytes of pictures, sounds and files that a session shows ([`Cx::media`](crate::Cx::media)). Default 64 MB. Beyond it those go that were rendered longest ago.
    pub max_media_bytes_per_session: usize,
    /// Bytes of those of all sessions. Default 1 GB. Beyond it a session that shows more loses its oldest, and what then has no place is not shown; the log says so.
    pub max_total_media_bytes: usize,
    /// Events waiting in a session while another runs. Default 64. Further ones are refused as busy.
    pub max_queued_events: usize,
    /// Messages waiting for a session from tasks and broadcasts. Default 256. A task waits for room; a broadcast is
    /// dropped for this session, which renders again when it has caught up.
    pub mailbox: usize,
    /// Bytes of patches sent and not acknowledged. Default 512 KiB. When full, the session renders no patch until the
    /// client has acknowledged some; the next patch then covers all that changed meanwhile.
    pub max_unacked_bytes: usize,
    /// Bytes of patches sent and not acknowledged, of all sessions together. Default 256 MiB: five hundred clients that read nothing. When full, a
    /// session that has more than 4 KiB of them renders no patch until its client has acknowledged some; others go on.
    pub max_total_unacked_bytes: usize,
    /// Patches sent and not acknowledged. Default 64. When full: as above.
    pub max_unacked_patches: usize,
    /// Events a second that a session may send over a while; twice as many in one burst. Default 200. Beyond it the
    /// socket is closed with 4429.
    pub max_events_per_second: u32,
    /// How long one handler may run. Default 30 s. After it an async handler is stopped, its changes are undone and the
    /// event is refused as timed out. (A plain function can't be stopped: keep those short.)
    pub handler_time: Duration,
    /// How long turns under way may go on when the server stops. Default 10 s. After it they are undone, and the client sends their events again, to
    /// whoever has the session then.
    pub grace_time: Duration,
    /// How long one diff may search for the smallest patch. Default 20 ms. After it the patch is larger and still right.
    pub diff_time: Duration,
    /// Tasks a session may have running. Default 64. Beyond it the event that spawns one more fails as busy.
    pub max_tasks: usize,
    /// Components in a session's tree. Default 10,000. Beyond it the rendering fails with an error that says so.
    pub max_components: usize,
    /// Bytes of HTML of one component. Default 8 MiB. Beyond it the rendering fails with an error that says so.
    pub max_html_bytes: usize,
    /// How long a session does nothing before it drops what it can make again (rendered HTML, its tree, tables of handlers): between
    /// this and twice this. Default 10 s. What happens next renders that again, which takes as long as the page took when it was
    /// opened; `Duration::MAX` keeps it.
    pub idle_time: Duration,
    /// How often the server says something when nothing happens. Default 20 s. A client that doesn't answer twice is
    /// disconnected (its session waits for it).
    pub heartbeat: Duration,
    /// How long a frame may take to be written, and any part of a page. Default 30 s. After it the connection is dropped; the session stays.
    pub send_time: Duration,
    /// Patches of more bytes than this travel deflated. Default 4,096: a browser takes up to a millisecond longer to open one, in
    /// which an ordinary line carries that much.
    pub deflate_bytes: usize,
    /// Documents of at least this many bytes travel compressed, to browsers that take it. Default 1,024: a smaller one fits into the
    /// first packet anyway. `usize::MAX` compresses none.
    pub compress_bytes: usize,
    /// Buffer for reading a socket, in bytes. Default 1,024, many times what an event takes; a longer frame gets the room that it
    /// needs, up to `max_frame_bytes`, for as long as it is there. (The transport clears its buffer before each
    /// read: its own default of 128 KiB would cost twice the CPU for each event and twenty times the memory for each idle session.)
    pub read_buffer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_sessions: 20_000,
            max_sessions_per_address: 1_000,
            max_sessions_per_user: 100,
            session_time: Duration::from_hours(30 * 24),
            max_connections: 40_000,
            max_connections_per_address: 2_000,
            header_time: Duration::from_secs(10),
            max_unjoined: 2_000,
            join_time: Duration::from_secs(30),
            detached_time: Duration::from_mins(5),
            kept_time: Duration::from_hours(24),
            max_value_bytes: 1024 * 1024,
            max_snapshot_bytes: 4 * 1024 * 1024,
            max_frame_bytes: 64 * 1024,
            max_upload_bytes: 200_000_000,
            max_uploads_per_session: 1_000,
            max_upload_bytes_per_session: 1_000_000_000,
            max_total_upload_bytes: 10_000_000_000,
            max_uploading: 256,
            upload_time: Duration::from_mins(1),
            upload_kept_time: Duration::from_hours(1),
            max_media_bytes_per_session: 64_000_000,
            max_total_media_bytes: 1_000_000_000,
            max_queued_events: 64,
            mailbox: 256,
            max_unacked_bytes: 512 * 1024,
            max_total_unacked_bytes: 256 * 1024 * 1024,
            max_unacked_patches: 64,
            max_events_per_second: 200,
            handler_time: Duration::from_secs(30),
            grace_time: Duration::from_secs(10),
            diff_time: Duration::from_millis(20),
            max_tasks: 64,
            max_components: 10_000,
            max_html_bytes: 8 * 1024 * 1024,
            idle_time: Duration::from_secs(10),
            heartbeat: Duration::from_secs(20),
            send_time: Duration::from_secs(30),
            deflate_bytes: 4 * 1024,
            compress_bytes: 1_024,
            read_buffer_bytes: 1_024,
        }
    }
}
