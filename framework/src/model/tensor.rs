//! Tensors as they cross the border of a model: a shape and plain numbers, row by row. They do no mathematics
//! and know no backend; each backend converts them on its own side.

use super::{DType, Data, Element, TensorError};

/// Numbers with a shape: what goes into a model and comes out of it.
///
/// ```
/// use livefloe::model::Tensor;
///
/// let image = Tensor::new([1, 2, 2], vec![0.0_f32, 0.5, 0.5, 1.0])?;
/// assert_eq!(image.shape(), [1, 2, 2]);
/// assert_eq!(image.as_slice::<f32>()?[3], 1.0);
/// # Ok::<(), livefloe::model::TensorError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    /// As many elements as the product of the shape.
    data: Data,
}

impl Tensor {
    /// A tensor of this shape, its elements row by row. No dimension at all makes a single number.
    ///
    /// # Errors
    /// [`TensorError::Length`] when there are more or fewer elements than the shape holds.
    pub fn new(shape: impl Into<Vec<usize>>, data: impl Into<Data>) -> Result<Self, TensorError> {
        let (shape, data) = (shape.into(), data.into());
        let expected = volume(&shape);
        if expected == Some(data.len()) {
            Ok(Self { shape, data })
        } else {
            let got = data.len();
            Err(TensorError::Length { shape, expected, got })
        }
    }

    /// Zeros (`false` for booleans), to warm a model up.
    ///
    /// # Errors
    /// [`TensorError::Length`] when the shape holds more than `usize::MAX` elements.
    pub fn zeros(shape: impl Into<Vec<usize>>, dtype: DType) -> Result<Self, TensorError> {
        let shape = shape.into();
        match volume(&shape) {
            Some(len) => Ok(Self { shape, data: dtype.zeros(len) }),
            None => Err(TensorError::Length { shape, expected: None, got: 0 }),
        }
    }

    /// The size of each dimension, outermost first.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The type of the elements.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// The elements, to match on their type.
    #[must_use]
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements, without a copy.
    #[must_use]
    pub fn into_data(self) -> Data {
        self.data
    }

    /// The elements as a slice, row by row.
    ///
    /// # Errors
    /// [`TensorError::Type`] when they are of another type.
    pub fn as_slice<T: Element>(&self) -> Result<&[T], TensorError> {
        T::slice(&self.data).ok_or(TensorError::Type { expected: T::DTYPE, got: self.dtype() })
    }

    /// Views of the rows: one slice for each step along the first dimension. A single number is one row.
    ///
    /// # Errors
    /// [`TensorError::Type`] when the elements are of another type.
    pub fn rows<T: Element>(&self) -> Result<impl ExactSizeIterator<Item = &[T]>, TensorError> {
        let elements = self.as_slice::<T>()?;
        let count = self.shape.first().copied().unwrap_or(1);
        let len = elements.len().checked_div(count).unwrap_or(0);
        Ok((0..count).map(move |row| &elements[row * len..(row + 1) * len]))
    }

    /// Puts tensors one after the other along their first dimension.
    ///
    /// # Errors
    /// [`TensorError::Concat`] when there is none, or when they differ in another dimension;
    /// [`TensorError::Type`] when they differ in type.
    pub fn concat(parts: &[&Self]) -> Result<Self, TensorError> {
        let mismatch = |got: &[usize]| TensorError::Concat {
            expected: parts.first().map_or_else(Vec::new, |first| first.shape.clone()),
            got: got.to_vec(),
        };
        let first = parts.first().ok_or_else(|| mismatch(&[]))?;
        let rest = first.shape.get(1..).ok_or_else(|| mismatch(&first.shape))?;
        for part in parts {
            if part.shape.get(1..) != Some(rest) {
                return Err(mismatch(&part.shape));
            }
            let (expected, got) = (first.dtype(), part.dtype());
            if expected != got {
                return Err(TensorError::Type { expected, got });
            }
        }
        let mut shape = first.shape.clone();
        shape[0] = parts.iter().map(|part| part.shape[0]).sum();
        let data: Vec<&Data> = parts.iter().map(|part| &part.data).collect();
        match Data::concat(&data) {
            Some(data) => Ok(Self { shape, data }),
            None => Err(mismatch(&[])),
        }
    }

