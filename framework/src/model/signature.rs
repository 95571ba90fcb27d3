//! What a model takes and gives, declared once and checked for every request. Pure: it looks at types and
//! shapes, never at values.

use std::fmt;
use std::str::FromStr;

use super::spec::BATCH;
use super::{Dim, Role, SignatureError, Spec, Tensor};

/// What a model takes and gives.
///
/// Written as text, or made of [`Spec`]s. A dimension is a size, or a name where any size will do. A first
/// dimension named `n` is the *batch dimension*: the lane puts several requests together along it. It does so only
/// when every input and every output has it; else each request runs by itself.
///
/// ```
/// use livefloe::model::{Signature, Tensor};
///
/// let signature: Signature = "image: f32 [n, 1, 8, 8] -> scores: f32 [n, 10]".parse()?;
/// let drawing = Tensor::new([1, 8, 8], vec![0.0_f32; 64])?; // one item: the batch dimension may be left out
/// assert_eq!(signature.check_inputs(&[drawing])?, 1);
///
/// let photo = Tensor::new([1, 28, 28], vec![0.0_f32; 784])?;
/// let error = signature.check_inputs(&[photo]).unwrap_err();
/// assert_eq!(error.to_string(), "input `image` expected f32 [n, 1, 8, 8], got f32 [1, 28, 28]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature {
    /// What goes in, in this order.
    pub inputs: Vec<Spec>,
    /// What comes out, in this order.
    pub outputs: Vec<Spec>,
}

impl Signature {
    /// Whether requests can be put together: every input and output has the batch dimension.
    #[must_use]
    pub fn is_batched(&self) -> bool {
        !self.inputs.is_empty() && self.inputs.iter().chain(&self.outputs).all(Spec::is_batched)
    }

    /// A request of so many items, all zeros, to warm a model up. `None` when it is not known how large one is:
    /// another dimension than `n` is free, or it is past what memory can address.
    #[must_use]
    pub fn zeros(&self, items: usize) -> Option<Vec<Tensor>> {
        let inputs = self.inputs.iter().map(|spec| {
            let sizes = spec.dims.iter().enumerate().map(|(index, dim)| match dim {
                Dim::Fixed(size) => Some(*size),
                Dim::Free(_) if index == 0 && spec.is_batched() => Some(items),
                Dim::Free(_) => None,
            });
            Tensor::zeros(sizes.collect::<Option<Vec<_>>>()?, spec.dtype).ok()
        });
        inputs.collect()
    }

    /// Checks one request and counts its items: 1 where all inputs leave the batch dimension out, or where the
    /// signature is not batched.
    ///
    /// # Errors
    /// A [`SignatureError`] that says what was expected and what came.
    pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<usize, SignatureError> {
        Ok(self.form_of(inputs)?.items)
    }

    /// Checks what a model gave for one request of so many items.
    ///
    /// # Errors
    /// A [`SignatureError`] that says what was expected and what came.
    pub fn check_outputs(&self, items: usize, outputs: &[Tensor]) -> Result<(), SignatureError> {
        let mut sizes = Sizes::new(Role::Output);
        if self.is_batched() {
            sizes.bound.push((BATCH, items));
        }
        count(Role::Output, &self.outputs, outputs)?;
        for (spec, output) in self.outputs.iter().zip(outputs) {
            sizes.check(spec, &spec.dims, output)?;
        }
        Ok(())
    }

    /// Checks one request, and tells in which of the two forms it came.
    pub(super) fn form_of(&self, inputs: &[Tensor]) -> Result<Form, SignatureError> {
        count(Role::Input, &self.inputs, inputs)?;
        let mut sizes = Sizes::new(Role::Input);
        let mut implied = None;
        for (spec, input) in self.inputs.iter().zip(inputs) {
            let mut dims = spec.dims.as_slice();
            if self.is_batched() {
                let left_out = input.shape().len() + 1 == dims.len();
                if left_out {
                    dims = &dims[1..];
                }
                sizes.check(spec, dims, input)?;
                if *implied.get_or_insert(left_out) != left_out {
                    return Err(SignatureError::Mixed { name: spec.name.clone(), expected: left_out });
                }
            } else {
                sizes.check(spec, dims, input)?;
            }
        }
        let implied = implied.unwrap_or(false);
        let items = if self.is_batched() && !implied { inputs[0].shape()[0] } else { 1 };
        Ok(Form { items, implied })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |specs: &[Spec]| {
            let specs: Vec<String> = specs.iter().map(|spec| format!("{}: {spec}", spec.name)).collect();
            specs.join(", ")
        };
        write!(f, "{} -> {}", list(&self.inputs), list(&self.outputs))
    }
}

