//! Operations as bytes: the one place where each is written.

use crate::protocol::wire::{put_indexes, put_length, put_number, put_string, put_strings};

pub(super) const UP: u8 = 0;
pub(super) const CHILD: u8 = 1;
pub(super) const TEXT: u8 = 2;
pub(super) const APPEND: u8 = 3;
pub(super) const SET: u8 = 4;
pub(super) const UNSET: u8 = 5;
pub(super) const INSERT: u8 = 6;
pub(super) const REMOVE: u8 = 7;
pub(super) const MOVE: u8 = 8;
pub(super) const REPLACE: u8 = 9;
pub(super) const COMPONENT: u8 = 10;
pub(super) const RESYNC: u8 = 11;
pub(super) const TITLE: u8 = 12;
pub(super) const REFUSED: u8 = 13;
pub(super) const NAVIGATE: u8 = 14;
pub(super) const SPLICE: u8 = 15;
pub(super) const REPEAT: u8 = 16;

/// `child` and `component`.
pub(super) fn put_one(code: u8, number: u32, into: &mut Vec<u8>) {
    into.push(code);
    put_number(u64::from(number), into);
}

/// `remove` and `move`.
pub(super) fn put_two(code: u8, first: u32, second: u32, into: &mut Vec<u8>) {
    put_one(code, first, into);
    put_number(u64::from(second), into);
}

/// `text`, `append`, `unset`, `title` and `navigate`.
pub(super) fn put_text(code: u8, text: &str, into: &mut Vec<u8>) {
    into.push(code);
    put_string(text, into);
}

pub(super) fn put_set(name: &str, value: &str, into: &mut Vec<u8>) {
    put_text(SET, name, into);
    put_string(value, into);
}

pub(super) fn put_splice(start: u32, count: u32, length: u32, text: &str, into: &mut Vec<u8>) {
    put_two(SPLICE, start, count, into);
    put_number(u64::from(length), into);
    put_string(text, into);
}

/// `insert` and `replace`.
pub(super) fn put_html(code: u8, index: u32, html: &str, opaque: &[u32], into: &mut Vec<u8>) {
    put_one(code, index, into);
    put_string(html, into);
    put_indexes(opaque, into);
}

pub(super) fn put_repeat<T: AsRef<str>>(
    index: u32,
    html: &str,
    n_copies: usize,
    holes: &[(u32, Option<&str>)],
    values: impl ExactSizeIterator<Item = T>,
    into: &mut Vec<u8>,
) {
    put_one(REPEAT, index, into);
    put_string(html, into);
    put_length(n_copies, into);
    put_length(holes.len(), into);
    for (position, _) in holes {
        put_number(u64::from(*position), into);
    }
    put_strings(holes.iter().map(|(_, name)| name.unwrap_or_default()), into);
    put_strings(values, into);
}

pub(super) fn put_resync(html: &str, opaque: &[u32], into: &mut Vec<u8>) {
    put_text(RESYNC, html, into);
    put_indexes(opaque, into);
}

pub(super) fn put_refused(event: u64, code: u8, message: &str, fields: &[(String, String)], into: &mut Vec<u8>) {
    into.push(REFUSED);
    put_number(event, into);
    into.push(code);
    put_string(message, into);
    put_length(fields.len(), into);
    for (field, message) in fields {
        put_string(field, into);
        put_string(message, into);
    }
}
