//! [`Actor`]: the task that is a session. It owns the components and the socket, runs one turn at a time, and sends
//! what changed.

mod claim;
mod give;
mod join;
mod keep;
mod post;
#[cfg(any(test, feature = "testing"))]
mod quiet;
mod turn;

use std::{
    borrow::Cow,
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, Sleep},
};

use claim::Claim;
use keep::Keeper;
pub(crate) use post::Posted;
use post::Posts;
use turn::{Came, Notices, Running, Work};

use super::{
    Components, Incoming, Mailbox, Message,
    backlog::Share,
    connection::Connection,
    outbox::Outbox,
    snapshot::{Place, Snapshot, now_s},
};
use crate::{
    Failure, HandlerId, Upload,
    app::{SessionSeats, Shared},
    component::instance::{Event, Finished},
    metric::Count,
    protocol::{ClientMessage, ServerMessage, close},
    store::{Answer, Fence},
};

/// A session.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Actor {
    shared: Arc<Shared>,
    mailbox: Mailbox,
    receiver: mpsc::Receiver<Box<Message>>,
    id: [u8; 16],
    /// The turn of the token that joins; and whether the one before it does too, until the client has shown that it got the new one.
    turn: u64,
    admits_previous: bool,
    claim: Option<Claim>,
    /// The patch that brings all of the page, for the last socket that joined from another one: what was done before it meant something else.
    shows_from: u64,
    /// The session was found in a store, which may not have known all of it: the numbers of the client's events and patches may be further.
    may_skip: bool,
    keeper: Option<Box<Keeper>>,
    /// Who is told when the session is saved and has ended here: nodes that want it. Until then nothing begins.
    giving: Vec<oneshot::Sender<Answer>>,
    components: Components,
    outbox: Outbox,
    /// What came without script.
    posts: Option<Box<Posts>>,
    /// The last event taken in, and the last one applied or refused. Between them lies the queue.
    received: u64,
    settled: u64,
    /// The last event that the client was told to be settled; and the one that the newest patch tells of.
    told: u64,
    patched: u64,
    /// The last patch that the connection got.
    sent: u64,
    queue: VecDeque<Work>,
    running: Option<Running>,
    /// The files that the event has which runs.
    redeemed: Vec<Upload>,
    /// Turns that succeeded. Not all of them were events, or changed what is shown.
    n_turns: u64,
    connection: Option<Connection>,
    /// What the next patch has to say besides the changes of the components.
    notices: Notices,
    title: Option<String>,
    /// Wakes at `due` or `idle_at`, whichever comes first.
    timer: Pin<Box<Sleep>>,
    /// The next heartbeat, or the end of waiting for a socket.
    due: Instant,
    /// When to look whether there was anything to do since the last look; `None` while the session sleeps.
    idle_at: Option<Instant>,
    /// Whether there was.
    was_used: bool,
    /// When its page was opened, in seconds since 1970; when it has lived for as long as it may, and whether it has.
    opened_s: u64,
    expires: Instant,
    is_expired: bool,
    /// The session ends when what is under way has ended, or at this time.
    ends_by: Option<Instant>,
    ended: bool,
    /// Its places among the sessions of an address and of a user, if those are counted.
    seats: SessionSeats,
    /// Its part of what is unacknowledged in all sessions.
    share: Share,
    /// What it is counted as at present.
    stage: Option<Count>,
    /// Who waits until nothing is under way.
    #[cfg(any(test, feature = "testing"))]
    awaiting_quiet: Vec<oneshot::Sender<super::Quiet>>,
}

/// What woke the session.
enum Step {
    Incoming(Incoming),
    Unwritable,
    Finished(Finished),
    Message(Message),
    /// A snapshot is written, or could not be.
    Saved,
    Time,
}