impl FromStr for Signature {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (inputs, outputs) = text.split_once("->").ok_or_else(|| SignatureError::Syntax { text: text.to_owned(), reason: "no `->`" })?;
        // Commas also stand inside the brackets, so that `]` is what ends a spec.
        let list = |specs: &str| {
            specs
                .split_inclusive(']')
                .enumerate()
                .map(|(index, spec)| if index == 0 { spec } else { spec.trim_start().strip_prefix(',').unwrap_or(spec) })
                .filter(|spec| !spec.trim().is_empty())
                .map(Spec::from_str)
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(Self { inputs: list(inputs)?, outputs: list(outputs)? })
    }
}

/// How a request that fits the signature came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// Its size along the batch dimension.
    pub(super) items: usize,
    /// Whether the batch dimension was left out, so that the answer leaves it out too.
    pub(super) implied: bool,
}

/// The sizes that free dimensions took so far.
struct Sizes<'a> {
    role: Role,
    bound: Vec<(&'a str, usize)>,
}

impl<'a> Sizes<'a> {
    fn new(role: Role) -> Self {
        Self { role, bound: Vec::new() }
    }

    /// Checks a tensor against `dims`, which is the shape of `spec` with or without its batch dimension.
    fn check(&mut self, spec: &'a Spec, dims: &'a [Dim], tensor: &Tensor) -> Result<(), SignatureError> {
        let fits = |(dim, size): (&Dim, &usize)| matches!(dim, Dim::Free(_)) || *dim == Dim::Fixed(*size);
        let shape = tensor.shape();
        if tensor.dtype() != spec.dtype || shape.len() != dims.len() || !dims.iter().zip(shape).all(fits) {
            let (expected, dtype, got) = (spec.clone(), tensor.dtype(), shape.to_vec());
            return Err(SignatureError::Mismatch { role: self.role, expected, dtype, got });
        }
        for (dim, &size) in dims.iter().zip(shape) {
            let Dim::Free(name) = dim else { continue };
            match self.bound.iter().find(|(bound, _)| bound == name) {
                None => self.bound.push((name, size)),
                Some(&(_, expected)) if expected != size => {
                    let (name, dim) = (spec.name.clone(), name.clone());
                    return Err(SignatureError::Disagree { role: self.role, name, dim, expected, got: size });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn count(role: Role, specs: &[Spec], tensors: &[Tensor]) -> Result<(), SignatureError> {
    let (expected, got) = (specs.len(), tensors.len());
    if expected == got { Ok(()) } else { Err(SignatureError::Count { role, expected, got }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    type Shapes = &'static [&'static [usize]];

    fn signature(text: &str) -> Signature {
        text.parse().unwrap()
    }

    fn tensors(shapes: Shapes) -> Vec<Tensor> {
        shapes.iter().map(|shape| Tensor::zeros(*shape, DType::F32).unwrap()).collect()
    }

    #[test]
    fn text_comes_back_as_it_was_read() {
        let cases = [
            "image: f32 [n, 1, 8, 8] -> scores: f32 [n, 10]",
            "a: i64 [n, length], mask: bool [n, length] -> b: f64 [n]",
            "x: u8 [] -> y: i32 [3]",
            " -> y: f32 [2]",
        ];
        for text in cases {
            assert_eq!(signature(text).to_string(), text);
        }
        assert_eq!(signature("a:f32[n,2]->b:f32[n]").to_string(), "a: f32 [n, 2] -> b: f32 [n]");
    }

    #[test]
    fn unreadable_text_is_refused_with_the_reason() {
        let cases = [
            ("a: f32 [n]", "no `->`"),
            ("a f32 [n] -> b: f32 [n]", "no `:` after the name"),
            ("a: f32 -> b: f32 [n]", "no `[` before the shape"),
            ("a: f32 [n -> b: f32 [n]", "no `]` at the end"),
            ("a: f99 [n] -> b: f32 [n]", "no such type"),
            ("a: f32 [n, -1] -> b: f32 [n]", "a free dimension is a name"),
            ("a: f32 [n, 1x] -> b: f32 [n]", "a fixed dimension is a whole number"),
            ("a b: f32 [n] -> b: f32 [n]", "a name has letters, digits and `_`"),
        ];
        for (text, expected) in cases {
            match text.parse::<Signature>() {
                Err(SignatureError::Syntax { reason, .. }) => {
                    assert_eq!(reason, expected, "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn requests_come_with_or_without_the_batch_dimension() {
        let batched = signature("a: f32 [n, 2], b: f32 [n, length] -> c: f32 [n]");
        let alone = signature("a: f32 [2] -> c: f32 [length]");
        let cases: [(&Signature, Shapes, Form); 4] = [
            (&batched, &[&[2], &[7]], Form { items: 1, implied: true }),
            (&batched, &[&[1, 2], &[1, 7]], Form { items: 1, implied: false }),
            (&batched, &[&[3, 2], &[3, 7]], Form { items: 3, implied: false }),
            (&alone, &[&[2]], Form { items: 1, implied: false }),
        ];
        for (signature, shapes, form) in cases {
            assert_eq!(signature.form_of(&tensors(shapes)), Ok(form), "{signature}: {shapes:?}");
        }
    }

    #[test]
    fn errors_say_what_was_expected_and_what_came() {
        let both = "a: f32 [n, 2], b: f32 [n, length] -> c: f32 [n]";
        let cases: [(&str, Shapes, &str); 7] = [
            (both, &[&[2]], "number of inputs expected 2, got 1"),
            (both, &[&[3], &[7]], "input `a` expected f32 [n, 2], got f32 [3]"),
            (both, &[&[1, 1, 2], &[7]], "input `a` expected f32 [n, 2], got f32 [1, 1, 2]"),
            (both, &[&[3, 2], &[4, 7]], "input `b` expected n = 3 as before, got 4"),
            (both, &[&[3, 2], &[7]], "input `b` expected with the batch dimension, like the inputs before it"),
            ("a: i64 [2] -> c: f32 []", &[&[2]], "input `a` expected i64 [2], got f32 [2]"),
            ("a: f32 [w, w] -> c: f32 []", &[&[2, 3]], "input `a` expected w = 2 as before, got 3"),
        ];
        for (text, shapes, expected) in cases {
            let error = signature(text).check_inputs(&tensors(shapes)).unwrap_err();
            assert_eq!(error.to_string(), expected, "{text}: {shapes:?}");
        }
    }

    #[test]
    fn outputs_have_to_match_the_number_of_items() {
        let signature = signature("a: f32 [n] -> b: f32 [n, 2]");
        let cases: [(Shapes, Result<(), &str>); 4] = [
            (&[&[3, 2]], Ok(())),
            (&[&[2, 2]], Err("output `b` expected n = 3 as before, got 2")),
            (&[&[3, 4]], Err("output `b` expected f32 [n, 2], got f32 [3, 4]")),
            (&[], Err("number of outputs expected 1, got 0")),
        ];
        for (shapes, expected) in cases {
            let got = signature.check_outputs(3, &tensors(shapes));
            assert_eq!(got.map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{shapes:?}");
        }
    }

    #[test]
    fn zeros_fit_the_inputs_where_their_size_is_known() {
        let known = signature("a: f32 [n, 2], b: i64 [3] -> c: f32 [n]");
        let zeros = known.zeros(4).unwrap();
        assert_eq!((zeros[0].shape(), zeros[1].shape()), (&[4, 2][..], &[3][..]));
        assert!(known.check_inputs(&zeros).is_ok());
        for unknown in ["a: f32 [n, length] -> c: f32 [n]", "a: f32 [2, n] -> c: f32 [2]"] {
            assert_eq!(signature(unknown).zeros(4), None, "{unknown}");
        }
    }

    #[test]
    fn only_a_leading_n_everywhere_makes_a_batch() {
        let cases = [
            ("a: f32 [n] -> b: f32 [n]", true),
            ("a: f32 [n], c: f32 [2] -> b: f32 [n]", false),
            ("a: f32 [n] -> b: f32 []", false),
            ("tokens: i64 [length] -> b: f32 [length]", false),
            ("a: f32 [2, n] -> b: f32 [2, n]", false),
            ("-> b: f32 [n]", false),
        ];
        for (text, batched) in cases {
            assert_eq!(signature(text).is_batched(), batched, "{text}");
        }
    }
}
