//! Turns: runs what waits, one at a time, renders what it changed, and sends that.

use std::{cell::Cell, sync::Arc, time::Instant};

use bytes::Bytes;
use tracing::{Instrument as _, Span, field};

use super::Actor;
use crate::{
    Failure, HandlerId, Invalid,
    app::Shared,
    component::instance::{Deliver, Effect, Event, Finished, Job, Overtake, Turn, Versions},
    guard,
    handler::BoxFuture,
    metric::Count,
    patch::PatchWriter,
    protocol::{ServerMessage, deflate, encode_patch_header},
    session::{Message, PAGE},
    spare::Spare,
    upload::Redeemed,
};

/// How often a patch goes on with what waking some components has to show; what is left comes with the next.
const MOST_ROUNDS: usize = 8;

thread_local! {
    /// Where a patch is written before it is known how long it gets.
    static FRAME: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Work that waits for its turn.
pub(super) enum Work {
    Event {
        came: Came,
        component: u32,
        event: Event,
    },
    /// An event that is refused, in its place in the order.
    Refused {
        came: Came,
        failure: Failure,
    },
    Job {
        component: u32,
        job: Job,
        /// The run that it goes on with, if it does.
        run: Option<Run>,
    },
    Timer {
        component: u32,
        handler: HandlerId,
    },
    Deliver {
        component: u32,
        handler: HandlerId,
        deliver: Deliver,
        message: Arc<dyn std::any::Any + Send + Sync>,
    },
}

/// An event's number, and when the session heard of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came {
    pub(super) seq: u64,
    pub(super) at: Instant,
}

/// A run of a handler, from the event that began it to the end of its last turn.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) component: u32,
    pub(super) handler: HandlerId,
    /// Called when a later event for the handler comes.
    pub(super) overtake: Option<Overtake>,
}

impl Run {
    pub(super) fn is(&self, component: u32, handler: HandlerId) -> bool {
        self.component == component && self.handler == handler
    }
}

/// The turn under way.
pub(super) struct Running {
    pub(super) component: u32,
    /// The event that started it, if it was one.
    pub(super) event: Option<Came>,
    pub(super) run: Option<Run>,
    /// It changes nothing, and the session is saved after it.
    pub(super) is_to_save: bool,
    pub(super) span: Span,
    pub(super) future: BoxFuture<'static, Finished>,
}

/// What the next patch says besides what changed.
#[derive(Default)]
pub(super) struct Notices {
    refusals: Vec<(u64, Failure)>,
    navigate: Option<String>,
    /// Components whose tree in the client went wrong.
    pub(super) resync: Vec<u32>,
    /// The client shows something else altogether: all of the page is due, with the document around it.
    pub(super) whole: bool,
}

impl Notices {
    pub(super) fn is_empty(&self) -> bool {
        self.refusals.is_empty() && self.navigate.is_none() && self.resync.is_empty() && !self.whole
    }

    /// Refusals that wait while the client is behind. Of more than this many nobody reads the rest.
    const MAX_REFUSALS: usize = 256;

    pub(super) fn refuse(&mut self, event: u64, failure: Failure) {
        if self.refusals.len() < Self::MAX_REFUSALS {
            self.refusals.push((event, failure));
        } else {
            tracing::warn!(event, %failure, "a refusal was dropped: the client is too far behind");
        }
    }
}

impl Actor {
    /// Runs what waits, until something takes time.
    pub(super) fn pump(&mut self) {
        // What begins now would be missing where the session goes.
        if self.is_given() {
            return;
        }
        while self.running.is_none() {
            let Some(work) = self.queue.pop_front() else { break };
            self.shared.metrics.one_less(Count::Waiting);
            self.start(work);
        }
        let refresh = self.mailbox.take_refresh();
        if !refresh.is_empty() {
            self.components.mark(refresh);
        }
        if self.components.is_dirty() && self.running.is_none() {
            self.is_used();
            if let Err(failure) = self.render() {
                self.notices.refuse(0, failure);
            }
            self.push();
        }
    }

