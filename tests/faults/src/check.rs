//! [`Checker`]: whether a history keeps the promise. It knows no server and no load: only what clients wrote down, and the file of effects.
//!
//! - Every event that a client saw acknowledged, and not refused, is in the state exactly once and in order. Others are not.
//! - An event that was made is settled in the end, or still known to be open; none is forgotten.
//! - At quiet a page shows what a fresh rendering shows.
//! - Every event in the state has had its effect: at least once, and exactly once where no server was killed.
//! - What was acknowledged is never taken back, unless the store may be behind.

use std::{
    collections::{HashMap, VecDeque},
    fmt, fs, io,
    path::Path,
};

use crate::{
    app::{NO_EVENTS, fold},
    history::{self, Entry, What},
};

/// What is allowed besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Terms {
    /// A page may go back to what the store had; what it then knows to be gone has to be gone.
    pub(crate) may_go_back: bool,
    /// A session may end where the client is told so.
    pub(crate) may_end: bool,
    /// No server was killed, so that no handler ran twice.
    pub(crate) are_effects_once: bool,
}

/// How many of the newest events are known by value.
const KEPT: usize = 8_192;
/// How many violations are told.
const TOLD: usize = 20;

/// Goes through a history, entry by entry.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    terms: Terms,
    clients: HashMap<usize, Client>,
    /// How often each event of a session had its effect, as long as nobody has asked.
    effects: Option<HashMap<(u64, u64), u32>>,
    report: Report,
}

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) violations: Vec<String>,
    pub(crate) n_clients: usize,
    pub(crate) n_made: u64,
    pub(crate) n_applied: u64,
    pub(crate) n_refused: u64,
    /// Acknowledged, and taken back.
    pub(crate) n_gone_back: u64,
    pub(crate) n_lost: u64,
    pub(crate) n_ended: u64,
    /// Pages that were compared with a fresh rendering.
    pub(crate) n_compared: u64,
    /// Effects besides the first of an event.
    pub(crate) n_repeated_effects: u64,
}

#[derive(Debug)]
struct Client {
    key: u64,
    last: u64,
    settled: u64,
    /// Made and not settled: number, value, whether it was refused.
    open: VecDeque<(u64, u64, bool)>,
    n: u64,
    hash: u64,
    /// The newest that are in the state: number, value, and the hash before it.
    applied: VecDeque<(u64, u64, u64)>,
    is_over: bool,
    has_shown: bool,
}

impl Checker {
    pub(crate) fn new(terms: Terms) -> Self {
        Self { terms, ..Self::default() }
    }

    /// Reads a file of effects; from then on every event needs one.
    pub(crate) fn effects(&mut self, path: &Path) -> io::Result<()> {
        let text = fs::read_to_string(path)?;
        let effects = self.effects.get_or_insert_default();
        for line in text.lines() {
            let mut numbers = line.split_whitespace().map(str::parse);
            let (Some(Ok(key)), Some(Ok(value))) = (numbers.next(), numbers.next()) else {
                return Err(io::Error::other(format!("{line:?} is no effect")));
            };
            *effects.entry((key, value)).or_default() += 1;
        }
        Ok(())
    }

    pub(crate) fn history(&mut self, path: &Path) -> io::Result<()> {
        for entry in history::read(path)? {
            self.entry(&entry?);
        }
        Ok(())
    }

    pub(crate) fn entry(&mut self, entry: &Entry) {
        if let What::Opened { key } = entry.what {
            self.report.n_clients += 1;
            let client = Client {
                key,
                last: 0,
                settled: 0,
                open: VecDeque::new(),
                n: 0,
                hash: NO_EVENTS,
                applied: VecDeque::new(),
                is_over: false,
                has_shown: false,
            };
            if self.clients.insert(entry.who, client).is_some() {
                self.report.violation(entry, "opened twice");
            }
            return;
        }
        let Some(client) = self.clients.get_mut(&entry.who) else {
            return self.report.violation(entry, "has no page");
        };
        match &entry.what {
            What::Opened { .. } => {}
            What::Made { seq, value } => {
                if *seq != client.last + 1 {
                    self.report.violation(entry, "numbered out of order");
                }
                client.last = *seq;
                client.open.push_back((*seq, *value, false));
                client.has_shown = false;
                self.report.n_made += 1;
            }
            What::Refused { seq, .. } => match client.open.iter_mut().find(|(open, ..)| open == seq) {
                Some((.., is_refused)) => *is_refused = true,
                None => self.report.violation(entry, "refused after it was settled, or never made"),
            },
            What::Settled { upto } => self.report.settle(client, entry, *upto, self.effects.as_mut()),
            What::Joined { ack, .. } => {
                if *ack < client.settled {
                    if !self.terms.may_go_back {
                        self.report.violation(entry, &format!("event {} was acknowledged, and is gone", client.settled));
                    }
                    while client.applied.back().is_some_and(|(seq, ..)| seq > ack) {
                        let (_, _, before) = client.applied.pop_back().expect("looked at");
                        (client.n, client.hash) = (client.n - 1, before);
                        self.report.n_applied -= 1;
                        self.report.n_gone_back += 1;
                    }
                    client.settled = *ack;
                }
            }
            What::Shown { n, hash, tail, is_same } => {
                client.has_shown = true;
                self.report.n_compared += 1;
                if !is_same {
                    self.report.violation(entry, "the page shows something else than a fresh rendering");
                }
                if !client.open.is_empty() {
                    self.report.violation(entry, &format!("{} events are not settled at quiet", client.open.len()));
                }
                if (*n, *hash) != (client.n, client.hash) {
                    let why = client.difference(*n, tail);
                    self.report.violation(entry, &why);
                }
            }
            What::Lost { .. } => self.report.n_lost += 1,
            What::Ended { code } => {
                client.is_over = true;
                self.report.n_ended += 1;
                if !self.terms.may_end {
                    self.report.violation(entry, &format!("the session ended with {code}"));
                }
            }
            What::Misfit { why } => {
                let why = format!("a patch doesn't fit: {why}");
                self.report.violation(entry, &why);
            }
        }
    }

