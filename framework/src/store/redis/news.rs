//! Messages from each node to the sessions of all others.

use std::sync::Weak;

use tokio::sync::mpsc;

use super::{Link, message::News};

/// Messages that wait to be sent to other nodes; those beyond are dropped.
const MAX_OUTGOING: usize = 4_096;
/// As many go together.
const MAX_TOGETHER: usize = 64;

/// Where messages wait for [`send`].
pub(super) fn outgoing() -> (mpsc::Sender<Vec<u8>>, mpsc::Receiver<Vec<u8>>) {
    mpsc::channel(MAX_OUTGOING)
}

/// Sends what waits, for as long as the store is there.
pub(super) async fn send(link: Weak<Link>, mut messages: mpsc::Receiver<Vec<u8>>) {
    let mut next = Vec::new();
    while messages.recv_many(&mut next, MAX_TOGETHER).await > 0 {
        let Some(link) = link.upgrade() else { return };
        if let Err(error) = link.publish_all(&link.name("news", b""), &next).await {
            tracing::debug!(n_messages = next.len(), %error, "messages for other nodes were lost");
        }
        next.clear();
    }
}

pub(super) fn broadcast(link: &Link, topic: &str, message: &[u8]) {
    let news = News { node: link.node, topic, message };
    if let Some(news) = news.encode() {
        link.send(news);
    } else {
        tracing::error!("a message stays here: the name of its topic is longer than {} bytes", u16::MAX);
    }
}