    pub(super) fn start(&mut self, work: Work) {
        self.redeemed.clear();
        let (kind, component, event) = match &work {
            Work::Event { component, came, .. } => ("event", *component, Some(*came)),
            Work::Refused { came, .. } => ("event", 0, Some(*came)),
            Work::Job { component, .. } => ("task", *component, None),
            Work::Deliver { component, .. } => ("message", *component, None),
            Work::Timer { component, .. } => ("timer", *component, None),
        };
        let mut run = match &work {
            Work::Event { component, event, .. } => Some(Run { component: *component, handler: event.handler, overtake: None }),
            Work::Timer { component, handler } => Some(Run { component: *component, handler: *handler, overtake: None }),
            Work::Job { run, .. } => run.clone(),
            Work::Refused { .. } | Work::Deliver { .. } => None,
        };
        let span = self.span(kind, component, event);
        let _turn = span.enter();
        // What wakes nobody has nothing to show but itself.
        let is_for_nobody = match &work {
            Work::Refused { .. } => true,
            Work::Deliver { handler, .. } => !self.components.listens(component, *handler),
            Work::Event { .. } | Work::Job { .. } | Work::Timer { .. } => false,
        };
        if !is_for_nobody && let Err(failure) = self.wake(component) {
            return self.refuse(event, failure);
        }
        let turn = match work {
            Work::Refused { failure, .. } => return self.refuse(event, failure),
            Work::Deliver { .. } if is_for_nobody => return,
            Work::Event { event: mut happened, .. } => {
                happened.superseded = self.waits(component, happened.handler);
                if let Err(invalid) = self.redeem(component, &mut happened) {
                    return self.refuse(event, Failure::Invalid(invalid));
                }
                match self.components.take(component) {
                    Some(instance) => instance.event(happened),
                    None => return self.refuse(event, Failure::Stale),
                }
            }
            // The component is gone, and its timers with it.
            Work::Timer { handler, .. } => match self.components.take(component) {
                Some(instance) => instance.event(Event::new(handler, u64::MAX, String::new())),
                None => return,
            },
            // The component is gone, and its task or subscription with it: nobody is left to tell.
            Work::Job { job, .. } => match self.components.take(component) {
                Some(instance) => job(instance),
                None => return,
            },
            Work::Deliver { deliver, message, handler, .. } => match self.components.take(component) {
                Some(instance) => deliver(instance, message, handler),
                None => return,
            },
        };
        let future = match turn {
            Turn::Done(finished) => return self.finish(component, event, run, finished),
            Turn::Pending(future) => future,
            Turn::Overtakable(future, overtake) => {
                if let Some(run) = &mut run {
                    run.overtake = Some(overtake);
                }
                future
            }
        };
        let future = if span.is_disabled() { future } else { Box::pin(future.instrument(span.clone())) };
        self.running = Some(Running { component, event, run, is_to_save: false, span: span.clone(), future });
    }

    /// Whether an event or a timer of this handler waits.
    fn waits(&self, component: u32, handler: HandlerId) -> bool {
        self.queue.iter().any(|work| match work {
            Work::Event { component: other, event, .. } => *other == component && event.handler == handler,
            Work::Timer { component: other, handler: waiting } => *other == component && *waiting == handler,
            _ => false,
        })
    }

    /// The runs of a handler that are under way.
    fn runs(&self, component: u32, handler: HandlerId) -> impl Iterator<Item = &Run> {
        let waiting = self.queue.iter().filter_map(|work| if let Work::Job { run, .. } = work { run.as_ref() } else { None });
        let running = self.running.as_ref().and_then(|running| running.run.as_ref());
        waiting.chain(running).filter(move |run| run.is(component, handler))
    }

    /// An event of this handler comes. Whether a run of it is under way, which is told, or waits.
    pub(super) fn overlaps(&self, component: u32, handler: HandlerId) -> bool {
        let mut is_under_way = false;
        for run in self.runs(component, handler) {
            is_under_way = true;
            if let Some(overtake) = &run.overtake {
                overtake();
            }
        }
        is_under_way || self.waits(component, handler)
    }

    /// Lets the timers run that are due. One whose last run is not over yet is left out this time.
    pub(super) fn tick(&mut self, now: tokio::time::Instant) {
        for (component, handler) in self.components.take_due(now) {
            if self.runs(component, handler).next().is_none() && !self.waits(component, handler) {
                self.enqueue(Work::Timer { component, handler });
            }
        }
    }

