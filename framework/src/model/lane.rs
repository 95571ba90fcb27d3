//! A lane: one model, its thread, and the queue in front of it. Sessions hold a [`Lane`] and call it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::figures::Counters;
use super::queue::{Answer, Caller, Job, Queue};
use super::worker::{self, Worker};
use super::{LaneFigures, Model, ModelError, Signature, SignatureError, Tensor};

/// Settings of a [`Lane`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaneOptions {
    /// What the model is called in logs, and its thread (shortened by the system). Default: `model`.
    pub name: String,
    /// The most items that go through the model at once, and that one request may hold. Default: 32, from where on
    /// larger batches gain little on a CPU. At least 1.
    pub max_batch: usize,
    /// The most items that may wait; more are refused as [`ModelError::Busy`]. Default: 1,024. At least 1.
    pub queue_limit: usize,
}

impl Default for LaneOptions {
    fn default() -> Self {
        Self { name: "model".to_owned(), max_batch: 32, queue_limit: 1024 }
    }
}

impl LaneOptions {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`LaneOptions::name`].
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets [`LaneOptions::max_batch`], in items; 0 counts as 1.
    #[must_use]
    pub fn max_batch(mut self, items: usize) -> Self {
        self.max_batch = items.max(1);
        self
    }

    /// Sets [`LaneOptions::queue_limit`], in items; 0 counts as 1.
    #[must_use]
    pub fn queue_limit(mut self, items: usize) -> Self {
        self.queue_limit = items.max(1);
        self
    }
}

/// A model on a thread of its own, callable from anywhere.
///
/// Clones share the lane. When the last one is dropped, the thread ends by itself after the batch that it is at;
/// [`Lane::close`] also waits for that.
///
/// ```
/// use livefloe::model::{Lane, LaneOptions, Model, ModelError, Signature, Tensor};
///
/// struct Double(Signature);
///
/// impl Model for Double {
///     fn signature(&self) -> &Signature {
///         &self.0
///     }
///
///     fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError> {
///         let inputs: Vec<&Tensor> = batch.iter().map(|request| &request[0]).collect();
///         let lengths: Vec<usize> = inputs.iter().map(|input| input.shape()[0]).collect();
///         let all = Tensor::concat(&inputs).map_err(ModelError::run)?;
///         let doubled: Vec<f32> = all.as_slice::<f32>().map_err(ModelError::run)?.iter().map(|x| x * 2.0).collect();
///         let all = Tensor::new(all.shape(), doubled).map_err(ModelError::run)?;
///         let answers = all.split(&lengths).map_err(ModelError::run)?;
///         Ok(answers.into_iter().map(|answer| vec![answer]).collect())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let lane = Lane::start(|| Ok(Double("x: f32 [n, 2] -> y: f32 [n, 2]".parse()?)), LaneOptions::new())?;
///
/// // One item, as most sessions have it: the batch dimension is left out, also of the answer.
/// let answer = lane.run_blocking(vec![Tensor::new([2], vec![1.0_f32, 2.0])?])?;
/// assert_eq!(answer, [Tensor::new([2], vec![2.0_f32, 4.0])?]);
///
/// // Two items at once.
/// let answer = lane.run_blocking(vec![Tensor::new([2, 2], vec![1.0_f32, 2.0, 3.0, 4.0])?])?;
/// assert_eq!(answer[0].shape(), [2, 2]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Lane {
    handle: Arc<Handle>,
}

/// What callers and the lane's thread share.
pub(super) struct Shared {
    pub(super) signature: Signature,
    pub(super) options: LaneOptions,
    pub(super) queue: Queue,
    pub(super) counters: Counters,
}

/// Lives as long as any [`Lane`] does.
struct Handle {
    shared: Arc<Shared>,
    /// Taken by whoever waits for the thread to end.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Not waited for: the last handle may well be dropped on a thread that serves sessions.
        self.shared.queue.close();
    }
}

