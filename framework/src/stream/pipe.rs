//! A queue of chunks, one writer and one reader: between a session and the body of an answer, and between the app and a server that it is embedded in.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::body::{Body, Frame};

use crate::session::Gone;

/// Bytes that may wait for the reader before the writer has to. One chunk more is let in, however large.
const ROOM: usize = 64 * 1024;

/// The writer's end.
#[derive(Debug)]
pub(crate) struct Writer(Arc<Pipe>);

/// The reader's end, a body, which ends when the writer has gone.
#[derive(Debug)]
pub(crate) struct Reader(Arc<Pipe>);

#[derive(Debug, Default)]
struct Pipe {
    /// Held for a few instructions, by the two ends of one connection.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Bytes>,
    n_bytes: usize,
    /// The writer has gone: after the chunks comes the end.
    is_ended: bool,
    /// The reader has gone.
    is_left: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// A pipe's two ends.
pub(crate) fn pipe() -> (Writer, Reader) {
    let pipe = Arc::new(Pipe::default());
    (Writer(Arc::clone(&pipe)), Reader(pipe))
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

impl Pipe {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing behind this lock can leave a half-made change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The writer waits until `holds`, or until nobody reads.
    fn poll_writer(&mut self, context: &Context<'_>, holds: impl Fn(&Self) -> bool) -> Poll<Result<(), Gone>> {
        if self.is_left {
            return Poll::Ready(Err(Gone));
        }
        if holds(self) {
            return Poll::Ready(Ok(()));
        }
        // The session polls all from one task.
        self.writer = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Writer {
    /// Whether there is room.
    pub(crate) fn poll_ready(&self, context: &Context<'_>) -> Poll<Result<(), Gone>> {
        self.0.state().poll_writer(context, |state| state.n_bytes < ROOM)
    }

    /// Whether all has been taken.
    pub(crate) fn poll_flush(&self, context: &Context<'_>) -> Poll<Result<(), Gone>> {
        self.0.state().poll_writer(context, |state| state.n_bytes == 0)
    }

    /// Done when nobody reads any more.
    pub(crate) fn poll_left(&self, context: &Context<'_>) -> Poll<()> {
        self.0.state().poll_writer(context, |_| false).map(|_| ())
    }

    /// Puts a chunk behind those that wait.
    pub(crate) fn send(&self, chunk: Bytes) -> Result<(), Gone> {
        let mut state = self.0.state();
        if state.is_left {
            return Err(Gone);
        }
        state.n_bytes += chunk.len();
        state.chunks.push_back(chunk);
        wake(&mut state.reader);
        Ok(())
    }

    /// Lets the reader come to the end; done when it has, or has gone.
    pub(crate) async fn end(self) {
        {
            let mut state = self.0.state();
            state.is_ended = true;
            wake(&mut state.reader);
        }
        std::future::poll_fn(|context| self.poll_left(context)).await;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_ended = true;
        wake(&mut state.reader);
    }
}

impl Body for Reader {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut state = self.0.state();
        if let Some(chunk) = state.chunks.pop_front() {
            state.n_bytes -= chunk.len();
            if state.n_bytes < ROOM {
                wake(&mut state.writer);
            }
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        if state.is_ended {
            return Poll::Ready(None);
        }
        state.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_left = true;
        state.chunks.clear();
        wake(&mut state.writer);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn next(reader: &mut Reader) -> Option<Bytes> {
        poll_fn(|context| Pin::new(&mut *reader).poll_frame(context)).await.map(|frame| frame.unwrap().into_data().unwrap())
    }

    fn is_ready<T>(polled: impl Fn(&Context<'_>) -> Poll<T>) -> bool {
        polled(&Context::from_waker(Waker::noop())).is_ready()
    }

    #[tokio::test]
    async fn what_is_written_is_read_in_order_and_then_comes_the_end() {
        let (writer, mut reader) = pipe();
        assert!(writer.send(Bytes::from_static(b"a")).is_ok());
        assert!(writer.send(Bytes::from_static(b"b")).is_ok());
        assert!(!is_ready(|context| writer.poll_flush(context)));
        assert_eq!(next(&mut reader).await.unwrap(), "a");
        assert_eq!(next(&mut reader).await.unwrap(), "b");
        assert!(is_ready(|context| writer.poll_flush(context)));
        drop(writer);
        assert_eq!(next(&mut reader).await, None);
    }

    #[tokio::test]
    async fn a_writer_waits_for_a_slow_reader_and_hears_when_it_goes_on() {
        let (writer, mut reader) = pipe();
        assert!(writer.send(Bytes::from(vec![0; ROOM])).is_ok());
        assert!(!is_ready(|context| writer.poll_ready(context)));
        let (ready, _) = tokio::join!(poll_fn(|context| writer.poll_ready(context)), next(&mut reader));
        assert!(ready.is_ok());
    }

    #[tokio::test]
    async fn a_writer_hears_when_the_reader_goes() {
        let (writer, reader) = pipe();
        assert!(!is_ready(|context| writer.poll_left(context)));
        let left = async {
            drop(reader);
        };
        tokio::join!(poll_fn(|context| writer.poll_left(context)), left);
        assert!(writer.send(Bytes::from_static(b"a")).is_err());
        writer.end().await;
    }
}