impl Actor {
    /// A session whose page has been rendered; [`run`](Self::run) it.
    pub(crate) fn new(
        shared: Arc<Shared>,
        mailbox: Mailbox,
        receiver: mpsc::Receiver<Box<Message>>,
        id: [u8; 16],
        place: Place,
        components: Components,
    ) -> Self {
        let (due, idle_at) = (after(shared.limits.join_time), after(shared.limits.idle_time));
        let title = components.title().map(str::to_owned);
        let expires = after(shared.limits.session_time);
        shared.metrics.one(Count::Unjoined);
        let keeper = shared.store.as_ref().map(|(store, durability)| Box::new(Keeper::new(Arc::clone(store), *durability, place)));
        Self {
            shared,
            mailbox,
            receiver,
            id,
            turn: 0,
            admits_previous: false,
            claim: None,
            shows_from: 0,
            may_skip: false,
            keeper,
            giving: Vec::new(),
            components,
            outbox: Outbox::default(),
            posts: None,
            received: 0,
            settled: 0,
            told: 0,
            patched: 0,
            sent: 0,
            queue: VecDeque::new(),
            running: None,
            redeemed: Vec::new(),
            n_turns: 0,
            connection: None,
            notices: Notices::default(),
            title,
            timer: Box::pin(tokio::time::sleep_until(due.min(idle_at).min(expires))),
            due,
            idle_at: Some(idle_at),
            was_used: false,
            opened_s: now_s(),
            expires,
            is_expired: false,
            ends_by: None,
            ended: false,
            seats: SessionSeats::default(),
            share: Share::default(),
            stage: Some(Count::Unjoined),
            #[cfg(any(test, feature = "testing"))]
            awaiting_quiet: Vec::new(),
        }
    }

    /// The same with places among the sessions of the address and the user that opened it.
    pub(crate) fn seated(mut self, seats: SessionSeats) -> Self {
        self.seats = seats;
        self
    }

    /// A session as its snapshot says it was; ours since this fence.
    pub(crate) fn restored(
        shared: Arc<Shared>,
        mailbox: Mailbox,
        receiver: mpsc::Receiver<Box<Message>>,
        id: [u8; 16],
        (fence, snapshot): (Fence, Snapshot<'static>),
        components: Components,
    ) -> Self {
        let age = snapshot.age();
        let Snapshot { place, opened_s, turn, is_confirmed, settled, seq, acked, patches, title, .. } = snapshot;
        let mut actor = Self::new(shared, mailbox, receiver, id, place.into_owned(), components);
        actor.outbox = Outbox::restored(seq, acked, patches.iter().map(|patch| &***patch));
        (actor.turn, actor.admits_previous, actor.may_skip) = (turn, !is_confirmed, true);
        (actor.received, actor.settled, actor.patched) = (settled, settled, settled);
        actor.title = title.map(Cow::into_owned);
        (actor.opened_s, actor.expires) = (opened_s, after(actor.shared.limits.session_time.saturating_sub(age)));
        actor.set_timer();
        let mark = actor.mark();
        if let Some(keeper) = &mut actor.keeper {
            keeper.has(mark, fence);
        }
        actor
    }

    /// Runs until the session ends. Boxed: a future holds what it was given and what it made of it, both.
    pub(crate) async fn run(mut self: Box<Self>) {
        while !self.ended {
            match self.next().await {
                Step::Incoming(incoming) => self.receive(incoming),
                Step::Unwritable => self.detach(),
                Step::Finished(finished) => {
                    if let Some(Running { component, event, run, is_to_save, span, .. }) = self.running.take() {
                        let _turn = span.enter();
                        if is_to_save {
                            self.is_read(component, finished);
                        } else {
                            self.finish(component, event, run, finished);
                        }
                    }
                    // Before the next one begins: while it runs there is no state to save, and with always one under way nobody would
                    // be told of any, nor would a crash leave any.
                    self.keep();
                }
                Step::Message(message) => self.take(message),
                Step::Saved => self.tell(),
                Step::Time => self.look_at_the_clock(),
            }
            self.pump();
            self.keep();
            self.mind_timers();
            self.answer_posts();
            self.let_go();
            #[cfg(any(test, feature = "testing"))]
            self.tell_quiet();
            self.ended |= self.ends_by.is_some() && !self.is_running() && self.queue.is_empty();
        }
        if self.is_running() {
            self.running = None;
        }
        self.settle_claim(false);
        if let Some(connection) = self.connection.take() {
            connection.close(close::GOING_AWAY, "the session has ended");
        }
        self.shared.spool.end(&self.id);
        self.shared.shelf.end(&self.id);
        if self.is_expired {
            self.forget().await;
        } else {
            self.keep_last().await;
        }
        self.answer();
    }

    /// Waits for whatever comes first. Never waits for the client to read: what can't be written yet stays in the connection.
    async fn next(&mut self) -> Step {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        if let Some(running) = &mut self.running
            && let Poll::Ready(finished) = running.future.as_mut().poll(context)
        {
            return Poll::Ready(Step::Finished(finished));
        }
        if let Some(connection) = &mut self.connection {
            if connection.poll_write(context).is_err() {
                return Poll::Ready(Step::Unwritable);
            }
            // Of one that ends nothing more is taken: the client sends it again, to whoever has the session then.
            if self.ends_by.is_none()
                && let Poll::Ready(incoming) = connection.poll_receive(context)
            {
                return Poll::Ready(Step::Incoming(incoming));
            }
        }
        if self.poll_saved(context).is_ready() {
            return Poll::Ready(Step::Saved);
        }
        // Messages wait in the bounded mailbox while there is enough to do.
        if self.queue.len() < self.shared.limits.mailbox
            && let Poll::Ready(message) = self.receiver.poll_recv(context)
        {
            return Poll::Ready(Step::Message(message.map_or(Message::Close, |message| *message)));
        }
        self.timer.as_mut().poll(context).map(|()| Step::Time)
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Join(join) => self.join(join),
            Message::Job { component, job } => self.enqueue(Work::Job { component, job, run: None }),
            Message::Deliver { component, handler, deliver, message } => {
                self.enqueue(Work::Deliver { component, handler, deliver, message });
            }
            Message::TaskFailed { component, failure } => {
                tracing::error!(session = self.mailbox.number(), component, %failure, "a task failed");
                self.notices.refuse(0, failure);
                self.push();
            }
            Message::Post(post) => self.post(post),
            Message::Refresh => {}
            Message::Give(give) => self.give(give),
            #[cfg(any(test, feature = "testing"))]
            Message::Quiet { at_once: true, answer } => drop(answer.send(self.quiet())),
            #[cfg(any(test, feature = "testing"))]
            Message::Quiet { at_once: false, answer } => self.awaiting_quiet.push(answer),
            Message::Close => self.end(),
        }
    }

