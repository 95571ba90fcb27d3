//! [`Socket`]: a WebSocket as a session sees it, a [`Transport`].

use std::{
    cell::{Cell, RefCell},
    io,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    CLOSE_TIME,
    frame::{self, Fault, Message, Messages},
};
use crate::{
    app::Shared,
    protocol::close,
    session::{Gone, Incoming, Transport},
    spare::Spare,
};

thread_local! {
    /// What is read lands here: one buffer for all sockets of a thread, which is cleared once.
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// Where a frame gets its header.
    static OUTPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A WebSocket.
pub(super) struct Socket {
    stream: TokioIo<Upgraded>,
    messages: Messages,
    output: Output,
    shared: Arc<Shared>,
}

/// What the connection did not take yet.
#[derive(Default)]
struct Output {
    waiting: Vec<u8>,
    n_written: usize,
    /// Whether the stream below may hold back something.
    is_unflushed: bool,
}

impl Socket {
    pub(super) fn new(upgraded: Upgraded, shared: Arc<Shared>) -> Self {
        Self { stream: TokioIo::new(upgraded), messages: Messages::default(), output: Output::default(), shared }
    }

    /// The next message of any kind; `None` at the end of the stream.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Message>, Fault>> {
        let max_bytes = self.shared.limits.max_frame_bytes;
        if let Some(message) = self.messages.next(max_bytes)? {
            return Poll::Ready(Ok(Some(message)));
        }
        INPUT.with_borrow_mut(|buffer| {
            let length = self.shared.limits.read_buffer_bytes.max(1);
            if buffer.len() < length {
                buffer.resize(length, 0);
            }
            loop {
                let mut input = ReadBuf::new(buffer.get_mut(..length).unwrap_or_default());
                match ready!(Pin::new(&mut self.stream).poll_read(context, &mut input)) {
                    Ok(()) if !input.filled().is_empty() => {}
                    // A connection that breaks has ended, however.
                    Ok(()) | Err(_) => return Poll::Ready(Ok(None)),
                }
                if let Some(message) = self.messages.take(input.filled_mut(), max_bytes)? {
                    return Poll::Ready(Ok(Some(message)));
                }
            }
        })
    }

    /// Says goodbye, and reads on until the other side has said so too: it then gets the reason before the connection goes.
    async fn goodbye(&mut self, code: u16, reason: &str) -> Result<(), Gone> {
        frame::put_close(&code.to_be_bytes(), reason, &mut self.output.waiting);
        std::future::poll_fn(|context| self.poll_flush(context)).await?;
        if code == close::TOO_LARGE {
            // The rest of that frame is no message, and closing on it would reset the connection before the client has the
            // reason; it would then send the same frame again, for ever.
            return std::future::poll_fn(|context| self.poll_drain(context)).await;
        }
        let over =
            |message: &Result<Option<Message>, Fault>| !matches!(message, Ok(Some(message)) if !matches!(message, Message::Close(_)));
        while !over(&std::future::poll_fn(|context| self.poll_message(context)).await) {}
        std::future::poll_fn(|context| Pin::new(&mut self.stream).poll_shutdown(context)).await.map_err(|_| Gone)
    }

    /// Reads to the end and looks at nothing.
    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        let mut buffer = [0; 1_024];
        loop {
            let mut input = ReadBuf::new(&mut buffer);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut input)).map_err(|_| Gone)?;
            if input.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl Transport for Socket {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        loop {
            return Poll::Ready(match ready!(self.poll_message(context)) {
                Ok(Some(Message::Binary(frame))) => Incoming::Frame(frame),
                Ok(Some(Message::Text)) | Err(Fault::Malformed) => Incoming::Malformed,
                Err(Fault::TooLarge) => Incoming::TooLarge,
                Ok(Some(Message::Pong)) => continue,
                Ok(Some(Message::Ping(payload))) => {
                    // Nobody but a proxy sends these. Those who don't read what they asked for don't get it.
                    if self.output.is_empty() {
                        frame::put_pong(&payload, &mut self.output.waiting);
                        let _ = self.poll_flush(context);
                    }
                    continue;
                }
                Ok(Some(Message::Close(code))) => {
                    if self.output.is_empty() {
                        frame::put_close(code.get(..2).unwrap_or_default(), "", &mut self.output.waiting);
                        let _ = self.poll_flush(context);
                    }
                    Incoming::Closed
                }
                Ok(None) => Incoming::Closed,
            });
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.output.poll_flush(&mut self.stream, context).map_err(|_| Gone)
    }

    fn send(&mut self, frame: &[u8], context: &mut Context<'_>) -> Result<(), Gone> {
        let mut whole = Spare::take(&OUTPUT);
        whole.clear();
        frame::put_binary(frame, &mut whole);
        self.output.send(&whole, &mut self.stream, context).map_err(|_| Gone)
    }

    fn shrink(&mut self) {
        self.messages.shrink();
        self.output.waiting.shrink_to_fit();
    }

    fn close(self: Box<Self>, code: u16, reason: &'static str) {
        let mut socket = *self;
        let shared = Arc::clone(&socket.shared);
        shared.n_goodbyes.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(CLOSE_TIME, socket.goodbye(code, reason)).await;
            shared.n_goodbyes.fetch_sub(1, Ordering::Relaxed);
        });
    }
}

impl Output {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Writes as much as the stream takes, and keeps the rest.
    fn send(&mut self, bytes: &[u8], stream: &mut (impl AsyncWrite + Unpin), context: &mut Context<'_>) -> io::Result<()> {
        let mut rest = bytes;
        while self.waiting.is_empty() && !rest.is_empty() {
            match Pin::new(&mut *stream).poll_write(context, rest)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(n_bytes) => rest = rest.get(n_bytes..).unwrap_or_default(),
                Poll::Pending => break,
            }
        }
        self.waiting.extend_from_slice(rest);
        self.is_unflushed = Pin::new(stream).poll_flush(context)?.is_pending();
        Ok(())
    }

    fn poll_flush(&mut self, stream: &mut (impl AsyncWrite + Unpin), context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.waiting.get(self.n_written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut *stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n_bytes => self.n_written += n_bytes,
            }
            self.is_unflushed = true;
        }
        // What took long to write was large: its memory goes.
        self.waiting = Vec::new();
        self.n_written = 0;
        if self.is_unflushed {
            ready!(Pin::new(stream).poll_flush(context))?;
            self.is_unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
