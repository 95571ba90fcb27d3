//! [`Crowd`]: who is present on which node. Pure: messages and times come in, messages and changes go out.
//!
//! Each node says what changes among its own members, numbered, and how far it is every [`BEAT_TIME`]. Whoever missed something asks for all of it. Of a
//! node that says nothing for [`GONE_TIME`] nobody is left. A session is present once, whichever nodes believe to have it: where it came last.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::component::instance::Decode;

/// How often a node says how far it is.
pub(super) const BEAT_TIME: Duration = Duration::from_secs(2);
/// How long a node may say nothing.
pub(super) const GONE_TIME: Duration = Duration::from_secs(7);
/// How long one answer holds: whoever asks soon after it has heard it.
const ASK_TIME: Duration = Duration::from_millis(500);
/// Bytes of a member in all nodes. A larger one is present on its own node only, which the log says.
pub(super) const MAX_MEMBER_BYTES: usize = 16 * 1024;
/// A message with many members goes in parts of about this many bytes.
const PART_BYTES: usize = 256 * 1024;

/// Which component of which session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Key(pub(super) u64, pub(super) u64, pub(super) u32);

impl Key {
    pub(super) fn new(session: [u8; 16], component: u32) -> Self {
        let [high, low] = [0, 8].map(|at| session[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        Self(high, low, component)
    }
}

/// Somebody who is present.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Member {
    /// Since when, in milliseconds since 1970 by the clock of its node.
    pub(super) since_ms: u64,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
    #[serde(skip)]
    decoded: OnceLock<Option<Arc<dyn Any + Send + Sync>>>,
}

impl Member {
    fn new(since_ms: u64, bytes: Vec<u8>) -> Self {
        Self { since_ms, bytes, decoded: OnceLock::new() }
    }

    /// As its topic has it; `None` when that can't read it.
    pub(super) fn decoded(&self, decode: Decode) -> Option<Arc<dyn Any + Send + Sync>> {
        self.decoded.get_or_init(|| decode(&self.bytes).ok()).clone()
    }
}

/// What one node says to the others.
#[derive(Serialize, Deserialize)]
enum News {
    Joined {
        node: u64,
        version: u64,
        topic: String,
        key: Key,
        member: Member,
    },
    Left {
        node: u64,
        version: u64,
        topic: String,
        key: Key,
    },
    Beat {
        node: u64,
        version: u64,
    },
    /// Asks this node for all of its members; without one, each.
    Wanted {
        node: Option<u64>,
    },
    All {
        node: u64,
        version: u64,
        part: u32,
        n_parts: u32,
        members: Vec<(String, Key, Member)>,
    },
}

/// Somebody who is present now and was not before, or the other way round. The same with other words is both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diff {
    pub(super) topic: Arc<str>,
    pub(super) joined: bool,
    pub(super) bytes: Vec<u8>,
}

type Members = BTreeMap<(Arc<str>, Key), Member>;

/// Another node, as far as it is known.
struct Other {
    /// Its last change that is known, and all before it.
    version: Option<u64>,
    heard: Instant,
    asked: Option<Instant>,
    members: Members,
    /// Parts of all of it that have come, up to the next one.
    coming: (u32, Members),
}

/// Who is present on which node.
pub(super) struct Crowd {
    me: u64,
    version: u64,
    own: Members,
    nodes: HashMap<u64, Other>,
    told: Option<Instant>,
}

/// What follows from a message.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) diffs: Vec<Diff>,
    /// To be sent to all others.
    pub(super) answers: Vec<Vec<u8>>,
}

impl Crowd {
    /// `me` names this node: another number in each process and at each start.
    pub(super) fn new(me: u64) -> Self {
        Self { me, version: 0, own: Members::new(), nodes: HashMap::new(), told: None }
    }

    /// Somebody of this node is present from now on, or with other words. Gives what the others have to hear.
    pub(super) fn join(&mut self, topic: &Arc<str>, key: Key, since_ms: u64, bytes: Vec<u8>) -> Vec<u8> {
        self.version += 1;
        let member = Member::new(since_ms, bytes);
        self.own.insert((Arc::clone(topic), key), member.clone());
        encode(&News::Joined { node: self.me, version: self.version, topic: topic.to_string(), key, member })
    }

    /// Somebody of this node is not present any more. `None` when they were not.
    pub(super) fn leave(&mut self, topic: &Arc<str>, key: Key) -> Option<Vec<u8>> {
        self.own.remove(&(Arc::clone(topic), key))?;
        self.version += 1;
        Some(encode(&News::Left { node: self.me, version: self.version, topic: topic.to_string(), key }))
    }