impl Lane {
    /// Starts the thread, loads and warms up the model there, and waits until that is done, which may take seconds:
    /// call it before the server starts, or through `tokio::task::spawn_blocking`.
    ///
    /// The loader is called again after a panic of the model, and has to give the same signature.
    ///
    /// # Errors
    /// What the loader or [`Model::warm_up`] gave; [`ModelError::Panicked`] if it panicked; [`ModelError::Load`] if
    /// the system has no thread left.
    pub fn start<M, F>(mut loader: F, mut options: LaneOptions) -> Result<Self, ModelError>
    where
        M: Model + 'static,
        F: FnMut() -> Result<M, ModelError> + Send + 'static,
    {
        options.max_batch = options.max_batch.max(1);
        options.queue_limit = options.queue_limit.max(1);
        let (started, start) = mpsc::sync_channel(1);
        let name = options.name.clone();
        let run = move || {
            let model = match worker::load(&mut loader) {
                Ok(model) => model,
                Err(error) => return drop(started.send(Err(error))),
            };
            let queue = Queue::new(options.queue_limit);
            let (signature, counters) = (model.signature().clone(), Counters::default());
            let shared = Arc::new(Shared { signature, options, queue, counters });
            let _close = CloseOnExit(Arc::clone(&shared));
            let worker = Worker::new(loader, model, Arc::clone(&shared));
            if started.send(Ok(shared)).is_ok() {
                worker.serve();
            }
        };
        let thread = thread::Builder::new().name(name).spawn(run).map_err(ModelError::load)?;
        let shared = start.recv().map_err(ModelError::load)??;
        Ok(Self { handle: Arc::new(Handle { shared, thread: Mutex::new(Some(thread)) }) })
    }

    /// What the model takes and gives.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.handle.shared.signature
    }

    /// The settings that it was started with.
    #[must_use]
    pub fn options(&self) -> &LaneOptions {
        &self.handle.shared.options
    }

    /// How the lane is doing; costs no more than a short lock.
    #[must_use]
    pub fn figures(&self) -> LaneFigures {
        let Shared { queue, counters, .. } = &*self.handle.shared;
        counters.figures(queue.items())
    }

    /// Runs the model on one request, together with whatever else waits at that moment.
    ///
    /// For a batched signature, give one item, the batch dimension left out of all inputs, and the outputs come
    /// without it as well; or give all inputs with it, up to [`LaneOptions::max_batch`] items.
    ///
    /// # Errors
    /// [`ModelError::Input`] and [`ModelError::Busy`] at once, with nothing queued. Otherwise what the model gave
    /// for this request, [`ModelError::Panicked`], [`ModelError::Reload`], or [`ModelError::Closed`].
    ///
    /// # Cancel safety
    /// Dropping the future takes the request back. If the model is at it already, the answer is thrown away.
    pub async fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, ModelError> {
        self.submit(inputs)?.await.unwrap_or(Err(ModelError::Closed))
    }

    /// Like [`Lane::run`], for code outside a runtime.
    ///
    /// # Errors
    /// Those of [`Lane::run`].
    ///
    /// # Panics
    /// On a thread that runs asynchronous code, which it would block.
    pub fn run_blocking(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, ModelError> {
        self.submit(inputs)?.blocking_recv().unwrap_or(Err(ModelError::Closed))
    }

    /// Ends the lane for all its clones, and waits for the batch that it is at. Whoever waits in the queue gets
    /// [`ModelError::Closed`]. It blocks for as long as that batch takes; a second call returns at once.
    pub fn close(&self) {
        self.handle.shared.queue.close();
        let thread = self.handle.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A model that owns its own lane would wait for itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != thread::current().id()) {
            thread.join().ok();
        }
    }

    /// Checks a request and puts it into the queue.
    fn submit(&self, mut inputs: Vec<Tensor>) -> Result<oneshot::Receiver<Answer>, ModelError> {
        let Shared { signature, options, queue, .. } = &*self.handle.shared;
        let form = signature.form_of(&inputs)?;
        let limit = options.max_batch.min(options.queue_limit);
        if form.items == 0 || form.items > limit {
            let got = form.items;
            return Err(SignatureError::Items { limit, got }.into());
        }
        if form.implied {
            inputs = inputs.into_iter().map(Tensor::with_batch_dimension).collect();
        }
        let (reply, receiver) = oneshot::channel();
        queue.push(Job { inputs, caller: Caller { form, reply } })?;
        Ok(receiver)
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("options", self.options()).field("figures", &self.figures()).finish_non_exhaustive()
    }
}

/// Answers whoever still waits when the thread ends for whatever reason, so that nobody waits for ever.
struct CloseOnExit(Arc<Shared>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.queue.close();
    }
}

#[cfg(test)]
mod tests;