    /// Cuts the tensor along its first dimension into parts of these lengths: the opposite of [`Tensor::concat`].
    ///
    /// # Errors
    /// [`TensorError::Split`] when the lengths do not add up to the first dimension.
    pub fn split(&self, parts: &[usize]) -> Result<Vec<Self>, TensorError> {
        let total = parts.iter().try_fold(0_usize, |total, part| total.checked_add(*part));
        if self.shape.is_empty() || total != self.shape.first().copied() {
            return Err(TensorError::Split { shape: self.shape.clone(), parts: parts.to_vec() });
        }
        let row = self.shape[1..].iter().product::<usize>();
        let mut start = 0;
        Ok(parts
            .iter()
            .map(|&part| {
                let end = start + part * row;
                let data = self.data.copy_range(start, end);
                start = end;
                let shape = [&[part], &self.shape[1..]].concat();
                Self { shape, data }
            })
            .collect())
    }

    /// The same elements with a first dimension of 1 in front.
    pub(super) fn with_batch_dimension(mut self) -> Self {
        self.shape.insert(0, 1);
        self
    }

    /// The same elements without the first dimension, which has to be 1.
    pub(super) fn without_batch_dimension(mut self) -> Self {
        debug_assert_eq!(self.shape.first(), Some(&1), "only a batch of one can do without its dimension");
        self.shape.remove(0);
        self
    }
}

/// How many elements the shape holds; `None` past `usize::MAX`.
fn volume(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |volume, dim| volume.checked_mul(*dim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_have_to_fill_the_shape() {
        let cases: [(&[usize], usize, bool); 7] = [
            (&[], 1, true),
            (&[], 0, false),
            (&[3], 3, true),
            (&[2, 3], 6, true),
            (&[2, 3], 5, false),
            (&[4, 0, 2], 0, true),
            (&[usize::MAX, 2], 4, false),
        ];
        for (shape, len, fits) in cases {
            let made = Tensor::new(shape, vec![0_u8; len]);
            assert_eq!(made.is_ok(), fits, "{shape:?} from {len}: {made:?}");
        }
        let error = Tensor::new([2, 3], vec![1.0_f32]).unwrap_err();
        assert_eq!(error.to_string(), "shape [2, 3] expected 6 elements, got 1");
        assert!(Tensor::zeros([usize::MAX, 2], DType::U8).is_err());
    }

    #[test]
    fn every_type_keeps_its_elements_and_its_name() {
        let tensors = [
            Tensor::new([1], vec![1.5_f32]).unwrap(),
            Tensor::new([1], vec![1.5_f64]).unwrap(),
            Tensor::new([1], vec![-1_i32]).unwrap(),
            Tensor::new([1], vec![-1_i64]).unwrap(),
            Tensor::new([1], vec![255_u8]).unwrap(),
            Tensor::new([1], vec![true]).unwrap(),
        ];
        for tensor in tensors {
            assert_eq!(DType::from_name(tensor.dtype().name()), Some(tensor.dtype()));
            let doubled = Tensor::concat(&[&tensor, &tensor]).unwrap();
            assert_eq!(doubled.split(&[1, 1]).unwrap(), [tensor.clone(), tensor]);
        }
        assert_eq!(DType::from_name("f16"), None);
    }

    #[test]
    fn another_type_is_refused_in_words() {
        let labels = Tensor::new([2], vec![3_i64, 4]).unwrap();
        assert_eq!(labels.as_slice::<i64>().unwrap(), [3, 4]);
        let error = labels.as_slice::<f32>().unwrap_err();
        assert_eq!(error.to_string(), "expected a tensor of f32, got i64");
    }

    #[test]
    fn rows_are_slices_along_the_first_dimension() {
        let cases: [(&[usize], &[&[i32]]); 4] =
            [(&[2, 2], &[&[0, 1], &[2, 3]]), (&[4], &[&[0], &[1], &[2], &[3]]), (&[0, 2], &[]), (&[2, 0], &[&[], &[]])];
        for (shape, expected) in cases {
            let len = i32::try_from(volume(shape).unwrap()).unwrap();
            let tensor = Tensor::new(shape, (0..len).collect::<Vec<_>>()).unwrap();
            assert_eq!(tensor.rows::<i32>().unwrap().collect::<Vec<_>>(), expected, "{shape:?}");
        }
        let number = Tensor::new([], vec![7_i32]).unwrap();
        assert_eq!(number.rows::<i32>().unwrap().collect::<Vec<_>>(), [[7]]);
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let one = Tensor::zeros([2, 3], DType::F32).unwrap();
        for other in [([2, 4].as_slice(), DType::F32), (&[2, 3], DType::F64), (&[3], DType::F32), (&[], DType::F32)] {
            let other = Tensor::zeros(other.0, other.1).unwrap();
            assert!(Tensor::concat(&[&one, &other]).is_err(), "{other:?}");
        }
        assert!(Tensor::concat(&[]).is_err());
        for parts in [[1, 2].as_slice(), &[1], &[], &[usize::MAX, 3]] {
            assert!(one.split(parts).is_err(), "{parts:?}");
        }
    }
}
