//! [`PatchWriter`]: writes the operations of a patch as it is made.

use smallvec::SmallVec;

use super::bytes;

/// Appends the operations of a patch to a frame, as a diff finds them.
///
/// Moving the cursor costs nothing by itself: the moves are written when an operation needs them, as few as lead from
/// where the client's cursor is to where it has to be. Until [`Self::component`] is called the cursor is on the page,
/// component 0.
#[derive(Debug)]
pub struct PatchWriter<'a> {
    frame: &'a mut Vec<u8>,
    start: usize,
    cursors: Cursors,
}

/// A state of a [`PatchWriter`] to go back to.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    length: usize,
    cursors: Cursors,
}

#[derive(Debug, Clone, Default)]
struct Cursors {
    /// Where the operations written so far leave the client; nowhere at first and after a resync.
    written: Option<Cursor>,
    /// Where the next operation has to be done.
    wanted: Cursor,
}

/// A component, and the way from its root. No index of the way goes wrong while the cursor is below it: an operation
/// that changes a list of children is done with the cursor on their parent.
#[derive(Debug, Clone, Default)]
struct Cursor {
    component: u32,
    path: SmallVec<[u32; 12]>,
}

impl<'a> PatchWriter<'a> {
    /// Appends to what the frame holds already, which is its header.
    #[must_use]
    pub fn new(frame: &'a mut Vec<u8>) -> Self {
        let start = frame.len();
        Self { frame, start, cursors: Cursors::default() }
    }

    /// Whether no operation was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frame.len() <= self.start
    }

    /// Puts the cursor on the root of a component.
    pub fn component(&mut self, id: u32) {
        self.cursors.wanted.component = id;
        self.cursors.wanted.path.clear();
    }

    /// Puts the cursor on a child, by its index after the operations so far.
    pub fn descend(&mut self, index: u32) {
        self.cursors.wanted.path.push(index);
    }

    /// Puts the cursor on the parent. On the root it stays.
    pub fn ascend(&mut self) {
        self.cursors.wanted.path.pop();
    }

    /// Gives the text or comment node new data.
    pub fn text(&mut self, text: &str) {
        self.move_cursor();
        bytes::put_text(bytes::TEXT, text, self.frame);
    }

    /// Adds to the end of the text node's data.
    pub fn append(&mut self, text: &str) {
        self.move_cursor();
        bytes::put_text(bytes::APPEND, text, self.frame);
    }

    /// Puts other text in the place of a part of the text or comment node's data. Positions and lengths are in UTF-16 code
    /// units; `length` is that of all the data before.
    pub fn splice(&mut self, start: u32, count: u32, length: u32, text: &str) {
        self.move_cursor();
        bytes::put_splice(start, count, length, text, self.frame);
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: &str) {
        self.move_cursor();
        bytes::put_set(name, value, self.frame);
    }

    /// Removes an attribute.
    pub fn unset(&mut self, name: &str) {
        self.move_cursor();
        bytes::put_text(bytes::UNSET, name, self.frame);
    }

    /// Inserts before the child `index`, or at the end. `opaque` holds the positions of the elements that the client must
    /// not look into.
    pub fn insert(&mut self, index: u32, html: &str, opaque: &[u32]) {
        self.move_cursor();
        bytes::put_html(bytes::INSERT, index, html, opaque, self.frame);
    }

    /// Inserts one child as HTML, and `n_copies` of it that differ in its holes: nodes, counted in document order from the child's own, each
    /// with the name of an attribute or none for its text. `values` gives what the copies have there, copy by copy.
    pub fn repeat<T: AsRef<str>>(
        &mut self,
        index: u32,
        html: &str,
        holes: &[(u32, Option<&str>)],
        n_copies: usize,
        values: impl ExactSizeIterator<Item = T>,
    ) {
        self.move_cursor();
        bytes::put_repeat(index, html, n_copies, holes, values, self.frame);
    }

    /// Removes children.
    pub fn remove(&mut self, index: u32, count: u32) {
        self.move_cursor();
        bytes::put_two(bytes::REMOVE, index, count, self.frame);
    }

    /// Takes the child at `from` out, then puts it in at `to`.
    pub fn move_child(&mut self, from: u32, to: u32) {
        self.move_cursor();
        bytes::put_two(bytes::MOVE, from, to, self.frame);
    }

    /// Replaces a child.
    pub fn replace(&mut self, index: u32, html: &str, opaque: &[u32]) {
        self.move_cursor();
        bytes::put_html(bytes::REPLACE, index, html, opaque, self.frame);
    }

    /// Replaces the whole content of the component, and puts the cursor on its root.
    pub fn resync(&mut self, html: &str, opaque: &[u32]) {
        self.cursors.wanted.path.clear();
        self.move_cursor();
        bytes::put_resync(html, opaque, self.frame);
        // The client's cursor stands nowhere now: what it stood on may be gone.
        self.cursors.written = None;
    }

    /// Sets the document's title. Needs no cursor.
    pub fn title(&mut self, text: &str) {
        bytes::put_text(bytes::TITLE, text, self.frame);
    }

    /// Says that an event was not applied. Needs no cursor.
    pub fn refused(&mut self, event: u64, code: u8, message: &str, fields: &[(String, String)]) {
        bytes::put_refused(event, code, message, fields, self.frame);
    }

    /// Sends the client to another page. Needs no cursor.
    pub fn navigate(&mut self, path: &str) {
        bytes::put_text(bytes::NAVIGATE, path, self.frame);
    }

    /// What [`Self::rollback`] goes back to.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { length: self.frame.len(), cursors: self.cursors.clone() }
    }

    /// Takes back everything since the checkpoint: what was written, and where the cursor is.
    pub fn rollback(&mut self, checkpoint: Checkpoint) {
        self.frame.truncate(checkpoint.length.max(self.start));
        self.cursors = checkpoint.cursors;
    }

    /// Writes the moves that are due.
    fn move_cursor(&mut self) {
        let Cursors { written, wanted } = &mut self.cursors;
        let at = match written {
            Some(at) if at.component == wanted.component => at,
            written => {
                bytes::put_one(bytes::COMPONENT, wanted.component, self.frame);
                written.insert(Cursor { component: wanted.component, path: SmallVec::new() })
            }
        };
        let shared = at.path.iter().zip(&wanted.path).take_while(|(one, other)| one == other).count();
        for _ in shared..at.path.len() {
            self.frame.push(bytes::UP);
        }
        at.path.truncate(shared);
        for index in wanted.path.iter().skip(shared) {
            bytes::put_one(bytes::CHILD, *index, self.frame);
            at.path.push(*index);
        }
    }
}
