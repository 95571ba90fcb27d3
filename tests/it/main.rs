//! Livefloe from outside: over HTTP and its WebSocket, as a browser meets it. Modules in the order of the data flow.

#![allow(clippy::needless_pass_by_value, clippy::unused_self, reason = "the shape of a handler")]

/// The first GET: document, headers, which hosts are answered.
mod first_page;
mod foreign;
/// Pages in frames of others.
mod framed;
/// Apps under a path of their host.
mod prefix;
/// The socket: upgrade, join, and frames that end it.
mod connect;
/// Streams: what carries the same where no socket gets through.
mod streams;
/// Events: order, refusals, undo, and that a click means what was on the screen.
mod engaged;
mod events;
/// Apps in servers of others.
mod embed;
/// Forms and buttons without script.
mod posts;
/// Actions: the server runs the same data as the client.
mod actions;
/// Files that people send.
mod uploads;
/// What pages show and give away.
mod media;
/// Patches: acknowledged, coalesced, sent again.
mod patches;
/// Sessions: resumed, taken over, bounded, gone without a trace.
mod sessions;
/// Bounds: what a visitor sees when one is reached.
mod limits;
/// Connections: how many there are, and which go when others come.
mod connections;
/// What machines ask: health, readiness, metrics.
mod probes;
/// What is wrong with an app that is being written.
mod problems;
/// Messages and presence between sessions.
mod bus;
/// Idle sessions drop what they can make again, and nobody sees it.
mod idle;
/// Work beside a session.
mod tasks;
/// The end of the server, and what keeps it from starting.
mod shutdown;
/// Pages that are loaded again.
mod reload;
/// Sessions that outlive their process.
mod stores;
/// Servers that share their sessions, in Redis.
#[cfg(all(unix, feature = "redis"))]
mod nodes;
#[cfg(all(unix, feature = "redis"))]
mod presence;
/// The store in Redis by itself.
#[cfg(all(unix, feature = "redis"))]
mod redis;
/// Rules of the code base that a compiler doesn't know.
mod tidy;
/// Sessions that belong to users.
mod users;
