//! A connection in memory.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::session::{Gone, Incoming, Peer, Transport};

/// Frames that may wait in either direction: far more than the limits of a session let through.
const CAPACITY: usize = 4_096;

/// What the server sends.
pub(super) enum FromServer {
    Frame(Bytes),
    Closed(u16, &'static str),
}

/// The client's end.
pub(super) struct Client {
    pub(super) sender: mpsc::Sender<Bytes>,
    pub(super) receiver: mpsc::Receiver<FromServer>,
}

/// The server's end.
pub(super) struct Memory {
    sender: mpsc::Sender<FromServer>,
    receiver: mpsc::Receiver<Bytes>,
    peer: Peer,
}

/// Both ends of a connection of this peer.
pub(super) fn pair(peer: Peer) -> (Client, Memory) {
    let (to_server, from_client) = mpsc::channel(CAPACITY);
    let (to_client, from_server) = mpsc::channel(CAPACITY);
    (Client { sender: to_server, receiver: from_server }, Memory { sender: to_client, receiver: from_client, peer })
}

impl Transport for Memory {
    fn peer(&self) -> Peer {
        self.peer
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        self.receiver.poll_recv(context).map(|frame| frame.map_or(Incoming::Closed, Incoming::Frame))
    }

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        self.sender.try_send(FromServer::Frame(frame)).map_err(|_| Gone)
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Poll::Ready(Ok(()))
    }

    fn close(self: Box<Self>, code: u16, reason: &'static str) {
        // Nobody listens any more: nobody needs to be told.
        let _ = self.sender.try_send(FromServer::Closed(code, reason));
    }
}
