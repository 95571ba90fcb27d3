//! Who else is there: members of a topic, shown while rendering.

use std::sync::{Arc, OnceLock};

use livefloe::{Topic, instance::Presence};
use pyo3::prelude::*;

use crate::{error::RenderError, frame, value};

/// A member of a topic. Members are compared by their `repr`, since the bus must not wait for the interpreter.
#[derive(Clone)]
struct Member(Arc<Content>);

struct Content {
    /// Of one that is here; of one that is on another node, its bytes tell it apart.
    repr: Vec<u8>,
    /// `None` until one of another node is looked at.
    object: OnceLock<Py<PyAny>>,
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.0.repr == other.0.repr
    }
}

impl Member {
    fn object(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        if let Some(object) = self.0.object.get() {
            return Ok(object.clone_ref(py));
        }
        let object = value::read(py, &self.0.repr)?.unbind();
        Ok(self.0.object.get_or_init(|| object).clone_ref(py))
    }
}

/// The topic, as other nodes have it, too.
fn far(topic: String) -> Topic<Member> {
    Topic::with_decode(topic, |bytes| Ok(Arc::new(Member(Arc::new(Content { repr: bytes.to_vec(), object: OnceLock::new() })))))
}

/// Makes this session a member of a topic while its socket is connected, and gives all members, in the order in which they came.
///
/// The component that calls it renders again whenever they change.
///
/// Args:
///     topic: The topic's name. Never make it of what a client sent without checking: who knows a name may look.
///     member: As whom: anything whose `repr` says what it is. Where several servers share their sessions, those on the others see it if it is of
///         the types that a state can be saved with.
///
/// Raises:
///     RenderError: It was not called while rendering.
#[pyfunction]
pub(crate) fn presence(py: Python<'_>, topic: String, member: Py<PyAny>) -> PyResult<Vec<Py<PyAny>>> {
    let repr = member.bind(py).repr()?.to_str()?.as_bytes().to_owned();
    // One that can't be written is present on this node only.
    let mut bytes = Vec::new();
    let bytes = value::write(member.bind(py), &mut bytes).is_ok().then_some(bytes);
    watch(py, "presence", topic, Some((Member(Arc::new(Content { repr, object: OnceLock::from(member) })), bytes)))
}

/// The members of a topic, as for `presence`, without being one.
///
/// Args:
///     topic: The topic's name.
///
/// Raises:
///     RenderError: It was not called while rendering.
#[pyfunction]
pub(crate) fn members(py: Python<'_>, topic: String) -> PyResult<Vec<Py<PyAny>>> {
    watch(py, "members", topic, None)
}

fn watch(py: Python<'_>, what: &str, topic: String, member: Option<(Member, Option<Vec<u8>>)>) -> PyResult<Vec<Py<PyAny>>> {
    let link = frame::world().and_then(|world| world.link());
    let link =
        link.ok_or_else(|| RenderError::new_err(format!("lf.{what} was called outside of rendering: who is there changes what is shown")))?;
    let topic = far(topic);
    let (member, bytes) = member.unzip();
    let presence = Presence::new(&topic, member, bytes.flatten());
    frame::use_frame(what, |frame| frame.output.presences.push(presence))?;
    let members = py.detach(|| link.bus().members(&topic));
    members.iter().map(|member| member.object(py)).collect()
}