    /// What was found up to here. Now all is quiet: every page that is not over has been compared since its last event.
    pub(crate) fn report(&mut self) -> Report {
        let mut unseen: Vec<_> =
            self.clients.iter().filter(|(_, client)| !client.is_over && !client.has_shown).map(|(who, _)| *who).collect();
        unseen.sort_unstable();
        let mut report = self.report.clone();
        if let Some(first) = unseen.first() {
            let n_open: usize = unseen.iter().map(|who| self.clients[who].open.len()).sum();
            report.say(format!("{} clients never came to rest, such as {first}; {n_open} events of theirs are open", unseen.len()));
        }
        if let Some(effects) = &self.effects {
            // What is left were effects of events that were never acknowledged, or repeated ones.
            report.n_repeated_effects = effects.values().map(|count| u64::from(*count)).sum();
            if self.terms.are_effects_once && report.n_repeated_effects > 0 {
                report.say(format!("{} effects without an event of their own", report.n_repeated_effects));
            }
        }
        report
    }
}

impl Report {
    fn violation(&mut self, entry: &Entry, why: &str) {
        self.say(format!(
            "client {} at {:.3} s: {why}",
            entry.who,
            f64::from(u32::try_from(entry.at / 1_000).unwrap_or(u32::MAX)) / 1_000.0
        ));
    }

    fn say(&mut self, why: String) {
        if self.violations.len() < TOLD {
            self.violations.push(why);
        }
    }

    fn settle(&mut self, client: &mut Client, entry: &Entry, upto: u64, mut effects: Option<&mut HashMap<(u64, u64), u32>>) {
        if upto > client.last {
            self.violation(entry, "an event was settled that was never made");
        }
        client.settled = client.settled.max(upto);
        while let Some((seq, value, is_refused)) = client.open.front().copied().filter(|(seq, ..)| *seq <= upto) {
            client.open.pop_front();
            if is_refused {
                self.n_refused += 1;
                continue;
            }
            self.n_applied += 1;
            client.applied.push_back((seq, value, client.hash));
            (client.n, client.hash) = (client.n + 1, fold(client.hash, value));
            if client.applied.len() > KEPT {
                client.applied.pop_front();
            }
            if let Some(effects) = effects.as_deref_mut() {
                match effects.get_mut(&(client.key, value)).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => self.violation(entry, &format!("event {seq} was acknowledged without its effect")),
                }
            }
        }
    }
}