    /// Nothing begins any more; what is under way has its time to end.
    fn end(&mut self) {
        if self.ends_by.is_none() {
            self.ends_by = Some(after(self.shared.limits.grace_time));
            // Not settled, so the client still has them.
            let n_waiting = self.queue.len();
            self.queue.retain(|work| !matches!(work, Work::Event { .. } | Work::Refused { .. }));
            self.shared.metrics.less(Count::Waiting, n_waiting - self.queue.len());
            self.set_timer();
        }
    }

    fn receive(&mut self, incoming: Incoming) {
        let frame = match incoming {
            Incoming::Frame(frame) => frame,
            Incoming::TooLarge => return self.disconnect(close::TOO_LARGE, "frame too large"),
            Incoming::Malformed => return self.disconnect(close::MALFORMED, "expected a binary frame"),
            Incoming::Closed => return self.detach(),
        };
        // Whatever it says: it lives.
        self.settle_claim(false);
        // Who speaks on this connection has read what opened it: the newest token. The one before it has had its day.
        self.admits_previous = false;
        if self.connection.as_mut().is_some_and(|connection| !connection.admit_frame(&self.shared.limits)) {
            return self.disconnect(close::TOO_FAST, "too many events");
        }
        match ClientMessage::decode(&frame) {
            Ok(ClientMessage::Event { seq, seen, component, handler, payload }) => self.event(seq, seen, component, handler, payload),
            Ok(ClientMessage::Ack { seen, failed }) => {
                if !self.acknowledge(seen) {
                    return self.disconnect(close::MALFORMED, "acknowledged a patch that was never sent");
                }
                if !failed.is_empty() {
                    tracing::warn!(
                        session = self.mailbox.number(),
                        ?failed,
                        "the client's tree went wrong: sending those components again"
                    );
                    let before = self.notices.resync.len();
                    self.notices.resync.extend(failed.iter().take(64));
                    self.shared.metrics.add(Count::Resyncs, self.notices.resync.len() - before);
                }
                self.tell();
            }
            Ok(ClientMessage::Join { .. }) => self.disconnect(close::MALFORMED, "joined already"),
            Err(error) => {
                tracing::warn!(session = self.mailbox.number(), %error, "malformed frame");
                self.disconnect(close::MALFORMED, "malformed frame");
            }
        }
    }

