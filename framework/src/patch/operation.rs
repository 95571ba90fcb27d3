//! [`Operation`]: one step of a patch.

use super::bytes;
use crate::protocol::{
    DecodeError,
    wire::{Reader, put_indexes, put_number, put_string, put_strings},
};

/// One step of a patch. Those that need a cursor change what it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "testing"), derive(serde::Serialize, serde::Deserialize), serde(tag = "op", rename_all = "lowercase"))]
pub enum Operation {
    /// Put the cursor on the parent.
    Up,
    /// Put the cursor on a child.
    Child {
        /// Which one.
        index: u32,
    },
    /// Give a text or comment node new data.
    Text {
        /// The data.
        text: String,
    },
    /// Add to the end of a text node's data.
    Append {
        /// What to add.
        text: String,
    },
    /// Put other text in the place of a part of a text or comment node's data. Positions count UTF-16 code units, as the DOM does.
    Splice {
        /// Where the part begins.
        start: u32,
        /// How long it is.
        count: u32,
        /// How long all of the data is before; a client whose node has another length has drifted.
        length: u32,
        /// What comes in its place.
        text: String,
    },
    /// Set an attribute.
    Set {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// Remove an attribute.
    Unset {
        /// Its name.
        name: String,
    },
    /// Insert children.
    Insert {
        /// Before which child; as many as there are is the end.
        index: u32,
        /// The children.
        html: String,
        /// Positions of the elements that the server marked as opaque.
        opaque: Vec<u32>,
    },
    /// Insert one child, and copies of it that differ from it in some places.
    Repeat {
        /// Before which child; as many as there are is the end.
        index: u32,
        /// The first of them.
        html: String,
        /// How many copies.
        copies: u32,
        /// The places: nodes, counted in document order from the child's own, which is 0.
        nodes: Vec<u32>,
        /// For each place the name of an attribute, or nothing for the data of a text.
        names: Vec<String>,
        /// What the copies have in those places, copy by copy.
        values: Vec<String>,
    },
    /// Remove children.
    Remove {
        /// The first one.
        index: u32,
        /// How many.
        count: u32,
    },
    /// Move a child.
    Move {
        /// Where to take it out.
        from: u32,
        /// Where to put it in, counted after taking it out.
        to: u32,
    },
    /// Replace a child.
    Replace {
        /// Which one.
        index: u32,
        /// What replaces it.
        html: String,
        /// Positions of the elements that the server marked as opaque.
        opaque: Vec<u32>,
    },
    /// Put the cursor on the root of a component.
    Component {
        /// Which one.
        id: u32,
    },
    /// Make this the content of the component.
    Resync {
        /// The whole content.
        html: String,
        /// Positions of the elements that the server marked as opaque.
        opaque: Vec<u32>,
    },
    /// Set the document's title.
    Title {
        /// The title.
        text: String,
    },
    /// An event was not applied.
    Refused {
        /// Which one.
        event: u64,
        /// Why: 1 stale, 2 invalid, 3 error, 4 busy, 5 timeout.
        code: u8,
        /// Why, for a person.
        message: String,
        /// What is wrong with which field.
        fields: Vec<(String, String)>,
    },
    /// Go to another page.
    Navigate {
        /// A path of the same origin.
        path: String,
    },
}

impl Operation {
    /// Reads one operation.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.offset();
        Ok(match reader.byte("an operation")? {
            bytes::UP => Self::Up,
            bytes::CHILD => Self::Child { index: reader.index("a child")? },
            bytes::TEXT => Self::Text { text: reader.string("text")? },
            bytes::APPEND => Self::Append { text: reader.string("text to append")? },
            bytes::SET => {
                Self::Set { name: reader.string("the name of an attribute")?, value: reader.string("the value of an attribute")? }
            }
            bytes::UNSET => Self::Unset { name: reader.string("the name of an attribute")? },
            bytes::INSERT => {
                let (index, (html, opaque)) = (reader.index("where to insert")?, html(reader)?);
                Self::Insert { index, html, opaque }
            }
            bytes::REMOVE => Self::Remove { index: reader.index("the child to remove")?, count: reader.index("how many to remove")? },
            bytes::MOVE => Self::Move { from: reader.index("where to move from")?, to: reader.index("where to move to")? },
            bytes::REPLACE => {
                let (index, (html, opaque)) = (reader.index("the child to replace")?, html(reader)?);
                Self::Replace { index, html, opaque }
            }
            bytes::COMPONENT => Self::Component { id: reader.index("a component")? },
            bytes::RESYNC => {
                let (html, opaque) = html(reader)?;
                Self::Resync { html, opaque }
            }
            bytes::TITLE => Self::Title { text: reader.string("a title")? },
            bytes::REFUSED => Self::Refused {
                event: reader.number("the number of an event")?,
                code: reader.byte("why the event was refused")?,
                message: reader.string("a message")?,
                fields: fields(reader)?,
            },
            bytes::NAVIGATE => Self::Navigate { path: reader.string("a path")? },
            bytes::REPEAT => {
                let (index, html, copies) = (reader.index("where to insert")?, reader.string("HTML")?, reader.index("how many copies")?);
                let (nodes, names) = (reader.indexes("places")?, reader.strings("names")?);
                Self::Repeat { index, html, copies, nodes, names, values: reader.strings("values")? }
            }
            bytes::SPLICE => Self::Splice {
                start: reader.index("where a part of a text begins")?,
                count: reader.index("how long a part of a text is")?,
                length: reader.index("how long a text is")?,
                text: reader.string("text")?,
            },
            got => {
                return Err(DecodeError::Byte { offset, expected: "an operation of 0 to 16", got });
            }
        })
    }

