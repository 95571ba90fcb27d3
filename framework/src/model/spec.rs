//! One input or output of a model: its name, type and shape, and how they are written.

use std::fmt;
use std::str::FromStr;

use super::{DType, SignatureError};

/// The name of the dimension along which requests are put together.
pub(super) const BATCH: &str = "n";

/// One dimension of a [`Spec`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Dim {
    /// Always this size.
    Fixed(usize),
    /// Any size, but the same wherever the name appears in a request. `n` in first place is the batch dimension.
    Free(String),
}

impl From<usize> for Dim {
    fn from(size: usize) -> Self {
        Self::Fixed(size)
    }
}

impl From<&str> for Dim {
    fn from(name: &str) -> Self {
        Self::Free(name.to_owned())
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Free(name) => f.write_str(name),
        }
    }
}

/// One input or output: its name, type and shape. Written `image: f32 [n, 1, 8, 8]`; shown without the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spec {
    /// The name that errors and APIs use.
    pub name: String,
    /// The type of the elements.
    pub dtype: DType,
    /// The shape, outermost dimension first.
    pub dims: Vec<Dim>,
}

impl Spec {
    /// A spec from its parts.
    pub fn new(name: impl Into<String>, dtype: DType, dims: impl Into<Vec<Dim>>) -> Self {
        Self { name: name.into(), dtype, dims: dims.into() }
    }

    /// Whether the first dimension is the batch dimension, `n`.
    #[must_use]
    pub fn is_batched(&self) -> bool {
        matches!(self.dims.first(), Some(Dim::Free(name)) if name == BATCH)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.dims.iter().map(ToString::to_string).collect();
        write!(f, "{} [{}]", self.dtype, dims.join(", "))
    }
}

impl FromStr for Spec {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |reason| SignatureError::Syntax { text: text.trim().to_owned(), reason };
        let (name, rest) = text.split_once(':').ok_or_else(|| refuse("no `:` after the name"))?;
        let (dtype, rest) = rest.split_once('[').ok_or_else(|| refuse("no `[` before the shape"))?;
        let dims = rest.trim_end().strip_suffix(']').ok_or_else(|| refuse("no `]` at the end"))?;
        let name = name.trim();
        if !is_name(name) {
            return Err(refuse("a name has letters, digits and `_`"));
        }
        let dtype = DType::from_name(dtype.trim()).ok_or_else(|| refuse("no such type"))?;
        let dims = match dims.trim() {
            "" => Vec::new(),
            dims => dims
                .split(',')
                .map(|dim| match dim.trim() {
                    size if size.starts_with(|first: char| first.is_ascii_digit()) => {
                        size.parse().map(Dim::Fixed).map_err(|_| refuse("a fixed dimension is a whole number"))
                    }
                    name if is_name(name) => Ok(Dim::from(name)),
                    _ => Err(refuse("a free dimension is a name")),
                })
                .collect::<Result<_, _>>()?,
        };
        Ok(Self::new(name, dtype, dims))
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}