    /// What is said from time to time.
    pub(super) fn beat(&self) -> Vec<u8> {
        encode(&News::Beat { node: self.me, version: self.version })
    }

    /// What is said by a node that has just begun to listen.
    pub(super) fn ask_all(&self) -> Vec<u8> {
        encode(&News::Wanted { node: None })
    }

    /// Those of other nodes who are present, each once.
    pub(super) fn others(&self, topic: &Arc<str>) -> impl Iterator<Item = &Member> {
        let keys: BTreeSet<Key> = self.nodes.values().flat_map(|other| of_topic(&other.members, topic)).map(|(key, _)| key).collect();
        let topic = Arc::clone(topic);
        keys.into_iter().filter_map(move |key| {
            let place = (Arc::clone(&topic), key);
            if self.own.contains_key(&place) { None } else { self.present(&place) }
        })
    }

    /// Another node has said something. What can't be read is nobody's word.
    pub(super) fn hear(&mut self, message: &[u8], now: Instant) -> Heard {
        let mut heard = Heard::default();
        match rmp_serde::from_slice(message) {
            Ok(News::Wanted { node }) => {
                let was_told = self.told.is_some_and(|at| now.saturating_duration_since(at) < ASK_TIME);
                if node.is_none_or(|node| node == self.me) && !was_told {
                    self.told = Some(now);
                    heard.answers = self.all();
                }
            }
            Ok(News::Beat { node, version }) if node != self.me => {
                let other = self.other(node, now);
                if other.version != Some(version) {
                    other.version = None;
                }
                heard.answers.extend(other.ask(node, now));
            }
            Ok(News::Joined { node, version, topic, key, member }) if node != self.me => {
                self.change(node, version, (topic.into(), key), Some(member), now, &mut heard);
            }
            Ok(News::Left { node, version, topic, key }) if node != self.me => {
                self.change(node, version, (topic.into(), key), None, now, &mut heard);
            }
            Ok(News::All { node, version, part, n_parts, members }) if node != self.me => {
                let other = self.other(node, now);
                if part == 0 {
                    other.coming = Default::default();
                }
                if other.coming.0 != part {
                    return heard; // one before it was lost: the next beat asks again
                }
                other.coming.0 += 1;
                other.coming.1.extend(members.into_iter().map(|(topic, key, member)| ((topic.into(), key), member)));
                if part + 1 == n_parts {
                    let (_, members) = std::mem::take(&mut other.coming);
                    other.version = Some(version);
                    heard.diffs = self.replace(node, members);
                }
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "what another node says of who is present can't be read"),
        }
        heard
    }