    /// Reads operations up to the end of the frame.
    ///
    /// # Errors
    /// When one of them is malformed.
    pub fn decode_all(reader: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut operations = Vec::new();
        while !reader.is_at_end() {
            operations.push(Self::decode(reader)?);
        }
        Ok(operations)
    }

    /// Appends the operation.
    pub fn encode(&self, into: &mut Vec<u8>) {
        match self {
            Self::Up => into.push(bytes::UP),
            Self::Child { index } => bytes::put_one(bytes::CHILD, *index, into),
            Self::Text { text } => bytes::put_text(bytes::TEXT, text, into),
            Self::Append { text } => bytes::put_text(bytes::APPEND, text, into),
            Self::Set { name, value } => bytes::put_set(name, value, into),
            Self::Unset { name } => bytes::put_text(bytes::UNSET, name, into),
            Self::Insert { index, html, opaque } => bytes::put_html(bytes::INSERT, *index, html, opaque, into),
            Self::Remove { index, count } => bytes::put_two(bytes::REMOVE, *index, *count, into),
            Self::Move { from, to } => bytes::put_two(bytes::MOVE, *from, *to, into),
            Self::Replace { index, html, opaque } => bytes::put_html(bytes::REPLACE, *index, html, opaque, into),
            Self::Component { id } => bytes::put_one(bytes::COMPONENT, *id, into),
            Self::Resync { html, opaque } => bytes::put_resync(html, opaque, into),
            Self::Title { text } => bytes::put_text(bytes::TITLE, text, into),
            Self::Refused { event, code, message, fields } => bytes::put_refused(*event, *code, message, fields, into),
            Self::Navigate { path } => bytes::put_text(bytes::NAVIGATE, path, into),
            Self::Repeat { index, html, copies, nodes, names, values } => {
                bytes::put_one(bytes::REPEAT, *index, into);
                put_string(html, into);
                put_number(u64::from(*copies), into);
                put_indexes(nodes, into);
                put_strings(names.iter(), into);
                put_strings(values.iter(), into);
            }
            Self::Splice { start, count, length, text } => bytes::put_splice(*start, *count, *length, text, into),
        }
    }
}

fn html(reader: &mut Reader<'_>) -> Result<(String, Vec<u32>), DecodeError> {
    Ok((reader.string("HTML")?, reader.indexes("opaque elements")?))
}

fn fields(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, DecodeError> {
    let mut fields = Vec::new();
    for _ in 0..reader.number("how many fields")? {
        fields.push((reader.string("a field")?, reader.string("the message of a field")?));
    }
    Ok(fields)
}
