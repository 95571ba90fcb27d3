//! [`Query`]: what to find on a page, in the words of a person; [`Target`]: that, or something that was found before.

use std::{fmt, sync::Arc};

use super::{Element, Role};
use crate::tree::dom::NodeId;

/// Words to look for. A `&str` is all of them, with one space for any white space.
#[derive(Clone)]
pub struct Words(Fits);

#[derive(Clone)]
enum Fits {
    All(String),
    Part(String),
    Any { shown: String, fits: Arc<dyn Fn(&str) -> bool + Send + Sync> },
}

impl Words {
    /// Words that have these in them.
    #[must_use]
    pub fn part(words: &str) -> Self {
        Self(Fits::Part(super::reader::squeezed(words)))
    }

    /// Words for which this is true; `shown` says in errors which.
    #[must_use]
    pub fn that(shown: impl Into<String>, fits: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Fits::Any { shown: shown.into(), fits: Arc::new(fits) })
    }

    pub(super) fn fit(&self, words: &str) -> bool {
        match &self.0 {
            Fits::All(all) => words == all,
            Fits::Part(part) => words.contains(part.as_str()),
            Fits::Any { fits, .. } => fits(words),
        }
    }
}

impl From<&str> for Words {
    fn from(words: &str) -> Self {
        Self(Fits::All(super::reader::squeezed(words)))
    }
}

impl From<String> for Words {
    fn from(words: String) -> Self {
        words.as_str().into()
    }
}

impl From<&String> for Words {
    fn from(words: &String) -> Self {
        words.as_str().into()
    }
}

impl fmt::Display for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fits::All(words) => write!(formatter, "\"{words}\""),
            Fits::Part(words) => write!(formatter, "\"…{words}…\""),
            Fits::Any { shown, .. } => formatter.write_str(shown),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

/// What to find: all that is said here has to hold. Nothing that is hidden is found.
///
/// ```
/// use livefloe::testing::{Query, Role, Words};
///
/// let save = Query::role(Role::Button).name("Save");
/// let row = Query::role(Role::Row).has(Words::part("Ada"));
/// assert_eq!(save.to_string(), "button \"Save\"");
/// # let _ = row;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub(super) role: Option<Role>,
    pub(super) name: Option<Words>,
    pub(super) label: Option<Words>,
    pub(super) text: Option<Words>,
    pub(super) has: Option<Words>,
    pub(super) id: Option<String>,
    pub(super) test_id: Option<String>,
    pub(super) inside: Option<NodeId>,
}

impl Query {
    /// Anything.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// What has this role.
    #[must_use]
    pub fn role(role: Role) -> Self {
        Self { role: Some(role), ..Self::default() }
    }

    /// The field with this label.
    #[must_use]
    pub fn label(label: impl Into<Words>) -> Self {
        Self { label: Some(label.into()), ..Self::default() }
    }

    /// The innermost element with this text, and no other.
    #[must_use]
    pub fn text(text: impl Into<Words>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// The element with this `id`.
    #[must_use]
    pub fn id(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::default() }
    }

    /// The element with this `data-testid`.
    #[must_use]
    pub fn test_id(id: impl Into<String>) -> Self {
        Self { test_id: Some(id.into()), ..Self::default() }
    }

    /// Also has this role.
    #[must_use]
    pub fn with_role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// Also has this accessible name: what a person, or a screen reader, calls it.
    #[must_use]
    pub fn name(self, name: impl Into<Words>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Also is a field with this label.
    #[must_use]
    pub fn labelled(self, label: impl Into<Words>) -> Self {
        Self { label: Some(label.into()), ..self }
    }

    /// Also has this text, and no other.
    #[must_use]
    pub fn with_text(self, text: impl Into<Words>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// Also has text that fits anywhere in it: `Words::part("Ada")`.
    #[must_use]
    pub fn has(self, words: impl Into<Words>) -> Self {
        Self { has: Some(words.into()), ..self }
    }

    /// Also has this `id`.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }

    /// Also has this `data-testid`.
    #[must_use]
    pub fn with_test_id(self, id: impl Into<String>) -> Self {
        Self { test_id: Some(id.into()), ..self }
    }

    /// Only what is in this element.
    #[must_use]
    pub fn inside(self, element: NodeId) -> Self {
        Self { inside: Some(element), ..self }
    }
}

/// As errors say it.
impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.role, &self.label) {
            (Some(role), _) => write!(formatter, "{role}")?,
            (None, Some(_)) => formatter.write_str("field")?,
            (None, None) => formatter.write_str("element")?,
        }
        if let Some(name) = &self.name {
            write!(formatter, " {name}")?;
        }
        let id = self.id.as_ref().map(|id| format!("\"{id}\""));
        let test_id = self.test_id.as_ref().map(|id| format!("\"{id}\""));
        let words = |words: &Option<Words>| words.as_ref().map(Words::to_string);
        let parts = [("label", words(&self.label)), ("text", words(&self.text)), ("id", id), ("test id", test_id)];
        let said: Vec<_> = parts.into_iter().filter_map(|(what, words)| Some(format!("the {what} {}", words?))).collect();
        if !said.is_empty() {
            write!(formatter, " with {}", said.join(" and "))?;
        }
        if let Some(has) = &self.has {
            write!(formatter, " that has {has} in it")?;
        }
        Ok(())
    }
}

/// What an action is about: a `&str` is what a person calls it (its words, its label) or `#id`; a [`Query`]; or something that was found.
#[derive(Debug, Clone)]
pub struct Target(pub(super) Sought);

#[derive(Debug, Clone)]
pub(super) enum Sought {
    Called { name: String, inside: Option<NodeId> },
    Query(Query),
    Found(NodeId),
}

impl Target {
    /// The same, in this element only.
    #[must_use]
    pub fn inside(self, element: NodeId) -> Self {
        Self(match self.0 {
            Sought::Called { name, .. } => Sought::Called { name, inside: Some(element) },
            Sought::Query(query) => Sought::Query(query.inside(element)),
            found @ Sought::Found(_) => found,
        })
    }
}

impl From<&str> for Target {
    fn from(name: &str) -> Self {
        Self(Sought::Called { name: name.to_owned(), inside: None })
    }
}

impl From<&String> for Target {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl From<String> for Target {
    fn from(name: String) -> Self {
        Self(Sought::Called { name, inside: None })
    }
}

impl From<Query> for Target {
    fn from(query: Query) -> Self {
        Self(Sought::Query(query))
    }
}

impl From<NodeId> for Target {
    fn from(node: NodeId) -> Self {
        Self(Sought::Found(node))
    }
}

impl From<Element<'_>> for Target {
    fn from(element: Element<'_>) -> Self {
        element.id().into()
    }
}
