//! What runs on a lane's thread: load the model, take a batch, run it, answer everyone, again. All that a model
//! can do wrong ends here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;
use std::sync::Arc;
use std::time::Instant;

use super::lane::Shared;
use super::queue::{Caller, Job};
use super::{Model, ModelError, Tensor};

/// A model on its thread.
pub(super) struct Worker<M, F> {
    /// Makes the model, again after a panic.
    loader: F,
    /// `None` from a panic until the model is loaded again.
    model: Option<M>,
    shared: Arc<Shared>,
}

/// Why a batch gave no answers.
enum Failure {
    /// The model gave an error, or something that does not fit: maybe because of one request among many.
    Run(ModelError),
    /// The model is gone.
    Panic(String),
    /// The model was gone, and could not be loaded again.
    Reload(Arc<ModelError>),
}

impl Failure {
    /// The error that each of the callers gets. `Run` has a single one, since it is told only to a lone request.
    fn into_errors(self, callers: usize) -> Vec<ModelError> {
        match self {
            Self::Run(error) => vec![error],
            Self::Panic(message) => (0..callers).map(|_| ModelError::Panicked { message: message.clone() }).collect(),
            Self::Reload(source) => (0..callers).map(|_| ModelError::Reload(Arc::clone(&source))).collect(),
        }
    }
}

/// Loads and warms up. A panic meanwhile is an error like others.
pub(super) fn load<M: Model>(loader: &mut impl FnMut() -> Result<M, ModelError>) -> Result<M, ModelError> {
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let mut model = loader()?;
        model.warm_up()?;
        Ok(model)
    }));
    attempt.unwrap_or_else(|panic| Err(ModelError::Panicked { message: message_of(&*panic) }))
}

impl<M, F> Worker<M, F>
where
    M: Model,
    F: FnMut() -> Result<M, ModelError>,
{
    pub(super) fn new(loader: F, model: M, shared: Arc<Shared>) -> Self {
        Self { loader, model: Some(model), shared }
    }

    /// Runs until the queue closes.
    pub(super) fn serve(mut self) {
        let batched = self.shared.signature.is_batched();
        let max_items = if batched { self.shared.options.max_batch } else { 1 };
        while let Some(batch) = self.shared.queue.next_batch(max_items) {
            self.answer(batch);
        }
    }

    /// Runs one batch and answers all its requests.
    fn answer(&mut self, batch: Vec<Job>) {
        let (requests, callers): (Vec<_>, Vec<_>) = batch.into_iter().map(|job| (job.inputs, job.caller)).unzip();
        match self.run(&requests, &callers) {
            Ok(answers) => {
                for (caller, answer) in callers.into_iter().zip(answers) {
                    caller.finish(Ok(answer));
                }
            }
            // One bad request fails the whole batch, and nothing tells which it was.
            Err(Failure::Run(error)) if callers.len() > 1 => {
                tracing::debug!(model = self.shared.options.name, %error, "batch failed, running one by one");
                for (request, caller) in requests.iter().zip(callers) {
                    self.answer_alone(request, caller);
                }
            }
            Err(failure) => {
                let panicked = matches!(failure, Failure::Panic(_));
                let errors = failure.into_errors(callers.len());
                for (caller, error) in callers.into_iter().zip(errors) {
                    caller.finish(Err(error));
                }
                if panicked {
                    // Ahead of the next request, which would wait for it; if it fails, that request tries again.
                    self.reload().ok();
                }
            }
        }
    }

    /// Runs one request of a batch that failed.
    fn answer_alone(&mut self, request: &Vec<Tensor>, caller: Caller) {
        if caller.is_gone() {
            return;
        }
        let answer = match self.run(slice::from_ref(request), slice::from_ref(&caller)) {
            Ok(mut answers) => Ok(answers.pop().expect("`run` checks that there is one for each request")),
            Err(failure) => Err(failure.into_errors(1).pop().expect("there is one for each caller")),
        };
        caller.finish(answer);
    }

    /// Runs requests as one batch, and checks that what comes out fits what went in.
    fn run(&mut self, requests: &[Vec<Tensor>], callers: &[Caller]) -> Result<Vec<Vec<Tensor>>, Failure> {
        if self.model.is_none() {
            self.reload()?;
        }
        let model = self.model.as_mut().expect("it was just loaded if it was not there");
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| model.run(requests)));
        let items = callers.iter().map(|caller| caller.form.items).sum();
        self.shared.counters.add_batch(items, start.elapsed());
        let answers = match outcome {
            Ok(answers) => answers.map_err(Failure::Run)?,
            Err(panic) => {
                let message = message_of(&*panic);
                tracing::warn!(model = self.shared.options.name, message, "model panicked");
                self.discard();
                return Err(Failure::Panic(message));
            }
        };
        self.check(&answers, callers).map_err(Failure::Run)?;
        Ok(answers)
    }

    fn check(&self, answers: &[Vec<Tensor>], callers: &[Caller]) -> Result<(), ModelError> {
        if answers.len() != callers.len() {
            let (expected, got) = (callers.len(), answers.len());
            return Err(ModelError::run(format!("expected answers to {expected} requests, got {got}")));
        }
        for (answer, caller) in answers.iter().zip(callers) {
            self.shared.signature.check_outputs(caller.form.items, answer).map_err(ModelError::Output)?;
        }
        Ok(())
    }

    fn reload(&mut self) -> Result<(), Failure> {
        let signature = &self.shared.signature;
        let loaded = load(&mut self.loader).and_then(|model| {
            if model.signature() == signature {
                Ok(model)
            } else {
                let got = model.signature();
                Err(ModelError::load(format!("expected the signature `{signature}` as before, got `{got}`")))
            }
        });
        match loaded {
            Ok(model) => {
                self.shared.counters.add_restart();
                self.model = Some(model);
                Ok(())
            }
            Err(error) => {
                let model = self.shared.options.name.as_str();
                tracing::error!(model, error = &error as &dyn std::error::Error, "cannot load the model again");
                Err(Failure::Reload(Arc::new(error)))
            }
        }
    }

    /// Drops the model, which may be in any state, so that even this may panic.
    fn discard(&mut self) {
        let model = self.model.take();
        catch_unwind(AssertUnwindSafe(|| drop(model))).ok();
    }
}

/// What a panic said.
fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message").to_owned()
}