    /// Those who were on nodes that say nothing any more.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Diff> {
        let is_gone = |other: &Other| now.saturating_duration_since(other.heard) >= GONE_TIME;
        let gone: Vec<u64> = self.nodes.iter().filter(|(_, other)| is_gone(other)).map(|(node, _)| *node).collect();
        let mut diffs = Vec::new();
        for node in gone {
            diffs.extend(self.replace(node, Members::new()));
            self.nodes.remove(&node);
        }
        diffs
    }

    fn other(&mut self, node: u64, now: Instant) -> &mut Other {
        let new = || Other { version: None, heard: now, asked: None, members: Members::new(), coming: Default::default() };
        let other = self.nodes.entry(node).or_insert_with(new);
        other.heard = now;
        other
    }

    fn change(&mut self, node: u64, version: u64, place: (Arc<str>, Key), member: Option<Member>, now: Instant, heard: &mut Heard) {
        let other = self.other(node, now);
        if other.version.is_none_or(|known| known + 1 != version) {
            // What was in an answer on its way already is no gap.
            if other.version.is_none_or(|known| known < version) {
                other.version = None;
                heard.answers.extend(other.ask(node, now));
            }
            return;
        }
        other.version = Some(version);
        let before = self.words(&place);
        if let Some(other) = self.nodes.get_mut(&node) {
            match member {
                Some(member) => _ = other.members.insert(place.clone(), member),
                None => _ = other.members.remove(&place),
            }
        }
        self.compare(&place, before, &mut heard.diffs);
    }

    /// Puts all members of a node in the place of those that were known.
    fn replace(&mut self, node: u64, members: Members) -> Vec<Diff> {
        let Some(other) = self.nodes.get(&node) else { return Vec::new() };
        let places: BTreeSet<_> = other.members.keys().chain(members.keys()).cloned().collect();
        let before: Vec<_> = places.iter().map(|place| self.words(place)).collect();
        if let Some(other) = self.nodes.get_mut(&node) {
            other.members = members;
        }
        let mut diffs = Vec::new();
        for (place, before) in places.iter().zip(before) {
            self.compare(place, before, &mut diffs);
        }
        diffs
    }

    fn compare(&self, place: &(Arc<str>, Key), before: Option<Vec<u8>>, diffs: &mut Vec<Diff>) {
        let now = self.words(place);
        if before == now {
            return;
        }
        let diff = |joined| move |bytes| Diff { topic: Arc::clone(&place.0), joined, bytes };
        diffs.extend(before.map(diff(false)));
        diffs.extend(now.map(diff(true)));
    }

    /// What is shown of somebody.
    fn words(&self, place: &(Arc<str>, Key)) -> Option<Vec<u8>> {
        self.present(place).map(|member| member.bytes.clone())
    }

    /// Who stands there: of this node, or else where they came last.
    fn present(&self, place: &(Arc<str>, Key)) -> Option<&Member> {
        let elsewhere = || self.nodes.iter().filter_map(|(node, other)| Some((other.members.get(place)?, *node)));
        self.own.get(place).or_else(|| elsewhere().max_by_key(|(member, node)| (member.since_ms, *node)).map(|(member, _)| member))
    }

    fn all(&self) -> Vec<Vec<u8>> {
        let mut parts: Vec<Vec<(String, Key, Member)>> = vec![Vec::new()];
        let mut n_bytes = 0;
        for ((topic, key), member) in &self.own {
            n_bytes += topic.len() + member.bytes.len() + 64;
            if n_bytes > PART_BYTES {
                parts.push(Vec::new());
                n_bytes = 0;
            }
            if let Some(part) = parts.last_mut() {
                part.push((topic.to_string(), *key, member.clone()));
            }
        }
        let n_parts = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let all = |(part, members)| encode(&News::All { node: self.me, version: self.version, part, n_parts, members });
        (0..).zip(parts).map(all).collect()
    }
}

impl Other {
    /// Asks for all of it, if something is missing and it was not asked a moment ago.
    fn ask(&mut self, node: u64, now: Instant) -> Option<Vec<u8>> {
        if self.version.is_some() || self.asked.is_some_and(|at| now.saturating_duration_since(at) < ASK_TIME) {
            return None;
        }
        self.asked = Some(now);
        Some(encode(&News::Wanted { node: Some(node) }))
    }
}

