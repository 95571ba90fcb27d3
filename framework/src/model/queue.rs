//! The bounded queue between callers and a lane's thread, and the choice of what runs together.
//!
//! A mutex and a condition variable: the lane's thread is no task, and has to look past the front for requests
//! that fit together, which a channel does not allow. The lock is held for moves only, never while a model runs.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::signature::Form;
use super::{ModelError, Tensor};

/// What one request gets.
pub(super) type Answer = Result<Vec<Tensor>, ModelError>;

/// A request that was checked and waits for its turn.
pub(super) struct Job {
    /// With their batch dimension, where the signature has one.
    pub(super) inputs: Vec<Tensor>,
    pub(super) caller: Caller,
}

/// Who waits for the answer to a request, and in which form.
pub(super) struct Caller {
    pub(super) form: Form,
    pub(super) reply: oneshot::Sender<Answer>,
}

impl Caller {
    /// Whether nobody waits for the answer any more.
    pub(super) fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }

    /// Hands the answer over, without the batch dimension if the request came without it.
    pub(super) fn finish(self, answer: Answer) {
        let answer = answer
            .map(|outputs| if self.form.implied { outputs.into_iter().map(Tensor::without_batch_dimension).collect() } else { outputs });
        // A caller that left in the meantime wants no answer.
        self.reply.send(answer).ok();
    }
}

impl Job {
    fn items(&self) -> usize {
        self.caller.form.items
    }

    /// Whether both can go through the model as one: all dimensions but the first are the same.
    fn fits(&self, other: &Self) -> bool {
        let pairs = self.inputs.iter().zip(&other.inputs);
        pairs.into_iter().all(|(own, other)| own.shape().get(1..) == other.shape().get(1..))
    }
}

/// Jobs in the order of their arrival.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Wakes the lane's thread when a job arrives or the queue closes.
    arrival: Condvar,
    /// The most items that may wait.
    limit: usize,
}

