//! Asking other nodes for a session, bringing them what is for their streams, and listening to what they ask and say.
//!
//! A question goes to all nodes, over a channel that each listens to: which of them has a session changes too often to be written down, and one
//! whose page was loaded a moment ago is nowhere but there. Redis says how many it reached, and when as many have answered, nobody is waited for.

use std::{
    collections::HashSet,
    sync::{Arc, Weak, mpsc::SyncSender},
    time::Duration,
};

use futures_util::{Stream, stream};
use redis::{Client, Msg};
use tokio::{
    sync::{Semaphore, mpsc},
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{
    COMMAND_TIME, Link,
    link::hex,
    message::{News, Question, decode_answer, encode_answer},
};
use crate::store::{Answer, Node, NodeId, SessionId, StoreError, StreamId};

/// How long a connection that was lost is left alone.
const PAUSE: Duration = Duration::from_millis(100);
/// How often the connection is asked whether it is one.
const PING_EVERY: Duration = Duration::from_secs(10);
/// Questions of others that are being answered; those beyond are not, and whoever asked does without.
const MAX_QUESTIONS: usize = 256;
/// How long an answer may take. Whoever asked has gone by then.
const ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long after Redis was away nodes may take to be back. Who isn't asked can't say that it has a session.
const RETURN_TIME: Duration = Duration::from_secs(1);
/// Answers that wait to be looked at, of one question.
const MAX_ANSWERS: usize = 64;

/// Asks all nodes for a session.
pub(super) async fn ask(link: &Link, session: SessionId, terms: &[u8], at_most: Duration) -> Result<Answer, StoreError> {
    if !link.attends() {
        return Ok(Answer::Absent);
    }
    let deadline = Instant::now() + at_most;
    let mut heard = link.heard.subscribe();
    let heard = timeout_at(deadline, heard.wait_for(Option::is_some)).await;
    let Ok(Ok(Some(all_since))) = heard.map(|heard| heard.map(|since| *since)) else {
        return Err(StoreError::new("the other nodes can't be heard at present"));
    };
    let number = link.number();
    let (sender, mut answers) = mpsc::channel(MAX_ANSWERS);
    link.questions.insert(number, sender);
    let asking = async {
        let question = Question { node: link.node, number, about: session.0, terms };
        let n_asked = link.publish(&link.name("wanted", b""), &question.encode()).await?;
        let mut without = HashSet::new();
        while without.len() < n_asked {
            match timeout_at(deadline, answers.recv()).await {
                Ok(Some((node, Answer::Absent))) => {
                    without.insert(node);
                }
                Ok(Some((_, answer))) => return Ok(answer),
                Ok(None) | Err(_) => break,
            }
        }
        if Instant::now() < all_since {
            return Err(StoreError::new("not all nodes are heard again yet"));
        }
        Ok(Answer::Absent)
    };
    let answer = asking.await;
    link.questions.remove(&number);
    answer
}

/// Brings a batch to the node that has its stream.
pub(super) async fn pass(link: &Link, to: NodeId, stream: StreamId, batch: &[u8], at_most: Duration) -> Result<Answer, StoreError> {
    if !link.attends() {
        return Ok(Answer::Absent);
    }
    let number = link.number();
    let (sender, mut answers) = mpsc::channel(1);
    link.questions.insert(number, sender);
    let passing = async {
        let question = Question { node: link.node, number, about: stream.0, terms: batch };
        // Nobody listens there: that node is gone, and its streams with it.
        if link.publish(&link.name("frames:", hex(&to.0).as_bytes()), &question.encode()).await? == 0 {
            return Ok(Answer::Absent);
        }
        answers.recv().await.map_or(Ok(Answer::Absent), |(_, answer)| Ok(answer))
    };
    let passed = timeout(at_most, passing).await;
    link.questions.remove(&number);
    passed.unwrap_or_else(|_| Err(StoreError::new("the node that has the stream hasn't answered")))
}

/// Listens for questions and answers for as long as the node is there. Says when it does for the first time.
pub(super) async fn attend(client: Client, link: Arc<Link>, secret: [u8; 32], node: Weak<dyn Node>, ready: SyncSender<()>) {
    let places = Arc::new(Semaphore::new(MAX_QUESTIONS));
    let mut return_time = Duration::ZERO;
    while node.strong_count() > 0 {
        match timeout(COMMAND_TIME, subscribe(&client, &link)).await {
            Ok(Ok(messages)) => {
                // Nobody may wait any more.
                let _ = ready.try_send(());
                look_at_the_secret(&link, secret).await;
                link.heard.send_replace(Some(Instant::now() + return_time));
                return_time = RETURN_TIME;
                let mut messages = std::pin::pin!(messages);
                while let Some(message) = futures_util::StreamExt::next(&mut messages).await {
                    hear(&link, &places, &node, &message);
                }
                link.heard.send_replace(None);
                tracing::debug!(address = link.address(), "the connection that other nodes are heard on was lost");
            }
            Ok(Err(error)) => tracing::debug!(address = link.address(), %error, "other nodes can't be heard"),
            Err(_) => tracing::debug!(address = link.address(), "other nodes can't be heard: no answer"),
        }
        sleep(PAUSE).await;
    }
}

/// What is said to this node, until the connection is lost.
async fn subscribe(client: &Client, link: &Link) -> redis::RedisResult<impl Stream<Item = Msg>> {
    let (mut sink, messages) = client.get_async_pubsub().await?.split();
    sink.subscribe(link.name("wanted", b"")).await?;
    sink.subscribe(link.name("news", b"")).await?;
    sink.subscribe(link.name("node:", hex(&link.node).as_bytes())).await?;
    sink.subscribe(link.name("frames:", hex(&link.node).as_bytes())).await?;
    let next = async |(mut sink, mut messages): (redis::aio::PubSubSink, redis::aio::PubSubStream)| loop {
        match timeout(PING_EVERY, futures_util::StreamExt::next(&mut messages)).await {
            Ok(message) => return message.map(|message| (message, (sink, messages))),
            // Without it a connection that is gone would be silent for ever.
            Err(_) => match timeout(COMMAND_TIME, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                _ => return None,
            },
        }
    };
    Ok(stream::unfold((sink, messages), next))
}

/// A Redis that has lost its memory gets the secret back from whoever comes first; two nodes with different ones don't know each other's sessions.
async fn look_at_the_secret(link: &Link, secret: [u8; 32]) {
    match link.secret_or(secret).await {
        Ok(other) if other != secret => tracing::error!(
            address = link.address(),
            "Redis has another secret than the one that this server began with: start it again, so that it knows the sessions of the others"
        ),
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "the secret was not looked at"),
    }
}

