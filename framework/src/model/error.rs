//! What can go wrong with a model: one variant for each thing that a caller would do about it.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use super::{DType, Spec};

/// Any error as a source, without naming its type.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The caller's tensors are not what the model declares. Nothing was queued.
    #[error(transparent)]
    Input(#[from] SignatureError),

    /// The queue is full. Nothing was queued; try again later, or tell the visitor that it is busy.
    #[error("the model is busy: {queued} items wait, at most {limit} may")]
    Busy {
        /// Items that wait for the model now.
        queued: usize,
        /// The most that may wait, [`LaneOptions::queue_limit`](super::LaneOptions::queue_limit).
        limit: usize,
    },

    /// The lane was closed before it answered.
    #[error("the model's lane is closed")]
    Closed,

    /// The model's file is not there, or may not be read.
    #[error("cannot open model file `{}`", path.display())]
    NotFound {
        /// The file that was looked for.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// The model's file is there, but is not a model of this kind: another format, or cut short.
    #[error("model file `{}` expected {expected}, got {got}", path.display())]
    Unreadable {
        /// The file that was read.
        path: PathBuf,
        /// The format that the loader reads, in words.
        expected: String,
        /// What the file holds, in words.
        got: String,
        /// What the backend said, if it came so far.
        source: Option<BoxError>,
    },

    /// Loading failed for another reason, such as a device that is not there. Made by [`ModelError::load`].
    #[error("cannot load the model")]
    Load(#[source] BoxError),

    /// The model gave something else than it declares: a fault of the model or of its signature.
    #[error("the model does not keep to its signature")]
    Output(#[source] SignatureError),

    /// The model refused or failed to run. Made by [`ModelError::run`].
    #[error("the model failed to run")]
    Run(#[source] BoxError),

    /// The model panicked during the batch that this request was part of. It is loaded again for the next one.
    #[error("the model panicked: {message}")]
    Panicked {
        /// The panic's message.
        message: String,
    },

    /// The model could not be loaded again after a panic. The next request tries once more.
    #[error("cannot load the model again after a panic")]
    Reload(#[source] Arc<Self>),
}

impl ModelError {
    /// An error of the loader that no other variant describes.
    pub fn load(source: impl Into<BoxError>) -> Self {
        Self::Load(source.into())
    }

    /// An error of [`Model::run`](super::Model::run), for all requests of the batch.
    pub fn run(source: impl Into<BoxError>) -> Self {
        Self::Run(source.into())
    }
}

/// How tensors differ from what a [`Signature`](super::Signature) declares, or why a signature cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Not as many tensors as declared.
    #[error("number of {role}s expected {expected}, got {got}")]
    Count {
        /// Whether inputs or outputs were counted.
        role: Role,
        /// How many are declared.
        expected: usize,
        /// How many there were.
        got: usize,
    },

    /// A tensor of another type or shape than declared.
    #[error("{role} `{}` expected {expected}, got {dtype} {got:?}", expected.name)]
    Mismatch {
        /// Whether it is an input or an output.
        role: Role,
        /// What is declared.
        expected: Spec,
        /// The type that came.
        dtype: DType,
        /// The shape that came.
        got: Vec<usize>,
    },

    /// Two tensors that share a named dimension differ in it.
    #[error("{role} `{name}` expected {dim} = {expected} as before, got {got}")]
    Disagree {
        /// Whether it is an input or an output.
        role: Role,
        /// The later of the two tensors.
        name: String,
        /// The dimension that they share.
        dim: String,
        /// Its size in the earlier tensor, or the number of items that went in.
        expected: usize,
        /// Its size in the later one.
        got: usize,
    },

    /// Some inputs came with the batch dimension and some without.
    #[error("input `{name}` expected {} the batch dimension, like the inputs before it", if *.expected { "with" } else { "without" })]
    Mixed {
        /// The first input that differs from those before it.
        name: String,
        /// Whether those before it had the batch dimension.
        expected: bool,
    },

    /// No item at all, or more in one request than fit in one batch.
    #[error("expected 1 to {limit} items in a request, got {got}")]
    Items {
        /// The most that one request may hold: [`LaneOptions::max_batch`](super::LaneOptions::max_batch), or the
        /// queue's limit where that is less.
        limit: usize,
        /// How many came.
        got: usize,
    },

    /// Text that does not describe a signature.
    #[error("expected a signature such as `image: f32 [n, 1, 8, 8] -> scores: f32 [n, 10]`, got `{text}`: {reason}")]
    Syntax {
        /// The part that could not be read.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Whether a tensor goes into a model or comes out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Goes in.
    Input,
    /// Comes out.
    Output,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Input => "input",
            Self::Output => "output",
        })
    }
}

/// Numbers that do not make the tensor that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TensorError {
    /// The shape and the number of elements contradict each other.
    #[error("shape {shape:?} expected {} elements, got {got}", .expected.map_or_else(|| "fewer".to_owned(), |n| n.to_string()))]
    Length {
        /// The shape that was asked for.
        shape: Vec<usize>,
        /// The product of its dimensions; `None` when it is past `usize::MAX`.
        expected: Option<usize>,
        /// How many elements there were.
        got: usize,
    },

    /// The tensor's elements are of another type.
    #[error("expected a tensor of {expected}, got {got}")]
    Type {
        /// The type that was asked for.
        expected: DType,
        /// The type that the tensor has.
        got: DType,
    },

    /// Tensors that do not fit along their first dimension.
    #[error("expected tensors that share all but the first dimension, got {expected:?} and {got:?}")]
    Concat {
        /// The shape of the first.
        expected: Vec<usize>,
        /// The shape that does not fit.
        got: Vec<usize>,
    },

    /// Parts that do not add up to the first dimension.
    #[error("expected parts that add up to the first of {shape:?}, got {parts:?}")]
    Split {
        /// The shape that was to be split.
        shape: Vec<usize>,
        /// The lengths that were asked for.
        parts: Vec<usize>,
    },
}