    fn event(&mut self, seq: u64, seen: u64, component: u64, handler: [u8; 8], payload: String) {
        if seq <= self.received {
            return; // sent again after a reconnect, and applied already or waiting
        }
        let is_next = seq == self.received + 1 || self.may_skip && self.queue.is_empty() && !self.is_running();
        if !is_next || !self.acknowledge(seen) {
            return self.disconnect(close::MALFORMED, "event out of sequence");
        }
        // Refusals keep their place in the order, so they wait as well; a client that goes on regardless is sent away, and comes with this one again.
        let most = self.shared.limits.max_queued_events;
        if self.queue.len() >= 2 * most.max(1) {
            return self.disconnect(close::TOO_FAST, "too many events are waiting");
        }
        self.may_skip = false;
        self.received = seq;
        let came = Came { seq, at: std::time::Instant::now() };
        let busy = self.queue.len() >= most;
        let work = match (HandlerId::from_wire(handler), u32::try_from(component)) {
            _ if busy => Work::Refused { came, failure: Failure::Busy { reason: "too many events are waiting" } },
            _ if seen < self.shows_from => Work::Refused { came, failure: Failure::Stale },
            (Some(handler), Ok(component)) => {
                let is_free = self.queue.is_empty() && self.running.is_none();
                let overlaps = !is_free && self.overlaps(component, handler);
                Work::Event { came, component, event: Event { overlaps, ..Event::new(handler, seen, payload) } }
            }
            _ => Work::Refused { came, failure: Failure::Stale },
        };
        // Mostly nothing waits, and this needn't either.
        if self.queue.is_empty() && self.running.is_none() {
            self.start(work);
        } else {
            self.enqueue(work);
        }
    }

