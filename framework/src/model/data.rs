//! The element types that tensors can have, and plain vectors of them.

use std::fmt;

/// Declares the element types once: the enum of types, the enum of vectors, and the way from one to the other.
macro_rules! elements {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $name:literal),+ $(,)?) => {
        /// The type of a tensor's elements.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DType {
            $($(#[$doc])* $variant,)+
        }

        impl DType {
            /// The name that a signature uses, such as `f32`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The type of that name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }

            pub(super) fn zeros(self, len: usize) -> Data {
                match self {
                    $(Self::$variant => Data::$variant(vec![<$type>::default(); len]),)+
                }
            }
        }

        /// The elements of a tensor, the last dimension varying fastest.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Data {
            $($(#[$doc])* $variant(Vec<$type>),)+
        }

        impl Data {
            /// The type of the elements.
            #[must_use]
            pub fn dtype(&self) -> DType {
                match self {
                    $(Self::$variant(_) => DType::$variant,)+
                }
            }

            /// How many elements there are.
            #[must_use]
            pub fn len(&self) -> usize {
                match self {
                    $(Self::$variant(elements) => elements.len(),)+
                }
            }

            /// Whether there is no element.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// A copy of the elements from `start` to before `end`, both in range.
            pub(super) fn copy_range(&self, start: usize, end: usize) -> Self {
                match self {
                    $(Self::$variant(elements) => Self::$variant(elements[start..end].to_vec()),)+
                }
            }

            /// All elements one after the other; `None` when types differ.
            pub(super) fn concat(parts: &[&Self]) -> Option<Self> {
                match parts.first()? {
                    $(Self::$variant(_) => {
                        let mut all = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
                        for part in parts {
                            all.extend_from_slice(<$type>::slice(part)?);
                        }
                        Some(Self::$variant(all))
                    })+
                }
            }
        }

        $(
            impl From<Vec<$type>> for Data {
                fn from(elements: Vec<$type>) -> Self {
                    Self::$variant(elements)
                }
            }

            impl sealed::Sealed for $type {}

            impl Element for $type {
                const DTYPE: DType = DType::$variant;

                fn slice(data: &Data) -> Option<&[Self]> {
                    match data {
                        Data::$variant(elements) => Some(elements),
                        _ => None,
                    }
                }
            }
        )+
    };
}

elements! {
    /// 32-bit floating point.
    F32(f32) = "f32",
    /// 64-bit floating point.
    F64(f64) = "f64",
    /// 32-bit signed integer.
    I32(i32) = "i32",
    /// 64-bit signed integer, the type of token ids and class labels.
    I64(i64) = "i64",
    /// 8-bit unsigned integer, the type of image bytes.
    U8(u8) = "u8",
    /// True or false.
    Bool(bool) = "bool",
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

mod sealed {
    /// Keeps [`Element`](super::Element) to the types that [`Data`](super::Data) holds.
    pub trait Sealed {}
}

/// A Rust type that tensors can hold.
pub trait Element: Copy + sealed::Sealed + 'static {
    /// What a signature calls it.
    const DTYPE: DType;

    /// The elements, if they are of this type.
    #[doc(hidden)]
    fn slice(data: &Data) -> Option<&[Self]>;
}
