//! Models that run inside the process, their calls put together across sessions.
//!
//! A [`Model`] lives on the thread of its [`Lane`]. Any number of sessions call [`Lane::run`] with one request
//! each; whenever the model is free it takes all requests that wait, up to a limit, as one batch. Nothing waits
//! for a batch to fill: a lone request runs at once.
//!
//! ```text
//! session ─┐                                                      ┌→ its answer
//! session ─┼→ checked inputs → queue → lane's thread: Model::run ─┼→ its answer
//! session ─┘   or Input      or Busy            one batch         └→ its answer
//! ```
//!
//! A model is a Rust type of yours, or a `TorchScript` file through `torch::TorchScript` (feature `torch`).

mod data;
mod error;
mod figures;
mod lane;
mod queue;
mod signature;
mod spec;
mod tensor;
#[cfg(feature = "torch")]
pub mod torch;
mod worker;

pub use data::{DType, Data, Element};
pub use error::{ModelError, Role, SignatureError, TensorError};
pub use figures::LaneFigures;
pub use lane::{Lane, LaneOptions};
pub use signature::Signature;
pub use spec::{Dim, Spec};
pub use tensor::Tensor;

/// Something that turns tensors into tensors, on a thread of its own.
///
/// It is made by a loader on its lane's thread and never leaves it, so it need not be [`Send`]: it may hold what
/// is bound to a thread, and change itself while it runs.
///
/// ```
/// use livefloe::model::{Model, ModelError, Signature, Tensor};
///
/// /// Adds up the numbers of each item.
/// struct Sum(Signature);
///
/// impl Model for Sum {
///     fn signature(&self) -> &Signature {
///         &self.0
///     }
///
///     fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError> {
///         let answer = |request: &Vec<Tensor>| {
///             let sums: Vec<f32> = request[0].rows::<f32>()?.map(|row| row.iter().sum()).collect();
///             Ok(vec![Tensor::new([sums.len()], sums)?])
///         };
///         batch.iter().map(answer).collect::<Result<_, livefloe::model::TensorError>>().map_err(ModelError::run)
///     }
/// }
///
/// let mut model = Sum("numbers: f32 [n, 3] -> sum: f32 [n]".parse()?);
/// let request = vec![Tensor::new([2, 3], vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0])?];
/// assert_eq!(model.run(&[request])?[0][0].as_slice::<f32>()?, [6.0, 15.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Model {
    /// What it takes and gives. Always the same.
    fn signature(&self) -> &Signature;

    /// Runs once before the first request, for what is slow the first time. Does nothing by default.
    ///
    /// # Errors
    /// Whatever keeps the model from running; the lane then does not start.
    fn warm_up(&mut self) -> Result<(), ModelError> {
        Ok(())
    }

    /// Answers a batch of requests: one list of outputs for each, in the same order.
    ///
    /// Every request fits the signature. Where the signature is batched, every input has its batch dimension
    /// (requests may hold several items), all requests agree in their other dimensions, and every output has to
    /// have the batch dimension of its request's inputs. Otherwise there is exactly one request.
    ///
    /// # Errors
    /// An error stands for the whole batch. The lane then runs its requests one by one, so that one that makes the
    /// model fail spoils no other.
    fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError>;
}

impl<M: Model + ?Sized> Model for Box<M> {
    fn signature(&self) -> &Signature {
        (**self).signature()
    }

    fn warm_up(&mut self) -> Result<(), ModelError> {
        (**self).warm_up()
    }

    fn run(&mut self, batch: &[Vec<Tensor>]) -> Result<Vec<Vec<Tensor>>, ModelError> {
        (**self).run(batch)
    }
}