fn hear(link: &Arc<Link>, places: &Arc<Semaphore>, node: &Weak<dyn Node>, message: &Msg) {
    let bytes = message.get_payload_bytes();
    let channel = message.get_channel_name().as_bytes();
    if channel == link.name("news", b"") {
        match News::decode(bytes) {
            // Here it was heard before it was sent.
            Some(news) if news.node == link.node => {}
            Some(news) => {
                if let Some(node) = node.upgrade() {
                    node.hear(news.topic, news.message);
                }
            }
            None => tracing::warn!("a message of another form was not read"),
        }
        return;
    }
    let is_batch = channel == link.name("frames:", hex(&link.node).as_bytes());
    if !is_batch && channel != link.name("wanted", b"") {
        let Some((node, number, answer)) = decode_answer(bytes) else {
            tracing::warn!("an answer of another form was not read");
            return;
        };
        take(link, number, node, answer);
        return;
    }
    let Some(question) = Question::decode(bytes) else {
        tracing::warn!("a question of another form was not read");
        return;
    };
    if question.node == link.node {
        // It asks since it hasn't got it.
        return take(link, question.number, link.node, Answer::Absent);
    }
    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
    let asked = node.upgrade().map(|node| {
        if is_batch {
            node.take(StreamId(question.about), question.terms)
        } else {
            node.give(SessionId(question.about), question.terms.to_vec())
        }
    });
    let (link, number, channel) = (Arc::clone(link), question.number, link.name("node:", hex(&question.node).as_bytes()));
    tokio::spawn(async move {
        let answer = match asked {
            Some(asked) => timeout(ANSWER_TIME, asked).await,
            None => Ok(Answer::Absent),
        };
        // One that took too long is not waited for any more.
        if let Ok(answer) = answer
            && let Err(error) = link.publish(&channel, &encode_answer(link.node, number, answer)).await
        {
            tracing::debug!(%error, "another node was not answered");
        }
        drop(place);
    });
}

/// Brings an answer to whoever waits for it, if somebody still does.
fn take(link: &Link, number: u64, node: [u8; 16], answer: Answer) {
    if let Some(waiting) = link.questions.get(&number) {
        let _ = waiting.try_send((node, answer));
    }
}