struct State {
    jobs: VecDeque<Job>,
    /// Items in `jobs`, cancelled ones included until they are met.
    items: usize,
    /// Whether the lane's thread sleeps; waking it costs a system call that a busy lane does not need.
    parked: bool,
    /// No job comes in or goes out any more.
    closed: bool,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        let state = State { jobs: VecDeque::new(), items: 0, parked: false, closed: false };
        Self { state: Mutex::new(state), arrival: Condvar::new(), limit }
    }

    /// Items that wait now.
    pub(super) fn items(&self) -> usize {
        self.lock().items
    }

    /// Puts a job at the end, or refuses it as [`ModelError::Busy`] or [`ModelError::Closed`].
    pub(super) fn push(&self, job: Job) -> Result<(), ModelError> {
        let mut state = self.lock();
        if state.closed {
            return Err(ModelError::Closed);
        }
        let items = job.items();
        if state.items + items > self.limit {
            // Those that left still hold their places: give them free before anyone is turned away.
            state.jobs.retain(|job| !job.caller.is_gone());
            state.items = state.jobs.iter().map(Job::items).sum();
        }
        if state.items + items > self.limit {
            return Err(ModelError::Busy { queued: state.items, limit: self.limit });
        }
        state.items += items;
        state.jobs.push_back(job);
        if std::mem::take(&mut state.parked) {
            drop(state);
            self.arrival.notify_one();
        }
        Ok(())
    }

    /// Sleeps until there is a job, then takes it and all later ones that fit with it, up to `max_items`.
    /// `None` once the queue is closed.
    pub(super) fn next_batch(&self, max_items: usize) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            let batch = state.take_batch(max_items);
            if !batch.is_empty() {
                return Some(batch);
            }
            state.parked = true;
            state = self.arrival.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets the lane's thread end, and everyone who waits know that no answer will come.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.items = 0;
        let jobs = std::mem::take(&mut state.jobs);
        drop(state);
        self.arrival.notify_one();
        // Wakes other tasks, so it happens outside the lock.
        drop(jobs);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that could panic leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first job that somebody waits for, and those behind it that fit. A job that is too large for the rest of
    /// the batch is passed over, and then stands nearer to the front: it cannot starve.
    fn take_batch(&mut self, max_items: usize) -> Vec<Job> {
        let mut batch: Vec<Job> = Vec::new();
        let mut items = 0;
        let mut index = 0;
        while items < max_items {
            let Some(job) = self.jobs.get(index) else {
                break;
            };
            let cancelled = job.caller.is_gone();
            let taken = batch.first().is_none_or(|first| first.fits(job) && items + job.items() <= max_items);
            if !cancelled && !taken {
                index += 1;
                continue;
            }
            let job = self.jobs.remove(index).expect("the index was just looked at");
            self.items -= job.items();
            if !cancelled {
                items += job.items();
                batch.push(job);
            }
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    type Receiver = oneshot::Receiver<Answer>;
    /// Items and width of each job.
    type Sizes = &'static [(usize, usize)];

    fn job(items: usize, width: usize) -> (Job, Receiver) {
        let (reply, receiver) = oneshot::channel();
        let inputs = vec![Tensor::zeros([items, width], DType::F32).unwrap()];
        let form = Form { items, implied: false };
        (Job { inputs, caller: Caller { form, reply } }, receiver)
    }

    /// A queue of these jobs, and what keeps them from being cancelled.
    fn queue(limit: usize, jobs: Sizes) -> (Queue, Vec<Receiver>) {
        let queue = Queue::new(limit);
        let receivers = jobs.iter().map(|&(items, width)| {
            let (job, receiver) = job(items, width);
            queue.push(job).unwrap();
            receiver
        });
        let receivers = receivers.collect();
        (queue, receivers)
    }

    fn sizes(batch: Option<Vec<Job>>) -> Vec<(usize, usize)> {
        batch.unwrap().iter().map(|job| (job.items(), job.inputs[0].shape()[1])).collect()
    }

    #[test]
    fn a_batch_is_all_that_fits_in_order_of_arrival() {
        let cases: [(Sizes, &[Sizes]); 5] = [
            (&[(1, 5), (2, 5), (1, 5)], &[&[(1, 5), (2, 5), (1, 5)]]),
            (&[(1, 5), (1, 6), (2, 5), (3, 6)], &[&[(1, 5), (2, 5)], &[(1, 6), (3, 6)]]),
            (&[(3, 5), (2, 5), (1, 5)], &[&[(3, 5), (1, 5)], &[(2, 5)]]),
            (&[(4, 5), (4, 5)], &[&[(4, 5)], &[(4, 5)]]),
            (&[(1, 5), (1, 5), (1, 5), (1, 5), (1, 5)], &[&[(1, 5); 4], &[(1, 5)]]),
        ];
        for (jobs, batches) in cases {
            let (queue, _receivers) = queue(100, jobs);
            for batch in batches {
                assert_eq!(sizes(queue.next_batch(4)), *batch, "{jobs:?}");
            }
            assert_eq!(queue.items(), 0, "{jobs:?}");
        }
    }

    #[test]
    fn cancelled_jobs_are_passed_over() {
        let (queue, mut receivers) = queue(100, &[(1, 5), (1, 5), (1, 6), (1, 5)]);
        receivers.remove(1);
        receivers.remove(0);
        assert_eq!(sizes(queue.next_batch(4)), [(1, 6)]);
        assert_eq!(sizes(queue.next_batch(4)), [(1, 5)]);
    }

    #[test]
    fn a_full_queue_refuses_until_a_caller_leaves() {
        let (queue, mut receivers) = queue(4, &[(2, 5), (2, 5)]);
        let refused = queue.push(job(1, 5).0).unwrap_err();
        assert!(matches!(refused, ModelError::Busy { queued: 4, limit: 4 }), "{refused:?}");
        receivers.pop();
        assert!(queue.push(job(2, 5).0).is_ok());
        assert_eq!(queue.items(), 4);
    }

    #[test]
    fn closing_ends_the_lane_and_answers_everyone() {
        let (queue, mut receivers) = queue(4, &[(1, 5)]);
        queue.close();
        assert!(receivers[0].try_recv().is_err_and(|error| error == oneshot::error::TryRecvError::Closed));
        assert!(queue.next_batch(4).is_none());
        assert!(matches!(queue.push(job(1, 5).0), Err(ModelError::Closed)));
    }
}
