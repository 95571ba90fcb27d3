//! Forms and buttons that were posted without script: an event as any other, but that its answer is the page.

use std::collections::VecDeque;

use tokio::{sync::oneshot, time::Instant};

use super::Actor;
use crate::{
    Failure,
    session::{Page, mailbox::Post},
};

/// Answers that may be waited for: of the same post, when somebody presses a button again before the page has come.
const MAX_WAITING: usize = 8;
/// Posts that are known again.
const MAX_KNOWN: usize = 16;

/// The page that answers a post.
pub(crate) struct Posted {
    pub(crate) page: Page,
    /// The patch that it shows, and the number that the next event has.
    pub(crate) seen: u64,
    pub(crate) next: u64,
    /// What the person is told: all in all, and of fields.
    pub(crate) message: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) navigate: Option<String>,
}

/// What a session without script knows of its posts.
#[derive(Default)]
pub(super) struct Posts {
    /// Who waits for which event.
    waiting: Vec<(u64, oneshot::Sender<Posted>)>,
    known: VecDeque<(u64, u64)>,
    /// What the last of them brought, to be said again to whoever posts it again.
    pub(super) heard: Heard,
    allowance: f64,
    refilled: Option<Instant>,
}

#[derive(Default)]
pub(super) struct Heard {
    event: u64,
    message: String,
    fields: Vec<(String, String)>,
    navigate: Option<String>,
}

impl Actor {
    /// Takes a post. Dropping its answer says that there is no such page any more: a script has joined it, or it goes.
    pub(super) fn post(&mut self, post: Post) {
        if self.ends_by.is_some() || self.is_given() || self.turn > 0 {
            return;
        }
        // Somebody is there.
        if self.mailbox.set_joined() {
            self.shared.registry.settled();
        }
        self.count_stage();
        self.due_after(self.shared.limits.detached_time);
        let Post { seq, seen, component, handler, payload, mark, answer } = post;
        let posts = self.posts.get_or_insert_default();
        let is_known = posts.known.contains(&(seq, mark)) || posts.known.is_empty() && seq == self.received;
        let is_next = seq == self.received + 1;
        if posts.waiting.len() >= MAX_WAITING {
            return;
        }
        posts.waiting.push((seq.min(self.received + 1), answer));
        if is_next {
            posts.known.push_back((seq, mark));
            if posts.known.len() > MAX_KNOWN {
                posts.known.pop_front();
            }
            posts.heard = Heard { event: seq, ..Heard::default() };
            if posts.admits(f64::from(self.shared.limits.max_events_per_second)) {
                self.event(seq, seen, component, handler, payload);
            } else {
                self.received = seq;
                self.settled = seq;
                let (message, fields) = self.shared.describe(&Failure::Busy { reason: "too many events" }, self.mailbox.number());
                self.hear_of(seq, &message, &fields);
            }
        } else if !is_known {
            // Another act on a page that has been left: it meant what that one showed.
            let (message, fields) = self.shared.describe(&Failure::Stale, self.mailbox.number());
            if let Some(posts) = &mut self.posts {
                posts.heard = Heard { event: self.received, message, fields, navigate: None };
                for (waits, _) in &mut posts.waiting {
                    *waits = (*waits).min(self.received);
                }
            }
        }
    }

    /// What a refusal says, and where an event leads to, for those who read no patches.
    pub(super) fn hear_of(&mut self, event: u64, message: &str, fields: &[(String, String)]) {
        if let Some(posts) = &mut self.posts
            && (event == 0 || event == posts.heard.event)
        {
            message.clone_into(&mut posts.heard.message);
            fields.clone_into(&mut posts.heard.fields);
        }
    }

    pub(super) fn hear_where(&mut self, path: &str) {
        if let Some(posts) = &mut self.posts {
            posts.heard.navigate = Some(path.to_owned());
        }
    }

    /// Answers those whose event is settled, and in the store if it has to be.
    pub(super) fn answer_posts(&mut self) {
        let settled = self.tellable().settled.min(self.settled);
        let is_due = |posts: &Posts| posts.waiting.iter().any(|(seq, _)| *seq <= settled);
        if self.running.is_some() || !self.posts.as_deref().is_some_and(is_due) {
            return;
        }
        let versions = self.versions();
        self.is_used();
        if let Err(failure) = self.components.wake(super::super::PAGE, versions) {
            tracing::error!(session = self.mailbox.number(), %failure, "a page could not be shown again");
            self.posts = None;
            return;
        }
        // The page shows all: nobody waits for patches.
        loop {
            let newest = self.outbox.seq();
            self.acknowledge(newest);
            if !self.push() {
                break;
            }
        }
        let (seen, next) = (self.outbox.seq(), self.received + 1);
        let Some(posts) = &mut self.posts else { return };
        for (_, answer) in posts.waiting.extract_if(.., |(seq, _)| *seq <= settled) {
            let Heard { message, fields, navigate, .. } = &posts.heard;
            // Who has gone has asked again, or doesn't want to know.
            let _ = answer.send(Posted {
                page: self.components.page(),
                seen,
                next,
                message: message.clone(),
                fields: fields.clone(),
                navigate: navigate.clone(),
            });
        }
    }
}

impl Posts {
    /// Whether one more is within the rate; twice as many at once.
    fn admits(&mut self, rate: f64) -> bool {
        let now = Instant::now();
        let before = self.refilled.replace(now);
        let passed = before.map_or(2.0, |before| now.duration_since(before).as_secs_f64());
        self.allowance = (self.allowance + passed * rate).min(rate * 2.0);
        let is_admitted = self.allowance >= 1.0;
        self.allowance -= f64::from(u8::from(is_admitted));
        is_admitted
    }
}
