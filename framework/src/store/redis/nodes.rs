//! Asking other nodes for a session, and being asked; and messages from each node to all others.
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

use super::{COMMAND_TIME, Link, link::hex};
use crate::store::{Answer, Node, SessionId, StoreError};

/// The first byte of each message. Another number is another form, which is not read.
const FORMAT: u8 = 1;
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
/// Messages that wait to be sent to other nodes; those beyond are dropped.
const MAX_OUTGOING: usize = 4_096;
/// As many go together.
const MAX_TOGETHER: usize = 64;
/// Answers that wait to be looked at, of one question.
const MAX_ANSWERS: usize = 64;

/// A question for all nodes.
#[derive(Debug, PartialEq)]
struct Question<'a> {
    node: [u8; 16],
    number: u64,
    session: SessionId,
    terms: &'a [u8],
}

impl<'a> Question<'a> {
    fn encode(&self) -> Vec<u8> {
        [&[FORMAT][..], &self.node, &self.number.to_be_bytes(), &self.session.0, self.terms].concat()
    }

    fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else { return None };
        let (node, rest) = rest.split_first_chunk()?;
        let (number, rest) = rest.split_first_chunk()?;
        let (session, terms) = rest.split_first_chunk()?;
        Some(Self { node: *node, number: u64::from_be_bytes(*number), session: SessionId(*session), terms })
    }
}

fn encode_answer(node: [u8; 16], number: u64, answer: Answer) -> Vec<u8> {
    let answer = match answer {
        Answer::Absent => 0,
        Answer::Given => 1,
        Answer::Refused => 2,
    };
    [&[FORMAT][..], &node, &number.to_be_bytes(), &[answer]].concat()
}

fn decode_answer(bytes: &[u8]) -> Option<([u8; 16], u64, Answer)> {
    let (&FORMAT, rest) = bytes.split_first()? else { return None };
    let (node, rest) = rest.split_first_chunk()?;
    let (number, rest) = rest.split_first_chunk()?;
    let answer = match rest {
        [0] => Answer::Absent,
        [1] => Answer::Given,
        [2] => Answer::Refused,
        _ => return None,
    };
    Some((*node, u64::from_be_bytes(*number), answer))
}

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
        let question = Question { node: link.node, number, session, terms };
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

/// A message for the sessions of other nodes.
#[derive(Debug, PartialEq)]
struct News<'a> {
    node: [u8; 16],
    topic: &'a str,
    message: &'a [u8],
}

impl<'a> News<'a> {
    /// `None` when the topic's name is too long to be written.
    fn encode(&self) -> Option<Vec<u8>> {
        let n_bytes = u16::try_from(self.topic.len()).ok()?;
        Some([&[FORMAT][..], &self.node, &n_bytes.to_be_bytes(), self.topic.as_bytes(), self.message].concat())
    }

    fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&FORMAT, rest) = bytes.split_first()? else { return None };
        let (node, rest) = rest.split_first_chunk()?;
        let (n_bytes, rest) = rest.split_first_chunk()?;
        let (topic, message) = rest.split_at_checked(usize::from(u16::from_be_bytes(*n_bytes)))?;
        Some(Self { node: *node, topic: std::str::from_utf8(topic).ok()?, message })
    }
}

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
    if channel != link.name("wanted", b"") {
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
    let asked = node.upgrade().map(|node| node.give(question.session, question.terms.to_vec()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written_and_cut_short_as_none() {
        let news = News { node: [1; 16], topic: "søm", message: b"news" };
        let bytes = news.encode().unwrap();
        for end in 0..bytes.len() - news.message.len() {
            assert_eq!(News::decode(&bytes[..end]), None);
        }
        assert_eq!(News::decode(&bytes), Some(news));
        assert_eq!(News { node: [1; 16], topic: &"x".repeat(65_536), message: b"" }.encode(), None);
    }

    #[test]
    fn questions_and_answers_are_read_as_they_were_written() {
        let question = Question { node: [1; 16], number: 7, session: SessionId([2; 16]), terms: b"terms" };
        assert_eq!(Question::decode(&question.encode()), Some(question));
        for answer in [Answer::Absent, Answer::Given, Answer::Refused] {
            assert_eq!(decode_answer(&encode_answer([3; 16], 9, answer)), Some(([3; 16], 9, answer)));
        }
    }

    #[test]
    fn what_is_cut_short_or_of_another_form_is_not_read() {
        let question = Question { node: [1; 16], number: 7, session: SessionId([2; 16]), terms: b"" }.encode();
        let answer = encode_answer([3; 16], 9, Answer::Given);
        for end in 0..question.len() {
            assert_eq!(Question::decode(&question[..end]), None);
        }
        for end in 0..answer.len() {
            assert_eq!(decode_answer(&answer[..end]), None);
        }
        assert_eq!(Question::decode(&[&[9], &question[1..]].concat()), None);
        assert_eq!(decode_answer(&[&[9], &answer[1..]].concat()), None);
        assert_eq!(decode_answer(&[&answer[..answer.len() - 1], &[3]].concat()), None);
    }
}