    /// Whether a turn is under way that may change something.
    fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(|running| !running.is_to_save)
    }

    fn enqueue(&mut self, work: Work) {
        self.queue.push_back(work);
        self.shared.metrics.one(Count::Waiting);
    }

    /// The client has shown patch `seen`. `false` when there never was one.
    fn acknowledge(&mut self, seen: u64) -> bool {
        if seen <= self.outbox.acked() {
            return true;
        }
        if !self.outbox.ack(seen) {
            return false;
        }
        self.count_backlog();
        // Events that still wait were meant for what was on the screen when they were made.
        let waiting = self.queue.iter().filter_map(|work| if let Work::Event { event, .. } = work { Some(event.seen) } else { None });
        self.components.forget(waiting.min().map_or(seen, |oldest| oldest.min(seen)));
        true
    }

    fn look_at_the_clock(&mut self) {
        let now = Instant::now();
        if self.idle_at.is_some_and(|at| at <= now) {
            self.look_if_idle();
        }
        if self.due <= now {
            self.be_due();
        }
        if self.claim.as_ref().is_some_and(|claim| claim.until <= now) {
            self.settle_claim(true);
        }
        if self.connection.is_some() {
            self.tick(now);
        }
        self.ended |= self.ends_by.is_some_and(|by| by <= now);
        if self.expires <= now {
            self.expire();
        }
        self.set_timer();
    }

    /// Nothing may have happened for a while. Events only leave a mark, which this takes away: setting a timer for each would cost
    /// more than what is saved.
    fn look_if_idle(&mut self) {
        let was_used = std::mem::take(&mut self.was_used);
        let is_waiting = self.running.is_some() || !self.queue.is_empty() || !self.notices.is_empty() || !self.outbox.is_empty();
        if was_used || is_waiting || !self.components.can_sleep() {
            self.idle_at = Some(after(self.shared.limits.idle_time));
            return;
        }
        self.components.sleep(self.outbox.acked());
        self.queue.shrink_to_fit();
        self.outbox.shrink();
        if let Some(connection) = &mut self.connection {
            connection.shrink();
        }
        self.idle_at = None;
        self.shared.metrics.one(Count::Asleep);
        tracing::debug!(session = self.mailbox.number(), "asleep");
    }

    /// There is something to do.
    pub(super) fn is_used(&mut self) {
        self.was_used = true;
        if self.idle_at.is_none() {
            self.shared.metrics.one_less(Count::Asleep);
            self.idle_at = Some(after(self.shared.limits.idle_time));
            self.set_timer();
        }
    }

    /// Something happens to a component: it has to be there.
    pub(super) fn wake(&mut self, component: u32) -> Result<(), Failure> {
        self.is_used();
        let versions = self.versions();
        self.components.wake(component, versions)
    }

    fn be_due(&mut self) {
        let Some(connection) = &mut self.connection else {
            self.ended = true; // nobody came, or came back
            return;
        };
        if connection.is_stuck(self.shared.limits.send_time) {
            return self.disconnect(close::SILENT, "nothing could be written");
        }
        if connection.is_silent() {
            return self.disconnect(close::SILENT, "no answer to two heartbeats");
        }
        connection.send(ServerMessage::Heartbeat.encode());
        self.due_after(self.shared.limits.heartbeat);
    }

    /// The socket is gone; the session waits for it to come back.
    fn detach(&mut self) {
        if self.connection.take().is_some() {
            self.count_stage();
            self.components.set_connected(false);
            self.due_after(self.shared.limits.detached_time);
            tracing::debug!(session = self.mailbox.number(), "detached");
            self.settle_claim(true);
        }
    }

    fn disconnect(&mut self, code: u16, reason: &'static str) {
        if let Some(connection) = self.connection.take() {
            connection.close(code, reason);
            self.count_stage();
            match code {
                close::TOO_LARGE => self.shared.metrics.one(Count::LimitedFrame),
                close::TOO_FAST => self.shared.metrics.one(Count::LimitedRate),
                _ => {}
            }
            self.components.set_connected(false);
            self.due_after(self.shared.limits.detached_time);
            tracing::debug!(session = self.mailbox.number(), code, reason, "disconnected");
            self.settle_claim(true);
        }
    }

    /// The session is as old as it may become.
    fn expire(&mut self) {
        self.shared.metrics.one(Count::Expired);
        tracing::debug!(session = self.mailbox.number(), "as old as it may become");
        // Said so that the client doesn't look for it again.
        self.disconnect(close::NO_SESSION, "the session is as old as it may become");
        (self.is_expired, self.ended) = (true, true);
    }

    fn count_stage(&mut self) {
        let stage = Some(if self.connection.is_some() { Count::Connected } else { Count::Detached });
        if stage != self.stage {
            self.shared.metrics.moves(self.stage, stage);
            self.stage = stage;
        }
    }

    fn count_backlog(&mut self) {
        let Self { shared, share, outbox, .. } = self;
        share.set(outbox.n_bytes(), &shared.backlog, &shared.metrics);
    }

    /// Sees to it that the session wakes when a timer is due. They rest while nobody is connected.
    fn mind_timers(&mut self) {
        if let Some(at) = self.components.next_timer().filter(|_| self.connection.is_some())
            && at < self.timer.deadline()
        {
            self.timer.as_mut().reset(at);
        }
    }

    fn due_after(&mut self, duration: Duration) {
        self.due = after(duration);
        self.set_timer();
    }

    fn set_timer(&mut self) {
        let claim = self.claim.as_ref().map(|claim| claim.until);
        let timer = self.components.next_timer().filter(|_| self.connection.is_some());
        let next =
            [self.idle_at, self.keep_at(), claim, self.ends_by, timer].into_iter().flatten().fold(self.due.min(self.expires), Instant::min);
        self.timer.as_mut().reset(next);
    }
}

/// This long from now; in a hundred years where that is "never".
fn after(duration: Duration) -> Instant {
    const LONG: Duration = Duration::from_hours(24 * 36_525);
    Instant::now() + duration.min(LONG)
}

/// However a session ends, nothing of it stays.
impl Drop for Actor {
    fn drop(&mut self) {
        self.shared.registry.remove(&self.id);
        if self.mailbox.set_joined() {
            self.shared.registry.settled();
        }
        let metrics = &self.shared.metrics;
        metrics.moves(self.stage, None);
        metrics.less(Count::Waiting, self.queue.len());
        self.share.set(0, &self.shared.backlog, metrics);
        if self.idle_at.is_none() {
            metrics.one_less(Count::Asleep);
        }
        self.running = None;
        self.components.clear();
        self.mailbox.clear_extensions();
    }
}