    /// What the log and traces say a turn is. Never the token, nor what an event carries.
    fn span(&mut self, kind: &'static str, component: u32, event: Option<Came>) -> Span {
        let span = tracing::info_span!(
            "turn",
            session = self.mailbox.number(),
            kind,
            event = field::Empty,
            component = field::Empty,
            handler = field::Empty
        );
        if !span.is_disabled() {
            if let Some(event) = event {
                span.record("event", event.seq);
            }
            if let Some(instance) = self.components.instance(component) {
                span.record("component", instance.name());
            }
        }
        span
    }

    pub(super) fn finish(&mut self, component: u32, event: Option<Came>, run: Option<Run>, finished: Finished) {
        let Finished { instance, result, dirty, then, overtake } = finished;
        self.components.put_back(component, instance);
        match result {
            Err(failure) => return self.refuse(event, failure),
            Ok(effects) => {
                let is_clean = self.components.instance(component).is_some_and(|instance| instance.is_clean());
                self.components.mark(dirty.iter().copied().chain((!is_clean).then_some(component)));
                let rendered = self.render();
                if let Some(instance) = self.components.instance(component) {
                    instance.settle(rendered.is_ok());
                }
                if let Err(failure) = rendered {
                    // Show the state from before again: what rendered it then renders it now.
                    self.components.mark(dirty.into_iter().chain([component]));
                    if let Err(failure) = self.render() {
                        tracing::error!(session = self.mailbox.number(), %failure, "rendering failed again after an undo");
                    }
                    return self.refuse(event, failure);
                }
                for effect in effects {
                    self.apply(component, effect);
                }
                self.n_turns += 1;
                self.has_taken();
            }
        }
        if let Some(job) = then {
            self.enqueue(Work::Job { component, job, run: run.map(|run| Run { overtake, ..run }) });
        }
        self.settle(event);
    }

    /// Finds the files that an event names.
    fn redeem(&mut self, component: u32, event: &mut Event) -> Result<(), Invalid> {
        let Redeemed { uploads, payload } = self.shared.spool.redeem(&self.id, component, &event.payload)?;
        if let Some(payload) = payload {
            event.payload = payload;
        }
        self.redeemed.clone_from(&uploads);
        event.uploads = uploads;
        Ok(())
    }

    /// A turn has ended well. What it was given is its own from now on, and what nobody has kept goes. (Of one that failed the files stay: the form may be sent again.)
    fn has_taken(&mut self) {
        if !self.shared.spool.is_empty() {
            self.shared.spool.taken(&self.id, &std::mem::take(&mut self.redeemed));
            self.shared.spool.sweep(&self.id);
        }
    }

    fn refuse(&mut self, event: Option<Came>, failure: Failure) {
        self.notices.refuse(event.map_or(0, |event| event.seq), failure);
        self.settle(event);
    }

    /// An event is over: say so, with what it changed.
    fn settle(&mut self, event: Option<Came>) {
        if let Some(event) = event {
            self.settled = event.seq;
        }
        self.tell();
        if let Some(event) = event {
            self.shared.metrics.settled(event.at.elapsed());
        }
    }

    /// Sends what changed; or else only that events are settled, if they are and the client doesn't know yet. While the client is too
    /// far behind it hears neither: the patch that it gets then covers both.
    pub(super) fn tell(&mut self) {
        self.push();
        self.release();
    }

    /// Sends what the client may know: patches, and that events are settled if no patch has said so.
    pub(super) fn release(&mut self) {
        let tellable = self.tellable();
        let has_room = self.has_room();
        let Some(connection) = &mut self.connection else { return };
        if self.sent < tellable.seq {
            let patches = self.outbox.after(self.sent).into_iter().flatten();
            let n_patches = usize::try_from(tellable.seq - self.sent).unwrap_or(usize::MAX);
            for patch in patches.take(n_patches) {
                connection.send(Bytes::copy_from_slice(patch));
            }
            self.sent = tellable.seq;
            if self.sent == self.outbox.seq() {
                self.told = self.told.max(self.patched);
            }
        }
        // Not before the patch that shows what they did; while the client is too far behind, that is still to be made.
        if self.told < tellable.settled && has_room && self.sent == self.outbox.seq() {
            self.told = tellable.settled;
            connection.send(ServerMessage::Ack { ack: self.told }.encode());
        }
    }

    fn has_room(&self) -> bool {
        let Shared { limits, backlog, .. } = &*self.shared;
        self.outbox.has_room(limits.max_unacked_patches, limits.max_unacked_bytes)
            && self.share.has_room(backlog, limits.max_total_unacked_bytes)
    }

