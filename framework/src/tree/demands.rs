//! [`Demands`]: what a component asks of the place where it stands.
//!
//! A component is read by itself, and the rules of HTML look at all that is open around a tag: a `div` closes a `p` that its
//! component's parent has opened. So reading a component notes which rules found no end to their search, and reading the
//! parent applies those rules where the component stands.

use super::{Tape, element, element::Traits, expand, tokenize};

/// What a component asks of the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Demands {
    /// The rules, as the traits of the tags that set them off.
    pub(super) rules: Traits,
    /// What else matters.
    pub(super) facts: Facts,
    /// The names of elements that a browser closes in it early, a bit for some of them each: the end tags that are left over
    /// close elements of those names further out.
    pub(super) closed: u32,
    /// How deeply its elements are nested.
    pub(super) depth: u32,
}

/// A set of facts about a component's tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts(u16);

impl Facts {
    /// A part of a ruby text, within something that it closes.
    pub(super) const CLOSES_RUBY: Self = Self(1);
    /// Inside of a `select` a tag ends it.
    pub(super) const ENDS_SELECT: Self = Self(1 << 1);
    /// Inside of a `select` there is a table, or a part of one.
    pub(super) const TABLE_IN_SELECT: Self = Self(1 << 2);
    /// Inside of a `select` the tag of a text is ignored, and its content is markup.
    pub(super) const HIDES_IN_SELECT: Self = Self(1 << 3);
    /// Inside of a `select` versions of browsers differ.
    pub(super) const OTHER_IN_SELECT: Self = Self(1 << 4);
    /// At its top level is a part of a table.
    pub(super) const PART: Self = Self(1 << 5);
    /// A tag ends SVG around it, or holds text that would be markup there.
    pub(super) const BREAKS_OUT: Self = Self(1 << 6);
    /// A tag has no end tag, which it would need in SVG.
    pub(super) const VOID: Self = Self(1 << 7);
    /// A tag means something else outside of SVG.
    pub(super) const SVG: Self = Self(1 << 8);
    /// A heading closes a paragraph, and then the heading that it stood in.
    pub(super) const HEADING: Self = Self(1 << 10);
    /// Nobody can tell where what it does ends.
    pub(super) const UNBOUNDED: Self = Self(1 << 9);

    pub(super) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(super) fn add(&mut self, more: Self) {
        self.0 |= more.0;
    }

    const fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }
}

impl Demands {
    /// Of something that nobody can tell the end of.
    pub(super) const UNBOUNDED: Self = Self { rules: Traits::NONE, facts: Facts::UNBOUNDED, closed: 0, depth: 0 };

    /// Whether others ask at least the same.
    pub(crate) fn is_within(&self, others: &Self) -> bool {
        self.rules.is_within(others.rules)
            && self.facts.is_within(others.facts)
            && self.closed & !others.closed == 0
            && self.depth <= others.depth
    }

    /// Those of two parts together.
    pub(crate) fn with(mut self, others: &Self) -> Self {
        self.rules |= others.rules;
        self.facts.add(others.facts);
        self.closed |= others.closed;
        self.depth = self.depth.max(others.depth);
        self
    }

    /// Whether a part of a table is at the top level.
    pub(crate) fn has_part(&self) -> bool {
        self.facts.has(Facts::PART)
    }
}

/// All of a component that decides how it fits the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit<'a> {
    /// Of the one element that it is.
    pub(crate) name: Option<&'a str>,
    /// Whether that is an `input` that doesn't show.
    pub(super) is_hidden: bool,
    pub(super) demands: Demands,
}

impl<'a> Fit<'a> {
    pub(crate) fn of(html: &'a str, tape: &Tape) -> Self {
        let tag = expand::own_tag(html, tape);
        let is_hidden = tag.is_some_and(tokenize::is_hidden_input);
        Self { name: tag.map(element::tag_name), is_hidden, demands: *tape.demands() }
    }
}

/// The same of a component whose HTML is not kept at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FitAsleep {
    name: Option<Box<str>>,
    is_hidden: bool,
    demands: Demands,
}

impl FitAsleep {
    pub(crate) fn new(fit: Fit<'_>) -> Self {
        Self { name: fit.name.map(Box::from), is_hidden: fit.is_hidden, demands: fit.demands }
    }

    pub(crate) fn fit(&self) -> Fit<'_> {
        Fit { name: self.name.as_deref(), is_hidden: self.is_hidden, demands: self.demands }
    }
}

/// The bit for a name. All headings have one, since an end tag closes any of them.
pub(super) fn name_bit(name: &str, traits: Traits) -> u32 {
    if traits.has(Traits::HEADING) {
        return 1;
    }
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    1 << (sum % 32)
}
