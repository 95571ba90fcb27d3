//! [`Connection`]: the socket that a session has at present, with what waits to be written to it.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;

use super::{Incoming, Transport};
use crate::{Limits, session::transport::Gone};

/// Frames that may wait: more than the patches that may be unacknowledged and answers to the events that may be queued.
const MAX_WAITING: usize = 1_024;

/// The part of a second's events that may come without a look at the clock. A burst may be larger by as many.
const UNTIMED: f64 = 0.125;

/// A session's socket.
pub(crate) struct Connection {
    transport: Box<dyn Transport>,
    /// Frames that the transport had no room for. More than `MAX_WAITING` means a client that sends and doesn't read: it is dropped,
    /// and its session waits for it to come back.
    waiting: VecDeque<Bytes>,
    unflushed: bool,
    /// Since when something could not be written.
    stuck_since: Option<Instant>,
    /// Heartbeats since the client was last heard.
    n_silent: u32,
    /// A token bucket: events that may come at once, refilled with time.
    allowance: f64,
    refilled: Instant,
}

impl Connection {
    pub(crate) fn new(transport: Box<dyn Transport>, limits: &Limits) -> Self {
        Self {
            transport,
            waiting: VecDeque::new(),
            unflushed: false,
            stuck_since: None,
            n_silent: 0,
            allowance: f64::from(limits.max_events_per_second) * 2.0,
            refilled: Instant::now(),
        }
    }

    /// Sends a frame when there is room.
    pub(crate) fn send(&mut self, frame: impl Into<Bytes>) {
        self.waiting.push_back(frame.into());
    }

    /// Whether one more frame is within the allowed rate.
    pub(crate) fn admit_frame(&mut self, limits: &Limits) -> bool {
        let rate = f64::from(limits.max_events_per_second);
        // The clock is asked once in a while only: as long as nearly all of the allowance is there, time can add little.
        if self.allowance < rate * (2.0 - UNTIMED) {
            let now = Instant::now();
            self.allowance = (self.allowance + now.duration_since(self.refilled).as_secs_f64() * rate).min(rate * 2.0);
            self.refilled = now;
        }
        let admitted = self.allowance >= 1.0;
        self.allowance -= f64::from(u8::from(admitted));
        admitted
    }

    /// A heartbeat is due: whether two have gone by without a word from the client.
    pub(crate) fn is_silent(&mut self) -> bool {
        self.n_silent += 1;
        self.n_silent > 2
    }

    /// Whether nothing could be written for longer than this.
    pub(crate) fn is_stuck(&self, limit: Duration) -> bool {
        self.stuck_since.is_some_and(|since| since.elapsed() > limit)
    }

    /// Writes what the transport takes.
    pub(crate) fn poll_write(&mut self, context: &mut Context<'_>) -> Result<(), Gone> {
        if self.waiting.len() > MAX_WAITING {
            return Err(Gone);
        }
        while !self.waiting.is_empty() {
            match self.transport.poll_ready(context) {
                Poll::Pending => break,
                Poll::Ready(ready) => ready?,
            }
            if let Some(frame) = self.waiting.pop_front() {
                self.transport.send(frame)?;
                self.unflushed = true;
            }
        }
        if self.unflushed
            && let Poll::Ready(flushed) = self.transport.poll_flush(context)
        {
            flushed?;
            self.unflushed = false;
        }
        if self.waiting.is_empty() && !self.unflushed {
            self.stuck_since = None;
        } else {
            self.stuck_since.get_or_insert_with(Instant::now);
        }
        Ok(())
    }

    /// Gives back memory that is not needed now.
    pub(crate) fn shrink(&mut self) {
        self.waiting.shrink_to_fit();
    }

    /// The next thing from the client.
    pub(crate) fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        let incoming = self.transport.poll_receive(context);
        if incoming.is_ready() {
            self.n_silent = 0;
        }
        incoming
    }

    pub(crate) fn close(self, code: u16, reason: &'static str) {
        self.transport.close(code, reason);
    }
}