    fn apply(&mut self, component: u32, effect: Effect) {
        match effect {
            Effect::Navigate(path) => self.notices.navigate = Some(path),
            Effect::Broadcast { topic, message, far } => {
                self.shared.bus.publish(&topic, &message);
                if let Some(far) = far {
                    self.shared.bus.send_far(&topic, far);
                }
            }
            Effect::Spawn(future) => {
                if self.components.n_tasks() >= self.shared.limits.max_tasks {
                    self.notices.refuse(0, Failure::Busy { reason: "too many tasks are running" });
                    return;
                }
                let (mailbox, under_way) = (self.mailbox.clone(), self.mailbox.under_way());
                let task = tokio::spawn(async move {
                    let message = match guard::catch_async(async { Ok(future.await) }).await {
                        Ok(job) => Message::Job { component, job },
                        Err(failure) => Message::TaskFailed { component, failure },
                    };
                    mailbox.send(message).await;
                    drop(under_way); // not before the session has the rest of the work
                });
                self.components.add_task(component, task.abort_handle());
            }
        }
    }

    fn render(&mut self) -> Result<(), Failure> {
        let versions = self.versions();
        self.components.render(versions)
    }

    pub(super) fn versions(&self) -> Versions {
        Versions { seq: self.outbox.seq(), acked: self.outbox.acked() }
    }

    /// Makes a patch of what changed and sends it. `false` when nothing changed, or the client is too far behind: then the
    /// patch that follows its next acknowledgement covers everything since.
    pub(super) fn push(&mut self) -> bool {
        if !self.has_room() {
            if !self.share.has_room(&self.shared.backlog, self.shared.limits.max_total_unacked_bytes) {
                self.shared.metrics.one(Count::LimitedUnacked);
            }
            return false;
        }
        let is_whole = std::mem::take(&mut self.notices.whole);
        let mut resync = std::mem::take(&mut self.notices.resync);
        if is_whole {
            resync = vec![PAGE];
        }
        resync.retain(|component| match self.wake(*component) {
            Ok(()) => true,
            Err(failure) => {
                self.notices.refuse(0, failure);
                false
            }
        });
        let mut frame = Spare::take(&FRAME);
        encode_patch_header(self.outbox.seq() + 1, self.settled, &mut frame);
        let mut writer = PatchWriter::new(&mut frame);
        self.components.write_patch(&mut writer, self.shared.limits.diff_time);
        // What has to be sent as a whole may wake what is to be written, too.
        for _ in 0..MOST_ROUNDS {
            let unlike: Vec<u32> = self.components.take_unlike().collect();
            if unlike.is_empty() {
                break;
            }
            resync.extend(unlike.into_iter().filter(|component| match self.wake(*component) {
                Ok(()) => true,
                Err(failure) => {
                    self.notices.refuse(0, failure);
                    false
                }
            }));
            self.components.write_patch(&mut writer, self.shared.limits.diff_time);
        }
        resync.sort_unstable();
        resync.dedup();
        for component in resync {
            self.components.write_resync(component, &mut writer);
        }
        if is_whole {
            self.components.write_document(&mut writer);
        }
        if is_whole || self.components.title() != self.title.as_deref() {
            self.title = self.components.title().map(str::to_owned);
            writer.title(self.title.as_deref().unwrap_or(&self.shared.title));
        }
        for (event, failure) in std::mem::take(&mut self.notices.refusals) {
            self.shared.metrics.refused(&failure);
            let (message, fields) = self.shared.describe(&failure, self.mailbox.number());
            self.posts.is_some().then(|| self.hear_of(event, &message, &fields));
            writer.refused(event, failure.code(), &message, &fields);
        }
        if let Some(path) = self.notices.navigate.take() {
            let path = self.mailbox.href(&path).into_owned();
            self.hear_where(&path);
            writer.navigate(&path);
        }
        if writer.is_empty() {
            return false;
        }
        self.patched = self.settled;
        // Kept as it travels: what is sent again after a reconnect is the same bytes.
        let deflated = (frame.len() > self.shared.limits.deflate_bytes).then(|| deflate(&frame)).flatten();
        let frame = deflated.as_deref().unwrap_or(&frame);
        self.outbox.push(frame);
        self.shared.metrics.patched(frame.len());
        self.count_backlog();
        self.release();
        true
    }
}
