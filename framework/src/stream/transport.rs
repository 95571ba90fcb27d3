//! [`Streamed`]: a stream as a session sees it.

use std::{
    future::Future as _,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio::{
    sync::{Mutex, mpsc},
    time::{Sleep, sleep, timeout},
};

use super::{
    Batches, Inlet, Name,
    batch::Batch,
    pipe::{Reader, Writer, pipe},
};
use crate::{
    app::Shared,
    metric::{Count, Counted},
    session::{Gone, Incoming, Peer, Transport},
    socket::CLOSE_TIME,
};

/// Comes first, so that what waits for some bytes before it lets any through has them. Two kilobytes is what such waits for, mostly.
const PADDING: usize = 2 * 1024;
/// How long after the answer was left a batch may still come: a page that goes sends what it has by other means than it hears by, and either may be
/// there first. Nothing can be written meanwhile, and whoever tries ends it.
const LINGER: Duration = Duration::from_millis(500);

/// A stream as a session sees it.
pub(super) struct Streamed {
    open: Open,
    writer: Writer,
    batches: mpsc::Receiver<Batches>,
    batch: Batch,
    lingers: Option<Pin<Box<Sleep>>>,
    peer: Peer,
    counted: Counted,
}

/// Takes the stream out of those that are open.
struct Open {
    shared: Arc<Shared>,
    id: [u8; 16],
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.streams.open.remove(&self.id);
    }
}

impl Streamed {
    /// A stream that batches can be posted to, and what is read of it.
    pub(super) fn open(shared: &Arc<Shared>, name: Name, peer: Peer) -> (Self, Reader) {
        let (sender, batches) = mpsc::channel(1);
        shared.streams.open.insert(name.id, Arc::new(Inlet { batches: sender, last: Mutex::default() }));
        let (writer, reader) = pipe();
        let opening = format!(":{:PADDING$}\n\n{}", "", event("open", &name.to_string()));
        // Somebody reads: here is the reader.
        let _ = writer.send(opening.into());
        let open = Open { shared: Arc::clone(shared), id: name.id };
        let counted = Counted::new(&shared.metrics, Count::Streams);
        (Self { open, writer, batches, batch: Batch::default(), lingers: None, peer, counted }, reader)
    }
}

impl Transport for Streamed {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        loop {
            if let Some(incoming) = self.batch.next(self.open.shared.limits.max_frame_bytes) {
                return Poll::Ready(incoming);
            }
            match self.batches.poll_recv(context) {
                Poll::Ready(Some(Batches::Batch(batch))) => self.batch = batch,
                Poll::Ready(Some(Batches::TooLarge)) => return Poll::Ready(Incoming::TooLarge),
                Poll::Ready(None) => return Poll::Ready(Incoming::Closed),
                Poll::Pending => break,
            }
        }
        ready!(self.writer.poll_left(context));
        let lingers = self.lingers.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        lingers.as_mut().poll(context).map(|()| Incoming::Closed)
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.writer.poll_ready(context)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        self.writer.send(event("", &STANDARD.encode(frame)).into())
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.writer.poll_flush(context)
    }

    fn close(self: Box<Self>, code: u16, reason: &'static str) {
        let Self { open, writer, counted, .. } = *self;
        let shared = Arc::clone(&open.shared);
        drop(open);
        shared.n_goodbyes.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            if writer.send(event("close", &format!("{code} {reason}")).into()).is_ok() {
                let _ = timeout(CLOSE_TIME, writer.end()).await;
            }
            shared.n_goodbyes.fetch_sub(1, Ordering::Relaxed);
            drop(counted);
        });
    }

    fn peer(&self) -> Peer {
        self.peer
    }
}

/// An event of the stream; one without a name is a frame.
fn event(name: &str, data: &str) -> String {
    let name = if name.is_empty() { String::new() } else { format!("event:{name}\n") };
    format!("{name}data:{data}\n\n")
}
