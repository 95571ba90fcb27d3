//! Who else is there: members of a topic, shown while rendering.

use std::{any::Any, sync::Arc};

use livefloe::{Topic, instance::Presence};
use pyo3::prelude::*;

use crate::{error::RenderError, frame};

/// A member of a topic. Members are compared by their `repr`, since the bus must not wait for the interpreter.
struct Member {
    repr: String,
    object: Py<PyAny>,
}

/// Makes this session a member of a topic while its socket is connected, and gives all members, in the order in which they came.
///
/// The component that calls it renders again whenever they change.
///
/// Args:
///     topic: The topic's name. Never make it of what a client sent without checking: who knows a name may look.
///     member: As whom: anything whose `repr` says what it is.
///
/// Raises:
///     RenderError: It was not called while rendering.
#[pyfunction]
pub(crate) fn presence(py: Python<'_>, topic: String, member: Py<PyAny>) -> PyResult<Vec<Py<PyAny>>> {
    let repr = member.bind(py).repr()?.to_str()?.to_owned();
    watch(py, "presence", topic, Some(Member { repr, object: member }))
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

fn watch(py: Python<'_>, what: &str, topic: String, member: Option<Member>) -> PyResult<Vec<Py<PyAny>>> {
    let link = frame::world().and_then(|world| world.link());
    let link =
        link.ok_or_else(|| RenderError::new_err(format!("lf.{what} was called outside of rendering: who is there changes what is shown")))?;
    let presence = Presence {
        topic: Arc::from(topic.as_str()),
        // What the bus gives back is of the type in the `Arc`; cloning that must not need the interpreter either.
        member: member.map(|member| Arc::new(Arc::new(member)) as Arc<dyn Any + Send + Sync>),
        same: |one, other| match (one.downcast_ref::<Arc<Member>>(), other.downcast_ref::<Arc<Member>>()) {
            (Some(one), Some(other)) => one.repr == other.repr,
            _ => false,
        },
    };
    frame::use_frame(what, |frame| frame.output.presences.push(presence))?;
    let members = py.detach(|| link.bus().members::<Arc<Member>>(&Topic::named(topic)));
    Ok(members.iter().map(|member| member.object.clone_ref(py)).collect())
}