impl Client {
    /// In words, why a page shows something else than what was acknowledged.
    fn difference(&self, n: u64, tail: &[u64]) -> String {
        let expected: Vec<u64> = self.applied.iter().rev().take(tail.len().max(1)).rev().map(|(_, value, _)| *value).collect();
        let missing: Vec<_> = expected.iter().filter(|value| !tail.contains(value)).collect();
        let foreign: Vec<_> = tail.iter().filter(|value| !self.applied.iter().any(|(_, applied, _)| applied == *value)).collect();
        let doubled: Vec<_> = tail.iter().enumerate().filter(|(at, value)| tail[..*at].contains(value)).map(|(_, value)| value).collect();
        let kind = match (missing.is_empty(), doubled.is_empty(), foreign.is_empty()) {
            (_, false, _) => format!("applied twice: {doubled:?}"),
            (false, ..) => format!("acknowledged and not in the state: {missing:?}"),
            (.., false) => format!("in the state and not acknowledged as applied: {foreign:?}"),
            _ if expected == tail => "what is older than the newest events differs".to_owned(),
            _ => "in another order".to_owned(),
        };
        format!("{kind} (state: {n} events, acknowledged: {})", self.n)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_clients, n_made, n_applied, n_refused, n_gone_back, n_lost, n_ended, n_compared, n_repeated_effects, .. } = self;
        write!(
            formatter,
            "{n_clients} sessions, {n_made} events made, {n_applied} applied, {n_refused} refused, {n_gone_back} taken back, {n_lost} \
             connections lost, {n_ended} sessions ended, {n_compared} pages compared, {n_repeated_effects} effects repeated"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: u64 = 7;

    fn made(seq: u64) -> What {
        What::Made { seq, value: seq * 10 }
    }

    fn shown(values: &[u64]) -> What {
        let hash = values.iter().fold(NO_EVENTS, |hash, value| fold(hash, *value));
        What::Shown { n: values.len() as u64, hash, tail: values.to_vec(), is_same: true }
    }

    fn joined(ack: u64) -> What {
        What::Joined { ack, seq: 0, applied: 0 }
    }

    fn check(terms: Terms, effects: Option<&[u64]>, whats: Vec<What>) -> Report {
        let mut checker = Checker::new(terms);
        if let Some(values) = effects {
            let counts = checker.effects.get_or_insert_default();
            for value in values {
                *counts.entry((KEY, *value)).or_default() += 1;
            }
        }
        for what in std::iter::once(What::Opened { key: KEY }).chain(whats) {
            checker.entry(&Entry { at: 0, who: 0, what });
        }
        checker.report()
    }

    fn three(rest: impl IntoIterator<Item = What>) -> Vec<What> {
        [joined(0), made(1), made(2), made(3)].into_iter().chain(rest).collect()
    }

    #[test]
    fn what_keeps_the_promise_is_right() {
        let all = three([
            What::Settled { upto: 2 },
            What::Lost { why: String::new() },
            joined(2),
            What::Settled { upto: 3 },
            shown(&[10, 20, 30]),
        ]);
        let report = check(Terms { are_effects_once: true, ..Terms::default() }, Some(&[10, 20, 30]), all);
        assert_eq!(report.violations, [""; 0]);
        assert_eq!((report.n_made, report.n_applied, report.n_lost), (3, 3, 1));
        let refused = three([What::Refused { seq: 2, code: 4 }, What::Settled { upto: 3 }, shown(&[10, 30])]);
        let report = check(Terms::default(), None, refused);
        assert_eq!((report.violations, report.n_refused), (vec![], 1));
        let twice = three([What::Settled { upto: 3 }, shown(&[10, 20, 30])]);
        let report = check(Terms::default(), Some(&[10, 20, 20, 30]), twice);
        assert_eq!((report.violations, report.n_repeated_effects), (vec![], 1), "effects are at least once");
        let back = three([What::Settled { upto: 3 }, joined(1), shown(&[10])]);
        let report = check(Terms { may_go_back: true, ..Terms::default() }, None, back);
        assert_eq!((report.violations, report.n_gone_back, report.n_applied), (vec![], 2, 1));
    }

    /// What is said, the effects that there were, and what happened.
    type Case = (&'static str, Option<&'static [u64]>, Vec<What>);

    #[test]
    fn what_breaks_the_promise_is_told() {
        let settled = What::Settled { upto: 3 };
        let cases: [Case; 14] = [
            ("acknowledged and not in the state: [20]", None, three([settled.clone(), shown(&[10, 30])])),
            ("acknowledged and not in the state: [30]", None, three([settled.clone(), shown(&[10, 20])])),
            ("applied twice: [20]", None, three([settled.clone(), shown(&[10, 20, 20, 30])])),
            ("in another order", None, three([settled.clone(), shown(&[10, 30, 20])])),
            ("in the state and not acknowledged", None, three([What::Refused { seq: 2, code: 1 }, settled.clone(), shown(&[10, 20, 30])])),
            ("acknowledged, and is gone", None, three([settled.clone(), joined(2), shown(&[10, 20])])),
            ("not settled at quiet", None, three([What::Settled { upto: 2 }, shown(&[10, 20])])),
            ("never came to rest", None, three([settled.clone()])),
            ("never came to rest", None, [three([settled.clone(), shown(&[10, 20, 30])]), vec![made(4)]].concat()),
            ("settled that was never made", None, three([What::Settled { upto: 4 }])),
            ("without its effect", Some(&[10, 30]), three([settled.clone(), shown(&[10, 20, 30])])),
            ("effects without an event", Some(&[10, 20, 20, 30]), three([settled.clone(), shown(&[10, 20, 30])])),
            ("the session ended with 4404", None, three([What::Ended { code: 4404 }])),
            ("a patch doesn't fit", None, three([What::Misfit { why: "x".to_owned() }])),
        ];
        for (expected, effects, whats) in cases {
            let report = check(Terms { are_effects_once: true, ..Terms::default() }, effects, whats);
            assert!(report.violations.iter().any(|violation| violation.contains(expected)), "{expected}: {:?}", report.violations);
        }
        let other = What::Shown { n: 3, hash: 0, tail: vec![30], is_same: false };
        let report = check(Terms::default(), None, three([settled, other]));
        assert!(report.violations[0].contains("fresh rendering"), "{:?}", report.violations);
        assert!(report.violations[1].contains("older than the newest"), "{:?}", report.violations);
    }

    #[test]
    fn what_is_back_after_it_went_is_told() {
        let back = three([What::Settled { upto: 3 }, joined(1), shown(&[10, 20, 30])]);
        let report = check(Terms { may_go_back: true, ..Terms::default() }, None, back);
        assert!(report.violations[0].contains("in the state and not acknowledged"), "{:?}", report.violations);
    }
}
