"""The bounds of an app."""

from __future__ import annotations

from typing import TypedDict


class Limits(TypedDict, total=False):
    """The bounds of an app; what is left out has its default.

    Times are in seconds, sizes in bytes. What happens when one is reached is in the description of
    operations.
    """

    max_sessions: float
    """Sessions in the process."""
    max_sessions_per_address: float
    """Sessions opened from one address; in IPv6 from one /64."""
    max_sessions_per_user: float
    """Sessions of one user, where the app is told of users."""
    session_time: float
    """How long a session may live, with and without a socket, over restarts."""
    max_connections: float
    """Connections that the server has open, sockets among them."""
    max_connections_per_address: float
    """Connections from one address, counted as for `max_sessions_per_address`."""
    header_time: float
    """How long a request's head may take, from the opening or the last answer on."""
    max_unjoined: float
    """Sessions whose page was fetched and whose socket has not joined yet."""
    join_time: float
    """How long a fetched page waits for its socket."""
    detached_time: float
    """How long a session lives without a socket."""
    kept_time: float
    """How long a store keeps a session that nobody comes back to."""
    max_value_bytes: float
    """Bytes of one value in a store: the state of a component, or a field of a Python state."""
    max_snapshot_bytes: float
    """Bytes of a session in its store."""
    max_frame_bytes: float
    """Bytes in one frame from the client."""
    max_upload_bytes: float
    """Bytes of one file that a person sends; a control may take less."""
    max_uploads_per_session: float
    """Files of one session that are coming, wait for their event, or are kept."""
    max_upload_bytes_per_session: float
    """Bytes of those."""
    max_total_upload_bytes: float
    """Bytes of such files of all sessions."""
    max_uploading: float
    """Files that may be coming in at the same time."""
    upload_time: float
    """How long a file that comes may stand still."""
    upload_kept_time: float
    """How long a whole file waits for the event that names it."""
    max_media_bytes_per_session: float
    """Bytes of pictures, sounds and files that a session shows."""
    max_total_media_bytes: float
    """Bytes of those of all sessions."""
    max_queued_events: float
    """Events waiting in a session while another runs."""
    mailbox: float
    """Messages waiting for a session from tasks and broadcasts."""
    max_unacked_bytes: float
    """Bytes of patches sent and not acknowledged."""
    max_total_unacked_bytes: float
    """Bytes of patches sent and not acknowledged, of all sessions together."""
    max_unacked_patches: float
    """Patches sent and not acknowledged."""
    max_events_per_second: float
    """Events a second that a session may send over a while; twice as many in one burst."""
    handler_time: float
    """How long one handler may run."""
    grace_time: float
    """How long turns under way may go on when the server stops."""
    diff_time: float
    """How long one diff may search for the smallest patch."""
    max_tasks: float
    """Tasks a session may have running."""
    max_components: float
    """Components in a session's tree."""
    max_html_bytes: float
    """Bytes of HTML of one component."""
    idle_time: float
    """How long a session does nothing before it drops what it can make again."""
    heartbeat: float
    """How often the server says something when nothing happens."""
    send_time: float
    """How long a frame may take to be written, and any part of a page."""
    deflate_bytes: float
    """Patches of more bytes than this travel deflated."""
    compress_bytes: float
    """Documents of at least this many bytes travel compressed, to browsers that take it."""
    read_buffer_bytes: float
    """Buffer for reading a socket, in bytes."""
