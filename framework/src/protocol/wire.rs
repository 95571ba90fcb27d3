//! The primitives that frames are made of: numbers, strings, and lists of numbers.

use super::DecodeError;

/// The largest number on the wire, 2^53-1: the largest one below which JavaScript holds every whole number exactly.
pub const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// How many bytes [`LARGEST_NUMBER`] takes.
const LONGEST_NUMBER: usize = 8;

/// Appends a number. One above [`LARGEST_NUMBER`] is written as that: a frame that can't be decoded would end the
/// connection, and the only numbers that large are bounds that mean "never".
pub fn put_number(number: u64, into: &mut Vec<u8>) {
    let mut left = number.min(LARGEST_NUMBER);
    while left >= 0x80 {
        into.push(low_bits(left) | 0x80);
        left >>= 7;
    }
    into.push(low_bits(left));
}

/// The lowest seven bits.
#[allow(clippy::cast_possible_truncation, reason = "masked to seven bits")]
const fn low_bits(number: u64) -> u8 {
    (number & 0x7f) as u8
}

/// Appends the length of something that is in memory.
pub fn put_length(length: usize, into: &mut Vec<u8>) {
    put_number(u64::try_from(length).unwrap_or(LARGEST_NUMBER), into);
}

/// Appends a string: its length in bytes, then its bytes.
pub fn put_string(text: &str, into: &mut Vec<u8>) {
    put_length(text.len(), into);
    into.extend_from_slice(text.as_bytes());
}

/// Appends a list of indexes: how many, then each.
pub fn put_indexes(indexes: &[u32], into: &mut Vec<u8>) {
    put_length(indexes.len(), into);
    for index in indexes {
        put_number(u64::from(*index), into);
    }
}

/// Appends a list of strings: how many, the length of each in UTF-16 code units, and all of them as one string, which a browser
/// then reads at once and cuts, ten times faster than one by one.
pub fn put_strings<T: AsRef<str>>(strings: impl ExactSizeIterator<Item = T>, into: &mut Vec<u8>) {
    put_length(strings.len(), into);
    let mut all = String::new();
    for string in strings {
        let string = string.as_ref();
        put_length(if string.is_ascii() { string.len() } else { string.encode_utf16().count() }, into);
        all.push_str(string);
    }
    put_string(&all, into);
}

/// Reads the fields of a frame one after the other. Each method takes what the field is called, for its error.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    #[must_use]
    pub const fn new(frame: &'a [u8]) -> Self {
        Self { rest: frame, length: frame.len() }
    }

    /// How many bytes were read.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    /// Whether every byte was read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// One byte.
    ///
    /// # Errors
    /// When there is none.
    pub fn byte(&mut self, expected: &'static str) -> Result<u8, DecodeError> {
        let (byte, rest) = self.rest.split_first().ok_or(DecodeError::End { offset: self.offset(), expected })?;
        self.rest = rest;
        Ok(*byte)
    }

    /// As many bytes as the array has.
    ///
    /// # Errors
    /// When fewer are left.
    pub fn bytes<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N], DecodeError> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(DecodeError::End { offset: self.length, expected })?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// A number.
    ///
    /// # Errors
    /// When it is cut short, above [`LARGEST_NUMBER`], or not in its shortest form: there is one way to write a number.
    pub fn number(&mut self, expected: &'static str) -> Result<u64, DecodeError> {
        let offset = self.offset();
        let mut got = 0;
        for length in 1..=LONGEST_NUMBER {
            let byte = self.byte(expected)?;
            got |= u64::from(byte & 0x7f) << (7 * (length - 1));
            if byte & 0x80 != 0 {
                continue;
            }
            if byte == 0 && length > 1 {
                return Err(DecodeError::PaddedNumber { offset, expected, got, length });
            }
            if got > LARGEST_NUMBER {
                return Err(DecodeError::Range { offset, expected, most: LARGEST_NUMBER, got });
            }
            return Ok(got);
        }
        Err(DecodeError::LongNumber { offset, expected })
    }

    /// A number that says which child or component, or how many.
    ///
    /// # Errors
    /// As [`Self::number`], and when it is above `u32::MAX`.
    pub fn index(&mut self, expected: &'static str) -> Result<u32, DecodeError> {
        let offset = self.offset();
        let got = self.number(expected)?;
        u32::try_from(got).map_err(|_| DecodeError::Range { offset, expected, most: u64::from(u32::MAX), got })
    }

    /// A list of indexes.
    ///
    /// # Errors
    /// When one of them is malformed, or fewer follow than it says.
    pub fn indexes(&mut self, expected: &'static str) -> Result<Vec<u32>, DecodeError> {
        let mut indexes = Vec::new();
        // What the frame says is not reserved: it may say 2^53-1 in a frame of ten bytes.
        for _ in 0..self.number(expected)? {
            indexes.push(self.index(expected)?);
        }
        Ok(indexes)
    }

    /// A list of strings.
    ///
    /// # Errors
    /// When one of them is malformed, or their lengths are not those of what follows.
    pub fn strings(&mut self, expected: &'static str) -> Result<Vec<String>, DecodeError> {
        let lengths = self.indexes(expected)?;
        let offset = self.offset();
        let all = self.string(expected)?;
        let mut characters = all.chars();
        let mut strings = Vec::with_capacity(lengths.len());
        for length in lengths {
            let (mut string, mut units) = (String::new(), 0);
            while units < length as usize {
                let Some(character) = characters.next() else { break };
                units += character.len_utf16();
                string.push(character);
            }
            if units != length as usize {
                return Err(DecodeError::Lengths { offset, expected });
            }
            strings.push(string);
        }
        if characters.next().is_some() { Err(DecodeError::Lengths { offset, expected }) } else { Ok(strings) }
    }

    /// A string.
    ///
    /// # Errors
    /// When it is cut short or not UTF-8.
    pub fn string(&mut self, expected: &'static str) -> Result<String, DecodeError> {
        let length = self.number(expected)?;
        let offset = self.offset();
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (text, rest) = split.ok_or(DecodeError::Cut { offset, expected, length, left: self.rest.len() })?;
        self.rest = rest;
        utf8(text, offset, expected)
    }

    /// The rest of the frame, as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn rest(&mut self, expected: &'static str) -> Result<String, DecodeError> {
        let offset = self.offset();
        utf8(std::mem::take(&mut self.rest), offset, expected)
    }

    /// The end of the frame.
    ///
    /// # Errors
    /// When bytes are left.
    pub const fn end(&self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::Trailing { offset: self.offset(), left }),
        }
    }
}

fn utf8(text: &[u8], offset: usize, expected: &'static str) -> Result<String, DecodeError> {
    match std::str::from_utf8(text) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(DecodeError::Utf8 { offset: offset.saturating_add(error.valid_up_to()), expected }),
    }
}