fn of_topic<'a>(members: &'a Members, topic: &Arc<str>) -> impl Iterator<Item = (Key, &'a Member)> + use<'a> {
    let (first, topic) = ((Arc::clone(topic), Key(0, 0, 0)), Arc::clone(topic));
    members.range(first..).take_while(move |((of, _), _)| *of == topic).map(|((_, key), member)| (*key, member))
}

fn encode(news: &News) -> Vec<u8> {
    // Nothing in it can't be written.
    rmp_serde::to_vec(news).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topic() -> Arc<str> {
        "room".into()
    }

    fn key(n: u8) -> Key {
        Key(n.into(), 0, 0)
    }

    /// Who is present elsewhere, in words.
    fn others(crowd: &Crowd) -> Vec<u8> {
        let mut words: Vec<u8> = crowd.others(&topic()).map(|member| member.bytes[0]).collect();
        words.sort_unstable();
        words
    }

    fn diff(joined: bool, word: u8) -> Diff {
        Diff { topic: topic(), joined, bytes: vec![word] }
    }

    #[test]
    fn who_comes_and_goes_on_one_node_is_told_to_another() {
        let (mut here, mut there, now) = (Crowd::new(1), Crowd::new(2), Instant::now());
        let all = there.hear(&here.ask_all(), now).answers;
        assert!(here.hear(&all[0], now).diffs.is_empty());
        assert_eq!(here.hear(&there.join(&topic(), key(7), 10, vec![b'a']), now).diffs, [diff(true, b'a')]);
        assert_eq!(here.hear(&there.join(&topic(), key(7), 10, vec![b'b']), now).diffs, [diff(false, b'a'), diff(true, b'b')]);
        assert_eq!(others(&here), [b'b']);
        let left = there.leave(&topic(), key(7)).unwrap();
        assert_eq!(here.hear(&left, now).diffs, [diff(false, b'b')]);
        assert!(here.hear(&left, now).diffs.is_empty(), "once is enough");
        assert!(there.leave(&topic(), key(7)).is_none());
        assert!(others(&here).is_empty());
    }

    #[test]
    fn what_was_missed_is_asked_for_and_only_once_at_a_time() {
        let (mut here, mut there, now) = (Crowd::new(1), Crowd::new(2), Instant::now());
        there.join(&topic(), key(1), 10, vec![b'a']);
        there.join(&topic(), key(2), 11, vec![b'b']);
        let asked = here.hear(&there.beat(), now).answers;
        assert_eq!(asked.len(), 1);
        assert!(here.hear(&there.beat(), now).answers.is_empty(), "an answer is on its way");
        let all = there.hear(&asked[0], now).answers;
        assert!(there.hear(&asked[0], now).answers.is_empty(), "everybody hears the answer");
        assert_eq!(here.hear(&all[0], now).diffs, [diff(true, b'a'), diff(true, b'b')]);
        assert!(here.hear(&there.beat(), now).answers.is_empty(), "nothing is missing");
    }

    #[test]
    fn many_members_come_in_parts_and_a_lost_part_is_noticed() {
        let (mut here, mut there, now) = (Crowd::new(1), Crowd::new(2), Instant::now());
        for n in 0..40 {
            there.join(&topic(), key(n), n.into(), vec![n; MAX_MEMBER_BYTES]);
        }
        let parts = there.hear(&here.ask_all(), now).answers;
        assert!(parts.len() > 2);
        for (n, part) in parts.iter().enumerate() {
            if n != 1 {
                assert!(here.hear(part, now).diffs.is_empty());
            }
        }
        assert_eq!(here.hear(&there.beat(), now).answers.len(), 1);
        let n_joined: usize = there.hear(&here.ask_all(), now + ASK_TIME).answers.iter().map(|part| here.hear(part, now).diffs.len()).sum();
        assert_eq!(n_joined, 40);
    }

    #[test]
    fn a_node_that_died_is_noticed_and_who_came_here_before_that_stays() {
        let (mut here, mut there, now) = (Crowd::new(1), Crowd::new(2), Instant::now());
        for n in [1, 2] {
            there.join(&topic(), key(n), 10, vec![n]);
        }
        let all = there.hear(&here.ask_all(), now).answers;
        here.hear(&all[0], now);
        here.join(&topic(), key(1), 20, vec![1]);
        assert_eq!(others(&here), [2]);
        assert!(here.expire(now + BEAT_TIME).is_empty());
        assert_eq!(here.expire(now + GONE_TIME), [diff(false, 2)]);
        assert!(others(&here).is_empty());
    }

    #[test]
    fn a_session_that_moved_is_where_it_came_last() {
        let (mut here, mut one, mut other, now) = (Crowd::new(1), Crowd::new(2), Crowd::new(3), Instant::now());
        let ask = here.ask_all();
        for crowd in [&mut one, &mut other] {
            crowd.hear(&ask, now).answers.iter().for_each(|all| drop(here.hear(all, now)));
        }
        here.hear(&one.join(&topic(), key(1), 10, vec![b'a']), now);
        assert!(here.hear(&other.join(&topic(), key(1), 20, vec![b'a']), now).diffs.is_empty());
        let left = one.leave(&topic(), key(1)).unwrap();
        assert!(here.hear(&left, now).diffs.is_empty(), "still there");
        assert_eq!(others(&here), [b'a']);
    }

    #[test]
    fn what_is_no_word_of_a_node_changes_nothing() {
        let mut here = Crowd::new(1);
        for message in [&b""[..], b"\xff", b"nonsense"] {
            let heard = here.hear(message, Instant::now());
            assert!(heard.diffs.is_empty() && heard.answers.is_empty());
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Join {
            node: usize,
            key: u8,
            word: u8,
        },
        Leave {
            node: usize,
            key: u8,
        },
        Beat {
            node: usize,
        },
        /// The node ends without a word, and another starts in its place.
        Die {
            node: usize,
        },
        Wait {
            ms: u64,
        },
    }

    const NODES: usize = 3;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..NODES, 0..4_u8, any::<u8>()).prop_map(|(node, key, word)| Step::Join { node, key, word }),
            2 => (0..NODES, 0..4_u8).prop_map(|(node, key)| Step::Leave { node, key }),
            2 => (0..NODES).prop_map(|node| Step::Beat { node }),
            1 => (0..NODES).prop_map(|node| Step::Die { node }),
            2 => (0..5_000_u64).prop_map(|ms| Step::Wait { ms }),
        ]
    }

    /// Nodes and what they believe by the differences that they were told of.
    struct World {
        crowds: Vec<Crowd>,
        /// How often somebody is there by what each was told.
        believed: Vec<BTreeMap<Vec<u8>, i32>>,
        n_made: u64,
        now: Instant,
    }

    impl World {
        fn deliver(&mut self, from: usize, message: Vec<u8>, mut is_lost: impl FnMut() -> bool) {
            let mut sent = vec![(from, message)];
            while let Some((from, message)) = sent.pop() {
                for to in (0..NODES).filter(|to| *to != from) {
                    if is_lost() {
                        continue;
                    }
                    let heard = self.crowds[to].hear(&message, self.now);
                    self.believe(to, heard.diffs);
                    // Those of one node keep their order: the last is taken first.
                    sent.extend(heard.answers.into_iter().rev().map(|answer| (to, answer)));
                }
            }
        }

        fn believe(&mut self, node: usize, diffs: Vec<Diff>) {
            for diff in diffs {
                let count = self.believed[node].entry(diff.bytes).or_default();
                *count += if diff.joined { 1 } else { -1 };
            }
            self.believed[node].retain(|_, count| *count != 0);
        }

        fn new_crowd(&mut self, node: usize) {
            self.n_made += 1;
            self.crowds[node] = Crowd::new(self.n_made);
            self.believed[node].clear();
        }
    }

    proptest! {
        #[test]
        fn nodes_agree_soon_after_the_last_message_was_lost(
            steps in prop::collection::vec((step(), any::<u64>()), 1..60),
            may_move in any::<bool>(),
        ) {
            // Whoever is on one node is on no other, unless sessions may move.
            let key = |node: usize, n: u8| key(if may_move { n } else { 10 * n + u8::try_from(node).unwrap() });
            let mut world = World { crowds: Vec::new(), believed: vec![BTreeMap::new(); NODES], n_made: 0, now: Instant::now() };
            world.crowds.extend((0..NODES as u64).map(|n| Crowd::new(1_000 + n)));
            let mut since = 0;
            for (step, luck) in steps {
                let mut luck = luck;
                // A quarter of all messages is lost.
                let is_lost = || { luck = luck.rotate_left(2).wrapping_mul(0x9e37_79b9_7f4a_7c15); luck.is_multiple_of(4) };
                since += 1;
                match step {
                    Step::Join { node, key: n, word } => {
                        let news = world.crowds[node].join(&topic(), key(node, n), since, vec![word]);
                        world.deliver(node, news, is_lost);
                    }
                    Step::Leave { node, key: n } => {
                        if let Some(news) = world.crowds[node].leave(&topic(), key(node, n)) {
                            world.deliver(node, news, is_lost);
                        }
                    }
                    Step::Beat { node } => {
                        let beat = world.crowds[node].beat();
                        world.deliver(node, beat, is_lost);
                    }
                    Step::Die { node } => world.new_crowd(node),
                    Step::Wait { ms } => {
                        world.now += Duration::from_millis(ms);
                        for node in 0..NODES {
                            let diffs = world.crowds[node].expire(world.now);
                            world.believe(node, diffs);
                        }
                    }
                }
            }
            // From here on nothing is lost.
            for _ in 0..6 {
                world.now += BEAT_TIME;
                for node in 0..NODES {
                    let diffs = world.crowds[node].expire(world.now);
                    world.believe(node, diffs);
                    let beat = world.crowds[node].beat();
                    world.deliver(node, beat, || false);
                }
            }
            for node in 0..NODES {
                let mut expected: BTreeMap<Key, (u64, Vec<u8>)> = BTreeMap::new();
                for other in (0..NODES).filter(|other| *other != node) {
                    for ((_, key), member) in &world.crowds[other].own {
                        let here = (member.since_ms, member.bytes.clone());
                        if !world.crowds[node].own.contains_key(&(topic(), *key)) && expected.get(key).is_none_or(|there| *there < here) {
                            expected.insert(*key, here);
                        }
                    }
                }
                let mut words: Vec<u8> = expected.values().map(|(_, bytes)| bytes[0]).collect();
                words.sort_unstable();
                prop_assert_eq!(others(&world.crowds[node]), words.clone());
                if !may_move {
                    let believed = world.believed[node].iter().flat_map(|(bytes, count)| vec![bytes[0]; usize::try_from(*count).unwrap()]);
                    prop_assert_eq!(believed.collect::<Vec<_>>(), words, "who came and went is who is there");
                }
            }
        }
    }
}
